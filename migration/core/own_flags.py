"""Flags of the user's own, beside those that say which backend a module uses: what each may be, and is at first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from migration.core.errors import FlagRefused

FlagValue: TypeAlias = bool | str

MOST_VARIANTS = 50
LONGEST_VARIANT = 100
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_./-]{0,99}", re.ASCII)


class Kind(StrEnum):
    """What a flag's values are."""

    BOOLEAN = "boolean"
    STRING = "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFlag:
    """A flag that an application's people have made. `variants`: the values that a string may have, in their order."""

    key: str
    kind: Kind
    default: FlagValue
    variants: tuple[str, ...] = ()
    description: str = ""
    archived: bool = False

    @property
    def choices(self) -> tuple[FlagValue, ...]:
        return self.variants if self.kind is Kind.STRING else (False, True)

    def allows(self, value: object) -> bool:
        if self.kind is Kind.BOOLEAN:
            return isinstance(value, bool)
        return isinstance(value, str) and value in self.variants

    def kept_or_default(self, value: object) -> FlagValue:
        """The value if it is still one of the flag's, else the default."""
        return value if isinstance(value, bool | str) and self.allows(value) else self.default


def check(flag: OwnFlag, taken: Sequence[str]) -> None:
    """Raises FlagRefused, with the sentence why, where the definition makes no sense or `taken` has its key."""
    if not _KEY.fullmatch(flag.key):
        raise FlagRefused(
            f"{flag.key!r} is no flag's key: that begins with a letter, has letters, digits and _ . / - and is at "
            "most 100 long."
        )
    if flag.key in taken or flag.key.split(".")[0] == "backend":
        raise FlagRefused(f"The key {flag.key} is taken. Choose another one.")
    if flag.kind is Kind.STRING:
        _check_variants(flag)
    if not flag.allows(flag.default):
        raise FlagRefused(f"The default of {flag.key} is {_listed(flag.choices)}, not {_word(flag.default)}.")


def _check_variants(flag: OwnFlag) -> None:
    if len(flag.variants) < 2 or len(flag.variants) > MOST_VARIANTS:
        raise FlagRefused(f"{flag.key} needs 2 to {MOST_VARIANTS} variants; it has {len(flag.variants)}.")
    if len(set(flag.variants)) < len(flag.variants):
        raise FlagRefused(f"A variant of {flag.key} is named twice.")
    wrong = [each for each in flag.variants if not each.strip() or len(each) > LONGEST_VARIANT]
    if wrong or any(not each.isprintable() for each in flag.variants):
        raise FlagRefused(f"A variant of {flag.key} is 1 to {LONGEST_VARIANT} printable characters long.")


def _listed(values: Sequence[FlagValue]) -> str:
    return " or ".join(_word(value) for value in values)


def _word(value: FlagValue) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def checked(flag: OwnFlag, value: object) -> FlagValue:
    """The value, if the flag may have it; FlagRefused, naming those that it may have, if not."""
    if isinstance(value, bool | str) and flag.allows(value):
        return value
    raise FlagRefused(f"{flag.key} is {_listed(flag.choices)}, not {value!r}.")


def with_flag(flags: Sequence[OwnFlag], flag: OwnFlag) -> tuple[OwnFlag, ...]:
    """These with this one, in the place of the one of its key if there is one."""
    others = [each for each in flags if each.key != flag.key]
    return tuple(sorted([*others, flag], key=lambda each: each.key))


def to_rows(flags: Sequence[OwnFlag]) -> list[dict[str, Any]]:
    """As an application keeps them. The reverse of `from_rows`."""
    return [
        {
            "key": flag.key,
            "kind": flag.kind.value,
            "default": flag.default,
            "variants": list(flag.variants),
            "description": flag.description,
            "archived": flag.archived,
        }
        for flag in flags
    ]


def from_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[OwnFlag, ...]:
    return tuple(
        OwnFlag(
            key=row["key"],
            kind=Kind(row["kind"]),
            default=row["default"],
            variants=tuple(row["variants"]),
            description=row["description"],
            archived=row["archived"],
        )
        for row in rows
    )
