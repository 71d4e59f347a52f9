"""The salon's clients and what they have booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from migration.access import validation
from migration.access.conditions import ascending, containing, descending, eq, gte, ilike, in_, lte
from migration.access.repository import Found, Repository

KEY = ("yclients_id", "company_id")


@dataclass(frozen=True, slots=True)
class Clients:
    clients: Repository
    bookings: Repository

    def get_client_by_phone(self, phone: str) -> Found:
        """In whichever way the phone was kept; of several clients the one who came first."""
        ways = validation.ways_to_write(validation.phone(phone))
        return self.clients.find_one(in_("phone", ways), order=(ascending("id"),))

    def get_client_by_id(self, client_id: int, company_id: int) -> Found:
        """By the number that the booking service has for the client."""
        return self.clients.find_one(
            eq("yclients_id", validation.number(client_id, "A client id")),
            eq("company_id", validation.company(company_id)),
        )

    def get_client_appointments(self, client_id: int, start: datetime, end: datetime, limit: int) -> Found:
        """By the client's `id`, the latest first."""
        return self.bookings.find_many(
            eq("client_id", validation.number(client_id, "A client id")),
            gte("datetime", validation.moment(start, "The start")),
            lte("datetime", validation.moment(end, "The end")),
            order=(descending("datetime"), ascending("id")),
            limit=limit,
        )

    def get_upcoming_appointments(self, client_id: int, company_id: int, since: datetime) -> Found:
        """By the client's `id`, the next first, without those that were taken back."""
        return self.bookings.find_many(
            eq("client_id", validation.number(client_id, "A client id")),
            eq("company_id", validation.company(company_id)),
            gte("datetime", validation.moment(since, "The start")),
            eq("deleted", False),
            order=(ascending("datetime"), ascending("id")),
        )

    def search_clients_by_name(self, company_id: int, name: str, limit: int) -> Found:
        """Whose name has this in it, in upper or lower case; the latest visitors first."""
        return self.clients.find_many(
            eq("company_id", validation.company(company_id)),
            ilike("name", containing(validation.text(name, "A name"))),
            order=(descending("last_visit_date"), ascending("id")),
            limit=limit,
        )

    def upsert_client(self, client: Mapping[str, Any]) -> Found:
        return self.clients.upsert(_checked(validation.row(client, "A client")), KEY)

    def upsert_clients(self, clients: Sequence[Mapping[str, Any]]) -> Found:
        return self.clients.bulk_upsert([_checked(row) for row in validation.rows(clients, "A client")], KEY)


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    return row if row.get("phone") is None else row | {"phone": validation.phone(row["phone"])}
