"""Access lists as PostgreSQL prints them, and how they differ from what it gives by itself."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from schemadiff.core.access import ALL, DATABASE_OWNER, PUBLIC, Grant

Items: TypeAlias = tuple[str, ...]
_Key: TypeAlias = tuple[str, str]  # grantee, grantor
_State: TypeAlias = dict[_Key, dict[str, bool]]  # privilege -> with grant option

_WORDS = {
    "r": "SELECT",
    "a": "INSERT",
    "w": "UPDATE",
    "d": "DELETE",
    "D": "TRUNCATE",
    "x": "REFERENCES",
    "t": "TRIGGER",
    "m": "MAINTAIN",
    "X": "EXECUTE",
    "U": "USAGE",
    "C": "CREATE",
    "T": "TEMPORARY",
    "c": "CONNECT",
    "s": "SET",
    "A": "ALTER SYSTEM",
}
_OF_COLUMNS = frozenset({"SELECT", "INSERT", "UPDATE", "REFERENCES"})


@lru_cache(maxsize=4096)
def deviations(acl: Items, usual: Items, every: Items, owner: str, database_owner: str) -> tuple[Grant, ...]:
    """What `acl` grants beyond `usual` and what it lacks of it, sorted.

    `every` is an owner's own list: all the privileges that there are; empty for a column.
    """
    own = {} if not every else _parsed(every, owner)
    full = frozenset(privilege for granted in own.values() for privilege in granted) or _OF_COLUMNS
    present, given = _parsed(acl, owner), _parsed(usual, owner)
    found: list[Grant] = []
    for key in present.keys() | given.keys():
        found += _compared(key, present.get(key, {}), given.get(key, {}), full, owner)
    return tuple(sorted((_anonymous(grant, database_owner) for grant in found), key=_place))


def _compared(
    key: _Key, present: dict[str, bool], given: dict[str, bool], full: frozenset[str], owner: str
) -> Iterable[Grant]:
    grantee, grantor = key
    by = None if grantor == owner else grantor
    owns = grantee == owner  # an owner may grant anyway
    extra = {name: option and not owns for name, option in present.items()}
    for option in (False, True):
        names = {
            name
            for name, grantable in extra.items()
            if grantable is option and (name not in given or grantable)
        }
        if names:
            yield Grant(grantee=grantee, privileges=_words(names, full), grantable=option, grantor=by)
    if lost := given.keys() - present.keys():
        yield Grant(grantee=grantee, privileges=_words(lost, full), revoked=True, grantor=by)


def _words(names: Iterable[str], full: frozenset[str]) -> tuple[str, ...]:
    words = tuple(sorted(names))
    return (ALL,) if len(full) > 1 and set(words) == full else words


def _place(grant: Grant) -> tuple[str, str, bool, bool, tuple[str, ...]]:
    return grant.grantee, grant.grantor or "", grant.revoked, grant.grantable, grant.privileges


def _anonymous(grant: Grant, database_owner: str) -> Grant:
    if database_owner not in (grant.grantee, grant.grantor):
        return grant
    return Grant(
        grantee=DATABASE_OWNER if grant.grantee == database_owner else grant.grantee,
        privileges=grant.privileges,
        grantable=grant.grantable,
        revoked=grant.revoked,
        grantor=DATABASE_OWNER if grant.grantor == database_owner else grant.grantor,
    )


def _parsed(items: Items, owner: str) -> _State:
    state: _State = {}
    for item in items:
        grantee, rest = _name(item)
        letters, _, grantor = rest.removeprefix("=").partition("/")
        key = (grantee or PUBLIC, _name(grantor)[0] or owner)
        state.setdefault(key, {}).update(_privileges(letters))
    return state


def _privileges(letters: str) -> dict[str, bool]:
    """`r*w`: an asterisk stands after what may be granted on."""
    return {
        _WORDS.get(letter, letter): letters[place + 1 : place + 2] == "*"
        for place, letter in enumerate(letters)
        if letter != "*"
    }


def _name(text: str) -> tuple[str, str]:
    """The name at the start of an item, in double quotes where it is an odd one, and the rest."""
    if not text.startswith('"'):
        name, sign, rest = text.partition("=")
        return name, sign + rest
    place = 1
    while text[place : place + 1] != '"' or text[place + 1 : place + 2] == '"':
        place += 2 if text[place] == '"' else 1
    return text[1:place].replace('""', '"'), text[place + 1 :]
