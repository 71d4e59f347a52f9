"""Probes: each of the data layer's methods, and a user's queries, on both backends, compared and timed.

The source is only read. Writes are tried on the target alone, with the values that the source's rows have
already, each in a transaction that is rolled back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from migration.access.backend import Backend, source_backend, target_backend
from migration.access.comparing import comparable, compare
from migration.access.domains import Domains, domains_on
from migration.access.errors import AccessError, ErrorKind
from migration.access.limits import Effect, Limit, limits_of
from migration.access.methods import Method
from migration.access.pool import Pool, PoolSettings
from migration.access.probe_results import Kind, Latency, Probed, ProbeReport, Verdict
from migration.access.probed_queries import Query, answer, as_query, differing
from migration.access.sampling import Call, sampled_calls
from migration.access.undone import NeverSent, NotSent, Undone
from migration.core.flags import Access
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping as Correspondence

ROUNDS = 20
"""Calls that a latency is made of; of a write a quarter."""

_QUIET = PoolSettings(min_size=1, max_size=2, read_only=True, statement=30.0)
_WRITING = PoolSettings(min_size=1, max_size=1, statement=30.0)
_TARGET_ONLY = "Writes were tried on the target alone and rolled back; the source was only read."

Rows = list[dict[str, Any]]


def probe(
    source: str,
    target: str,
    mapping: Correspondence | None = None,
    queries: Iterable[tuple[str, str]] = (),
    *,
    rounds: int = ROUNDS,
    should_stop: Callable[[], bool] = lambda: False,
) -> ProbeReport:
    """Two addresses; `queries` by name. Refused with a sentence where a side cannot be opened.

    Where `should_stop` says so, the rest is left out, and a note says that.
    """
    sides = _Sides(
        source=source_backend(Pool(source, _QUIET, "source")),
        target=target_backend(Pool(target, _QUIET, "target"), mapping),
        writing=Pool(target, _WRITING, "target"),
        rounds=max(1, rounds),
    )
    try:
        sides.open()
        return _report(sides, tuple(queries), should_stop)
    except AccessError as exc:
        raise Refused(str(exc)) from exc
    finally:
        sides.close()


@dataclass(slots=True, kw_only=True)
class _Sides:
    """Both backends, only reading, and the target's third way in, whose writes are undone."""

    source: Backend
    target: Backend
    writing: Pool
    rounds: int

    def open(self) -> None:
        for backend in (self.source, self.target):
            if not backend.open():
                raise Refused(f"The {backend.name} cannot be probed: {backend.why_down}")
        self.writing.open()

    def close(self) -> None:
        for each in (self.source, self.target, self.writing):
            each.close()

    def undone(self) -> Domains:
        return domains_on(Undone(self.writing), self.target.layouts)

    def never_sent(self) -> Domains:
        return domains_on(NeverSent(), self.source.layouts)


def _report(
    sides: _Sides, queries: Sequence[tuple[str, str]], should_stop: Callable[[], bool]
) -> ProbeReport:
    limits = limits_of(sides.target.layouts)
    probed: list[Probed] = []
    notes = [_TARGET_ONLY]
    for call in sampled_calls(sides.source.pool):
        if should_stop():
            return ProbeReport(probed=tuple(probed), limits=limits, notes=(*notes, "It was stopped early."))
        known = tuple(each for each in limits if each.method == call.method.name)
        probed.append(_write(sides, call, known) if _writes(call.method) else _read(sides, call, known))
    for name, text in queries:
        query = as_query(name, text)
        if isinstance(query, str):
            notes.append(query)
        else:
            probed.append(_query(sides, query))
    return ProbeReport(probed=tuple(probed), limits=limits, notes=tuple(notes))


def _writes(method: Method) -> bool:
    return method.access is Access.WRITE


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one side answered, in which time."""

    rows: Rows | None
    error: AccessError | None
    latency: Latency | None

    @property
    def count(self) -> int | None:
        return None if self.rows is None else len(self.rows)


def _asked(ask: Callable[[], Rows], rounds: int) -> _Asked:
    seconds: list[float] = []
    rows: Rows = []
    try:
        for _ in range(rounds):
            started = perf_counter()
            rows = ask()
            seconds.append(perf_counter() - started)
    except AccessError as exc:
        return _Asked(None, exc, Latency.of(seconds))
    return _Asked(rows, None, Latency.of(seconds))


def _asked_of(side: Backend, call: Call, rounds: int) -> _Asked:
    return _asked(lambda: side.call(call.method, call.arguments).rows, rounds)


def _read(sides: _Sides, call: Call, known: Sequence[Limit]) -> Probed:
    one, other = (_asked_of(side, call, sides.rounds) for side in (sides.source, sides.target))
    layouts = sides.source.layouts[call.method.table], sides.target.layouts[call.method.table]
    fields, may_differ = comparable(*layouts, call.method.fields)
    return _judged(call, Kind.READ, one, other, known, fields, may_differ)


def _write(sides: _Sides, call: Call, known: Sequence[Limit]) -> Probed:
    """What is there already is written once more: the target must give back what was written."""
    given = call.arguments[0]
    rows = [given] if isinstance(given, dict) else list(given)
    expected = _Asked(*_checked(sides, call, rows), None)
    other = _asked(lambda: _called(sides.undone(), call), max(1, sides.rounds // 4))
    written = frozenset(rows[0]) if rows else frozenset()
    layout = sides.target.layouts[call.method.table]
    fields = written & frozenset(layout.places)
    may_differ = frozenset(name for name in fields if layout.places[name].changed)
    one, other = _in_one_order(call.method, expected), _in_one_order(call.method, other)
    return _judged(call, Kind.WRITE, one, other, known, fields, may_differ)


def _checked(sides: _Sides, call: Call, rows: Rows) -> tuple[Rows | None, AccessError | None]:
    """What the source would give, without asking it: the rows as they are, or why they are refused."""
    try:
        return _called(sides.never_sent(), call), None
    except NotSent:
        return rows, None
    except AccessError as exc:
        return None, exc


def _called(domains: Domains, call: Call) -> Rows:
    found: Rows = getattr(getattr(domains, call.method.domain), call.method.name)(*call.arguments).rows
    return found


def _in_one_order(method: Method, asked: _Asked) -> _Asked:
    if asked.rows is None:
        return asked
    ordered = sorted(asked.rows, key=lambda row: [str(row.get(name)) for name in method.needs])
    return _Asked(ordered, asked.error, asked.latency)


def _judged(
    call: Call,
    kind: Kind,
    one: _Asked,
    other: _Asked,
    known: Sequence[Limit],
    fields: frozenset[str],
    may_differ: frozenset[str],
) -> Probed:
    verdict, reason, differ = Verdict.SAME, "", tuple[str, ...]()
    if one.rows is None or other.rows is None:
        verdict, reason = _judged_errors(one, other, known)
    else:
        compared = compare(one.rows, other.rows, fields, may_differ)
        reason, differ = compared.reason, compared.fields or compared.listed
        if not compared.is_same:
            verdict = Verdict.DIFFERENT
        elif known:
            verdict = Verdict.LISTED
    return Probed(
        name=call.method.name,
        about=call.about,
        kind=kind,
        verdict=verdict,
        reason=reason,
        fields=differ,
        source_rows=None if kind is Kind.WRITE else one.count,
        target_rows=other.count,
        source=one.latency,
        target=other.latency,
    )


def _judged_errors(one: _Asked, other: _Asked, known: Sequence[Limit]) -> tuple[Verdict, str]:
    if one.error is not None and other.error is not None and one.error.kind is other.error.kind:
        return Verdict.SAME, f"Both refuse it: {one.error}"
    if other.error is None:
        return Verdict.DIFFERENT, f"Only the source refuses it: {one.error}"
    effects = {each.effect for each in known}
    refused = other.error.kind is ErrorKind.INVALID and Effect.REFUSED in effects
    no_new_rows = other.error.kind is ErrorKind.CONSTRAINT and Effect.NEW_ROWS_REFUSED in effects
    verdict = Verdict.LISTED if refused or no_new_rows else Verdict.DIFFERENT
    return verdict, str(other.error)


def _query(sides: _Sides, query: Query) -> Probed:
    one = _asked(lambda: answer(sides.source.pool, query), sides.rounds)
    other = _asked(lambda: answer(sides.target.pool, query, sides.target.layouts), sides.rounds)
    fields: tuple[str, ...] = ()
    if one.rows is None or other.rows is None:
        verdict, reason = _judged_errors(one, other, ())
    else:
        fields, reason = differing(query, one.rows, other.rows)
        verdict = Verdict.DIFFERENT if fields else Verdict.SAME
    return Probed(
        name=query.name,
        about="a query",
        kind=Kind.QUERY,
        verdict=verdict,
        reason=reason,
        fields=fields,
        source_rows=one.count,
        target_rows=other.count,
        source=one.latency,
        target=other.latency,
    )
