"""Owners, grants and labels: from what the plan's other statements leave to what is wanted.

A new object belongs to whoever runs the plan, who is taken to be who read the target, and has what the target's
default privileges give. What is dropped and made anew gets back what it had.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from schemadiff.core.access import DATABASE_OWNER, PUBLIC, Access, Grant
from schemadiff.core.catalog import Catalog, Column, Kind, ObjectRef, Schema, Sequence
from schemadiff.core.ddl import access as ddl
from schemadiff.core.ddl.comments import Commented
from schemadiff.core.ddl.references import access_ref, owner_ref, sequence_ref, table_ref
from schemadiff.core.decisions import Again, Decisions
from schemadiff.core.default_privileges import DefaultsGiven
from schemadiff.core.filled_views import filled_from
from schemadiff.core.grant_steps import (
    Step,
    every_privilege,
    grant_steps,
    known_only,
    with_owner,
    without_taken,
)
from schemadiff.core.identifiers import qualified
from schemadiff.core.inner_comments import comment_steps, comments_left
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.missing_roles import MissingRoles
from schemadiff.core.plan import Lock, Statement

# What has an owner, be it a part of a table. Columns have none, and grants all the same.
OWNED = frozenset(
    {
        Kind.SCHEMA,
        Kind.ENUM,
        Kind.DOMAIN,
        Kind.COMPOSITE,
        Kind.RANGE,
        Kind.SEQUENCE,
        Kind.TABLE,
        Kind.STATISTICS,
        Kind.VIEW,
        Kind.FUNCTION,
        Kind.BASE_TYPE,
        Kind.COLLATION,
        Kind.CONVERSION,
        Kind.OPERATOR,
        Kind.OPERATOR_FAMILY,
        Kind.OPERATOR_CLASS,
        Kind.DICTIONARY,
        Kind.CONFIGURATION,
        Kind.LANGUAGE,
        Kind.WRAPPER,
        Kind.SERVER,
        Kind.PUBLICATION,
        Kind.SUBSCRIPTION,
        Kind.EVENT_TRIGGER,
    }
)
_OF_KEYS = (Kind.CONSTRAINT, Kind.INDEX)  # a partition's share of a key is an index
_TOLD_OF = (Kind.COLUMN, *_OF_KEYS)  # have something to say of them, and no owner
_MADE_PUBLIC = (Grant(grantee=PUBLIC, privileges=("USAGE",), revoked=True),)


@dataclass(slots=True)
class _Chain:
    """The statements about one object, each after the one before."""

    ref: ObjectRef
    is_new: bool
    after: frozenset[ObjectRef]
    count: int = 0

    def link(self, statement: Statement) -> Statement:
        provided = access_ref(self.ref, self.count)
        linked = replace(
            statement,
            lock=Lock.NONE if self.is_new else statement.lock,
            requires=statement.requires | self.after,
            provides=statement.provides | {provided},
        )
        self.count += 1
        self.after |= {provided}
        return linked


class AccessSteps:
    """For a source and a target about which all else is decided; `others` are the statements about that."""

    def __init__(
        self,
        source: tuple[Catalog, Inventory],
        target: tuple[Catalog, Inventory],
        decisions: Decisions,
        others: Iterable[Statement],
        missing: MissingRoles,
    ) -> None:
        (wanted, self._source), (present, self._target) = source, target
        self._wanted = {access.ref: access for access in wanted.access}
        self._present = {access.ref: access for access in present.access}
        self._version = present.server_version
        self._decisions, self._missing = decisions, missing
        self._roles = ddl.Roles(present.owner)
        self._creator = DATABASE_OWNER if present.user == present.owner else present.user
        self._given = DefaultsGiven(present)
        self._owners: dict[ObjectRef, tuple[str, str]] = {}  # before and after
        self._chains: dict[ObjectRef, _Chain] = {}
        self._taken: dict[ObjectRef, tuple[Step, ...]] = {}
        self._bound, self._unbound = _ownership(others)
        self._columns_bound = self._columns_of_bound()
        self._filled = filled_from(self._source, decisions)

    def statements(self) -> Iterator[Statement]:
        """About every object of the source."""
        every = self._creator != DATABASE_OWNER or bool(self._given)
        refs = {ref for ref in self._source if ref in self._wanted or ref in self._present}
        if every:
            refs |= {ref for ref in self._source if self._decisions.comes(ref) or self._gets_numbered(ref)}
        refs |= {ref for ref, _ in self._decisions if self._is_public_made(ref)}
        yield from self.about(refs)

    def about(self, refs: Iterable[ObjectRef]) -> Iterator[Statement]:
        """About these objects of the source; relations come first, for parts and sequences go by them."""
        for ref in sorted(refs, key=lambda ref: (ref.kind not in (Kind.TABLE, Kind.VIEW), ref)):
            if ref.kind in OWNED or ref.kind in _TOLD_OF:
                yield from self._of(self._source[ref])

    def _of(self, item: Item) -> Iterator[Statement]:
        ref = item.ref
        filled = self._filled.get(ref, frozenset())
        chain = _Chain(ref, self._decisions.comes(ref), frozenset({ref}) | filled)
        self._chains[ref] = chain
        wanted, present = self._wanted.get(ref, Access(ref=ref)), self._now(item)
        found = [*_labels(item, wanted, present), *comment_steps(item, wanted, present)]
        if ref.kind not in _OF_KEYS:
            found = [
                *self._owner(item, wanted, present, chain),
                *self._grants(item, wanted, present, chain),
                *self._grants_on_sequence(item, wanted, present),
                *found,
            ]
        yield from (chain.link(statement) for statement in found)

    def _now(self, item: Item) -> Access:
        """What the object has when all else is done."""
        ref, value = item.ref, item.value
        if self._decisions.comes(ref):
            given = self._given.of(ref.kind, ref.schema, self._creator)
            numbered = isinstance(value, Column) and value.identity is not None
            sequence = self._given.of(Kind.SEQUENCE, ref.schema, self._creator) if numbered else ()
            return Access(
                ref=ref,
                owner=self._creator,
                grants=_MADE_PUBLIC if self._is_public_made(ref) else given,
                sequence=sequence,
            )
        present = self._present.get(ref, Access(ref=ref))
        if self._gets_numbered(ref):
            table = self._present.get(self._relation_of(item))
            owner = table.owner if table else DATABASE_OWNER  # makes the sequence, whoever runs the statement
            return replace(present, sequence=self._given.of(Kind.SEQUENCE, ref.schema, owner), comments=())
        again = Again.DEFAULT in self._decisions.of(ref).again
        left = comments_left(present.comments, value, self._target[ref].value, checks_again=again)
        return replace(present, comments=left) if left != present.comments else present

    def _gets_numbered(self, ref: ObjectRef) -> bool:
        """Whether the target's column gets an identity, and so a new sequence."""
        if ref.kind is not Kind.COLUMN or ref not in self._source or ref not in self._target:
            return False
        wanted, present = self._source[ref].value, self._target[ref].value
        assert isinstance(wanted, Column) and isinstance(present, Column)
        return wanted.identity is not None and present.identity is None

    def _is_public_made(self, ref: ObjectRef) -> bool:
        """Whether the plan makes the schema public: an empty catalog is a new database's, which has it."""
        return ref == Schema(name="public").ref and self._decisions.comes(ref) and self._version > 0

    def _owner(self, item: Item, wanted: Access, present: Access, chain: _Chain) -> Iterator[Statement]:
        ref, value = item.ref, item.value
        if ref.kind not in OWNED:
            table = self._relation_of(item)
            self._owners[ref] = self._owners.get(table, (DATABASE_OWNER, DATABASE_OWNER))
            self._follow(table, chain)
            return
        after = wanted.owner
        if isinstance(value, Sequence) and value.owned_by:
            after = self._owner_of_table(table_ref(*value.owned_by[:2]))
            if ref not in self._bound:  # goes with its table
                self._follow(table_ref(*value.owned_by[:2]), chain)
                self._owners[ref] = (present.owner, after)
                return
        for role in self._missing.among(after):
            self._missing.lack(role, "to own", ref)
            after = present.owner
        self._owners[ref] = (present.owner, after)
        if {present.owner, self._owner_unbound(ref, present)} != {after}:
            yield self._altered_owner(item, after)

    def _altered_owner(self, item: Item, role: str) -> Statement:
        """A sequence gets its table's owner before it is bound to a column, its own after it is not any more."""
        assert not isinstance(item.value, Column)
        ref = item.ref
        statement = ddl.alter_owner(ref, _subject(item), item.owner, self._roles.sql(role))
        provided = set(self._columns_bound.get(ref, ()))
        if ref in self._bound:
            provided |= {ref, owner_ref(ref)}
        elif ref in self._unbound:
            provided.add(owner_ref(ref))
        return replace(statement, provides=frozenset(provided))

    def _owner_unbound(self, ref: ObjectRef, present: Access) -> str:
        """Whose a sequence is at last when the plan takes it off a column: perhaps its table's new owner's."""
        before = self._target[ref].value if ref in self._unbound else None
        if isinstance(before, Sequence) and before.owned_by:
            table = table_ref(*before.owned_by[:2])
            return self._owner_of_table(table) if table in self._source else present.owner
        return present.owner

    def _owner_of_table(self, table: ObjectRef) -> str:
        """In the end."""
        if table in self._owners:
            return self._owners[table][1]
        if table in self._target and not self._decisions.comes(table):
            return self._present.get(table, Access(ref=table)).owner
        return self._creator

    def _relation_of(self, item: Item) -> ObjectRef:
        assert item.owner is not None
        return item.owner.ref

    def _follow(self, relation: ObjectRef, chain: _Chain) -> None:
        if relation in self._chains:
            chain.after |= self._chains[relation].after

    def _grants(self, item: Item, wanted: Access, present: Access, chain: _Chain) -> Iterator[Statement]:
        column = item.value if isinstance(item.value, Column) else None
        every = every_privilege(item.ref.kind, self._version)
        have = self._settled(item.ref, present.grants, every, has_all=column is None)
        if column is not None:
            have = without_taken(have, self._taken.get(self._relation_of(item), ()), every)
        want = self._possible(item.ref, wanted.grants, every)
        steps = grant_steps(have, want, every)
        self._taken[item.ref] = tuple(step for step in steps if step.takes)
        on = ddl.granted_on(_subject(item), item.owner) if steps else ""
        yield from (ddl.change_grants(item.ref, on, step, self._roles, column) for step in steps)

    def _grants_on_sequence(self, item: Item, wanted: Access, present: Access) -> Iterator[Statement]:
        column = item.value
        if not isinstance(column, Column) or column.identity_sequence is None:
            return
        every = every_privilege(Kind.SEQUENCE, self._version)
        have = self._settled(item.ref, present.sequence, every, has_all=True)
        want = self._possible(item.ref, wanted.sequence, every)
        name = (item.ref.schema, column.identity_sequence)
        for step in grant_steps(have, want, every):
            on = f"SEQUENCE {qualified(*name)}"
            statement = ddl.change_grants(item.ref, on, step, self._roles)
            yield replace(statement, requires=frozenset({sequence_ref(*name)}))

    def _settled(
        self, ref: ObjectRef, grants: tuple[Grant, ...], every: tuple[str, ...], *, has_all: bool
    ) -> tuple[Grant, ...]:
        """When the object has its owner."""
        before, after = self._owners[ref]
        return grants if before == after else with_owner(grants, before, after, every, has_all=has_all)

    def _possible(
        self, ref: ObjectRef, wanted: tuple[Grant, ...], every: tuple[str, ...]
    ) -> tuple[Grant, ...]:
        """The grants by and to roles that are there, of privileges that the server knows."""
        known, unknown = known_only(wanted, every)
        self._missing.know_not(unknown, ref)
        found = []
        for grant in known:
            lacking = self._missing.among(grant.grantee, grant.grantor)
            for role in lacking:
                self._missing.lack(role, "for grants on", ref)
            if not lacking:
                found.append(grant)
        return tuple(found)

    def _columns_of_bound(self) -> dict[ObjectRef, list[ObjectRef]]:
        """By table: the columns to which the plan binds sequences, which need their table's owner."""
        found: defaultdict[ObjectRef, list[ObjectRef]] = defaultdict(list)
        for ref in self._bound:
            value = self._source[ref].value if ref in self._source else None
            if isinstance(value, Sequence) and value.owned_by:
                schema, name, column = value.owned_by
                table = table_ref(schema, name)
                found[table].append(table._replace(kind=Kind.COLUMN, parent=name, name=column))
        return found


def _ownership(others: Iterable[Statement]) -> tuple[frozenset[ObjectRef], frozenset[ObjectRef]]:
    """The sequences that are bound to a column, and those that are no more."""
    bound, unbound = set(), set()
    for statement in others:
        if statement.ref.kind is Kind.SEQUENCE:
            mark = owner_ref(statement.ref)
            if mark in statement.provides:
                bound.add(statement.ref)
            if mark in statement.destroys:
                unbound.add(statement.ref)
    return frozenset(bound), frozenset(unbound)


def _subject(item: Item) -> Commented:
    value = item.value
    assert isinstance(value, Commented)
    return value


def _labels(item: Item, wanted: Access, present: Access) -> Iterator[Statement]:
    want = {label.provider: label.text for label in wanted.labels}
    have = {label.provider: label.text for label in present.labels}
    for provider in sorted(want.keys() | have.keys()):
        if want.get(provider) != have.get(provider):
            yield ddl.set_label(item.ref, _subject(item), item.owner, provider, want.get(provider))
