"""Which option the figures speak for, said in sentences that are made of the figures.

The rule: the options are compared by what cannot be made good again first, in this order,

1. rows refused: in a rehearsal, where all options were rehearsed, then for a missing value (fewer is better),
2. values left behind (fewer is better),
3. queries that fail (fewer is better),
4. queries that give another shape (fewer is better),

and figure by figure those that are worse than the best one drop out, until one is left. A figure that is not
known of every measured option decides nothing, and that is said; an option without any figure is not weighed.
Where several are left, nothing is recommended: a person weighs what the figures do not hold (time, people,
what the target's schema is worth). Statements, tables and hazards are told as advantages, drawbacks and
risks (`points`) and decide nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemadiff.core.options.figure_words import QUERIES, Figures, by_key, calls_working, left_behind
from schemadiff.core.options.option import Measure, OptionName

_REHEARSED = {"rejects": "rows refused in the rehearsal"}
_DECISIVE = {
    "rows_refused": "rows refused for a missing value",
    "values_left_behind": "values left behind",
    "queries_fail": "queries that fail",
    "queries_changed": "queries that give another shape",
}
_WORDS = _REHEARSED | _DECISIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """`option` is None where the figures recommend nothing; `sentence` then says why.

    `reasons` are one sentence for each option, then what is not measured yet and what speaks against the
    recommendation.
    """

    option: OptionName | None
    sentence: str
    reasons: tuple[str, ...] = ()


def recommend(
    measures: Mapping[OptionName, Sequence[Measure]],
    blockers: Mapping[OptionName, Sequence[str]] | None = None,
) -> Advice:
    """What the figures speak for. `blockers` say what must happen before an option can be run."""
    figures = by_key(measures)
    weighed = [name for name in OptionName if figures[name]]
    known = [key for key in _WORDS if all(key in figures[name] for name in weighed)]
    missing = [words for key, words in _DECISIVE.items() if key not in known]
    described = tuple(f"{_title(name)}: {_facts(figures[name])}." for name in OptionName)
    if not known or len(weighed) < 2:
        missing = missing or ["the other options"]
        sentence = f"Nothing can be recommended yet: {_listed(missing)} are not measured yet."
        return Advice(option=None, sentence=sentence, reasons=described)
    gaps = (f"Not measured yet, so without weight here: {_listed(missing)}.",) if missing else ()
    best = _best(figures, weighed, known)
    if len(best) > 1:
        return Advice(option=None, sentence=_tie(best, known), reasons=described + gaps)
    chosen = best[0]
    against = tuple(_against(figures, weighed, chosen, known)) + tuple(_blocked(chosen, blockers or {}))
    sentence = f"{_title(chosen)} is recommended: {_facts(figures[chosen])}."
    return Advice(option=chosen, sentence=sentence, reasons=described + gaps + against)


def _best(
    figures: Mapping[OptionName, Figures], weighed: Sequence[OptionName], known: Sequence[str]
) -> list[OptionName]:
    """Those that are left when figure by figure the worse ones have dropped out."""
    best = list(weighed)
    for key in known:
        least = min(figures[name][key].value for name in best)
        best = [name for name in best if figures[name][key].value == least]
    return best


def _tie(best: Sequence[OptionName], known: Sequence[str]) -> str:
    names = _listed([name.value for name in best])
    equal = _listed([_WORDS[key] for key in known])
    return (
        f"Nothing is recommended: {names} are equal in {equal}. A person must weigh what figures do not hold."
    )


def _against(
    figures: Mapping[OptionName, Figures],
    weighed: Sequence[OptionName],
    chosen: OptionName,
    known: Sequence[str],
) -> Iterator[str]:
    """Where another option is better nevertheless."""
    for other in weighed:
        for key in known:
            here, there = figures[chosen][key].value, figures[other][key].value
            if there < here:
                yield f"{_title(other)} is better in {_WORDS[key]}: {there:,} against {here:,}."


def _blocked(chosen: OptionName, blockers: Mapping[OptionName, Sequence[str]]) -> Iterator[str]:
    for blocker in blockers.get(chosen, ()):
        yield f"Before {chosen.value} can be run: {blocker}"


def _facts(figures: Figures) -> str:
    if not any(key in figures for key in (*_DECISIVE, *QUERIES)):
        return "not measured yet"
    return "; ".join((*_refused(figures), left_behind(figures), _queries(figures)))


def _refused(figures: Figures) -> Iterator[str]:
    rejects, rehearsed = figures.get("rejects"), figures.get("rows_rehearsed")
    if rejects is not None and rehearsed is not None:
        yield f"{rejects.value:,} of {rehearsed.value:,} rows are refused in the rehearsal"
        return
    refused, rows = figures.get("rows_refused"), figures.get("rows_in_scope")
    if refused is not None:
        total = f" of {rows.value:,}" if rows else ""
        yield f"{refused.value:,}{total} rows are refused for a missing value"


def _queries(figures: Figures) -> str:
    if any(key not in figures for key in QUERIES):
        return "queries are not measured yet"
    same, changed, fail, unjudged = (figures[key].value for key in QUERIES)
    calls = calls_working(figures)
    judged = same + changed + fail
    unknown = f", {unjudged} not judged" if unjudged else ""
    if same == judged:
        return f"{same} of {judged} queries work as before{unknown}"
    by_use = f", which is {calls:.0%} of their calls" if calls is not None else ""
    return (
        f"of {judged} queries {_verb(same, 'work')} as before{by_use}, {_verb(changed, 'give')} another shape,"
        f" {_verb(fail, 'fail')}{unknown}"
    )


def _title(name: OptionName) -> str:
    return name.value.capitalize()


def _verb(number: int, verb: str) -> str:
    return f"{number} {verb}{'s' if number == 1 else ''}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
