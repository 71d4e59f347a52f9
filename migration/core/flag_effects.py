"""What a change of flags does, said before it is done."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migration.core.flags import (
    BACKEND,
    DUAL_WRITE,
    LEGACY,
    LOG_CALLS,
    MODULE_PREFIX,
    REPOSITORY,
    SWITCHES,
    Backend,
    Effect,
    Flags,
    FlagValue,
    Weight,
    backend_of,
    to_values,
)

EVERYTHING_ELSE = ""  # whatever of the application belongs to no module


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One key whose value differs between two states. None: no override of its own."""

    key: str
    before: FlagValue | None
    after: FlagValue | None

    @property
    def before_word(self) -> str:
        return self._word(self.before)

    @property
    def after_word(self) -> str:
        return self._word(self.after)

    def _word(self, value: FlagValue | None) -> str:
        if value is None and not self.key.startswith(MODULE_PREFIX):
            return "not there"
        return in_words(value)

    @property
    def words(self) -> str:
        return f"{self.key} {self.before_word} → {self.after_word}"


def in_words(value: FlagValue | None) -> str:
    """A value as people and the command line write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "as global" if value is None else str(value)


def differences(before: Flags, after: Flags) -> tuple[Difference, ...]:
    """The keys whose values differ, in the order of the flags page."""
    return differing_values(to_values(before), to_values(after))


def differing_values(one: Mapping[str, FlagValue], other: Mapping[str, FlagValue]) -> tuple[Difference, ...]:
    """The same of the values that two revisions keep, with flags that are gone by now."""
    rest = (one.keys() | other.keys()) - {*SWITCHES, BACKEND}
    ordered = [*SWITCHES, BACKEND, *sorted(rest, key=lambda key: (not key.startswith(MODULE_PREFIX), key))]
    return tuple(
        Difference(key=key, before=one.get(key), after=other.get(key))
        for key in ordered
        if one.get(key) != other.get(key)
    )


def deeds(
    before: Mapping[str, FlagValue],
    after: Mapping[str, FlagValue],
    *,
    held: bool,
    holds: bool,
    cut_over: str = "",
) -> str:
    """What a revision did, in words: the values, and the hold that it began or ended. `cut_over`: where it moved."""
    words = [entry.words for entry in differing_values(before, after)]
    words += held_words(held=held, holds=holds, cut_over=cut_over)
    return "; ".join(words) or "nothing"


def held_words(*, held: bool, holds: bool, cut_over: str) -> tuple[str, ...]:
    """What a revision did beside values: the hold that it began or ended, the side of the cut-over that it moved to."""
    words = []
    if holds and not held:
        words.append("clients hold their writes for a cut-over")
    if held and not holds:
        words.append("clients write again")
    if cut_over:
        words.append(f"{cut_over} cut-over from now on")
    return tuple(words)


def effects(before: Flags, after: Flags, modules: Sequence[str]) -> tuple[Effect, ...]:
    """What changes if `before` becomes `after`: per module first, then what holds for all. Empty: nothing."""
    found = [
        effect for module in (*modules, EVERYTHING_ELSE) for effect in _effects_on(before, after, module)
    ]
    if not found:
        found.extend(_permissions(before, after))
    return (*found, *_habits(before, after), *_own(before, after))


def seal_of(revision: int, after: Flags, objections: Sequence[str] = ()) -> str:
    """What a form carries to prove which change, from which revision and against what, its reader was shown."""
    text = json.dumps([revision, to_values(after), list(objections)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def untouched(before: Flags, after: Flags, modules: Sequence[str]) -> tuple[str, ...]:
    """The modules that a change leaves as they are."""
    return tuple(module for module in modules if not _effects_on(before, after, module))


def _effects_on(before: Flags, after: Flags, module: str) -> tuple[Effect, ...]:
    now, then = backend_of(before, module), backend_of(after, module)
    if now.backend is not then.backend:
        return (_move(module, now.backend, then.backend, after),)
    return (*_way_back(before, after, module), *_pinning(before, after, module))


def _name(module: str) -> str:
    return module or "Whatever belongs to no module"


def _move(module: str, now: Backend, then: Backend, after: Flags) -> Effect:
    name = _name(module)
    if then is Backend.NONE:
        text = f"{name} has no backend any more: its reads and writes are refused."
        return Effect(module=module, text=text, weight=Weight.BAD)
    if now is Backend.NONE:
        return Effect(module=module, text=f"{name} has a backend again: it reads and writes the {then}.")
    text = f"{name} reads and writes the {then} instead of the {now}"
    if then is Backend.SOURCE:
        return Effect(module=module, text=f"{text}.")
    if after.use_legacy_supabase:
        return Effect(module=module, text=f"{text}; if the target is down, it falls back to the source.")
    text += "; if the target is down, its reads and writes are refused."
    return Effect(module=module, text=text, weight=Weight.WARN)


def _way_back(before: Flags, after: Flags, module: str) -> tuple[Effect, ...]:
    """What happens when the target is down, where that is all that changes."""
    now = backend_of(before, module, target_up=False)
    then = backend_of(after, module, target_up=False)
    if now.backend is then.backend or not then.fell_back:
        return ()
    if then.backend is Backend.NONE:
        text = f"{_name(module)} loses its way back: if the target is down, its reads and writes are refused."
        return (Effect(module=module, text=text, weight=Weight.WARN),)
    text = f"{_name(module)} gets a way back: if the target is down, it falls back to the source."
    return (Effect(module=module, text=text),)


def _pinning(before: Flags, after: Flags, module: str) -> tuple[Effect, ...]:
    """A module that gets or loses a backend of its own, without moving by it."""
    was, now = before.override(module), after.override(module)
    if was is now:
        return ()
    if now is None:
        text = f"{module} follows the global backend again ({after.backend}); it does not move by this."
    elif was is None:
        text = f"{module} keeps to the {now}, whatever the global backend says; it does not move by this."
    else:
        text = f"{module} is set to {now} instead of {was}; it does not move by this."
    return (Effect(module=module, text=text),)


def _permissions(before: Flags, after: Flags) -> tuple[Effect, ...]:
    """What the two sides' switches allow or forbid where no module moves by it."""
    found = []
    if before.use_repository_pattern != after.use_repository_pattern:
        found.append(_repository(after))
    if before.use_legacy_supabase != after.use_legacy_supabase:
        may = "may be used again" if after.use_legacy_supabase else "may no longer be used"
        found.append(Effect(module="", text=f"The source {may} ({LEGACY}); no module moves by this."))
    return tuple(found)


def _repository(after: Flags) -> Effect:
    if after.use_repository_pattern:
        text = f"Modules may be set to the target from now on ({REPOSITORY}); none moves by this."
    else:
        text = f"No module may be set to the target any more ({REPOSITORY}); none moves by this."
    return Effect(module="", text=text)


def _habits(before: Flags, after: Flags) -> tuple[Effect, ...]:
    """What all modules do from now on, whichever backend they use."""
    found = []
    if before.enable_dual_write != after.enable_dual_write:
        found.append(_dual_write(after))
    if before.log_database_calls != after.log_database_calls:
        verb = "is logged" if after.log_database_calls else "is no longer logged"
        found.append(Effect(module="", text=f"Every database call {verb} ({LOG_CALLS})."))
    return tuple(found)


def _dual_write(after: Flags) -> Effect:
    if after.enable_dual_write:
        text = f"Writes go to both databases ({DUAL_WRITE}): each takes longer, and one of the two can fail."
        return Effect(module="", text=text, weight=Weight.WARN)
    return Effect(module="", text=f"Writes go to one database only, the module's own ({DUAL_WRITE}).")


def _own(before: Flags, after: Flags) -> tuple[Effect, ...]:
    """The user's own flags: what they do, only the application knows."""
    had, has = dict(before.own), dict(after.own)
    changes = tuple(
        Effect(module="", text=f"{key} is {in_words(value)} instead of {in_words(had[key])}.")
        for key, value in after.own
        if key in had and had[key] != value
    )
    came = (
        Effect(
            module="",
            text=f"{key} is {in_words(value)} for who asks for it, who got the code's own default until now.",
        )
        for key, value in after.own
        if key not in had
    )
    gone = (key for key in had if key not in has)
    return (
        *changes,
        *came,
        *(
            Effect(
                module="",
                text=f"{key} is there no more: who asks for it gets the code's own default.",
                weight=Weight.WARN,
            )
            for key in gone
        ),
    )
