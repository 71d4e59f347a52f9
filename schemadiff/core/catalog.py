"""A database's schema as one immutable value, in PostgreSQL's own words.

Definitions are stored as `pg_get_*def()` and `format_type()` print them with an empty search path,
so that every name in them is qualified. Every tuple is sorted (columns by position, all else by name):
the same schema gives the same value.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from schemadiff.core.access import Access as Access
from schemadiff.core.access import DefaultPrivileges as DefaultPrivileges
from schemadiff.core.columns import Column as Column
from schemadiff.core.columns import Generated as Generated
from schemadiff.core.columns import Identity as Identity
from schemadiff.core.columns import NotNull as NotNull
from schemadiff.core.columns import Persistence as Persistence
from schemadiff.core.columns import SequenceOptions as SequenceOptions
from schemadiff.core.composed_types import CompositeType as CompositeType
from schemadiff.core.composed_types import RangeType as RangeType
from schemadiff.core.composed_types import TypeAttribute as TypeAttribute
from schemadiff.core.defined_objects import DefinedObject as DefinedObject
from schemadiff.core.defined_objects import ObjectMember as ObjectMember
from schemadiff.core.foreign import FdwOptions as FdwOptions
from schemadiff.core.foreign import Foreign as Foreign
from schemadiff.core.objects import Kind as Kind
from schemadiff.core.objects import ObjectRef as ObjectRef
from schemadiff.core.relation_parts import Policy as Policy
from schemadiff.core.relation_parts import Rule as Rule
from schemadiff.core.relation_parts import StatisticsObject as StatisticsObject

FORMAT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    name: str
    comment: str | None = None

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind.SCHEMA, schema="", name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    name: str
    schema: str
    version: str

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind.EXTENSION, schema="", name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumType:
    schema: str
    name: str
    labels: tuple[str, ...]
    comment: str | None = None

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind.ENUM, schema=self.schema, name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainConstraint:
    name: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    schema: str
    name: str
    type: str
    collation: str | None = None
    default: str | None = None
    not_null: bool = False
    not_null_name: str | None = None  # where it is not the one that PostgreSQL gives; a constraint since 17
    constraints: tuple[DomainConstraint, ...] = ()
    comment: str | None = None

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind.DOMAIN, schema=self.schema, name=self.name)


UserType: TypeAlias = EnumType | Domain | CompositeType | RangeType


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A sequence of its own or owned by a serial column; an identity column's is part of the column."""

    schema: str
    name: str
    options: SequenceOptions
    owned_by: tuple[str, str, str] | None = None  # schema, table, column
    persistence: Persistence = Persistence.PERMANENT  # unlogged: since 15
    comment: str | None = None

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind.SEQUENCE, schema=self.schema, name=self.name)


class ConstraintKind(Enum):
    PRIMARY_KEY = "primary key"
    UNIQUE = "unique"
    CHECK = "check"
    EXCLUSION = "exclusion"
    FOREIGN_KEY = "foreign key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """`definition` is what pg_get_constraintdef says. `references` is set for foreign keys only."""

    name: str
    kind: ConstraintKind
    definition: str
    columns: tuple[str, ...] = ()
    references: tuple[str, str] | None = None  # schema, table
    referenced_columns: tuple[str, ...] = ()
    validated: bool = True
    options: tuple[str, ...] = ()  # storage parameters of its index
    clustered: bool = False  # CLUSTER goes by its index
    replica_identity: bool = False  # its index tells the rows apart for subscribers
    tablespace: str | None = None  # its index's, where it is not the database's own
    inherited: bool = False  # a check, from a parent; a partition's only where valid, its parent's not being
    local: bool = True  # whether the table has it by itself, too
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index that no constraint owns."""

    name: str
    definition: str
    method: str
    unique: bool = False
    columns: tuple[str, ...] = ()  # plain key columns; expressions are left out
    predicate: str | None = None
    valid: bool = True
    clustered: bool = False
    replica_identity: bool = False
    tablespace: str | None = None
    statistics: tuple[tuple[int, int], ...] = ()  # of expressions: number of the column, target
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexShare:
    """A partition's index that is its share of its parent's. Either an index or a constraint says what it is.

    What they index is their parent's to say: compared are name, parent and what is said of the share alone.
    """

    name: str
    share_of: tuple[str, str]  # schema, name of the parent's index
    usual_name: str | None = None  # the one that PostgreSQL gives, where it has another
    index: Index | None = None
    constraint: Constraint | None = None
    comment: str | None = None

    @property
    def part(self) -> Index | Constraint:
        part = self.index or self.constraint
        assert part is not None
        return part


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A partition's share of its parent's trigger is one only where it fires at other times than that."""

    name: str
    definition: str
    function: tuple[str, str]  # schema, name with argument types
    enabled: str = "origin"  # origin, disabled, replica, always
    share: bool = False  # of the parent's trigger of that name
    comment: str | None = None


Part: TypeAlias = Column | Constraint | Index | IndexShare | Trigger | Rule | Policy | StatisticsObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An ordinary or partitioned table, a partition, or a foreign table.

    `estimated_rows` is the planner's own figure (-1: never analysed); neither it nor `size` (bytes, with
    indexes) is part of a fingerprint or a comparison.
    """

    schema: str
    name: str
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    shares: tuple[IndexShare, ...] = ()  # a partition's, of its parent's indexes
    triggers: tuple[Trigger, ...] = ()
    rules: tuple[Rule, ...] = ()
    policies: tuple[Policy, ...] = ()
    statistics: tuple[StatisticsObject, ...] = ()
    persistence: Persistence = Persistence.PERMANENT
    row_security: bool = False
    forced_row_security: bool = False  # for the owner too
    options: tuple[str, ...] = ()  # storage parameters: fillfactor=70, toast.autovacuum_enabled=false
    replica_identity: str = "default"  # default, full, nothing; index: the one that says so
    partition_key: str | None = None  # pg_get_partkeydef
    partition_of: tuple[str, str] | None = None
    partition_bound: str | None = None
    inherits: tuple[tuple[str, str], ...] = ()  # its parents in their order, if it is no partition
    of_type: tuple[str, str] | None = None  # a composite type
    access_method: str | None = None  # where it is not heap; a partitioned table's, whatever it is
    tablespace: str | None = None  # where it is not the database's own
    foreign: Foreign | None = None  # a foreign table: it has rows elsewhere
    comment: str | None = None
    option_order: tuple[str, ...] = field(default=(), compare=False)  # the options' names, if not by name
    estimated_rows: int = field(default=-1, compare=False)
    size: int = field(default=0, compare=False)

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(Kind.TABLE, self.schema, self.name)  # by position: asked for most often

    @property
    def qualified(self) -> tuple[str, str]:
        return (self.schema, self.name)

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        """Whose columns it has: those that it inherits, or the one that it is a partition of."""
        return (self.partition_of,) if self.partition_of else self.inherits

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything in it, kind after kind."""
        common: tuple[Part, ...] = (*self.columns, *self.constraints, *self.indexes, *self.shares)
        return (*common, *self.triggers, *self.rules, *self.policies, *self.statistics)

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @property
    def primary_key(self) -> Constraint | None:
        return next((c for c in self.constraints if c.kind is ConstraintKind.PRIMARY_KEY), None)

    @property
    def foreign_keys(self) -> tuple[Constraint, ...]:
        return tuple(c for c in self.constraints if c.kind is ConstraintKind.FOREIGN_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    schema: str
    name: str
    definition: str  # the query, as pg_get_viewdef prints it
    columns: tuple[Column, ...] = ()
    materialized: bool = False
    access_method: str | None = None  # a materialized view's, where it is not heap
    tablespace: str | None = None  # likewise
    options: tuple[str, ...] = ()  # security_barrier=true; storage parameters, TOAST's too
    option_order: tuple[str, ...] = field(default=(), compare=False)
    populated: bool = True
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    rules: tuple[Rule, ...] = ()
    statistics: tuple[StatisticsObject, ...] = ()
    comment: str | None = None

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind.VIEW, schema=self.schema, name=self.name)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything in it, kind after kind."""
        return (*self.columns, *self.indexes, *self.triggers, *self.rules, *self.statistics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function, procedure, window function or aggregate.

    `definition` is what pg_get_functiondef says; an aggregate's is put together as pg_dump does it.
    """

    schema: str
    name: str
    arguments: str  # identity arguments: types (and modes) only, as DROP FUNCTION takes them
    definition: str
    returns: str | None  # None for a procedure
    language: str
    kind: str = "function"  # function, procedure, window, aggregate
    comment: str | None = None

    @property
    def signature(self) -> str:
        return f"{self.name}({self.arguments})"

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind.FUNCTION, schema=self.schema, name=self.signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """`dependent` cannot exist without `on` (from pg_depend, between objects of the catalog only)."""

    dependent: ObjectRef
    on: ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncompared:
    """Objects that the database holds and the catalog does not model: counted and named, never dropped in silence."""

    kind: str  # PostgreSQL's word: publication, operator, large object…
    count: int
    names: tuple[str, ...]  # the first 20, sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Everything compared about one database, without system schemas, `schemadiff` and parked schemas."""

    server_version: int = field(default=0, compare=False)  # as server_version_num: 180004
    database: str = field(default="", compare=False)
    owner: str = field(default="", compare=False)  # the database's
    user: str = field(default="", compare=False)  # who read it, and owns what he makes
    roles: tuple[str, ...] = field(default=(), compare=False)  # the server's; none: not known
    tablespaces: tuple[str, ...] = field(default=(), compare=False)  # likewise
    tablespace: str = field(default="pg_default", compare=False)  # the database's own
    schemas: tuple[Schema, ...] = ()
    extensions: tuple[Extension, ...] = ()
    enums: tuple[EnumType, ...] = ()
    domains: tuple[Domain, ...] = ()
    composites: tuple[CompositeType, ...] = ()
    ranges: tuple[RangeType, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    tables: tuple[Table, ...] = ()  # those that hold rows, or whose partitions do
    foreign_tables: tuple[Table, ...] = ()
    views: tuple[View, ...] = ()
    functions: tuple[Function, ...] = ()
    defined: tuple[DefinedObject, ...] = ()
    default_privileges: tuple[DefaultPrivileges, ...] = ()
    access: tuple[Access, ...] = ()  # of objects and columns, where it is unusual
    dependencies: tuple[Dependency, ...] = ()
    uncompared: tuple[Uncompared, ...] = ()

    @property
    def every_table(self) -> tuple[Table, ...]:
        """Foreign tables too."""
        return (*self.tables, *self.foreign_tables)

    def table(self, schema: str, name: str) -> Table | None:
        return next((t for t in self.tables if t.schema == schema and t.name == name), None)

    def objects(
        self,
    ) -> Iterator[
        "Schema | Extension | UserType | Sequence | Table | View | Function | DefinedObject | DefaultPrivileges"
    ]:
        """Top-level objects, by kind and name."""
        yield from self.schemas
        yield from self.extensions
        yield from self.enums
        yield from self.domains
        yield from self.composites
        yield from self.ranges
        yield from self.sequences
        yield from self.every_table
        yield from self.views
        yield from self.functions
        yield from self.defined
        yield from self.default_privileges
