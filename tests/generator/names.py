"""Names, most of them plain and some of the kind that breaks careless quoting."""

from tests.generator.choices import Choices
from tests.generator.pieces import World

_WORDS = ("item", "note", "user", "part")
_RESERVED = ("select", "table", "order", "group", "end", "current_user", "default")
_ODD = (
    'We"ird {}',
    "Größe{}",
    "имя{}",
    "{}th",
    "CamelCase{}",
    "a.b{}",
    "semi;colon -- {}",
    "it's {}",
    "back\\slash{}",
    "per%cent{}",
    "$1 {}",
)


def fresh_name(choices: Choices, world: World) -> str:
    """A name that nothing in the world has. Whatever its kind: the other world may use it for another."""
    taken = world.names()
    number = choices.number(1, 12)
    while True:
        name = _styled(choices, number)
        if name not in taken:
            return name
        number += 1


def column_name(choices: Choices, taken: set[str]) -> str:
    number = 1
    while True:
        name = _styled(choices, number) if choices.chance(10) else f"c{number}"
        if name not in taken:
            return name
        number += 1


def _styled(choices: Choices, number: int) -> str:
    if not choices.chance(12):
        return f"{choices.pick(_WORDS)}{number}"
    if choices.chance(10):
        return "long_" * 12 + f"{number:03}"  # 63 bytes
    if choices.chance(10) and number < len(_RESERVED):
        return _RESERVED[number]
    return choices.pick(_ODD).format(number)
