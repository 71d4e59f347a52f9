"""What can be booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from migration.access import validation
from migration.access.conditions import ascending, descending, eq
from migration.access.repository import Found, Repository

KEY = ("yclients_id", "company_id")


@dataclass(frozen=True, slots=True)
class Services:
    services: Repository

    def get_services(self, company_id: int) -> Found:
        """Those that are active, the weightiest first."""
        return self.services.find_many(
            eq("company_id", validation.company(company_id)),
            eq("is_active", True),
            order=(descending("weight"), ascending("id")),
        )

    def get_service_by_id(self, service_id: int, company_id: int) -> Found:
        """By the number that the booking service has for it."""
        return self.services.find_one(
            eq("yclients_id", validation.number(service_id, "A service id")),
            eq("company_id", validation.company(company_id)),
        )

    def get_services_by_category(self, company_id: int, category_id: int) -> Found:
        """Those that are active, by name."""
        return self.services.find_many(
            eq("company_id", validation.company(company_id)),
            eq("category_id", validation.number(category_id, "A category id")),
            eq("is_active", True),
            order=(ascending("name"), ascending("id")),
        )

    def upsert_services(self, services: Sequence[Mapping[str, Any]]) -> Found:
        return self.services.bulk_upsert(validation.rows(services, "A service"), KEY)
