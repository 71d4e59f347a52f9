"""The flags: their keys and defaults, which backend follows from them, and what makes no sense."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from migration.core.errors import FlagRefused
from migration.core.own_flags import FlagValue as FlagValue
from migration.core.own_flags import OwnFlag
from migration.core.own_flags import checked as checked_own

REPOSITORY = "USE_REPOSITORY_PATTERN"
LEGACY = "USE_LEGACY_SUPABASE"
DUAL_WRITE = "ENABLE_DUAL_WRITE"
LOG_CALLS = "LOG_DATABASE_CALLS"
BACKEND = "backend"
MODULE_PREFIX = "backend."

SWITCHES: tuple[str, ...] = (REPOSITORY, LEGACY, DUAL_WRITE, LOG_CALLS)
MEANINGS: dict[str, str] = {
    REPOSITORY: "The target may be used: its pool is opened.",
    LEGACY: "The source may be used: by modules set to it, and as the way back.",
    DUAL_WRITE: "Every write goes to both databases. Needs both switches above.",
    LOG_CALLS: "Every database call is logged, with its duration.",
}
_FIELDS = {
    REPOSITORY: "use_repository_pattern",
    LEGACY: "use_legacy_supabase",
    DUAL_WRITE: "enable_dual_write",
    LOG_CALLS: "log_database_calls",
}


class Backend(StrEnum):
    """Which database a module reads and writes."""

    SOURCE = "source"
    TARGET = "target"
    NONE = "none"  # neither: reads and writes are refused


class Access(Enum):
    """What the module wants to do. Reads may fall back where writes may not."""

    READ = "read"
    WRITE = "write"


class CutOver(Enum):
    """Whether the target has become the place where writes live."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """All flags of an application's environment. `modules`: the overrides (`backend.<module>`), sorted. `own`: the
    values of the user's own flags, sorted."""

    use_repository_pattern: bool = False
    use_legacy_supabase: bool = True
    enable_dual_write: bool = False
    log_database_calls: bool = False
    backend: Backend = Backend.SOURCE
    modules: tuple[tuple[str, Backend], ...] = ()
    own: tuple[tuple[str, FlagValue], ...] = ()

    def override(self, module: str) -> Backend | None:
        return dict(self.modules).get(module)

    def switch(self, key: str) -> bool:
        return bool(getattr(self, _FIELDS[key]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The backend that a module uses, and why, in a sentence. `fell_back`: because the target is down."""

    backend: Backend
    reason: str
    fell_back: bool = False


class Weight(StrEnum):
    """How much an effect asks to be looked at."""

    INFO = "info"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing that a change of flags does. `module` is empty where it is about all of them."""

    module: str
    text: str
    weight: Weight = Weight.INFO


def backend_of(
    flags: Flags,
    module: str = "",
    *,
    target_up: bool = True,
    access: Access = Access.WRITE,
    cut_over: CutOver = CutOver.BEFORE,
) -> Choice:
    """The backend that `module` uses (empty: whatever belongs to no module).

    Target, if `USE_REPOSITORY_PATTERN` and its backend says target and the target's pool is up; else source,
    if `USE_LEGACY_SUPABASE`; else none. After cut-over a write never falls back to the source.
    """
    key, wanted = _wanted(flags, module)
    asks = wanted is Backend.TARGET and flags.use_repository_pattern
    if asks and target_up:
        return Choice(backend=Backend.TARGET, reason=f"{key} says target, and {REPOSITORY} is on.")
    if asks:
        return _without_target(flags, access, cut_over)
    return _source_or_none(flags, key, wanted)


def _wanted(flags: Flags, module: str) -> tuple[str, Backend]:
    override = flags.override(module)
    return (BACKEND, flags.backend) if override is None else (MODULE_PREFIX + module, override)


def _without_target(flags: Flags, access: Access, cut_over: CutOver) -> Choice:
    refused = "reads and writes are" if cut_over is CutOver.BEFORE else f"this {access.value} is"
    if cut_over is CutOver.AFTER and access is Access.WRITE:
        reason = (
            "The target is down; after cut-over a write never falls back to the source, so it is refused."
        )
        return Choice(backend=Backend.NONE, reason=reason, fell_back=True)
    if not flags.use_legacy_supabase:
        reason = f"The target is down, and {LEGACY} is off: {refused} refused."
        return Choice(backend=Backend.NONE, reason=reason, fell_back=True)
    reason = f"The target is down; {LEGACY} is on, so the source is used."
    if cut_over is CutOver.AFTER:
        reason = "The target is down: this read comes from the source, which may be out of date."
    return Choice(backend=Backend.SOURCE, reason=reason, fell_back=True)


def _source_or_none(flags: Flags, key: str, wanted: Backend) -> Choice:
    why = f"{key} says {wanted}"
    if wanted is Backend.TARGET:
        why += f", but {REPOSITORY} is off"
    if flags.use_legacy_supabase:
        return Choice(backend=Backend.SOURCE, reason=f"{why}, and {LEGACY} is on.")
    return Choice(backend=Backend.NONE, reason=f"{why}, and {LEGACY} is off: reads and writes are refused.")


def refusals(flags: Flags) -> tuple[str, ...]:
    """Why this combination makes no sense: one sentence each, none if it does."""
    found = []
    if not flags.use_repository_pattern and not flags.use_legacy_supabase:
        found.append(
            f"{REPOSITORY} and {LEGACY} are both off: no module would have a database. Switch one of them on."
        )
    if flags.enable_dual_write and not (flags.use_repository_pattern and flags.use_legacy_supabase):
        off = LEGACY if flags.use_repository_pattern else REPOSITORY
        found.append(
            f"{DUAL_WRITE} needs both sides, and {off} is off. Switch {off} on, or {DUAL_WRITE} off."
        )
    if not flags.use_repository_pattern:
        found.extend(
            f"{key} says target while {REPOSITORY} is off. Switch {REPOSITORY} on, or set {key} to source."
            for key in _keys_saying_target(flags)
        )
    return tuple(found)


def _keys_saying_target(flags: Flags) -> tuple[str, ...]:
    asked = [(BACKEND, flags.backend)] + [(MODULE_PREFIX + name, value) for name, value in flags.modules]
    return tuple(key for key, value in asked if value is Backend.TARGET)


def keys(modules: Sequence[str], own: Sequence[OwnFlag] = ()) -> tuple[str, ...]:
    """Every key that an application with these modules and flags of its own has."""
    backends = (BACKEND, *(MODULE_PREFIX + module for module in modules))
    return (*SWITCHES, *backends, *(flag.key for flag in own if not flag.archived))


def value_of(flags: Flags, key: str, module: str = "") -> FlagValue:
    """A flag's value. `backend` honours `module`; `backend.<module>` without an override follows it."""
    if key in SWITCHES:
        return flags.switch(key)
    if key != BACKEND and not key.startswith(MODULE_PREFIX):
        return dict(flags.own)[key]
    if key.startswith(MODULE_PREFIX):
        module = key.removeprefix(MODULE_PREFIX)
    return (flags.override(module) or flags.backend).value


def to_values(flags: Flags) -> dict[str, FlagValue]:
    """As a revision keeps them. The reverse of `parse`."""
    values: dict[str, FlagValue] = {key: flags.switch(key) for key in SWITCHES}
    values[BACKEND] = flags.backend.value
    return values | {MODULE_PREFIX + module: value.value for module, value in flags.modules} | dict(flags.own)


def parse(values: Mapping[str, object], modules: Sequence[str], own: Sequence[OwnFlag] = ()) -> Flags:
    """Read all values; what is absent has its default. FlagRefused for an unknown key or value."""
    return changed(Flags(), values, modules, own)


def read(values: Mapping[str, object], modules: Sequence[str], own: Sequence[OwnFlag] = ()) -> Flags:
    """Read what a revision keeps, as far as it still says something: a module or flag that is gone is left out, and
    a value that a flag may no longer have is its default."""
    known = set(keys(modules, own))
    kept = {key: value for key, value in values.items() if key in known}
    kept |= {flag.key: flag.kept_or_default(kept[flag.key]) for flag in own if flag.key in kept}
    return parse(kept, modules, own)


def changed(
    flags: Flags, changes: Mapping[str, object], modules: Sequence[str], own: Sequence[OwnFlag] = ()
) -> Flags:
    """`flags` with these values instead. None takes a module's override away. FlagRefused for an unknown key
    or value; whether the combination makes sense is `refusals`' question."""
    switches: dict[str, bool] = {}
    backend = flags.backend
    overrides = dict(flags.modules)
    known = {flag.key: flag for flag in own if not flag.archived}
    values = _own_values(flags, known)
    for key, value in changes.items():
        check_key(key, modules, own)
        if key in SWITCHES:
            switches[_FIELDS[key]] = _as_switch(key, value)
        elif key in known:
            values[key] = checked_own(known[key], value)
        elif key == BACKEND:
            backend = _as_backend(key, value)
        elif value is None:
            overrides.pop(key.removeprefix(MODULE_PREFIX), None)
        else:
            overrides[key.removeprefix(MODULE_PREFIX)] = _as_backend(key, value)
    return replace(
        flags,
        **switches,
        backend=backend,
        modules=tuple(sorted(overrides.items())),
        own=tuple(sorted(values.items())),
    )


def _own_values(flags: Flags, known: Mapping[str, OwnFlag]) -> dict[str, FlagValue]:
    """What the flags that are still there have, or get at first."""
    had = {key: value for key, value in flags.own if key in known}
    return {key: flag.default for key, flag in known.items()} | had


def check_key(key: str, modules: Sequence[str], own: Sequence[OwnFlag] = ()) -> None:
    """FlagRefused, naming the keys there are, where this one is unknown."""
    if key not in keys(modules, own):
        raise FlagRefused(f"There is no flag {key!r}. The flags are {', '.join(keys(modules, own))}.")


def _as_switch(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise FlagRefused(f"{key} is true or false, not {value!r}.")
    return value


def _as_backend(key: str, value: object) -> Backend:
    if value not in (Backend.SOURCE, Backend.TARGET):
        raise FlagRefused(f"{key} is source or target, not {value!r}.")
    return Backend(str(value))
