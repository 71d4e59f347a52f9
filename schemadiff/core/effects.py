"""What a difference means for the rows and the queries that come from the source, in a sentence."""

from schemadiff.core.catalog import (
    Column,
    Constraint,
    ConstraintKind,
    Index,
    Kind,
    Part,
    Policy,
    Rule,
    Trigger,
)
from schemadiff.core.changes import Added, Altered, AttributeChange, Change, Removed, Renamed
from schemadiff.core.column_types import fits, parse, short

_TEXTS = ("text", "character varying", "character")


def effect_of_column(source: Column | None, target: Column | None) -> tuple[str, ...]:
    """What becomes of a column's values on the way, and of new rows. Empty where nothing does."""
    if source is None and target is not None:
        return (_unfilled(target),)
    if target is None or source is None:
        return ("Left behind by the target.",)
    sentences = (
        effect_of_types(source.type, target.type),
        _not_null(source, target),
        _collation(source, target),
        _generated(source, target),
        _default(source, target),
        "" if source.comment == target.comment else "Another comment.",
    )
    return tuple(sentence for sentence in sentences if sentence)


def effect_of_types(source: str, target: str) -> str:
    """How values of one type fit another; empty for the same type."""
    if source == target:
        return ""
    arrow = f"{short(source)} → {short(target)}"
    if fits(source, target):
        return f"Widens: {arrow}."
    if fits(target, source) or parse(source).base == parse(target).base:
        return f"Narrows: {arrow}."
    if parse(target).base in _TEXTS and not parse(target).dimensions:
        return f"Becomes text: {arrow}."
    return f"Converts: {arrow}."


def effect_of_part(change: Change, part: Part | None) -> str:
    """What a part other than a column does to rows that arrive; `part` is the one side's that has it."""
    match change:
        case Added():
            return _arrives(part)
        case Removed():
            return _goes(change, part)
        case Altered(attributes=attributes) | Renamed(attributes=attributes):
            return _altered(change, attributes)


def _unfilled(target: Column) -> str:
    if target.identity is not None:
        return "Numbered by the target."
    if target.generated is not None:
        return "Computed by the target."
    if target.default is not None:
        return f"Gets its default, {target.default}."
    return "Needs a value for every row." if target.not_null else "Stays empty (null)."


def _not_null(source: Column, target: Column) -> str:
    if source.not_null == target.not_null:
        return ""
    return "Refuses rows without a value." if target.not_null else "Accepts rows without a value."


def _collation(source: Column, target: Column) -> str:
    return "" if source.collation == target.collation else "Sorts and compares text differently."


def _generated(source: Column, target: Column) -> str:
    if (source.generated, source.identity) == (target.generated, target.identity):
        return ""
    if target.generated is not None:
        return "Computed by the target; the source’s values cannot be written."
    if target.identity is not None:
        return "Numbered by the target’s own sequence."
    return "No longer computed." if source.generated is not None else "No longer numbered by itself."


def _default(source: Column, target: Column) -> str:
    if source.default == target.default or source.generated is not target.generated:
        return ""
    if target.default is None:
        return "" if target.identity is not None else "New rows have to name a value."
    return "New rows get another default."


def _arrives(part: Part | None) -> str:
    match part:
        case Constraint(kind=ConstraintKind.FOREIGN_KEY, references=(schema, table)):
            return f"Refuses rows without their row in {schema}.{table}."
        case Constraint(kind=ConstraintKind.CHECK | ConstraintKind.EXCLUSION):
            return "Refuses rows that break it."
        case (
            Constraint(kind=ConstraintKind.PRIMARY_KEY)
            | Constraint(kind=ConstraintKind.UNIQUE)
            | Index(unique=True)
        ):
            return "Refuses duplicates."
        case Trigger():
            return "Acts on rows as they are written."
        case Rule():
            return "Rewrites statements on it."
        case Policy(permissive=True):
            return "Shows rows to its roles, where row security is on."
        case Policy():
            return "Hides rows from its roles, where row security is on."
    return "Only the target maintains it."


def _goes(change: Removed, part: Part | None) -> str:
    match part:
        case Constraint(kind=ConstraintKind.PRIMARY_KEY):
            return "Rows have no such key in the target."
        case Constraint() | Index(unique=True):
            return "Not enforced in the target."
        case Trigger() | Rule() | Policy():
            return "Does not act in the target."
    return (
        "Queries that rely on it may be slower."
        if change.ref.kind in (Kind.INDEX, Kind.STATISTICS)
        else "Missing in the target."
    )


def _altered(change: Change, attributes: tuple[AttributeChange, ...]) -> str:
    names = {attribute.name for attribute in attributes} - {"name"}
    if not names:
        return "Only the name differs."
    if names == {"comment"}:
        return "Another comment."
    match change.ref.kind:
        case Kind.CONSTRAINT:
            return "Enforces something else."
        case Kind.INDEX:
            return "Serves other queries."
        case Kind.TRIGGER | Kind.RULE:
            return "Acts differently."
        case Kind.POLICY:
            return "Shows other rows to its roles."
    return ""
