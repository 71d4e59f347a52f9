"""The application's one way to its data: 21 methods, the same on both backends, each answered as the flags say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from migration.access import methods
from migration.access.answers import Answer
from migration.access.backend import Backend, source_backend, target_backend
from migration.access.calls import Observer
from migration.access.pool import Pool, PoolSettings
from migration.access.selecting import Counts, Selection, Selector
from migration.access.switching import FlagReader
from schemadiff.core import mapping_file
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping as Correspondence


class DataLayer:
    """Every method gives an Answer and raises nothing: what went wrong is in `error`. Safe for threads."""

    def __init__(
        self,
        source: Backend,
        target: Backend,
        flags: FlagReader,
        observers: Iterable[Observer] = (),
        selection: Selection | None = None,
        beside: Selector | None = None,
    ) -> None:
        self.source = source
        self.target = target
        self._calls = Selector(source, target, flags, observers, selection, beside)
        self._family = [self._calls]  # on the same pools

    def for_module(self, module: str) -> "DataLayer":
        """The same for another module of the application, on the same pools. Closing one of them closes all."""
        calls = self._calls
        selection = replace(calls.selection, module=module)
        layer = DataLayer(self.source, self.target, calls.flags, calls.observers, selection, calls)
        self._family.append(layer._calls)
        layer._family = self._family
        return layer

    def __enter__(self) -> "DataLayer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def counts(self) -> Counts:
        return self._calls.counts

    def drain(self, seconds: float = 5.0) -> bool:
        """Wait for the second calls (dual-write, shadow reads) that are under way. Whether all are made."""
        return self._calls.drain(seconds)

    def close(self) -> None:
        """Work off the second calls that wait, at most five seconds long; the rest is left out and told. Afterwards
        nothing is written, and no database is opened again."""
        for calls in self._family:
            calls.refuse_all()
        for calls in self._family:
            calls.close()

    # ------------------------------------------------------------------- dialog contexts

    def get_dialog_context(self, user_id: str) -> Answer:
        return self._calls.read(methods.GET_DIALOG_CONTEXT, user_id)

    def upsert_dialog_context(self, context: Mapping[str, Any]) -> Answer:
        """Told apart by `user_id`."""
        return self._calls.write(methods.UPSERT_DIALOG_CONTEXT, context)

    # --------------------------------------------------------------------------- clients

    def get_client_by_phone(self, phone: str) -> Answer:
        """However the phone is written, here and in the database."""
        return self._calls.read(methods.GET_CLIENT_BY_PHONE, phone)

    def get_client_by_id(self, client_id: int, company_id: int) -> Answer:
        """`client_id` is the booking service's number (`yclients_id`)."""
        return self._calls.read(methods.GET_CLIENT_BY_ID, client_id, company_id)

    def get_client_appointments(
        self, client_id: int, start: datetime, end: datetime, limit: int = 50
    ) -> Answer:
        """`client_id` is the client's `id`; the latest first, both ends included."""
        return self._calls.read(methods.GET_CLIENT_APPOINTMENTS, client_id, start, end, limit)

    def get_upcoming_appointments(
        self, client_id: int, company_id: int, since: datetime | None = None
    ) -> Answer:
        """From `since`, or from now on; the next first."""
        moment = since if since is not None else datetime.now(UTC)
        return self._calls.read(methods.GET_UPCOMING_APPOINTMENTS, client_id, company_id, moment)

    def search_clients_by_name(self, company_id: int, name: str, limit: int = 20) -> Answer:
        """Whose name has this in it, in upper or lower case."""
        return self._calls.read(methods.SEARCH_CLIENTS_BY_NAME, company_id, name, limit)

    def upsert_client(self, client: Mapping[str, Any]) -> Answer:
        """Told apart by `yclients_id` and `company_id`."""
        return self._calls.write(methods.UPSERT_CLIENT, client)

    def upsert_clients(self, clients: Sequence[Mapping[str, Any]]) -> Answer:
        """At most 500, all of them or none."""
        return self._calls.write(methods.UPSERT_CLIENTS, clients)

    # ------------------------------------------------------------------- staff, schedules

    def get_staff_by_id(self, staff_id: int, company_id: int) -> Answer:
        """`staff_id` is the booking service's number (`yclients_id`)."""
        return self._calls.read(methods.GET_STAFF_BY_ID, staff_id, company_id)

    def get_staff(self, company_id: int) -> Answer:
        """Those who are active, by name."""
        return self._calls.read(methods.GET_STAFF, company_id)

    def get_staff_schedules(self, company_id: int, start: date, end: date) -> Answer:
        """Of everybody, both days included."""
        return self._calls.read(methods.GET_STAFF_SCHEDULES, company_id, start, end)

    def get_staff_schedule(self, staff_id: int, day: date, company_id: int) -> Answer:
        """`staff_id` is the person's `id`."""
        return self._calls.read(methods.GET_STAFF_SCHEDULE, staff_id, day, company_id)

    def upsert_staff_schedules(self, schedules: Sequence[Mapping[str, Any]]) -> Answer:
        """Told apart by `staff_id` and `date`; at most 500, all of them or none."""
        return self._calls.write(methods.UPSERT_STAFF_SCHEDULES, schedules)

    # -------------------------------------------------------------------------- services

    def get_services(self, company_id: int) -> Answer:
        """Those that are active, the weightiest first."""
        return self._calls.read(methods.GET_SERVICES, company_id)

    def get_service_by_id(self, service_id: int, company_id: int) -> Answer:
        """`service_id` is the booking service's number (`yclients_id`)."""
        return self._calls.read(methods.GET_SERVICE_BY_ID, service_id, company_id)

    def get_services_by_category(self, company_id: int, category_id: int) -> Answer:
        """Those that are active, by name."""
        return self._calls.read(methods.GET_SERVICES_BY_CATEGORY, company_id, category_id)

    def upsert_services(self, services: Sequence[Mapping[str, Any]]) -> Answer:
        """Told apart by `yclients_id` and `company_id`; at most 500, all of them or none."""
        return self._calls.write(methods.UPSERT_SERVICES, services)

    # ----------------------------------------------------------------- companies, health

    def get_company(self, company_id: int) -> Answer:
        """By its number."""
        return self._calls.read(methods.GET_COMPANY, company_id)

    def upsert_company(self, company: Mapping[str, Any]) -> Answer:
        """Told apart by `company_id`."""
        return self._calls.write(methods.UPSERT_COMPANY, company)

    def health_check(self, company_id: int) -> Answer:
        """Does the backend in use find the company? Its number, or None."""
        return self._calls.read(methods.HEALTH_CHECK, company_id)


def open_data_layer(
    source: str,
    target: str,
    flags: FlagReader,
    *,
    mapping: Path | None = None,
    pool: PoolSettings | None = None,
    observers: Iterable[Observer] = (),
    selection: Selection | None = None,
) -> DataLayer:
    """Over two addresses. `mapping` is an exported file; without it the target's names are the source's.

    Neither database is reached for yet: the first call that the flags send there does.
    """
    settings = pool or PoolSettings()
    return DataLayer(
        source_backend(Pool(source, settings, "source")),
        target_backend(Pool(target, settings, "target"), _read(mapping)),
        flags,
        observers,
        selection,
    )


def _read(mapping: Path | None) -> Correspondence | None:
    if mapping is None:
        return None
    try:
        text = mapping.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise Refused(f"The mapping file {mapping} could not be read: {exc}.") from exc
    return mapping_file.load(text)
