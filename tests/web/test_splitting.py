"""One source column split into several target columns: tried on real rows, then all of them confirmed or none."""

import pytest
from django.http import HttpResponse

from schemadiff.models import Pair
from tests.web.seed_project import SeedProject

pytestmark = pytest.mark.django_db

FIRST = "split_part(name, ' ', 1)"
REST = "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')"


def url(seed: SeedProject, name: str = "mapping_split", column: str = "name", table: str = "clients") -> str:
    return f"{seed.url(name)}?table=public.{table}&column={column}"


def given(*parts: tuple[str, str]) -> dict[str, str]:
    return {
        key: value
        for place, (target, expression) in enumerate(parts, start=1)
        for key, value in ((f"target_{place}", target), (f"expression_{place}", expression))
    }


def split(seed: SeedProject, *parts: tuple[str, str]) -> HttpResponse:
    return HttpResponse(seed.people.engineer.post(url(seed), given(*parts), follow=True).content)


def test_strangers_and_managers_may_not_split(seed: SeedProject) -> None:
    for name in ("mapping_split", "mapping_split_preview"):
        assert seed.people.stranger.post(url(seed, name)).status_code == 404
        assert seed.people.manager.post(url(seed, name)).status_code == 403


def test_a_column_that_is_not_there_is_not_found(seed: SeedProject) -> None:
    assert seed.people.engineer.get(url(seed, column="nothing")).status_code == 404
    assert seed.people.engineer.get(url(seed, table="nothing")).status_code == 404


def test_the_mapping_leads_there_from_pairs_and_from_what_is_left_behind(seed: SeedProject) -> None:
    html = seed.people.engineer.get(seed.url("mapping") + "?table=public.clients").content.decode()
    link = seed.url("mapping_split") + "?table=public.clients&amp;column="
    assert f"{link}comment" in html and f"{link}surname" in html
    page = seed.people.engineer.get(url(seed)).content.decode()
    assert '<option value="note">note (text)</option>' in page


def test_both_parts_are_confirmed_by_expressions_and_neither_is_a_rename(seed: SeedProject) -> None:
    html = split(seed, ("name", FIRST), ("note", REST)).content.decode()
    assert "name now fills name and note, each by an expression." in html
    for column, expression in (("name", FIRST), ("note", REST)):
        pair = seed.pair("clients", column)
        assert (pair.status, pair.source_column, pair.expression) == ("confirmed", "", expression)
        assert pair.decided_by == seed.engineer


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((("name", FIRST),), "A column is split into at least two"),
        ((("name", FIRST), ("name", REST)), "name is named twice"),
        ((("name", FIRST), ("note", "")), "Write the expression that note gets."),
        ((("name", FIRST), ("", REST)), "Choose the target column that gets this expression."),
        ((("name", FIRST), ("note", "name; DROP TABLE clients")), "Expected one SQL expression"),
        ((("name", FIRST), ("note", "no_such_column")), "no_such_column"),
    ],
)
def test_what_cannot_be_split_so_is_said_and_nothing_is_kept(
    seed: SeedProject, parts: tuple[tuple[str, str], ...], words: str
) -> None:
    before = list(Pair.objects.order_by("pk").values_list("pk", "expression", "status"))
    answer = seed.people.engineer.post(url(seed), given(*parts))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert list(Pair.objects.order_by("pk").values_list("pk", "expression", "status")) == before


def test_all_parts_are_tried_on_the_same_rows(seed: SeedProject) -> None:
    preview = url(seed, "mapping_split_preview")
    fits = seed.people.engineer.post(preview, given(("name", FIRST), ("note", REST))).content.decode()
    assert "rows tried fit." in fits
    assert "→ name" in fits and "→ note" in fits
    refused = seed.people.engineer.post(preview, given(("name", FIRST), ("visits_count", FIRST)))
    html = refused.content.decode()
    assert "rows tried would be refused" in html and "✕ refused" in html
    assert "Choose target columns" in seed.people.engineer.post(preview, {}).content.decode()
    assert "Expected one SQL" in seed.people.engineer.post(preview, given(("name", "1; 2"))).content.decode()
