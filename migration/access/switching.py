"""How the data layer asks for flags: who knows them, and what a call may do under them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from migration.core.errors import FlagRefused
from migration.core.flags import BACKEND, SWITCHES, CutOver, Flags, parse, refusals

MODULE_VARIABLES: dict[str, str] = {
    "TIMEWEB_DATA_LOADER": "dataLoader",
    "TIMEWEB_SYNC": "syncScripts",
    "TIMEWEB_SERVICES": "services",
}
"""The variables that say, module by module, whether it uses the target (true) or the source (false)."""

_WORDS = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagState:
    """All that a call's decision needs, at one moment. `revision`: None where the reader has none."""

    flags: Flags = field(default_factory=Flags)
    cut_over: CutOver = CutOver.BEFORE
    revision: int | None = None


class FlagReader(Protocol):
    """Who knows the flags. Both methods are called for every call, from many threads."""

    def current(self) -> FlagState:
        """From memory: it never waits and never fails."""
        ...

    def writing(self, module: str, *, within: float) -> AbstractContextManager[FlagState]:
        """Permission for one write of `module`, which holds until the context ends.

        The state is the one under which the write is to be made. Waits at most `within` seconds for the
        permission (a lease that the reader renews), then raises WriteNotPermitted.
        """
        ...


@dataclass(frozen=True, slots=True)
class FixedFlags:
    """Flags that stay as they are while the process lives; a write is always permitted."""

    state: FlagState = field(default_factory=FlagState)

    def current(self) -> FlagState:
        return self.state

    @contextmanager
    def writing(self, module: str, *, within: float) -> Iterator[FlagState]:
        yield self.state


def from_environment(
    variables: Mapping[str, str],
    *,
    cut_over: CutOver = CutOver.BEFORE,
    modules: Mapping[str, str] = MODULE_VARIABLES,
) -> FixedFlags:
    """What a `.env` file says: the four switches, `backend`, and one variable a module.

    FlagRefused, with a sentence that names the variable, for a word that is no answer or flags that make no
    sense together.
    """
    values: dict[str, object] = {
        name: _switch(name, variables[name]) for name in SWITCHES if name in variables
    }
    for name in (BACKEND, BACKEND.upper()):
        if name in variables:
            values[BACKEND] = variables[name].strip()
    for name, module in modules.items():
        if name in variables:
            values[f"{BACKEND}.{module}"] = "target" if _switch(name, variables[name]) else "source"
    flags = parse(values, tuple(modules.values()))
    _refuse(refusals(flags))
    return FixedFlags(FlagState(flags=flags, cut_over=cut_over))


def _switch(name: str, text: str) -> bool:
    try:
        return _WORDS[text.strip().lower()]
    except KeyError:
        raise FlagRefused(f"{name} is true or false; the environment says {text.strip()!r}.") from None


def _refuse(reasons: Sequence[str]) -> None:
    if reasons:
        raise FlagRefused(" ".join(reasons))
