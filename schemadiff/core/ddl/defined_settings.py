"""What of a defined object can be set in place: written into its CREATE, or altered from one value to another.

Options whose values look like secrets were never read: a script can take them away, but cannot give them.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from schemadiff.core.catalog import DefinedObject, Kind
from schemadiff.core.ddl.defined_names import subject
from schemadiff.core.ddl.fdw_options import options_action, options_clause
from schemadiff.core.defined_objects import SECRET as SECRET
from schemadiff.core.identifiers import literal

Settings: TypeAlias = dict[str, str]
_Alterations: TypeAlias = Callable[[str, Settings, Settings], Iterator[str]]

_OPTION = "option "

# What a publication has where nothing is said.
_PUBLICATION = {
    "publish": "insert, update, delete, truncate",
    "publish_via_partition_root": "false",
    "publish_generated_columns": "none",
}


# What a subscription's options are where nothing is said of them.
_SUBSCRIPTION = {
    "binary": "false",
    "disable_on_error": "false",
    "failover": "false",
    "origin": "any",
    "password_required": "true",
    "run_as_owner": "false",
    "slot_name": "",
    "streaming": "off",
    "synchronous_commit": "off",
    "two_phase": "false",
}


def clauses(value: DefinedObject) -> str:
    """What follows the definition in the CREATE statement itself."""
    settings = dict(value.settings)
    match value.kind:
        case Kind.WRAPPER:
            called = (f" {name.upper()} {settings[name]}" for name in _CALLED if name in settings)
            return "".join(called) + _options(settings)
        case Kind.SERVER | Kind.USER_MAPPING:
            return _options(settings)
        case Kind.PUBLICATION if settings:
            return f" WITH ({_assignments(settings)})"
        case Kind.SUBSCRIPTION:
            return _subscribing(settings)
    return ""


def afterwards(value: DefinedObject) -> Iterator[str]:
    """Statements for what CREATE has no clause for."""
    settings = dict(value.settings)
    match value.kind:
        case Kind.SERVER:
            yield from _version(subject(value), settings, {})
        case Kind.EVENT_TRIGGER:
            yield from _firing(subject(value), settings, {})
        case Kind.OPERATOR:
            yield from _estimators(subject(value), settings, {})


def alterations(source: DefinedObject, target: DefinedObject) -> Iterator[str]:
    """The statements that make the target's settings the source's."""
    for alter in _ALTERATIONS.get(source.kind, ()):
        yield from alter(subject(source), dict(source.settings), dict(target.settings))


def can_alter(source: DefinedObject, target: DefinedObject) -> bool:
    """Up to 17 two_phase cannot be changed."""
    return dict(source.settings).get("two_phase") == dict(target.settings).get("two_phase")


def before_drop(value: DefinedObject) -> Iterator[str]:
    """What has to be done first: else DROP SUBSCRIPTION would drop the publisher's slot, and fail without it."""
    if value.kind is Kind.SUBSCRIPTION:
        yield f"ALTER {subject(value)} DISABLE"
        yield f"ALTER {subject(value)} SET (slot_name = NONE)"


_CALLED = ("handler", "validator")


def _options(settings: Settings) -> str:
    """As CREATE takes them."""
    return options_clause(_given(settings))


def _other_options(name: str, wanted: Settings, present: Settings) -> Iterator[str]:
    if action := options_action(_given(wanted), _given(present)):
        yield f"ALTER {name} {action}"


def _given(settings: Settings) -> dict[str, str | None]:
    names = (name for name in settings if name.startswith((_OPTION, SECRET)))
    return {_bare(name): None if name.startswith(SECRET) else settings[name] for name in names}


def _bare(name: str) -> str:
    return name.removeprefix(SECRET).removeprefix(_OPTION)


def _called(name: str, wanted: Settings, present: Settings) -> Iterator[str]:
    for word in _CALLED:
        if wanted.get(word) != present.get(word):
            clause = f"{word.upper()} {wanted[word]}" if word in wanted else f"NO {word.upper()}"
            yield f"ALTER {name} {clause}"


def _version(name: str, wanted: Settings, present: Settings) -> Iterator[str]:
    if wanted.get("version") != present.get("version"):
        yield f"ALTER {name} VERSION {literal(wanted['version']) if 'version' in wanted else 'NULL'}"


def _firing(name: str, wanted: Settings, present: Settings) -> Iterator[str]:
    if wanted.get("enabled") != present.get("enabled"):
        words = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}
        yield f"ALTER {name} {words.get(wanted.get('enabled', ''), 'ENABLE')}"


def _estimators(name: str, wanted: Settings, present: Settings) -> Iterator[str]:
    names = sorted(word for word in wanted | present if wanted.get(word) != present.get(word))
    if names:
        steps = ", ".join(f"{word.upper()} = {wanted.get(word, 'NONE')}" for word in names)
        yield f"ALTER {name} SET ({steps})"


def _publishing(name: str, wanted: Settings, present: Settings) -> Iterator[str]:
    changed = {
        word: wanted.get(word, _PUBLICATION[word])
        for word in sorted(wanted | present)
        if wanted.get(word) != present.get(word)
    }
    if changed:
        yield f"ALTER {name} SET ({_assignments(changed)})"


def _subscribing(settings: Settings) -> str:
    """The publisher is not asked, as it may not be there; nothing is copied until somebody enables it."""
    options = {name: value for name, value in settings.items() if name in _SUBSCRIPTION}
    written = ", ".join(f"{name} = {literal(value)}" for name, value in options.items())
    slot = "" if "slot_name" in options else ", slot_name = NONE"
    return (
        f" CONNECTION {literal(settings.get('connection', ''))} PUBLICATION {settings['publications']}"
        f" WITH (connect = false{slot}, {written})"
    )


def _resubscribing(name: str, wanted: Settings, present: Settings) -> Iterator[str]:
    if wanted.get("connection", "") != present.get("connection", ""):
        yield f"ALTER {name} CONNECTION {literal(wanted.get('connection', ''))}"
    if wanted["publications"] != present["publications"]:
        yield f"ALTER {name} SET PUBLICATION {wanted['publications']} WITH (refresh = false)"
    changed = [word for word in _SUBSCRIPTION if wanted.get(word) != present.get(word)]
    if changed:
        values = {word: literal(wanted.get(word, _SUBSCRIPTION[word])) for word in changed}
        if "slot_name" not in wanted:
            values = {word: "NONE" if word == "slot_name" else value for word, value in values.items()}
        written = ", ".join(f"{word} = {value}" for word, value in values.items())
        yield f"ALTER {name} SET ({written})"


def _assignments(settings: Settings) -> str:
    return ", ".join(f"{name} = {literal(value)}" for name, value in settings.items())


_ALTERATIONS: dict[Kind, tuple[_Alterations, ...]] = {
    Kind.WRAPPER: (_called, _other_options),
    Kind.SERVER: (_version, _other_options),
    Kind.USER_MAPPING: (_other_options,),
    Kind.EVENT_TRIGGER: (_firing,),
    Kind.OPERATOR: (_estimators,),
    Kind.PUBLICATION: (_publishing,),
    Kind.SUBSCRIPTION: (_resubscribing,),
}
