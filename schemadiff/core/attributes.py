"""The attributes by which objects are compared, as texts, and each object described in one line."""

from typing import TypeAlias

from schemadiff.core import index_text
from schemadiff.core.access import grants_text, role_name
from schemadiff.core.catalog import (
    Column,
    CompositeType,
    Constraint,
    DefaultPrivileges,
    DefinedObject,
    Domain,
    EnumType,
    Extension,
    FdwOptions,
    Function,
    Index,
    IndexShare,
    NotNull,
    ObjectMember,
    Part,
    Policy,
    RangeType,
    Rule,
    Schema,
    Sequence,
    SequenceOptions,
    StatisticsObject,
    Table,
    Trigger,
    UserType,
    View,
)
from schemadiff.core.changes import AttributeChange
from schemadiff.core.column_types import short
from schemadiff.core.identifiers import literal

Attributes: TypeAlias = dict[str, str | None]
TopLevel: TypeAlias = (
    Schema | Extension | UserType | Sequence | Table | View | Function | DefinedObject | DefaultPrivileges
)

_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def changed(source: Attributes, target: Attributes) -> tuple[AttributeChange, ...]:
    """What differs, sorted by the attribute's name. An attribute that one side lacks is None there."""
    pairs = ((name, source.get(name), target.get(name)) for name in sorted(source.keys() | target.keys()))
    return tuple(
        AttributeChange(name=name, source=left, target=right) for name, left, right in pairs if left != right
    )


def attributes_of(entry: TopLevel | Part | ObjectMember) -> Attributes:
    """Everything that is compared about the object itself; its name and its parts are not among them."""
    match entry:
        case Column():
            return _column(entry)
        case Table():
            return _table(entry)
        case Constraint():
            return _constraint(entry)
        case Index():
            return {
                "definition": index_text.without_names(entry.definition),
                "valid": None if entry.valid else "no",
                **_marks(entry),
                "statistics": ", ".join(f"{column}: {target}" for column, target in entry.statistics) or None,
                "comment": entry.comment,
            }
        case IndexShare():
            return _share(entry)
        case Trigger() | Rule():
            return {"definition": entry.definition, "enabled": entry.enabled, "comment": entry.comment}
        case Policy():
            return _policy(entry)
        case StatisticsObject():
            return _statistics(entry)
        case View():
            return _view(entry)
        case Function():
            return _function(entry)
        case Sequence():
            return _sequence(entry)
        case Domain():
            return _domain(entry)
        case EnumType():
            return {"labels": _labels(entry), "comment": entry.comment}
        case CompositeType():
            return {"attributes": _composite_line(entry), "comment": entry.comment}
        case RangeType():
            return _range(entry)
        case DefinedObject():
            return {**dict(entry.settings), "definition": entry.definition, "comment": entry.comment}
        case ObjectMember():
            return {"definition": entry.definition}
        case Extension():
            return {"schema": entry.schema, "version": entry.version}
        case Schema():
            return {"comment": entry.comment}
        case DefaultPrivileges():
            return {"grants": grants_text(entry.grants)}


def describe(entry: TopLevel | Part | ObjectMember) -> str:
    """The object in one line: `varchar(20) not null`."""
    match entry:
        case Column():
            return _column_line(entry)
        case Table():
            return _table_line(entry)
        case Constraint():
            return entry.definition
        case Index():
            return index_text.without_names(entry.definition)
        case IndexShare():
            return f"share of {'.'.join(entry.share_of)}"
        case Trigger():
            return f"calls {'.'.join(entry.function)}"
        case Rule():
            return " ".join(entry.definition.partition(" AS\n")[2].split())
        case Policy():
            return _policy_line(entry)
        case StatisticsObject():
            return entry.definition.removeprefix("CREATE STATISTICS ")
        case View():
            return f"{'materialized view' if entry.materialized else 'view'}, {_count(entry.columns)}"
        case Function():
            returns = f", returns {entry.returns}" if entry.returns else ""
            return f"{entry.kind} in {entry.language}{returns}"
        case Sequence():
            owner = f", owned by {'.'.join(entry.owned_by)}" if entry.owned_by else ""
            return f"{entry.options.type} from {entry.options.start} by {entry.options.increment}{owner}"
        case Domain():
            return f"{short(entry.type)}{' not null' if entry.not_null else ''}"
        case EnumType():
            return _labels(entry)
        case CompositeType():
            return f"({_composite_line(entry)})"
        case RangeType():
            return f"range of {short(entry.type)}"
        case DefinedObject():
            return _defined_line(entry)
        case ObjectMember():
            return entry.definition
        case Extension():
            return f"version {entry.version} in schema {entry.schema}"
        case Schema():
            return "schema"
        case DefaultPrivileges():
            lines = (grants_text(entry.grants) or "nothing").splitlines()
            return f"for what {role_name(entry.role)} makes: {'; '.join(lines)}"


def _column(column: Column) -> Attributes:
    return {
        "type": column.type,
        "not null": "not null" if column.not_null else "nullable",
        "not null constraint": _not_null(column.not_null_as),
        "not null comment": column.not_null_as.comment if column.not_null_as else None,
        "default": None if column.generated else column.default,
        "generated": f"{column.default} {column.generated.value}" if column.generated else None,
        "identity": _identity(column),
        "collation": column.collation,
        "storage": column.storage,
        "compression": column.compression,
        "statistics": None if column.statistics is None else str(column.statistics),
        "options": ", ".join(column.options) or None,
        "foreign-data options": _fdw_options(column.fdw_options),
        "comment": column.comment,
    }


def _not_null(says: NotNull | None) -> str | None:
    if says is None:
        return None
    words = ["" if says.repeated else says.name or "", "no inherit" if says.inherited_by_none else ""]
    words += ["" if says.validated else "not valid"]
    return " ".join(word for word in words if word) or None


def _identity(column: Column) -> str | None:
    if column.identity is None:
        return None
    options = _unusual(column.identity_options or SequenceOptions(), column.type)
    options += [column.identity_persistence.value] if column.identity_persistence else []
    return column.identity.value + (f" ({', '.join(options)})" if options else "")


def _unusual(options: SequenceOptions, column_type: str) -> list[str]:
    """The options that an identity column of that type does not have by itself."""
    largest = _LARGEST.get(options.type, 0)
    rising = options.increment > 0
    usual: dict[str, int | str | bool] = {
        "type": column_type,
        "start": options.minimum if rising else options.maximum,
        "increment": 1,
        "minimum": 1 if rising else -largest - 1,
        "maximum": largest if rising else -1,
        "cache": 1,
        "cycle": False,
    }
    return [f"{name} {_word(value)}" for name, value in _options(options).items() if value != usual[name]]


def _options(options: SequenceOptions) -> dict[str, int | str | bool]:
    return {
        "type": options.type,
        "start": options.start,
        "increment": options.increment,
        "minimum": options.minimum,
        "maximum": options.maximum,
        "cache": options.cache,
        "cycle": options.cycle,
    }


def _word(value: int | str | bool) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _column_line(column: Column) -> str:
    attributes = _column(column)
    words = [short(column.type)]
    words += [f"collate {column.collation}"] if column.collation else []
    words += ["not null"] if column.not_null else []
    words += [f"default {attributes['default']}"] if attributes["default"] is not None else []
    words += [f"generated {attributes['generated']}"] if attributes["generated"] else []
    words += [f"identity {attributes['identity']}"] if attributes["identity"] else []
    return " ".join(words)


def _table(table: Table) -> Attributes:
    return {
        "persistence": table.persistence.value,
        "partition key": table.partition_key,
        "partition of": ".".join(table.partition_of) if table.partition_of else None,
        "partition bound": table.partition_bound,
        "inherits": ", ".join(".".join(parent) for parent in table.inherits) or None,
        "of type": ".".join(table.of_type) if table.of_type else None,
        "access method": table.access_method,
        "tablespace": table.tablespace,
        "server": table.foreign.server if table.foreign else None,
        "foreign-data options": _fdw_options(table.foreign.options) if table.foreign else None,
        "row security": _row_security(table),
        "options": ", ".join(table.options) or None,
        "replica identity": table.replica_identity,
        "comment": table.comment,
    }


def _fdw_options(options: FdwOptions) -> str | None:
    """A secret, which was never read, is said to be there."""
    return (
        ", ".join(f"{name} {'a secret' if value is None else literal(value)}" for name, value in options)
        or None
    )


def _row_security(table: Table) -> str | None:
    if not table.row_security:
        return "forced, not enabled" if table.forced_row_security else None
    return "forced" if table.forced_row_security else "enabled"


def _table_line(table: Table) -> str:
    kind = "partitioned table" if table.partition_key else "partition" if table.partition_of else "table"
    if table.foreign:
        return f"foreign {kind} of {table.foreign.server}, {_count(table.columns)}"
    unlogged = "" if table.persistence.value == "permanent" else f"{table.persistence.value} "
    return f"{unlogged}{kind}, {_count(table.columns)}"


def _count(columns: tuple[Column, ...]) -> str:
    return "1 column" if len(columns) == 1 else f"{len(columns)} columns"


def _constraint(constraint: Constraint) -> Attributes:
    return {
        "definition": constraint.definition.removesuffix(" NOT VALID"),
        "validated": None if constraint.validated else "no",
        "options": ", ".join(constraint.options) or None,
        **_marks(constraint),
        "comment": constraint.comment,
    }


def _policy(policy: Policy) -> Attributes:
    return {
        "kind": "permissive" if policy.permissive else "restrictive",
        "command": policy.command,
        "roles": ", ".join(policy.roles) or "public",
        "using": policy.using,
        "check": policy.check,
        "comment": policy.comment,
    }


def _policy_line(policy: Policy) -> str:
    attributes = _policy(policy)
    words = [f"{attributes['kind']} for {policy.command} to {attributes['roles']}"]
    words += [f"using {policy.using}"] if policy.using else []
    words += [f"with check {policy.check}"] if policy.check else []
    return " ".join(words)


def _statistics(statistics: StatisticsObject) -> Attributes:
    return {
        "definition": statistics.definition,
        "target": None if statistics.target is None else str(statistics.target),
        "comment": statistics.comment,
    }


def _marks(part: Index | Constraint) -> Attributes:
    return {
        "clustered": "yes" if part.clustered else None,
        "replica identity": "yes" if part.replica_identity else None,
        "tablespace": part.tablespace,
    }


def _share(share: IndexShare) -> Attributes:
    part = share.part
    options = part.options if isinstance(part, Constraint) else index_text.options(part.definition)
    return {
        "share of": ".".join(share.share_of),
        "options": ", ".join(options) or None,
        **_marks(part),
        "comment": share.comment,
    }


def _view(view: View) -> Attributes:
    return {
        "definition": view.definition,
        "kind": "materialized view" if view.materialized else "view",
        "access method": view.access_method,
        "tablespace": view.tablespace,
        "options": ", ".join(view.options) or None,
        "comment": view.comment,
    }


def _function(function: Function) -> Attributes:
    return {
        "definition": function.definition,
        "kind": function.kind,
        "returns": function.returns,
        "language": function.language,
        "comment": function.comment,
    }


def _sequence(sequence: Sequence) -> Attributes:
    options: Attributes = {name: _word(value) for name, value in _options(sequence.options).items()}
    owner = ".".join(sequence.owned_by) if sequence.owned_by else None
    persistence = sequence.persistence.value
    return {**options, "persistence": persistence, "owned by": owner, "comment": sequence.comment}


def _domain(domain: Domain) -> Attributes:
    checks: Attributes = {f"constraint {check.name}": check.definition for check in domain.constraints}
    return {
        "type": domain.type,
        "not null": "not null" if domain.not_null else "nullable",
        "not null constraint": domain.not_null_name,
        "default": domain.default,
        "collation": domain.collation,
        "comment": domain.comment,
        **checks,
    }


def _composite_line(composite: CompositeType) -> str:
    collations = (f" collate {a.collation}" if a.collation else "" for a in composite.attributes)
    named = (f"{a.name} {short(a.type)}" for a in composite.attributes)
    return ", ".join(map("".join, zip(named, collations, strict=True)))


def _range(range_: RangeType) -> Attributes:
    return {
        "type": range_.type,
        "multirange": range_.multirange,
        "operator class": range_.operator_class,
        "collation": range_.collation,
        "difference": range_.difference,
        "canonical": range_.canonical,
        "comment": range_.comment,
    }


def _defined_line(entry: DefinedObject) -> str:
    return ", ".join([" ".join(entry.definition.split()), *(" ".join(setting) for setting in entry.settings)])


def _labels(enum: EnumType) -> str:
    return ", ".join(f"'{label}'" for label in enum.labels)
