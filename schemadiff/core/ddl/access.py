"""ALTER … OWNER TO, GRANT, REVOKE, ALTER DEFAULT PRIVILEGES and SECURITY LABEL."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemadiff.core.access import DefaultPrivileges
from schemadiff.core.catalog import Column, DefinedObject, Function, Kind, ObjectRef, Table, UserType, View
from schemadiff.core.ddl.comments import Commented, subject
from schemadiff.core.ddl.references import is_access_ref, routine_name, sql_name
from schemadiff.core.grant_steps import Step, Verb
from schemadiff.core.identifiers import dollar_quoted, literal, quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Section, Statement


@dataclass(frozen=True, slots=True)
class Roles:
    """How roles are written; `owner` is the target database's, empty where it is not known."""

    owner: str

    def sql(self, role: str) -> str:
        match role:
            case "public":  # access.PUBLIC
                return "PUBLIC"
            case "":
                return quote(self.owner) if self.owner else "CURRENT_USER"
            case _:
                return quote(role)


def alter_owner(ref: ObjectRef, value: Commented, owner: Table | View | None, role: str) -> Statement:
    return Statement(
        sql=f"ALTER {subject(value, owner)} OWNER TO {role}",
        ref=ref,
        section=Section.POST_DATA,
        lock=lock_of(Command.ALTER_TABLE if isinstance(value, Table | View) else Command.READ),
    )


def change_grants(
    ref: ObjectRef, on: str, step: Step, roles: Roles, column: Column | None = None
) -> Statement:
    """One GRANT or REVOKE; what another than the owner granted is changed as he."""
    names = [f"{name} ({quote(column.name)})" if column else name for name in step.privileges]
    sql = _sentence(step, ", ".join(names), f"ON {on}", roles)
    if step.grantor is not None:
        sql = _as_role(sql, roles.sql(step.grantor))
    return Statement(sql=sql, ref=ref, section=Section.POST_DATA)


def change_defaults(entry: DefaultPrivileges, step: Step, roles: Roles) -> Statement:
    where = f" IN SCHEMA {quote(entry.schema)}" if entry.schema else ""
    action = _sentence(step, ", ".join(step.privileges), f"ON {entry.objects.upper()}", roles)
    return Statement(
        sql=f"ALTER DEFAULT PRIVILEGES FOR ROLE {roles.sql(entry.role)}{where} {action}",
        ref=entry.ref,
        section=Section.POST_DATA,
    )


def set_label(
    ref: ObjectRef, value: Commented, owner: Table | View | None, provider: str, text: str | None
) -> Statement:
    label = "NULL" if text is None else literal(text)
    return Statement(
        sql=f"SECURITY LABEL FOR {quote(provider)} ON {subject(value, owner)} IS {label}",
        ref=ref,
        section=Section.POST_DATA,
        lock=lock_of(Command.COMMENT if owner or isinstance(value, Table | View) else Command.READ),
    )


def without_access(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements about all else."""
    return tuple(each for each in statements if not any(map(is_access_ref, each.provides)))


def granted_on(value: Commented, owner: Table | View | None) -> str:
    """The object as GRANT names it; a column's is its table."""
    match value:
        case Column() if owner is not None:
            return f"TABLE {sql_name(owner)}"
        case Table() | View():
            return f"TABLE {sql_name(value)}"
        case Function(kind="aggregate"):
            return routine_name(value).replace("AGGREGATE ", "FUNCTION ", 1).replace("(*)", "()")
        case value if isinstance(value, UserType):
            return f"TYPE {sql_name(value)}"
        case DefinedObject(kind=Kind.SERVER):
            return f"FOREIGN {subject(value, owner)}"
        case _:
            return subject(value, owner)


def _sentence(step: Step, privileges: str, on: str, roles: Roles) -> str:
    who = roles.sql(step.grantee)
    match step.verb:
        case Verb.GRANT:
            return f"GRANT {privileges} {on} TO {who}"
        case Verb.GRANT_ON:
            return f"GRANT {privileges} {on} TO {who} WITH GRANT OPTION"
        case Verb.REVOKE:
            return f"REVOKE {privileges} {on} FROM {who}"
        case Verb.REVOKE_OPTION:
            return f"REVOKE GRANT OPTION FOR {privileges} {on} FROM {who}"


def _as_role(sql: str, role: str) -> str:
    """In one statement, which leaves the session's role as it was."""
    body = (
        "DECLARE before text := current_setting('role'); BEGIN"
        f" SET LOCAL ROLE {role}; {sql}; PERFORM set_config('role', before, true); END"
    )
    return f"DO {dollar_quoted(body)}"
