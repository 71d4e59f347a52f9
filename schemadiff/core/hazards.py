"""What a statement can harm: the stable codes (explained by `hazard_texts`), and a sentence for each."""

from schemadiff.core.identifiers import quote
from schemadiff.core.plan import Hazard

DATA_LOSS = "data-loss"
TABLE_REWRITE = "table-rewrite"
BLOCKS_READS = "blocks-reads"
BLOCKS_WRITES = "blocks-writes"
MAY_FAIL_ON_ROWS = "may-fail-on-rows"
STALE_RESULTS = "stale-results"
MISSING_ROLE = "missing-role"
NEWER_SERVER = "newer-server"
LEAVES_INVALID_INDEX = "leaves-invalid-index"
INDEX_DROPPED = "index-dropped"
RULE_DROPPED = "rule-dropped"
ROW_VISIBILITY = "row-visibility"
EXTENSION_VERSION = "extension-version"
SECRET_LEFT_OUT = "secret-left-out"
SLOT_LEFT_BEHIND = "slot-left-behind"
POSSIBLE_RENAME = "possible-rename"

CODES = (
    DATA_LOSS,
    POSSIBLE_RENAME,
    TABLE_REWRITE,
    BLOCKS_READS,
    BLOCKS_WRITES,
    MAY_FAIL_ON_ROWS,
    STALE_RESULTS,
    INDEX_DROPPED,
    RULE_DROPPED,
    ROW_VISIBILITY,
    EXTENSION_VERSION,
    SECRET_LEFT_OUT,
    SLOT_LEFT_BEHIND,
    MISSING_ROLE,
    NEWER_SERVER,
    LEAVES_INVALID_INDEX,
)


def data_loss(what: str) -> Hazard:
    """`what` names what is gone afterwards: `every row of public.clients`."""
    return Hazard(code=DATA_LOSS, message=f"{what} is lost.")


def table_rewrite(table: str) -> tuple[Hazard, ...]:
    """A rewrite holds ACCESS EXCLUSIVE while it lasts, so it always blocks readers too."""
    return (
        Hazard(code=TABLE_REWRITE, message=f"every row of {table} is written anew."),
        blocks_reads(table, "it is rewritten"),
    )


def blocks_reads(table: str, during: str) -> Hazard:
    return Hazard(code=BLOCKS_READS, message=f"nobody reads or writes {table} while {during}.")


def blocks_writes(table: str, during: str) -> Hazard:
    return Hazard(code=BLOCKS_WRITES, message=f"nobody writes {table} while {during}.")


def may_fail_on_rows(table: str, condition: str) -> Hazard:
    """`condition` says which rows make the statement fail: `where a row has no phone`."""
    return Hazard(code=MAY_FAIL_ON_ROWS, message=f"fails on {table} {condition}.")


def stale_results(what: str, function: str) -> Hazard:
    return Hazard(
        code=STALE_RESULTS, message=f"{what} keeps values that {function} computed before it changed."
    )


def missing_role(role: str, what: str) -> Hazard:
    """`what` names the object that cannot be made without it."""
    message = f"{what} names the role {role}, which the target's server does not have"
    return Hazard(code=MISSING_ROLE, message=f"{message}: CREATE ROLE {quote(role)}; first.")


def newer_server(what: str, words: str, since: int, present: int) -> Hazard:
    """`words` are what the target's server, of the major version `present`, does not know: it came with `since`."""
    return Hazard(
        code=NEWER_SERVER,
        message=f"{what} has what PostgreSQL {present} of the target does not know: {words}, new in {since}.",
    )


def index_dropped(name: str, table: str) -> Hazard:
    return Hazard(code=INDEX_DROPPED, message=f"queries on {table} no longer have the index {name}.")


def rule_dropped(name: str, table: str) -> Hazard:
    return Hazard(code=RULE_DROPPED, message=f"from then on {table} takes rows that break {name}.")


def row_visibility(table: str) -> Hazard:
    return Hazard(code=ROW_VISIBILITY, message=f"who sees and writes which rows of {table} changes.")


def extension_version(name: str, version: str) -> Hazard:
    """`version` is the source's."""
    return Hazard(
        code=EXTENSION_VERSION,
        message=f"the target's server has to offer the extension {name}; the source has its version {version}.",
    )


def secret_left_out(what: str, options: tuple[str, ...]) -> Hazard:
    names = ", ".join(options)
    return Hazard(
        code=SECRET_LEFT_OUT,
        message=f"{what} is left without {names}, which were not read: set them by hand.",
    )


def slot_left(subscription: str, slot: str) -> Hazard:
    return Hazard(
        code=SLOT_LEFT_BEHIND,
        message=f"the replication slot {slot} of {subscription} stays on the publisher and keeps its WAL.",
    )


def leaves_invalid_index(name: str) -> Hazard:
    return Hazard(
        code=LEAVES_INVALID_INDEX, message=f"if it fails, the index {name} is left behind, and is not valid."
    )


def possible_rename(message: str) -> Hazard:
    return Hazard(code=POSSIBLE_RENAME, message=message)
