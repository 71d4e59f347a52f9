"""What a change of flags may not do: break what modules need of one another, or move a module onto tables that nobody
has verified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from migration.core.flags import BACKEND, MODULE_PREFIX, Backend, CutOver, Effect, Flags, Weight, backend_of

NAMED = 5  # tables that a sentence names


class TableState(StrEnum):
    """What the last verification of a table says."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"  # none has been made of all of its rows
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStanding:
    """A table of the source, and what is known of its rows on the target. `ago`: since when, in words."""

    table: str
    state: TableState
    differing: int = 0
    ago: str = ""

    @property
    def words(self) -> str:
        if self.state is TableState.DIFFERS:
            rows = "1 row" if self.differing == 1 else f"{self.differing:,} rows"
            return f"{self.table} ({rows} {'differs' if self.differing == 1 else 'differ'})"
        return f"{self.table} ({self.state.value})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """`module` works only on the backend that `needs` is on."""

    module: str
    needs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a change of flags meets: the tables that each module uses (empty name: whatever belongs to no module), how
    many clients of each ask just now, what modules need of one another, and how far the target is behind the source,
    where somebody follows it."""

    tables: Mapping[str, tuple[TableStanding, ...]] = field(default_factory=dict)
    clients: Mapping[str, int] = field(default_factory=dict)
    dependencies: tuple[Dependency, ...] = ()
    lag_seconds: float | None = None

    def unfit(self, module: str) -> tuple[TableStanding, ...]:
        """The tables that a module should not be moved onto."""
        return tuple(each for each in self.tables.get(module, ()) if each.state is not TableState.VERIFIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objections:
    """Why a change is refused: for good, or unless somebody says why it is to be done all the same."""

    final: tuple[str, ...] = ()
    overridable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Why a change is made against objections. `of`: those that were seen; None: whichever there are."""

    reason: str
    of: tuple[str, ...] | None = None

    def answers(self, objection: str) -> bool:
        return bool(self.reason.strip()) and (self.of is None or objection in self.of)


def objections(
    before: Flags,
    after: Flags,
    modules: Sequence[str],
    surroundings: Surroundings,
    cut_over: CutOver = CutOver.BEFORE,
) -> Objections:
    """What stands against this change beside the flags' own combination (`flags.refusals`)."""
    moved = _moved(before, after, ("", *modules), Backend.TARGET)
    back = _moved(before, after, ("", *modules), Backend.SOURCE) if cut_over is CutOver.AFTER else ()
    return Objections(
        final=tuple(
            _broken(after, each)
            for each in surroundings.dependencies
            if _breaks(after, each) and not _breaks(before, each)
        ),
        overridable=(
            *(_unfit(module, surroundings.unfit(module)) for module in moved if surroundings.unfit(module)),
            *(_split(module) for module in back),
        ),
    )


def _split(module: str) -> str:
    name, key = module or "What belongs to no module", MODULE_PREFIX + module if module else BACKEND
    return (
        f"Writes live on the target since the cut-over, and {name} would write to the source: the rows would differ. "
        f"Cut back over, leave {key} at target, or say why it is to be done all the same."
    )


def _moved(before: Flags, after: Flags, modules: Sequence[str], to: Backend) -> tuple[str, ...]:
    return tuple(
        module
        for module in modules
        if backend_of(after, module).backend is to and backend_of(before, module).backend is not to
    )


def _breaks(flags: Flags, dependency: Dependency) -> bool:
    one, other = (backend_of(flags, name).backend for name in (dependency.module, dependency.needs))
    return one is not other


def _broken(after: Flags, dependency: Dependency) -> str:
    module, needs = dependency.module, dependency.needs
    uses, other = backend_of(after, module).backend, backend_of(after, needs).backend
    return (
        f"{module} needs {needs} on the same backend, and would use the {uses} while {needs} uses the {other}. "
        f"Set {MODULE_PREFIX}{needs} to {uses} as well, or leave {MODULE_PREFIX}{module} at {other}."
    )


def _unfit(module: str, tables: Sequence[TableStanding]) -> str:
    key = MODULE_PREFIX + module if module else BACKEND
    named = ", ".join(each.words for each in tables[:NAMED])
    more = f" and {len(tables) - NAMED} more" if len(tables) > NAMED else ""
    return (
        f"{module or 'What belongs to no module'} would use tables on the target that are not verified as equal: "
        + (f"{named}{more}. Verify them, leave {key} at source, or say why it is to be done all the same.")
    )


def circumstances(
    before: Flags,
    after: Flags,
    modules: Sequence[str],
    surroundings: Surroundings,
    cut_over: CutOver = CutOver.BEFORE,
) -> tuple[Effect, ...]:
    """What a change meets, per module that moves: clients, tables that are not verified; then what the other side
    does not have."""
    to_target = _moved(before, after, ("", *modules), Backend.TARGET)
    to_source = _moved(before, after, ("", *modules), Backend.SOURCE)
    found = [
        _clients(module, surroundings.clients[module])
        for module in (*to_target, *to_source)
        if surroundings.clients.get(module)
    ]
    found += [_tables(module, surroundings) for module in to_target if surroundings.tables.get(module)]
    if to_target and surroundings.lag_seconds is not None:
        found.append(_lag(surroundings.lag_seconds))
    if to_source and cut_over is CutOver.AFTER:
        found.append(_BACK)
    return tuple(found)


_BACK = Effect(
    module="",
    text="It is after the cut-over: what was written to the target since is on the source only as far as somebody "
    "carried it back.",
    weight=Weight.BAD,
)


def _clients(module: str, count: int) -> Effect:
    who = f"{module}: " if module else "Without a module: "
    live = "1 client is live on it" if count == 1 else f"{count} clients are live on it"
    return Effect(module=module, text=f"{who}{live}.")


def _tables(module: str, surroundings: Surroundings) -> Effect:
    known, unfit = surroundings.tables[module], surroundings.unfit(module)
    name = module or "What belongs to no module"
    if not unfit:
        return Effect(module=module, text=f"{name} uses {_counted(len(known))}, verified as equal.")
    text = f"{name} uses {_counted(len(known))}; {len(unfit)} not verified as equal: " + ", ".join(
        each.words for each in unfit[:NAMED]
    )
    return Effect(module=module, text=f"{text}{', …' if len(unfit) > NAMED else ''}.", weight=Weight.WARN)


def _counted(count: int) -> str:
    return "1 table" if count == 1 else f"{count} tables"


def _lag(seconds: float) -> Effect:
    return Effect(
        module="",
        text=f"The target is {seconds:.1f} s behind the source: rows written within that time are not there yet.",
        weight=Weight.WARN if seconds > 1 else Weight.INFO,
    )
