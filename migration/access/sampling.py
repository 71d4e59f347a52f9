"""Calls to probe with: each method with arguments taken from the source's own rows, and with what is at the edge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from migration.access import methods, validation
from migration.access.conditions import MOST_IN_A_BATCH
from migration.access.errors import AccessError
from migration.access.methods import Method
from migration.access.pool import Pool
from migration.access.tables import Table, application_tables

UNKNOWN = 9_000_000_000_000_001
"""A number that nothing has."""

_EVER = datetime(1900, 1, 1, tzinfo=UTC), datetime(2900, 1, 1, tzinfo=UTC)
_DAYS = date(1900, 1, 1), date(2900, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A method with arguments; `about` says in a few words what is asked, without any value."""

    method: Method
    arguments: tuple[Any, ...]
    about: str


def sampled_calls(source: Pool) -> tuple[Call, ...]:
    """For each of the 21 methods at least one, in their order; the source is only read."""
    sample = _Sample(source)
    found = (
        *_dialogs(sample),
        *_clients(sample),
        *_appointments(sample),
        *_staff(sample),
        *_schedules(sample),
        *_services(sample),
        *_companies(sample),
    )
    order = {method.name: place for place, method in enumerate(methods.METHODS)}
    return tuple(sorted(found, key=lambda call: order[call.method.name]))


class _Sample:
    """Rows of the source, by the application's names; an empty table gives none."""

    def __init__(self, source: Pool) -> None:
        self._source = source
        self._tables = application_tables()
        self.company: int = self.value("companies", "company_id") or 1

    def rows(self, table: str, where: str = "true", limit: int = 1) -> list[dict[str, Any]]:
        """`where` is one of this file's own conditions, and so is the table."""
        statement = f"SELECT * FROM {_label(self._tables[table])} WHERE {where} ORDER BY id LIMIT {limit}"
        return self._source.fetch(statement)

    def value(self, table: str, field: str, where: str = "true") -> Any:
        found = self.rows(table, f"({where}) AND {field} IS NOT NULL")
        return found[0][field] if found else None

    def written(self, method: Method, where: str = "true", limit: int = 1) -> list[dict[str, Any]]:
        """Rows with what the method writes: the values that are there already."""
        needed = " AND ".join(f"{name} IS NOT NULL" for name in method.needs)
        rows = self.rows(method.table, f"({where}) AND {needed}", limit)
        return [{name: row[name] for name in method.writes} for row in rows]


def _label(table: Table) -> str:
    return f'"{table.schema}"."{table.name}"'


def _dialogs(sample: _Sample) -> Iterator[Call]:
    get, put = methods.GET_DIALOG_CONTEXT, methods.UPSERT_DIALOG_CONTEXT
    if user := sample.value("dialog_contexts", "user_id"):
        yield Call(method=get, arguments=(user,), about="a known user")
    yield Call(method=get, arguments=("nobody@example.org",), about="an unknown user")
    yield from _one(put, sample.written(put, "company_id IS NOT NULL"), "a dialog that is there")


def _clients(sample: _Sample) -> Iterator[Call]:
    phone = sample.value("clients", "phone", "length(phone) BETWEEN 10 AND 18")
    if phone:
        yield Call(method=methods.GET_CLIENT_BY_PHONE, arguments=(phone,), about="a known phone")
    yield Call(method=methods.GET_CLIENT_BY_PHONE, arguments=("79990000000",), about="an unknown phone")
    yield Call(method=methods.GET_CLIENT_BY_PHONE, arguments=("no phone",), about="what is no phone")
    yield from _by_number(sample, methods.GET_CLIENT_BY_ID, "clients")
    yield from _names(sample)
    rows = _with_phones(sample.written(methods.UPSERT_CLIENTS, "phone IS NOT NULL", 2 * MOST_IN_A_BATCH))
    yield from _one(methods.UPSERT_CLIENT, rows[:1], "a client who is there")
    yield from _batches(methods.UPSERT_CLIENTS, rows)


def _names(sample: _Sample) -> Iterator[Call]:
    search = methods.SEARCH_CLIENTS_BY_NAME
    cyrillic = sample.value("clients", "name", "name ~ '[а-яё]{2}'")
    if cyrillic:
        piece = cyrillic[:3].upper().strip()
        yield Call(method=search, arguments=(sample.company, piece, 20), about="Cyrillic, in capitals")
    yield Call(method=search, arguments=(sample.company, "а", 50), about="one Cyrillic letter")
    yield Call(method=search, arguments=(sample.company, "%", 20), about="a percent sign itself")
    yield Call(method=search, arguments=(sample.company, "ъъъъ", 20), about="a name that nobody has")
    yield Call(method=search, arguments=(sample.company, "а", 1_001), about="more rows than a read gives")


def _appointments(sample: _Sample) -> Iterator[Call]:
    past, upcoming = methods.GET_CLIENT_APPOINTMENTS, methods.GET_UPCOMING_APPOINTMENTS
    client = sample.value("bookings", "client_id")
    if client:
        yield Call(method=past, arguments=(client, *_EVER, 50), about="a client with bookings")
        arguments = (client, sample.company, _EVER[0])
        yield Call(method=upcoming, arguments=arguments, about="a client with bookings")
    yield Call(method=past, arguments=(UNKNOWN, *_EVER, 50), about="an unknown client: an empty list")
    last = _EVER[1] - timedelta(days=1)
    yield Call(method=past, arguments=(client or 1, last, _EVER[1], 50), about="an empty time")
    yield Call(method=upcoming, arguments=(UNKNOWN, sample.company, _EVER[0]), about="an unknown client")


def _staff(sample: _Sample) -> Iterator[Call]:
    yield from _by_number(sample, methods.GET_STAFF_BY_ID, "staff")
    yield Call(method=methods.GET_STAFF, arguments=(sample.company,), about="the company's")
    yield Call(method=methods.GET_STAFF, arguments=(UNKNOWN,), about="an unknown company: an empty list")


def _schedules(sample: _Sample) -> Iterator[Call]:
    get, one, put = (
        methods.GET_STAFF_SCHEDULES,
        methods.GET_STAFF_SCHEDULE,
        methods.UPSERT_STAFF_SCHEDULES,
    )
    yield Call(method=get, arguments=(sample.company, *_DAYS), about="every day")
    yield Call(method=get, arguments=(sample.company, _DAYS[1], _DAYS[1]), about="an empty day")
    for where, about in (("true", "a known day"), ("work_start IS NULL", "a day with NULL hours")):
        for row in sample.rows("staff_schedules", where):
            arguments = (row["staff_id"], row["date"], row["company_id"])
            yield Call(method=one, arguments=arguments, about=about)
    yield Call(method=one, arguments=(UNKNOWN, _DAYS[0], sample.company), about="an unknown person")
    yield from _batches(put, sample.written(put, limit=MOST_IN_A_BATCH))


def _services(sample: _Sample) -> Iterator[Call]:
    yield Call(method=methods.GET_SERVICES, arguments=(sample.company,), about="the company's")
    yield Call(method=methods.GET_SERVICES, arguments=(UNKNOWN,), about="an unknown company: an empty list")
    yield from _by_number(sample, methods.GET_SERVICE_BY_ID, "services")
    for row in sample.rows("services", "price IS NULL"):
        arguments = (row["yclients_id"], row["company_id"])
        yield Call(method=methods.GET_SERVICE_BY_ID, arguments=arguments, about="a NULL price")
    get, put = methods.GET_SERVICES_BY_CATEGORY, methods.UPSERT_SERVICES
    if category := sample.value("services", "category_id", "is_active"):
        yield Call(method=get, arguments=(sample.company, category), about="a known category")
    yield Call(method=get, arguments=(sample.company, UNKNOWN), about="an unknown category")
    yield from _batches(put, sample.written(put, limit=MOST_IN_A_BATCH))


def _companies(sample: _Sample) -> Iterator[Call]:
    yield Call(method=methods.GET_COMPANY, arguments=(sample.company,), about="a known company")
    yield Call(method=methods.GET_COMPANY, arguments=(UNKNOWN,), about="an unknown company")
    put = methods.UPSERT_COMPANY
    yield from _one(put, sample.written(put), "a company that is there")
    yield Call(method=methods.HEALTH_CHECK, arguments=(sample.company,), about="a known company")


def _by_number(sample: _Sample, method: Method, table: str) -> Iterator[Call]:
    for row in sample.rows(table, "company_id IS NOT NULL"):
        arguments = (row["yclients_id"], row["company_id"])
        yield Call(method=method, arguments=arguments, about="a known number")
    yield Call(method=method, arguments=(UNKNOWN, sample.company), about="an unknown number")


def _one(method: Method, rows: Sequence[dict[str, Any]], about: str) -> Iterator[Call]:
    for row in rows:
        yield Call(method=method, arguments=(row,), about=about)


def _batches(method: Method, rows: Sequence[dict[str, Any]]) -> Iterator[Call]:
    if rows:
        batch = list(rows[:MOST_IN_A_BATCH])
        about = f"a batch of {len(batch)}" if len(batch) > 1 else "a batch of one"
        yield Call(method=method, arguments=(batch,), about=about)
        many = [*batch, *([batch[0]] * (MOST_IN_A_BATCH + 1 - len(batch)))]
        yield Call(method=method, arguments=(many,), about=f"a batch of {len(many)}, one too many")
    yield Call(method=method, arguments=([],), about="an empty batch")


def _with_phones(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those with one phone, in the form in which it would be written."""
    found = []
    for row in rows:
        try:
            found.append(row | {"phone": validation.phone(row["phone"])})
        except AccessError:
            continue
    return found
