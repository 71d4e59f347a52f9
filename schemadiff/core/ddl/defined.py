"""Objects that are a definition and a name: made as they are defined, dropped, altered in what can be altered."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import DefinedObject, Kind, ObjectMember
from schemadiff.core.ddl import defined_settings as settings
from schemadiff.core.ddl.defined_names import dropped_member, members_subject, subject
from schemadiff.core.ddl.references import bare_ref, publishing_ref
from schemadiff.core.defined_objects import SCHEMA_MEMBER, member_ref
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Hazard, Lock, Section, Statement

_LATE = frozenset({Kind.PUBLICATION, Kind.SUBSCRIPTION, Kind.EVENT_TRIGGER})

# CREATE OR REPLACE leaves what uses them where it is.
_REPLACEABLE = frozenset({Kind.LANGUAGE, Kind.TRANSFORM})


def create(value: DefinedObject) -> Iterator[Statement]:
    """Without its members; what uses the object waits for them too."""
    yield Statement(
        sql=value.definition + settings.clauses(value),
        ref=value.ref,
        section=_section(value),
        provides=frozenset({value.ref, bare_ref(value.ref)}),
        hazards=tuple(_left_out(value)),
    )
    for sql in settings.afterwards(value):
        yield _altering(value, sql)


def can_alter(source: DefinedObject, target: DefinedObject) -> bool:
    if not settings.can_alter(source, target):
        return False
    return source.definition == target.definition or source.kind in _REPLACEABLE


def alter(source: DefinedObject, target: DefinedObject) -> Iterator[Statement]:
    """Only where `can_alter` says so."""
    if source.definition != target.definition:
        yield _altering(source, source.definition.replace("CREATE ", "CREATE OR REPLACE ", 1))
    for sql in settings.alterations(source, target):
        altered = _altering(source, sql, tuple(_overwritten(source, target)))
        is_published = source.kind is Kind.PUBLICATION
        how = frozenset({publishing_ref(source.ref)} if is_published else ())
        yield replace(altered, provides=altered.provides | how, destroys=how)


def drop(value: DefinedObject) -> Iterator[Statement]:
    """What it is made of goes along."""
    for sql in settings.before_drop(value):
        yield Statement(sql=sql, ref=value.ref, section=_section(value), releases=frozenset({value.ref}))
    members = (member_ref(value, member) for member in value.members)
    slot = dict(value.settings).get("slot_name") if value.kind is Kind.SUBSCRIPTION else None
    yield Statement(
        sql=f"DROP {subject(value)}",
        ref=value.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({value.ref, bare_ref(value.ref), *members}),
        hazards=(hazards.slot_left(value.ref.label, slot),) if slot else (),
    )


def add_member(owner: DefinedObject, member: ObjectMember) -> Statement:
    ref = member_ref(owner, member)
    return Statement(
        sql=f"ALTER {subject(owner)} ADD {members_subject(owner)}{member.definition}",
        ref=ref,
        section=_section(owner),
        provides=frozenset({ref, owner.ref}),
        requires=frozenset({bare_ref(owner.ref), publishing_ref(owner.ref)}),
        lock=_lock_of(owner, member),
    )


def drop_member(owner: DefinedObject, member: ObjectMember) -> Statement:
    ref = member_ref(owner, member)
    return Statement(
        sql=f"ALTER {subject(owner)} DROP {dropped_member(owner, member)}",
        ref=ref,
        section=Section.PRE_DATA,
        destroys=frozenset({ref}),
        releases=frozenset({owner.ref, publishing_ref(owner.ref)}),
        lock=_lock_of(owner, member),
    )


def _lock_of(owner: DefinedObject, member: ObjectMember) -> Lock:
    """A table that is published, or no longer is, goes on being read and written."""
    is_table = owner.kind is Kind.PUBLICATION and not member.name.startswith(SCHEMA_MEMBER)
    return lock_of(Command.PUBLISH_TABLE if is_table else Command.READ)


def can_alter_member(owner: DefinedObject) -> bool:
    return owner.kind is Kind.CONFIGURATION


def alter_member(owner: DefinedObject, member: ObjectMember) -> Statement:
    """Only where `can_alter_member` says so."""
    ref = member_ref(owner, member)
    return Statement(
        sql=f"ALTER {subject(owner)} ALTER {members_subject(owner)}{member.definition}",
        ref=ref,
        section=_section(owner),
        provides=frozenset({owner.ref}),
        requires=frozenset({bare_ref(owner.ref)}),
    )


def _altering(value: DefinedObject, sql: str, reasons: tuple[Hazard, ...] = ()) -> Statement:
    """What uses the object comes after it."""
    return Statement(
        sql=sql,
        ref=value.ref,
        section=_section(value),
        provides=frozenset({value.ref}),
        requires=frozenset({bare_ref(value.ref)}),
        hazards=reasons,
    )


def _section(value: DefinedObject) -> Section:
    return Section.POST_DATA if value.kind in _LATE else Section.PRE_DATA


def _left_out(value: DefinedObject) -> Iterator[Hazard]:
    if value.secrets:
        yield hazards.secret_left_out(f"{value.kind.value} {value.ref.label}", value.secrets)


def _overwritten(source: DefinedObject, target: DefinedObject) -> Iterator[Hazard]:
    """A new connection string takes the place of the whole one, and new secrets cannot be said."""
    given = {name for name, _ in source.settings} - {name for name, _ in target.settings}
    connection = dict(source.settings).get("connection") != dict(target.settings).get("connection")
    if source.secrets and (connection or any(name.startswith(settings.SECRET) for name in given)):
        yield hazards.secret_left_out(f"{source.kind.value} {source.ref.label}", source.secrets)
