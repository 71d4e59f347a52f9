"""What a decision rests on beside its figures, as `deciding.basis_of` and `store.record_decision` keep it."""

import hashlib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemadiff.core.options.effort import TASKS
from schemadiff.core.options.option import Measure, OptionName
from schemadiff.models import Decision
from schemadiff.pages.weighing import duration, hours

OPTIONS = tuple(option.value for option in OptionName)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingKept:
    """`is_whole`: the mapping itself is kept, not only its fingerprint, as older records have it."""

    sentence: str
    fingerprint: str
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionKept:
    """`known` says whether it was measured, or judged by whom and when; a cell for each option."""

    name: str
    known: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """`work`: option, P50 and P80 in words. `minutes`: a piece of work, low, likely and high."""

    mapping: MappingKept
    measured_at: datetime | None
    is_rehearsed: bool
    work: tuple[tuple[str, str, str], ...]
    minutes: tuple[tuple[str, str, str, str], ...]
    shared_error: str
    downtime: tuple[tuple[str, str], ...]  # option, how long writes stand still in words
    open_work: str
    weighed: str
    turns: tuple[str, ...]
    won: tuple[tuple[str, str, str], ...]  # option, score, share of all weightings that it wins
    criteria: tuple[CriterionKept, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedKept:
    """An option as it was carried out with rows. `reasons`: why rows were refused, each with its count."""

    option: str
    sentence: str
    how: str
    reasons: tuple[str, ...]
    is_bad: bool


def basis(decision: Decision) -> Basis | None:
    """None for a record of none."""
    kept = decision.basis
    if not kept:
        return None
    measured_at = kept.get("measured_at", "")
    return Basis(
        mapping=_mapping(decision),
        measured_at=datetime.fromisoformat(measured_at) if measured_at else None,
        is_rehearsed=kept["is_rehearsed"],
        work=tuple(
            (option, hours(kept["hours"][option][0]), hours(kept["hours"][option][1]))
            for option in OPTIONS  # JSON keeps another order
            if option in kept["hours"]
        ),
        minutes=tuple(
            (task.label, f"{low:g}", f"{likely:g}", f"{high:g}")
            for task in TASKS
            if task.key in kept.get("minutes", {})
            for low, likely, high in [kept["minutes"][task.key]]
        ),
        shared_error=f"{kept['shared_error']:g}" if "shared_error" in kept else "",
        downtime=tuple(  # older records know none
            (option, duration(kept["standing_still"][option]))
            for option in OPTIONS
            if option in kept.get("standing_still", {})
        ),
        open_work=kept.get("open_work", ""),
        weighed=kept["weighed"],
        turns=tuple(kept["turns"]),
        won=tuple(
            (option, f"{kept['scores'][option]:.0%}", f"{kept['shares'][option]:.0%}")
            for option in OPTIONS
            if option in kept.get("scores", {})
        ),
        criteria=tuple(_criterion(each) for each in kept["criteria"]),
    )


def rehearsed(measures: Dictionary[OptionName, Sequence[Measure]]) -> tuple[RehearsedKept, ...]:
    """The options that were carried out with rows."""
    found = ((name.value, {m.key: m for m in measures.get(name, ())}) for name in OptionName)
    return tuple(each for name, figures in found if (each := _rehearsed(name, figures)))


def _rehearsed(option: str, figures: Dictionary[str, Measure]) -> RehearsedKept | None:
    failed, written = figures.get("rehearsal_failed"), figures.get("rows_written")
    if failed and failed.value:
        sentence = f"The rehearsal failed: {'; '.join(failed.items) or 'no reason was kept'}"
        return RehearsedKept(option=option, sentence=sentence, how=failed.how, reasons=(), is_bad=True)
    if written is None:
        return None
    refused, equal, took = figures.get("rejects"), figures.get("rows_equal"), figures.get("rehearsal_ms")
    parts = [f"{written.value:,} rows written", f"{refused.value if refused else 0:,} refused"]
    if equal:
        parts.append(f"{equal.value:,} verified equal")
    if took:
        parts.append(f"it took {duration(took.value / 1000)}")
    return RehearsedKept(
        option=option,
        sentence=", ".join(parts) + ".",
        how=written.how,
        reasons=refused.items if refused else (),
        is_bad=bool(refused and refused.value),
    )


def _mapping(decision: Decision) -> MappingKept:
    kept, text = decision.basis, decision.mapping
    parts = [f"{kept['pairs_confirmed']:,} confirmed pair{_s(kept['pairs_confirmed'])}"]
    if "tables_mapped" in kept:
        parts.append(f"{kept['expressions']:,} of them by an expression")
        parts.append(f"{kept['pairs_open']:,} that nobody had confirmed")
        where = f"The mapping of {kept['tables_mapped']:,} table{_s(kept['tables_mapped'])} had "
    else:
        where = "The mapping had "
    return MappingKept(
        sentence=where + ", ".join(parts) + ".",
        fingerprint=hashlib.sha256(text.encode()).hexdigest() if text else kept.get("mapping", ""),
        is_whole=bool(text),
    )


def _criterion(each: Dictionary[str, Any]) -> CriterionKept:
    return CriterionKept(
        name=f"{each['name']}, weight {each['weight']:.0f}",
        known="measured" if each["measured"] else _judged(each.get("judged", ())),
        cells=tuple(f"{each['cells'][option]:.0%}" if option in each["cells"] else "—" for option in OPTIONS),
    )


def _judged(cells: Iterable[Sequence[str]]) -> str:
    """By whom and when, once for each pair of both."""
    said = {f"{who} on {when[:10]}" if when else who: None for _, who, when in cells if who}
    return f"judged by {', '.join(said)}" if said else "judged"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
