"""Who works when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from migration.access import validation
from migration.access.conditions import ascending, eq, gte, lte
from migration.access.repository import Found, Repository

KEY = ("staff_id", "date")


@dataclass(frozen=True, slots=True)
class StaffSchedules:
    schedules: Repository

    def get_staff_schedules(self, company_id: int, start: date, end: date) -> Found:
        """Of everybody, both days included."""
        return self.schedules.find_many(
            eq("company_id", validation.company(company_id)),
            gte("date", validation.day(start, "The start")),
            lte("date", validation.day(end, "The end")),
            order=(ascending("date"), ascending("id")),
        )

    def get_staff_schedule(self, staff_id: int, day: date, company_id: int) -> Found:
        """By the person's `id`."""
        return self.schedules.find_one(
            eq("staff_id", validation.number(staff_id, "A staff id")),
            eq("date", validation.day(day, "The day")),
            eq("company_id", validation.company(company_id)),
        )

    def upsert_staff_schedules(self, schedules: Sequence[Mapping[str, Any]]) -> Found:
        return self.schedules.bulk_upsert(validation.rows(schedules, "A schedule"), KEY)
