"""What a client reports of its calls, as a value; what is wrong with a report is said in a sentence."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from migration.core.monitoring.metrics import ERROR_KINDS
from migration.core.monitoring.sketches import ACCURACY, HIGHEST_KEY, LOWEST_KEY, Sketch
from migration.core.monitoring.statements import normalised
from schemadiff.core.errors import Refused

VERSION = 1
MAX_BODY = 1024 * 1024
MAX_CALLS, MAX_STATEMENTS, MAX_POOLS = 500, 50, 20
_BACKENDS = ("source", "target")
_OF_CALLS = (*_BACKENDS, "none")
MOST_COUNTED = 10**9
"""Calls of one report together, and of everything else that it counts: sums of many reports still fit a bigint."""
MOST_AGO = 24 * 3600
"""Seconds: what is older is not taken any more."""
_MOST = 2**53  # milliseconds; above it, JSON's numbers are not exact everywhere
_UNKEPT = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL keeps in no text
_METHOD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,59}", re.ASCII)


class BadReport(Refused):
    """The report cannot be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFigures:
    """The calls of one method on one backend since the client's last report. Durations are milliseconds.

    `backend` is none where the flags gave no backend. Calls that failed are counted in `count` as well as in
    `errors`, which is sorted by kind. Of `compared` calls that were made on both backends, `mismatches` had
    different answers. `fallbacks` went to the source because the target is down.
    """

    module: str
    method: str
    backend: str
    count: int
    total: float
    lowest: float
    highest: float
    sketch: Sketch
    slow: int = 0
    errors: tuple[tuple[str, int], ...] = ()
    compared: int = 0
    mismatches: int = 0
    fallbacks: int = 0

    @property
    def failed(self) -> int:
        return sum(count for _, count in self.errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFigures:
    """A client's pool as it is now: `busy` connections of the `most` that it may have."""

    backend: str
    most: int
    busy: int
    waiting: int

    @property
    def utilisation(self) -> float:
        """Percent."""
        return 100.0 * self.busy / self.most if self.most else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowFigures:
    """A statement that took long, without values, and how often and how long it did."""

    backend: str
    statement: str
    count: int
    total: float
    highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """Which report it is: a process numbers its reports upwards, and sends one again under the same number."""

    process: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`serial`: None where a report that is sent twice counts twice. Its calls were made from `began_ago` to
    `ended_ago` seconds before it was sent."""

    client: str
    calls: tuple[CallFigures, ...] = ()
    pools: tuple[PoolFigures, ...] = ()
    slow: tuple[SlowFigures, ...] = ()
    serial: Serial | None = None
    began_ago: float = 0.0
    ended_ago: float = 0.0


def read_report(body: bytes, modules: Sequence[str]) -> Report:
    """What a body says. BadReport, naming the place, where it is no report or names a module that is not there."""
    if len(body) > MAX_BODY:
        raise BadReport(f"The body is over {MAX_BODY // 1024} KB. Report more often, or fewer methods.")
    given = _object(_decoded(body), "the report")
    if given.get("version") != VERSION:
        raise BadReport(f"version is {VERSION}, not {_shown(given.get('version'))}.")
    read = Report(
        client=_text(given, "client", "the report", longest=200),
        calls=tuple(
            _call(entry, f"calls[{place}]", modules)
            for place, entry in enumerate(_list(given, "calls", MAX_CALLS))
        ),
        pools=tuple(
            _pool(entry, f"pools[{place}]") for place, entry in enumerate(_list(given, "pools", MAX_POOLS))
        ),
        slow=tuple(
            _slow(entry, f"slow[{place}]") for place, entry in enumerate(_list(given, "slow", MAX_STATEMENTS))
        ),
        serial=_serial(given),
        began_ago=_seconds(given, "began_ago"),
        ended_ago=_seconds(given, "ended_ago"),
    )
    _refuse_too_many(read)
    return read


def _refuse_too_many(report: Report) -> None:
    sums = {
        "calls": sum(call.count for call in report.calls),
        "compared calls": sum(call.compared for call in report.calls),
        "calls that fell back": sum(call.fallbacks for call in report.calls),
        "slow statements": sum(slow.count for slow in report.slow),
    }
    for name, together in sums.items():
        if together > MOST_COUNTED:
            raise BadReport(
                f"The report counts {together:,} {name}; {MOST_COUNTED:,} are believed of one report. "
                "Report what happened since the last one only."
            )


def report_as_json(report: Report) -> dict[str, Any]:
    """The report as `read_report` reads it."""
    return {
        "version": VERSION,
        "client": report.client,
        "calls": [_call_as_json(call) for call in report.calls],
        "pools": [
            {"backend": pool.backend, "most": pool.most, "busy": pool.busy, "waiting": pool.waiting}
            for pool in report.pools
        ],
        "slow": [
            {
                "backend": slow.backend,
                "statement": slow.statement,
                "count": slow.count,
                "total": slow.total,
                "highest": slow.highest,
            }
            for slow in report.slow
        ],
        **_serial_as_json(report.serial),
        "began_ago": report.began_ago,
        "ended_ago": report.ended_ago,
    }


def _serial_as_json(serial: Serial | None) -> dict[str, Any]:
    return {"process": serial.process, "number": serial.number} if serial is not None else {}


def _call_as_json(call: CallFigures) -> dict[str, Any]:
    bins = [list(one) for one in zip(call.sketch.keys, call.sketch.counts, strict=True)]
    return {
        "module": call.module,
        "method": call.method,
        "backend": call.backend,
        "count": call.count,
        "total": call.total,
        "lowest": call.lowest,
        "highest": call.highest,
        "slow": call.slow,
        "errors": dict(call.errors),
        "compared": call.compared,
        "mismatches": call.mismatches,
        "fallbacks": call.fallbacks,
        "sketch": {"accuracy": ACCURACY, "bins": bins},
    }


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        raise BadReport("The body is not JSON.") from exc


def _no_number(word: str) -> float:
    raise ValueError(word)


def _call(value: object, place: str, modules: Sequence[str]) -> CallFigures:
    given = _object(value, place)
    module = _text(given, "module", place, longest=60, default="")
    if module and module not in modules:
        known = ", ".join(modules) or "none"
        raise BadReport(f"{place}.module: there is no module {_shown(module)}. The modules are {known}.")
    method = _text(given, "method", place, longest=60)
    if not _METHOD.fullmatch(method):
        raise BadReport(f"{place}.method is a name of letters, digits, _, . and -, not {_shown(method)}.")
    call = CallFigures(
        module=module,
        method=method,
        backend=_backend(given, place, _OF_CALLS),
        count=_count(given, "count", place),
        total=_number(given, "total", place),
        lowest=_number(given, "lowest", place),
        highest=_number(given, "highest", place),
        sketch=_sketch(given.get("sketch"), f"{place}.sketch"),
        slow=_count(given, "slow", place, default=0),
        errors=_errors(given.get("errors", {}), f"{place}.errors"),
        compared=_count(given, "compared", place, default=0),
        mismatches=_count(given, "mismatches", place, default=0),
        fallbacks=_count(given, "fallbacks", place, default=0),
    )
    return _sound(call, place)


def _sound(call: CallFigures, place: str) -> CallFigures:
    """BadReport where the figures contradict one another."""
    if call.sketch.count != call.count:
        raise BadReport(f"{place}: count is {call.count}, but its sketch holds {call.sketch.count} calls.")
    for name, part in (("errors", call.failed), ("slow", call.slow)):
        if part > call.count:
            raise BadReport(f"{place}: {name} are {part}, but there were {call.count} calls.")
    if call.mismatches > call.compared:
        raise BadReport(f"{place}: mismatches are {call.mismatches} of {call.compared} compared calls.")
    return call


def _errors(value: object, place: str) -> tuple[tuple[str, int], ...]:
    given = _object(value, place)
    if unknown := sorted(set(given) - set(ERROR_KINDS)):
        raise BadReport(f"{place}: the kinds are {', '.join(ERROR_KINDS)}, not {_shown(unknown[0])}.")
    counted = ((kind, _count(given, kind, place)) for kind in sorted(given))
    return tuple((kind, count) for kind, count in counted if count)


def _sketch(value: object, place: str) -> Sketch:
    given = _object(value, place)
    if given.get("accuracy") != ACCURACY:
        raise BadReport(f"{place}.accuracy is {ACCURACY}, not {_shown(given.get('accuracy'))}.")
    bins = _list(given, "bins", HIGHEST_KEY - LOWEST_KEY + 1, place)
    for entry in bins:
        if not (isinstance(entry, list) and len(entry) == 2 and all(_is_whole(part) for part in entry)):
            raise BadReport(f"{place}.bins are pairs of whole numbers, [bin, count].")
        if not (LOWEST_KEY <= entry[0] <= HIGHEST_KEY and 0 < entry[1] <= MOST_COUNTED):
            raise BadReport(
                f"{place}.bins are from {LOWEST_KEY} to {HIGHEST_KEY}, each with a count from 1 to {MOST_COUNTED:,}."
            )
    keys = tuple(entry[0] for entry in bins)
    if any(one >= other for one, other in pairwise(keys)):
        raise BadReport(f"{place}.bins ascend, each bin once.")
    return Sketch(keys=keys, counts=tuple(entry[1] for entry in bins))


def _pool(value: object, place: str) -> PoolFigures:
    given = _object(value, place)
    pool = PoolFigures(
        backend=_backend(given, place),
        most=_count(given, "most", place),
        busy=_count(given, "busy", place),
        waiting=_count(given, "waiting", place),
    )
    if pool.busy > pool.most:
        raise BadReport(f"{place}: {pool.busy} connections are busy of {pool.most}.")
    return pool


def _serial(given: dict[str, Any]) -> Serial | None:
    if "process" not in given and "number" not in given:
        return None
    process = _text(given, "process", "the report", longest=64)
    if not process:
        raise BadReport(
            "process of the report is a name that no other process has, of at most 64 characters."
        )
    return Serial(process=process, number=_count(given, "number", "the report"))


def _seconds(given: dict[str, Any], name: str) -> float:
    value = given.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_AGO:
        raise BadReport(
            f"{name} of the report is a number of seconds from 0 to {MOST_AGO:,}, not {_shown(value)}."
        )
    return float(value)


def _slow(value: object, place: str) -> SlowFigures:
    given = _object(value, place)
    return SlowFigures(
        backend=_backend(given, place),
        statement=normalised(_text(given, "statement", place, longest=20_000)),
        count=_count(given, "count", place),
        total=_number(given, "total", place),
        highest=_number(given, "highest", place),
    )


def _backend(given: dict[str, Any], place: str, known: tuple[str, ...] = _BACKENDS) -> str:
    value = given.get("backend")
    if value not in known:
        raise BadReport(f"{place}.backend is {' or '.join(known)}, not {_shown(value)}.")
    return str(value)


def _object(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadReport(f"{place} is an object, not {_shown(value)}.")
    return value


def _list(given: dict[str, Any], name: str, most: int, place: str = "the report") -> list[Any]:
    value = given.get(name, [])
    if not isinstance(value, list) or len(value) > most:
        raise BadReport(f"{name} of {place} is a list of at most {most} entries.")
    return value


def _text(given: dict[str, Any], name: str, place: str, *, longest: int, default: str | None = None) -> str:
    value = given.get(name, default)
    if not isinstance(value, str) or len(value) > longest or _UNKEPT.search(value):
        raise BadReport(f"{name} of {place} is a text of at most {longest} characters.")
    return value


def _count(given: dict[str, Any], name: str, place: str, *, default: int | None = None) -> int:
    value = given.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_COUNTED:
        raise BadReport(
            f"{name} of {place} is a whole number from 0 to {MOST_COUNTED:,}, not {_shown(value)}."
        )
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(given: dict[str, Any], name: str, place: str) -> float:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        raise BadReport(f"{name} of {place} is a number of milliseconds from 0, not {_shown(value)}.")
    return float(value)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"
