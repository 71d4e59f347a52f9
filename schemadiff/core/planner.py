"""The plan: the ordered DDL that makes the target's schema like the source's, and its script."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.access_steps import AccessSteps
from schemadiff.core.assembly import Assembly
from schemadiff.core.catalog import Catalog, DefinedObject, Kind, Policy
from schemadiff.core.ddl import sequences
from schemadiff.core.default_privileges import change_default_privileges
from schemadiff.core.focus import focused
from schemadiff.core.identifiers import unquoted
from schemadiff.core.incomplete_indexes import more_than_wanted
from schemadiff.core.inventory import Inventory, Value
from schemadiff.core.left_as_is import left_as_is
from schemadiff.core.loaded import in_steps
from schemadiff.core.mapping import Mapping
from schemadiff.core.mentioned import with_preferences
from schemadiff.core.missing_roles import MissingRoles
from schemadiff.core.newer_words import with_newer_words
from schemadiff.core.not_null_names import names_taken, saying_names_taken
from schemadiff.core.online import Online
from schemadiff.core.ordering import order
from schemadiff.core.plan import Mode as Mode
from schemadiff.core.plan import Plan, Statement
from schemadiff.core.renaming import (
    Renamed,
    RenameProposal,
    follow_extensions,
    propose_renames,
    rename,
    rename_implied,
)
from schemadiff.core.script import render as render
from schemadiff.core.set_expressions import with_expressions_set
from schemadiff.core.snapshot import fingerprint
from schemadiff.core.standalone import moving_apart
from schemadiff.core.tablespaces import as_they_lie, within_reach
from schemadiff.core.view_text import UNLOGGED_SEQUENCES_SINCE, aligned


def plan_schema(
    source: Catalog,
    target: Catalog,
    mode: Mode = Mode.PLAIN,
    mapping: Mapping | None = None,
    *,
    fingerprint_of: Callable[[Catalog], str] = fingerprint,
) -> Plan:
    """The statements that make the target's schema like the source's; none if they agree.

    What the mapping confirms to be one object under two names is renamed first and keeps all that it holds.
    Nothing is dropped with CASCADE: where what the catalog does not model uses an object, its DROP fails.
    What only looks otherwise on servers of two versions is no difference. The order of a table's columns is not
    changed. Raises DependencyCycle if no order of statements works.
    """
    mapping = mapping or Mapping()
    bound_to = target
    source, target = aligned(source, target)
    confirmed = rename(source, target, mapping)
    confirmed = replace(confirmed, catalog=follow_extensions(source, confirmed.catalog))
    wanted, present = focused(*moving_apart(source, confirmed.catalog))
    # default privileges go to what is made, changed or not
    given = replace(present, default_privileges=confirmed.catalog.default_privileges)
    wanted = replace(wanted, default_privileges=source.default_privileges)
    wanted = saying_names_taken(wanted, present, names_taken(source, confirmed.catalog))
    plan = _planned(wanted, replace(confirmed, catalog=given), mapping, mode)
    return replace(plan, target_fingerprint=fingerprint_of(bound_to))


def plan_whole(source: Catalog, target: Catalog, target_fingerprint: str, mode: Mode = Mode.PLAIN) -> Plan:
    """The same without a mapping, looking at every object of both."""
    source, target = aligned(source, target)
    target = follow_extensions(source, target)
    names = names_taken(source, target)
    source, target = moving_apart(source, target)
    source = saying_names_taken(source, target, names)
    plan = _planned(source, rename(source, target, Mapping()), Mapping(), mode)
    return replace(plan, target_fingerprint=target_fingerprint)


def _planned(source: Catalog, confirmed: Renamed, mapping: Mapping, mode: Mode) -> Plan:
    """Bound to no target yet."""
    renamed = rename_implied(source, confirmed)
    target = renamed.catalog
    source, lacking = within_reach(source, target)
    origin, present = Inventory(source), Inventory(target)
    assembly = Assembly(origin, present, target.tablespace)
    missing = MissingRoles(target.roles)
    sayable = _sayable(assembly.statements(), source, target)
    statements = [_with_roles(statement, origin, missing) for statement in sayable]
    sides = (origin, source.access), (present, target.access)
    statements = with_expressions_set(statements, *sides, target.server_version)
    access = AccessSteps((source, origin), (target, present), assembly.decisions, statements, missing)
    made = frozenset(ref for ref, _ in assembly.decisions if assembly.decisions.comes(ref))
    statements += access.statements()
    statements += change_default_privileges(source, target, made, missing)
    taken = _taken(mode, statements, Online(origin, present, assembly.decisions))
    preferring = with_preferences(tuple(taken), origin)
    ordered = order(with_newer_words(each, origin, target.server_version) for each in preferring)
    proposals = propose_renames(source, renamed, mapping) if _drops_something(ordered) else ()
    return Plan(
        target_fingerprint="",
        statements=(*renamed.statements, *(_with_doubts(statement, proposals) for statement in ordered)),
        notices=(
            *missing.notices(),
            *lacking,
            *left_as_is(source, target),
            *more_than_wanted(origin, present, made),
        ),
        mode=mode,
    )


def plan_objects(source: Catalog, target: Catalog, mode: Mode = Mode.PLAIN) -> tuple[Statement, ...]:
    """The same for who fills the tables, leaving owners, grants and tablespaces aside.

    What is made anew gets back what the target's had; keys of new tables are made in steps.
    """
    source, target = aligned(source, target)
    target = follow_extensions(source, target)
    source = as_they_lie(replace(source, access=target.access), target)
    names = names_taken(source, target)
    source, target = focused(*moving_apart(source, target))
    source = saying_names_taken(source, target, names)
    origin, present = Inventory(source), Inventory(target)
    assembly = Assembly(origin, present, target.tablespace)
    missing = MissingRoles(target.roles)
    sayable = _sayable(assembly.statements(), source, target)
    statements = [_with_roles(statement, origin, missing) for statement in sayable]
    access = AccessSteps((source, origin), (target, present), assembly.decisions, statements, missing)
    again = [ref for ref, _ in assembly.decisions if assembly.decisions.comes(ref) and ref in present]
    statements += access.about(again)
    taken = _taken(mode, statements, Online(origin, present, assembly.decisions))
    stepped = in_steps(taken, origin, assembly.decisions)
    preferring = with_preferences(tuple(stepped), origin)
    return order(with_newer_words(each, origin, target.server_version) for each in preferring)


def _taken(mode: Mode, statements: Iterable[Statement], online: Online) -> Iterable[Statement]:
    return online.instead_of(statements) if mode is Mode.ONLINE else statements


def _sayable(statements: Iterable[Statement], source: Catalog, target: Catalog) -> Iterator[Statement]:
    """Without whether sequences are logged where a server cannot say that: there they are as their tables."""
    versions = [catalog.server_version for catalog in (source, target) if catalog.server_version]
    is_old = min(versions, default=UNLOGGED_SEQUENCES_SINCE) < UNLOGGED_SEQUENCES_SINCE
    return (each for each in statements if not (is_old and sequences.sets_persistence(each)))


def _with_roles(statement: Statement, source: Inventory, missing: MissingRoles) -> Statement:
    """With a hazard where what is made names a role that is not there and cannot do without."""
    item = source.get(statement.ref)
    if item is None or statement.ref not in statement.provides:
        return statement
    what = f"{statement.ref.kind.value} {statement.ref.label}"
    lacking = missing.among(*_roles_named(item.value))
    found = tuple(hazards.missing_role(role, what) for role in lacking)
    return replace(statement, hazards=(*statement.hazards, *found)) if found else statement


def _roles_named(value: Value) -> tuple[str, ...]:
    match value:
        case Policy(roles=roles):
            return roles
        case DefinedObject(kind=Kind.USER_MAPPING, name=name):
            role = name.rpartition(" SERVER ")[0]
            return () if role == "PUBLIC" else (unquoted(role),)
        case _:
            return ()


def _drops_something(statements: Iterable[Statement]) -> bool:
    return any(statement.destroys - statement.provides for statement in statements)


def _with_doubts(statement: Statement, proposals: tuple[RenameProposal, ...]) -> Statement:
    """Whether what the statement drops may be what the source calls otherwise."""
    gone = statement.destroys - statement.provides
    doubts = tuple(hazards.possible_rename(entry.message) for entry in proposals if entry.dropped in gone)
    return replace(statement, hazards=(*statement.hazards, *doubts)) if doubts else statement


def create_all(catalog: Catalog) -> Plan:
    """The statements that make the catalog in an empty database."""
    return plan_schema(catalog, Catalog())
