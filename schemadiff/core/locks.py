"""Which table lock each form of statement takes (PostgreSQL manual: 13.3.1 and the page of each command)."""

from enum import Enum

from schemadiff.core.plan import Lock


class Command(Enum):
    """Forms of statement whose locks differ."""

    CREATE = "create an object that nobody can use yet"
    CREATE_PARTITION = "create a partition: the lock is on its parent"
    CREATE_CHILD = "create a table that inherits others: the lock is on them"
    DROP = "drop a table, view, index, column or constraint"
    ALTER_TABLE = "alter a table, unless another line says otherwise"
    ADD_FOREIGN_KEY = "add a foreign key: the same lock on both tables"
    VALIDATE = "validate a constraint"
    CREATE_INDEX = "create an index"
    CHECK_DOMAIN = "check every column of a domain"
    CREATE_TRIGGER = "create, enable or disable a trigger"
    ATTACH_PARTITION = "attach a partition: this lock on the partition, a weaker one on its parent"
    ATTACH_NEW_PARTITION = "attach a table that nobody knows yet: the lock is on its parent"
    REPLACE_VIEW = "replace a view's query"
    COMMENT = "comment on a table, a view or a column"
    ALTER_STATISTICS = "create or drop a statistics object"
    MOVE_INDEX = "move an index to another tablespace: whoever reads or writes its table opens it"
    SET_OPTIONS = "set storage parameters, a statistics target, the index to cluster by"
    PUBLISH_TABLE = "add a table to a publication, or take it out"
    WRITE = "write rows: readers go on, and writers of other rows"
    READ = "read rows, or alter what is no table: an index's parameters, a statistics object"


_LOCKS = {
    Command.CREATE: Lock.NONE,
    Command.CREATE_PARTITION: Lock.ACCESS_EXCLUSIVE,
    Command.CREATE_CHILD: Lock.SHARE_UPDATE_EXCLUSIVE,
    Command.DROP: Lock.ACCESS_EXCLUSIVE,
    Command.ALTER_TABLE: Lock.ACCESS_EXCLUSIVE,
    Command.ADD_FOREIGN_KEY: Lock.SHARE_ROW_EXCLUSIVE,
    Command.VALIDATE: Lock.SHARE_UPDATE_EXCLUSIVE,
    Command.CREATE_INDEX: Lock.SHARE,
    Command.CHECK_DOMAIN: Lock.SHARE,
    Command.CREATE_TRIGGER: Lock.SHARE_ROW_EXCLUSIVE,
    Command.ATTACH_PARTITION: Lock.ACCESS_EXCLUSIVE,
    Command.ATTACH_NEW_PARTITION: Lock.SHARE_UPDATE_EXCLUSIVE,
    Command.REPLACE_VIEW: Lock.ACCESS_EXCLUSIVE,
    Command.COMMENT: Lock.SHARE_UPDATE_EXCLUSIVE,
    Command.ALTER_STATISTICS: Lock.SHARE_UPDATE_EXCLUSIVE,
    Command.MOVE_INDEX: Lock.ACCESS_EXCLUSIVE,
    Command.SET_OPTIONS: Lock.SHARE_UPDATE_EXCLUSIVE,
    Command.PUBLISH_TABLE: Lock.SHARE_UPDATE_EXCLUSIVE,
    Command.WRITE: Lock.NONE,
    Command.READ: Lock.NONE,
}


def lock_of(command: Command) -> Lock:
    """The strongest lock that a statement of this form takes on a table that exists."""
    return _LOCKS[command]
