"""What a server of an older version has no words for: a plan for it says so instead of failing on the syntax.

Read from the statements: outside quotes PostgreSQL prints its keywords in capitals and names in small letters.
What an older version lacks without words of its own (functions, operators, time zones) is not looked for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Column, Constraint, ConstraintKind, Kind, ObjectRef, Table
from schemadiff.core.ddl import storage
from schemadiff.core.inventory import Inventory
from schemadiff.core.plan import Hazard, Plan, Statement

_NEWEST = 18  # the last version with an entry below

_APART = re.compile(
    r"""[Ee]?'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$""", re.DOTALL
)  # texts, quoted names, bodies
_PARALLEL = re.compile(r"^(CREATE|ALTER) SUBSCRIPTION .*\bstreaming = 'parallel'", re.DOTALL)
_SCALE = re.compile(r"\bnumeric\((\d+),(-?\d+)\)")


@dataclass(frozen=True, slots=True)
class _Words:
    since: int  # the major version that brought them
    what: str
    pattern: str


_NEW = (
    _Words(15, "NULLS NOT DISTINCT", r"\bNULLS NOT DISTINCT\b"),
    _Words(15, "ON DELETE SET NULL or SET DEFAULT of some columns", r"\bON DELETE SET (NULL|DEFAULT) \("),
    _Words(15, "security_invoker of a view", r"\bVIEW \S+ [^()]*\(([^()]*, )?security_invoker\b"),
    _Words(15, "a publication of schemas", r"^(CREATE|ALTER) PUBLICATION .*\bTABLES IN SCHEMA\b"),
    _Words(
        15, "columns or a row filter of a publication", r"^ALTER PUBLICATION .*\bTABLE ONLY \S+ (\(|WHERE)"
    ),
    _Words(15, "two_phase of a subscription", r"^(CREATE|ALTER) SUBSCRIPTION .*\btwo_phase ="),
    _Words(15, "disable_on_error of a subscription", r"^(CREATE|ALTER) SUBSCRIPTION .*\bdisable_on_error ="),
    _Words(15, "SET ACCESS METHOD", r"^ALTER (TABLE|MATERIALIZED VIEW) .*\bSET ACCESS METHOD\b"),
    _Words(15, "MERGE", r"\bMERGE INTO\b"),
    _Words(16, "IS JSON", r"\bIS (NOT )?JSON\b"),
    _Words(16, "JSON constructors", r"\bJSON_(ARRAY|OBJECT)(AGG)?\("),
    _Words(16, "SYSTEM_USER", r"\bSYSTEM_USER\b"),
    _Words(16, "SET STORAGE DEFAULT", r"\bSET STORAGE DEFAULT\b"),
    _Words(16, "rules of a collation", r"^CREATE COLLATION .*\brules ="),
    _Words(16, "origin of a subscription", r"^(CREATE|ALTER) SUBSCRIPTION .*\borigin ="),
    _Words(16, "run_as_owner of a subscription", r"^(CREATE|ALTER) SUBSCRIPTION .*\brun_as_owner ="),
    _Words(
        16, "password_required of a subscription", r"^(CREATE|ALTER) SUBSCRIPTION .*\bpassword_required ="
    ),
    _Words(17, "failover of a subscription", r"^(CREATE|ALTER) SUBSCRIPTION .*\bfailover ="),
    _Words(17, "a collation of the builtin provider", r"^CREATE COLLATION .*\bprovider = builtin\b"),
    _Words(17, "an access method of a partitioned table", r"^CREATE TABLE .*\bPARTITION BY .*\) USING \S+$"),
    _Words(17, "an event trigger on login", r"^CREATE EVENT TRIGGER \S+ ON login\b"),
    _Words(17, "JSON query functions", r"\bJSON(_(SCALAR|SERIALIZE|EXISTS|QUERY|VALUE|TABLE))?\("),
    _Words(17, "another expression of a generated column", r"\bSET EXPRESSION AS\b"),
    _Words(18, "a virtual generated column", r"\)\s*VIRTUAL\b"),
    _Words(18, "ENFORCED of a constraint", r"\bENFORCED\b"),
    _Words(18, "WITHOUT OVERLAPS", r"\bWITHOUT OVERLAPS\b"),
    _Words(18, "PERIOD of a foreign key", r"\bFOREIGN KEY \(.*\bPERIOD\b"),
    _Words(18, "publish_generated_columns", r"^(CREATE|ALTER) PUBLICATION .*\bpublish_generated_columns ="),
    _Words(
        18,
        "a storage parameter",
        r"\b(autovacuum_vacuum_max_threshold|vacuum_max_eager_freeze_failure_rate)=",
    ),
)
_PATTERNS = tuple((words, re.compile(words.pattern, re.DOTALL)) for words in _NEW)


def with_newer_words(statement: Statement, source: Inventory, server_version: int) -> Statement:
    """In words that the target's server, of that `server_version_num`, knows; with a hazard for each that it lacks."""
    major = server_version // 10_000
    if not major or major >= _NEWEST:
        return statement
    statement = _with_storage_named(statement, source) if major < 16 else statement
    found = tuple(_hazards(statement, source, major))
    return replace(statement, hazards=(*statement.hazards, *found)) if found else statement


def _with_storage_named(statement: Statement, source: Inventory) -> Statement:
    item = source.get(statement.ref)
    if item is None or not isinstance(item.value, Column) or not statement.sql.endswith(storage.USUAL):
        return statement
    return replace(statement, sql=storage.storage_by_name(statement.sql, item.value.type))


def unknown_to_target(plan: Plan) -> Iterator[str]:
    """A sentence for each thing in the plan that the target's server does not know."""
    for statement in plan.statements:
        yield from (
            f"{each.message[0].upper()}{each.message[1:]}"
            for each in statement.hazards
            if each.code == hazards.NEWER_SERVER
        )


def _hazards(statement: Statement, source: Inventory, major: int) -> Iterator[Hazard]:
    text = _APART.sub("x", statement.sql)
    found = {words.what: words.since for words, pattern in _PATTERNS if pattern.search(text)}
    if _PARALLEL.search(statement.sql):
        found["streaming = parallel of a subscription"] = 16
    found |= _of_scale(text) | _of_partitioned(statement.ref, source)
    label = f"{statement.ref.kind.value} {statement.ref.label}"
    yield from (
        hazards.newer_server(label, what, since, major) for what, since in found.items() if since > major
    )


def _of_scale(text: str) -> dict[str, int]:
    beyond = any(not 0 <= int(scale) <= int(digits) for digits, scale in _SCALE.findall(text))
    return {"a numeric's scale below zero or beyond its precision": 15} if beyond else {}


def _of_partitioned(ref: ObjectRef, source: Inventory) -> dict[str, int]:
    """Constraints that partitioned tables can have since lately only."""
    item = source.get(ref) if ref.kind is Kind.CONSTRAINT else None
    if item is None or not isinstance(item.value, Constraint):
        return {}
    owner = source.get(ObjectRef(kind=Kind.TABLE, schema=ref.schema, name=ref.parent))
    if owner is None or not isinstance(owner.value, Table) or not owner.value.partition_key:
        return {}
    if item.value.kind is ConstraintKind.EXCLUSION:
        return {"an exclusion constraint of a partitioned table": 17}
    if item.value.kind is ConstraintKind.FOREIGN_KEY and not item.value.validated:
        return {"a foreign key of a partitioned table that is NOT VALID": 18}
    return {}
