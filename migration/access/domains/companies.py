"""The salons, and whether the database answers at all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from migration.access import validation
from migration.access.conditions import eq
from migration.access.repository import Found, Repository

KEY = ("company_id",)


@dataclass(frozen=True, slots=True)
class Companies:
    companies: Repository

    def get_company(self, company_id: int) -> Found:
        """By its number."""
        return self.companies.find_one(eq("company_id", validation.company(company_id)))

    def upsert_company(self, company: Mapping[str, Any]) -> Found:
        """A new company's `id` is its number, which the other tables refer to."""
        row = validation.row(company, "A company")
        if "id" not in row and "company_id" in row:
            row["id"] = row["company_id"]
        return self.companies.upsert(row, KEY)

    def health_check(self, company_id: int) -> Found:
        """Does the database find the company?"""
        found = self.get_company(company_id)
        return replace(found, rows=[{"company_id": row["company_id"]} for row in found.rows])
