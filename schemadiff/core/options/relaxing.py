"""The next step of hybrid: which of the target's rules to give up, said from what a rehearsal refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import Refused
from schemadiff.core.options.hybrid import Relaxation, hybrid
from schemadiff.core.options.measures import ddl
from schemadiff.core.options.option import Measure, Scope
from schemadiff.core.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One relaxation that the figures speak for. `items` names what it changes."""

    relaxation: Relaxation
    sentence: str
    items: tuple[str, ...]


def key_of(relaxation: Relaxation) -> str:
    """How it is called where it is kept and on the command line: not-nulls, keys, types-and-checks."""
    return relaxation.name.lower().replace("_", "-")


def relaxations(keys: Iterable[str]) -> frozenset[Relaxation]:
    """The inverse of `key_of`. Raises Refused for an unknown one."""
    known = {key_of(relaxation): relaxation for relaxation in Relaxation}
    wanted = tuple(keys)
    unknown = sorted(set(wanted) - known.keys())
    if unknown:
        raise Refused(f"There is no relaxation {', '.join(unknown)} of hybrid: there are {', '.join(known)}.")
    return frozenset(known[key] for key in wanted)


def propose(
    source: Catalog,
    target: Catalog,
    scope: Scope,
    chosen: frozenset[Relaxation],
    measures: Sequence[Measure],
) -> tuple[Proposal, ...]:
    """What would help, of what is not chosen yet; nothing where no figure speaks for it. Raises as `hybrid` does."""
    figures = {measure.key: measure.value for measure in measures}
    wanted = [each for each in Relaxation if each not in chosen and figures.get(_FIGURES[each], 0)]
    if not wanted:
        return ()
    now = hybrid(source, target, scope, chosen).plan
    plans = {each: hybrid(source, target, scope, chosen | {each}).plan for each in wanted}
    items = {each: _gained(now, plan) for each, plan in plans.items()}
    return tuple(
        Proposal(relaxation=each, sentence=_sentence(each, figures, items[each]), items=items[each])
        for each in wanted
        if items[each]
    )


_FIGURES = {
    Relaxation.NOT_NULLS: "rejects_unfilled",
    Relaxation.KEYS: "queries_need_key",
    Relaxation.TYPES_AND_CHECKS: "rejects_unfit",
}


def _gained(now: Plan, then: Plan) -> tuple[str, ...]:
    known = {statement.sql for statement in ddl(now)}
    return tuple(sorted({s.ref.label for s in ddl(then) if s.sql not in known}))


def _sentence(relaxation: Relaxation, figures: Mapping[str, int], items: Sequence[str]) -> str:
    match relaxation:
        case Relaxation.NOT_NULLS:
            one, many = (
                "column of the target is NOT NULL and has",
                "columns of the target are NOT NULL and have",
            )
            what = f"{_these(items, one, many)} no source. Relax {_them(items)}?"
            return f"{_refused(relaxation, figures)}: {what}"
        case Relaxation.KEYS:
            count = figures[_FIGURES[relaxation]]
            verb = "query fails" if count == 1 else "queries fail"
            what = _these(items, "unique key of the source is", "unique keys of the source are")
            return f"{count:,} {verb} for want of a unique key: {what} missing in the target. Add {_them(items)}?"
        case Relaxation.TYPES_AND_CHECKS:
            what = _these(items, "column or check of the target does", "columns and checks of the target do")
            return f"{_refused(relaxation, figures)}: {what} not take every value of the source. Make room there?"


def _refused(relaxation: Relaxation, figures: Mapping[str, int]) -> str:
    """All rows refused, and how many of them for what is proposed to be given up."""
    count, every = figures[_FIGURES[relaxation]], figures.get("rejects", 0)
    part = f", {count:,} of them for this" if count < every else ""
    return f"{every:,} of {figures.get('rows_rehearsed', 0):,} rows refused{part}"


def _these(items: Sequence[str], one: str, many: str) -> str:
    return f"this {one}" if len(items) == 1 else f"these {len(items)} {many}"


def _them(items: Sequence[str]) -> str:
    return "it" if len(items) == 1 else "them"
