"""From the grants that are there to those that are wanted, in the fewest GRANTs and REVOKEs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from schemadiff.core.access import ALL, Grant
from schemadiff.core.objects import Kind

_TABLE = ("DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE")
_EVERY = {
    Kind.COLUMN: ("INSERT", "REFERENCES", "SELECT", "UPDATE"),
    Kind.SEQUENCE: ("SELECT", "UPDATE", "USAGE"),
    Kind.SCHEMA: ("CREATE", "USAGE"),
    Kind.FUNCTION: ("EXECUTE",),
    Kind.TABLE: _TABLE,
    Kind.VIEW: _TABLE,
}
_KIND_OF_DEFAULTS = {
    "tables": Kind.TABLE,
    "sequences": Kind.SEQUENCE,
    "functions": Kind.FUNCTION,
    "schemas": Kind.SCHEMA,
}
_MAINTAIN_SINCE = 170000

_Key: TypeAlias = tuple[str, str | None]  # grantee, grantor
_States: TypeAlias = dict[_Key, dict[str, "State"]]


class State(Enum):
    """What a privilege is, where it is not what PostgreSQL gives by itself."""

    GRANTED = "granted"
    GRANTABLE = "granted with grant option"
    REVOKED = "taken away"


class Verb(Enum):
    GRANT = "GRANT"
    GRANT_ON = "GRANT … WITH GRANT OPTION"
    REVOKE = "REVOKE"
    REVOKE_OPTION = "REVOKE GRANT OPTION FOR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    verb: Verb
    privileges: tuple[str, ...]
    grantee: str
    grantor: str | None

    @property
    def takes(self) -> bool:
        return self.verb in (Verb.REVOKE, Verb.REVOKE_OPTION)


def every_privilege(kind: Kind, server_version: int) -> tuple[str, ...]:
    """All that there are on an object of that kind, sorted."""
    names = _EVERY.get(kind, ("USAGE",))
    has_maintain = names is _TABLE and server_version >= _MAINTAIN_SINCE
    return tuple(sorted((*names, "MAINTAIN"))) if has_maintain else names


def every_default_privilege(objects: str, server_version: int) -> tuple[str, ...]:
    """The same by the word that default privileges have for the kind."""
    if objects == "large objects":
        return ("SELECT", "UPDATE")
    return every_privilege(_KIND_OF_DEFAULTS.get(objects, Kind.ENUM), server_version)


def grant_steps(
    present: tuple[Grant, ...], wanted: tuple[Grant, ...], every: tuple[str, ...]
) -> tuple[Step, ...]:
    """In an order in which each is allowed: what others granted on goes before what let them, and comes after."""
    have, want = _states(present, every), _states(wanted, every)
    steps: defaultdict[tuple[Verb, str, str | None], list[str]] = defaultdict(list)
    for key in have.keys() | want.keys():
        mine, theirs = have.get(key, {}), want.get(key, {})
        for name in mine.keys() | theirs.keys():
            if verb := _verb(mine.get(name), theirs.get(name)):
                steps[(verb, *key)].append(name)
    found = (
        Step(verb=verb, privileges=_words(names, every), grantee=grantee, grantor=grantor)
        for (verb, grantee, grantor), names in steps.items()
    )
    return tuple(sorted(found, key=lambda step: _place(step, (*present, *wanted))))


def added_up(
    first: tuple[Grant, ...], second: tuple[Grant, ...], every: tuple[str, ...]
) -> tuple[Grant, ...]:
    """Both at once: what the second grants comes on top of the first."""
    states = _states(first, every)
    for key, privileges in _states(second, every).items():
        own = states.setdefault(key, {})
        for name, state in privileges.items():
            if own.get(name) is State.REVOKED and state is State.GRANTED:
                del own[name]
            elif own.get(name) is not State.GRANTABLE:
                own[name] = state
    return _grants(states, every)


def with_owner(
    grants: tuple[Grant, ...], previous: str, owner: str, every: tuple[str, ...], *, has_all: bool
) -> tuple[Grant, ...]:
    """What becomes of grants when the object gets another owner, who takes the place of the previous one.

    `has_all`: an owner may do everything by itself, as on all objects but columns.
    """
    states: _States = {}
    for (grantee, grantor), privileges in _states(grants, every).items():
        key = (owner if grantee == previous else grantee, None if grantor == owner else grantor)
        own = states.setdefault(key, {})
        for name, state in privileges.items():
            own[name] = _joined(own.get(name), state)
    if has_all:
        mine = states.get((owner, None), {})
        states[(owner, None)] = {name: state for name, state in mine.items() if state is State.REVOKED}
    return _grants(states, every)


def without_taken(
    grants: tuple[Grant, ...], steps: Iterable[Step], every: tuple[str, ...]
) -> tuple[Grant, ...]:
    """What REVOKEs on a table leave of the grants on one of its columns."""
    states = _states(grants, every)
    for step in steps:
        own = states.get((step.grantee, step.grantor), {})
        for name in _names(step.privileges, every):
            if step.verb is Verb.REVOKE:
                own.pop(name, None)
            elif step.verb is Verb.REVOKE_OPTION and own.get(name) is State.GRANTABLE:
                own[name] = State.GRANTED
    return _grants(states, every)


def known_only(grants: tuple[Grant, ...], every: tuple[str, ...]) -> tuple[tuple[Grant, ...], frozenset[str]]:
    """The grants without privileges that the server does not know, and which of those are granted."""
    unknown = frozenset(name for grant in grants for name in grant.privileges if name != ALL) - {*every}
    if not unknown:
        return grants, unknown
    given = frozenset(name for grant in grants if not grant.revoked for name in grant.privileges)
    return _grants(_states(grants, every), every), unknown & given


def _joined(one: State | None, other: State) -> State:
    """Granted to the one or the other: granted to who is both."""
    if one is State.REVOKED:
        return other
    return one if one is not None and other is State.REVOKED else other


def _states(grants: Iterable[Grant], every: tuple[str, ...]) -> _States:
    states: _States = {}
    for grant in grants:
        state = State.REVOKED if grant.revoked else State.GRANTABLE if grant.grantable else State.GRANTED
        own = states.setdefault((grant.grantee, grant.grantor), {})
        own.update((name, state) for name in _names(grant.privileges, every) if name in every)
    return states


def _grants(states: _States, every: tuple[str, ...]) -> tuple[Grant, ...]:
    found = []
    for (grantee, grantor), privileges in sorted(
        states.items(), key=lambda entry: (entry[0][0], entry[0][1] or "")
    ):
        for state in State:
            if names := [name for name, is_ in privileges.items() if is_ is state]:
                found.append(
                    Grant(
                        grantee=grantee,
                        privileges=_words(names, every),
                        grantable=state is State.GRANTABLE,
                        revoked=state is State.REVOKED,
                        grantor=grantor,
                    )
                )
    return tuple(found)


def _names(privileges: tuple[str, ...], every: tuple[str, ...]) -> Iterator[str]:
    for name in privileges:
        if name == ALL:
            yield from every
        else:
            yield name


def _words(names: Iterable[str], every: tuple[str, ...]) -> tuple[str, ...]:
    words = tuple(sorted(names))
    return (ALL,) if len(every) > 1 and words == every else words


def _verb(present: State | None, wanted: State | None) -> Verb | None:
    if present is wanted:
        return None
    match present, wanted:
        case State.GRANTABLE, State.GRANTED:
            return Verb.REVOKE_OPTION
        case _, State.GRANTABLE:
            return Verb.GRANT_ON
        case _, State.GRANTED:
            return Verb.GRANT
        case State.REVOKED, None:
            return Verb.GRANT
        case _:
            return Verb.REVOKE


def _place(step: Step, grants: tuple[Grant, ...]) -> tuple[bool, int, str, str, str]:
    depth = _depth(step.grantor, grants)
    return not step.takes, -depth if step.takes else depth, step.grantee, step.grantor or "", step.verb.value


def _depth(grantor: str | None, grants: tuple[Grant, ...]) -> int:
    """How many hands lie between the object's owner and this grantor."""
    seen: set[str] = set()
    while grantor is not None and grantor not in seen:
        seen.add(grantor)
        givers = [grant.grantor for grant in grants if grant.grantee == grantor and grant.grantable]
        grantor = None if None in givers or not givers else givers[0]
    return len(seen)
