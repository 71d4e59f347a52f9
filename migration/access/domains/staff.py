"""Who works there."""

from dataclasses import dataclass

from migration.access import validation
from migration.access.conditions import ascending, eq
from migration.access.repository import Found, Repository


@dataclass(frozen=True, slots=True)
class Staff:
    staff: Repository

    def get_staff_by_id(self, staff_id: int, company_id: int) -> Found:
        """By the number that the booking service has for the person."""
        return self.staff.find_one(
            eq("yclients_id", validation.number(staff_id, "A staff id")),
            eq("company_id", validation.company(company_id)),
        )

    def get_staff(self, company_id: int) -> Found:
        """Those who are active, by name."""
        return self.staff.find_many(
            eq("company_id", validation.company(company_id)),
            eq("is_active", True),
            order=(ascending("name"), ascending("id")),
        )
