"""The target as it is once everything has the name that the source gives it, and the statements that lead there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.ddl.renames import rename_schema
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping
from schemadiff.core.plan import Statement
from schemadiff.core.renaming.alignment import Aligner
from schemadiff.core.renaming.called import Names, call_otherwise, called
from schemadiff.core.renaming.confirmed import Rename, confirmed
from schemadiff.core.renaming.implied import implied
from schemadiff.core.renaming.inside_types import KINDS as INSIDE_TYPES
from schemadiff.core.renaming.inside_types import in_steps, rename_inside
from schemadiff.core.renaming.kinds import of_other_kinds
from schemadiff.core.renaming.moves import moves
from schemadiff.core.renaming.not_nulls import (
    DOMAINS_NAMED_SINCE,
    NAMED_SINCE,
    keep_domain_not_null_names,
    keep_not_null_names,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """`catalog` is the target after `statements`. `origins` says, of each object and part of it that has got another
    name, what it is called in the target, by what it is called in `catalog`; what moved along with its schema is
    not among them. `schemas` are the renamed ones, source's name to target's."""

    catalog: Catalog
    statements: tuple[Statement, ...]
    origins: dict[ObjectRef, ObjectRef]
    schemas: dict[str, str]
    made: frozenset[ObjectRef] = frozenset()  # schemas that had to be there first

    def was(self, ref: ObjectRef) -> ObjectRef:
        """What an object or part of `catalog` is called in the target."""
        if ref in self.origins:
            return self.origins[ref]
        schema = self.schemas.get(ref.schema, ref.schema)
        if not ref.parent:
            return ref._replace(schema=schema)
        for kind in (Kind.TABLE, Kind.VIEW):
            owner = self.origins.get(ObjectRef(kind=kind, schema=ref.schema, name=ref.parent))
            if owner is not None:
                return ref._replace(schema=owner.schema, parent=owner.name)
        return ref._replace(schema=schema)


def rename(source: Catalog, target: Catalog, mapping: Mapping) -> Renamed:
    """By the mapping's confirmed renames. Raises Refused where a schema's name is another's in the target."""
    work = _Work(source, target)
    work.by_mapping(mapping)
    return work.done()


def rename_implied(source: Catalog, renamed: Renamed) -> Renamed:
    """Further, what needs no confirmation: it differs in nothing but its name and no row can tell, or its name is
    wanted for something of another kind."""
    work = _Work(source, renamed.catalog)
    work.go_on_from(renamed)
    work.implied()
    return work.done()


class _Work:
    """Step by step; each works on the catalog that the step before it leads to."""

    def __init__(self, source: Catalog, target: Catalog) -> None:
        self._source = source
        self._catalog = target
        self._statements: list[Statement] = []
        self._origins: dict[ObjectRef, ObjectRef] = {}
        self._schemas: dict[str, str] = {}
        self._made: set[ObjectRef] = set()

    def go_on_from(self, renamed: Renamed) -> None:
        self._statements += renamed.statements
        self._origins = dict(renamed.origins)
        self._schemas = renamed.schemas
        self._made = set(renamed.made)

    def by_mapping(self, mapping: Mapping) -> None:
        if mapping == Mapping():
            return
        found = confirmed(mapping, self._source, self._catalog)
        schemas = {
            entry.target.name: entry.source.name
            for entry in found
            if entry.source.kind is Kind.SCHEMA and entry.source != entry.target
        }
        others = [entry for entry in found if entry.source.kind not in (Kind.SCHEMA, *INSIDE_TYPES)]
        if schemas:
            names = Names(self._catalog, {}, schemas)
            others = [replace(entry, target=called(entry.target, names)) for entry in others]
            self._rename_schemas(schemas, names)
            self._schemas = {other: name for name, other in schemas.items()}
            back = Names(self._catalog, {}, self._schemas)
            self._carry_out(others)
            self._origins = {ref: called(origin, back) for ref, origin in self._origins.items()}
            self._origins |= {_schema(other): _schema(name) for name, other in schemas.items()}
        else:
            self._carry_out(others)
        self._align()
        statements, self._catalog = rename_inside(found, self._catalog, self._source)
        self._statements += statements

    def implied(self) -> None:
        self._carry_out(of_other_kinds(self._source, self._catalog))
        aligner = Aligner(self._catalog, self._source, self._origins)
        self._carry_out(implied(self._source, self._catalog, aligner))
        self._align()

    def done(self) -> Renamed:
        return Renamed(
            catalog=self._catalog,
            statements=tuple(self._statements),
            origins=self._origins,
            schemas=self._schemas,
            made=frozenset(self._made),
        )

    def _rename_schemas(self, schemas: dict[str, str], names: Names) -> None:
        self._statements += _schema_statements(schemas, {schema.name for schema in self._catalog.schemas})
        self._catalog = call_otherwise(self._catalog, names)

    def _carry_out(self, wanted: Iterable[Rename]) -> None:
        wanted = [entry for entry in wanted if entry.source != entry.target]
        if not wanted:
            return
        found = moves(wanted, self._catalog, self._source)
        self._statements += found.statements
        if found.made:
            schemas = tuple(sorted((*self._catalog.schemas, *found.made), key=lambda schema: schema.name))
            self._catalog = replace(self._catalog, schemas=schemas)
            self._made |= {schema.ref for schema in found.made}
        names = Names(self._catalog, found.names, {})
        after = call_otherwise(self._catalog, names)
        version = min(self._source.server_version, self._catalog.server_version)
        if version >= NAMED_SINCE:
            after = keep_not_null_names(self._catalog, after, names)
        if version >= DOMAINS_NAMED_SINCE:
            after = keep_domain_not_null_names(self._catalog, after, names)
        self._catalog = after
        before, known = self._origins, set(found.names)
        self._origins = {ref: origin for ref, origin in before.items() if ref not in known}
        for ref, other in found.names.items():
            if not ref.parent or ref.name != other.name or ref in before:
                self._origins[other] = before.get(ref, ref)

    def _align(self) -> None:
        if self._origins:
            self._catalog = Aligner(self._catalog, self._source, self._origins).catalog()


def _schema(name: str) -> ObjectRef:
    return ObjectRef(kind=Kind.SCHEMA, schema="", name=name)


def _schema_statements(names: dict[str, str], taken: set[str]) -> Iterator[Statement]:
    """Raises Refused where a name is another schema's that keeps it."""
    for name, other in names.items():
        if other in taken and other not in names:
            raise Refused(
                f"The schema {name} of the target cannot be renamed to {other}, for the target has a schema {other}"
                " itself. Rename that one too, or map the objects of the two one by one."
            )
    for name, step, other in in_steps(names, taken):
        yield rename_schema(_schema(other), name, step)
