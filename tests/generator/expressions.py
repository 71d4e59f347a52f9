"""Expressions over columns and user functions: true or false, or a value of some family."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.generator.choices import Choices
from tests.generator.pieces import Expression, Key, quoted

_TRUE = {
    "int": ("{} > 0", "{} IN (1, 2, 3)", "{} BETWEEN 1 AND 99", "{} % 2 = 0", "{} = ANY (ARRAY[4, 5])"),
    "text": ("{} <> ''", "{} IN ('a', 'b')", "length({}) > 2", "{} ~ '^x'", "{} LIKE 'a%'"),
    "num": ("{} >= 0.5", "{} > 0", "{} <> 1"),
    "bool": ("{}", "NOT {}", "{} IS TRUE"),
    "time": ("{} > '2020-01-01'", "{} IS NOT NULL"),
}
_VALUES = {
    "int": (("{} + 1", "int"), ("abs({})", "int"), ("{} * 2", "int")),
    "text": (("upper({})", "text"), ("lower({})", "text"), ("{} || '!'", "text"), ("length({})", "int")),
    "num": (("{} * 2", "num"), ("abs({})", "num"), ("round({})", "num")),
    "bool": (("NOT {}", "bool"), ("{} IS NULL", "bool")),
}
INDEXABLE = ("int", "text", "num", "bool", "time")


@dataclass(frozen=True)
class Field:
    """A column of a relation, as others may name it."""

    name: str
    family: str
    key: Key  # that the relation has this column, of this family
    label: str | None = None  # of its enum: one that can be compared with
    type_key: Key | None = None
    generated: bool = False


@dataclass(frozen=True)
class Callable_:
    """A function of one argument that may stand in any expression, for it is immutable."""

    name: str
    argument: str  # a family
    result: str
    key: Key


def truth(
    choices: Choices, fields: Sequence[Field], functions: Sequence[Callable_] = (), prefix: str = ""
) -> Expression:
    """Something to put into a check or WHERE."""
    field = choices.pick(fields)
    name = prefix + quoted(field.name)
    if field.label and field.type_key and choices.chance(70):
        escaped = field.label.replace("'", "''")
        needs = frozenset({field.key, field.type_key, ("label", *field.type_key, field.label)})
        return Expression(f"{name} = '{escaped}'", "bool", needs)
    callable_ = _fitting(choices, field, functions, "bool")
    if callable_:
        return Expression(f"{callable_.name}({name})", "bool", frozenset({field.key, callable_.key}))
    forms = _TRUE.get(field.family, ("{} IS NOT NULL",))
    return Expression(choices.pick(forms).format(name), "bool", frozenset({field.key}))


def value(
    choices: Choices, field: Field, functions: Sequence[Callable_] = (), prefix: str = ""
) -> Expression:
    """Something computed from a column by immutable functions, or the column itself."""
    name = prefix + quoted(field.name)
    callable_ = _fitting(choices, field, functions, None)
    if callable_:
        return Expression(
            f"{callable_.name}({name})", callable_.result, frozenset({field.key, callable_.key})
        )
    if field.family not in _VALUES:
        return Expression(name, field.family, frozenset({field.key}))
    form, family = choices.pick(_VALUES[field.family])
    return Expression(form.format(name), family, frozenset({field.key}))


def _fitting(
    choices: Choices, field: Field, functions: Sequence[Callable_], result: str | None
) -> Callable_ | None:
    fitting = [f for f in functions if f.argument == field.family and result in (None, f.result)]
    return choices.pick(fitting) if fitting and choices.chance(40) else None
