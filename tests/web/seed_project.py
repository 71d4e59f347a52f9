"""The example's project for tests of its pages: two real databases, a comparison, and everybody's browser."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.urls import reverse

from migration import demo, seedcase
from migration.rehearsal import measure_comparison
from schemadiff import mapping_review
from schemadiff.core.mapping import PairStatus
from schemadiff.models import Comparison, Pair
from tests.web.people import People, logged_in


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedProject:
    comparison: Comparison
    people: People
    engineer: User

    def url(self, name: str, *args: object) -> str:
        """Of a page of the comparison."""
        return reverse(f"schemadiff:{name}", args=[demo.SLUG, self.comparison.number, *args])

    def decisions_url(self, name: str = "decisions", *args: object) -> str:
        return reverse(f"schemadiff:{name}", args=[demo.SLUG, *args])

    def pair(self, table: str, target_column: str) -> Pair:
        return Pair.objects.get(comparison=self.comparison, source_table=table, target_column=target_column)

    def fresh_comparison(self) -> Comparison:
        """A copy of the row that a test may change."""
        return Comparison.objects.select_related("project", "source", "target").get(pk=self.comparison.pk)

    def map_truly(self) -> None:
        """The mapping as the authors of the two schemas meant it."""
        text = seedcase.MAPPING_JSON.read_text(encoding="utf-8")
        mapping_review.take_over(self.comparison, text, user=self.engineer)

    def measure(self) -> None:
        measure_comparison(self.comparison.pk)

    def suggested(self, table: str) -> list[str]:
        rows = Pair.objects.filter(
            comparison=self.comparison, source_table=table, status=PairStatus.SUGGESTED.value
        )
        return [row.target_column for row in rows]


def make_seed_project(source_dsn: str, target_dsn: str) -> SeedProject:
    demo.populate(source_dsn, target_dsn)
    comparison = Comparison.objects.select_related("project", "source", "target").get()
    users = {name: User.objects.get(username=name) for name in ("engineer", "admin", "manager")}
    people = People(
        project=comparison.project,
        stranger=logged_in(User.objects.create_user("stranger")),
        **{name: logged_in(user) for name, user in users.items()},
    )
    return SeedProject(comparison=comparison, people=people, engineer=users["engineer"])
