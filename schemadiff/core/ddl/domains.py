"""CREATE, ALTER and DROP DOMAIN. Another base type or collation needs the domain replaced."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Domain, DomainConstraint
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import bare_ref, sql_name
from schemadiff.core.identifiers import made_name, quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Duration, Hazard, Lock, Section, Statement

_NOT_VALID = " NOT VALID"


def create_domain(domain: Domain) -> Statement:
    """NOT VALID constraints are added afterwards: CREATE DOMAIN knows no such thing."""
    parts = [f"CREATE DOMAIN {sql_name(domain)} AS {domain.type}"]
    if domain.collation:
        parts.append(f"COLLATE {domain.collation}")
    if domain.default is not None:
        parts.append(f"DEFAULT {domain.default}")
    if domain.not_null:
        parts.append(_not_null_clause(domain))
    parts += [_clause(constraint) for constraint in domain.constraints if _is_valid(constraint)]
    created = _statement(domain, " ".join(parts))
    return replace(created, provides=created.provides | {bare_ref(domain.ref)})


def beside(domain: Domain, put_aside: Domain) -> Domain:
    """The domain with its NOT NULL's name said: the usual one is not free while what it replaces has it."""
    clash = domain.not_null and put_aside.not_null and not_null_name(domain) == not_null_name(put_aside)
    return replace(domain, not_null_name=not_null_name(domain)) if clash else domain


def add_unvalidated(domain: Domain) -> Iterator[Statement]:
    """The constraints that CREATE DOMAIN leaves out."""
    for constraint in domain.constraints:
        if not _is_valid(constraint):
            added = _altered(domain, f"ADD {_clause(constraint)}")
            yield replace(added, requires=frozenset({bare_ref(domain.ref)}))


def drop_domain(domain: Domain) -> Statement:
    return Statement(
        sql=f"DROP DOMAIN {sql_name(domain)}",
        ref=domain.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({domain.ref}),
    )


def can_alter_domain(source: Domain, target: Domain) -> bool:
    return (source.type, source.collation) == (target.type, target.collation)


def looks_at_rows(source: Domain, target: Domain) -> bool:
    """Whether to alter it means to look through every column of it, which PostgreSQL cannot inside of other types."""
    if source.not_null and not target.not_null:
        return True
    present = {constraint.definition for constraint in target.constraints}
    return any(_is_valid(c) and c.definition not in present for c in source.constraints)


def alter_domain(source: Domain, target: Domain) -> Iterator[Statement]:
    """Constraints that go are gone before those of the same name come."""
    yield from _alter_default(source, target)
    if source.not_null != target.not_null:
        yield _not_null_added(source) if source.not_null else _altered(source, "DROP NOT NULL")
    elif source.not_null and not_null_name(source) != not_null_name(target):
        yield _constraint_renamed(source, not_null_name(target), not_null_name(source))
    wanted, present = dict(_named(source)), dict(_named(target))
    for name, other in _renamed(wanted, present):
        yield _constraint_renamed(source, name, other)
        present[other] = present.pop(name)
    for name, definition in sorted(present.items()):
        if wanted.get(name) != definition:
            yield _constraint_dropped(source, name)
    for name, definition in sorted(wanted.items()):
        if present.get(name) != definition:
            clause = _clause(DomainConstraint(name=name, definition=definition))
            reasons = _fails(source, f"breaks {name}") if not definition.endswith(_NOT_VALID) else ()
            yield _altered(source, f"ADD {clause}", reasons)


def _renamed(wanted: dict[str, str], present: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Constraints that are the same but for their names: the target's name, and the source's."""
    free = {name: definition for name, definition in sorted(present.items()) if name not in wanted}
    for other, definition in sorted(wanted.items()):
        name = next((name for name, known in free.items() if known == definition), None)
        if other not in present and name is not None:
            del free[name]
            yield name, other


def kept_constraints(source: Domain, target: Domain) -> dict[str, str]:
    """The names of the target's constraints that stay when it is altered, each with the one that it has then."""
    wanted, present = dict(_named(source)), dict(_named(target))
    kept = {name: name for name, definition in present.items() if wanted.get(name) == definition}
    kept |= dict(_renamed(wanted, present))
    if source.not_null and target.not_null:
        kept[not_null_name(target)] = not_null_name(source)
    return kept


def not_null_name(domain: Domain) -> str:
    """The name that its NOT NULL has as a constraint, or would have before 17."""
    return domain.not_null_name or made_name(domain.name, "", "not_null")


def strip(target: Domain) -> Iterator[Statement]:
    """Take off what may use functions, so that these can go and come back."""
    if target.default is not None:
        yield replace(
            _altered(target, "DROP DEFAULT"), provides=frozenset(), destroys=frozenset({target.ref})
        )
    for constraint in target.constraints:
        yield _constraint_dropped(target, constraint.name)


def bare(target: Domain) -> Domain:
    """What `strip` leaves."""
    return replace(target, default=None, constraints=())


def _alter_default(source: Domain, target: Domain) -> Iterator[Statement]:
    if source.default == target.default:
        return
    if source.default is None:
        yield _altered(source, "DROP DEFAULT")
    else:
        yield _altered(source, f"SET DEFAULT {source.default}")


def _not_null_added(domain: Domain) -> Statement:
    action = f"ADD {_not_null_clause(domain)}" if domain.not_null_name else "SET NOT NULL"
    return _altered(domain, action, _fails(domain, "holds a null"))


def _constraint_dropped(domain: Domain, name: str) -> Statement:
    """Destroys the domain as it was, so that it comes before the statements that make it as it will be."""
    return Statement(
        sql=f"ALTER DOMAIN {sql_name(domain)} DROP CONSTRAINT {quote(name)}",
        ref=domain.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({domain.ref}),
    )


def _constraint_renamed(domain: Domain, name: str, other: str) -> Statement:
    sql = f"ALTER DOMAIN {sql_name(domain)} RENAME CONSTRAINT {quote(name)} TO {quote(other)}"
    return _statement(domain, sql)


def _altered(domain: Domain, action: str, reasons: tuple[Hazard, ...] = ()) -> Statement:
    """`reasons` are there where every column of the domain is looked through."""
    return _statement(domain, f"ALTER DOMAIN {sql_name(domain)} {action}", reasons)


def _statement(domain: Domain, sql: str, reasons: tuple[Hazard, ...] = ()) -> Statement:
    return Statement(
        sql=sql,
        ref=domain.ref,
        section=Section.PRE_DATA,
        provides=frozenset({domain.ref}),
        lock=lock_of(Command.CHECK_DOMAIN) if reasons else Lock.NONE,
        duration=Duration.READS_ROWS if reasons else Duration.INSTANT,
        hazards=reasons,
    )


def _fails(domain: Domain, what: str) -> tuple[Hazard, ...]:
    """On every table that has a column of the domain."""
    tables = f"the tables with columns of {domain.ref.label}"
    return (
        hazards.blocks_writes(tables, "their rows are checked"),
        hazards.may_fail_on_rows(domain.ref.label, f"where a column of this domain {what}"),
    )


def _named(domain: Domain) -> Iterator[tuple[str, str]]:
    return ((constraint.name, constraint.definition) for constraint in domain.constraints)


def _not_null_clause(domain: Domain) -> str:
    name = domain.not_null_name
    return f"CONSTRAINT {quote(name)} NOT NULL" if name else "NOT NULL"


def _clause(constraint: DomainConstraint) -> str:
    return f"CONSTRAINT {quote(constraint.name)} {restored(constraint.definition)}"


def _is_valid(constraint: DomainConstraint) -> bool:
    return not constraint.definition.endswith(_NOT_VALID)
