"""An expression tried on real rows: before and after, what would be refused, nothing kept."""

import re

import pytest

from schemadiff.models import Connection
from tests.web.mapping_pages import edit
from tests.web.seed_project import SeedProject

pytestmark = pytest.mark.django_db


def test_the_preview_shows_rows_before_and_after_and_keeps_nothing(seed: SeedProject) -> None:
    answer = edit(seed, "bookings", "duration_minutes", "mapping_preview", expression="seance_length / 60")
    html = answer.content.decode()
    assert "All 38 rows tried fit." in html
    assert '<th scope="col">seance_length</th>' in html
    assert "20 of the 38 rows tried are shown" in html
    assert seed.pair("bookings", "duration_minutes").expression == ""


def test_the_preview_shows_rows_that_the_target_refuses_first(seed: SeedProject) -> None:
    html = edit(seed, "services", "name", "mapping_preview", expression="nullif(id % 7, 0)").content.decode()
    assert re.search(r"\d+ of the 63 rows tried would be refused", html)
    assert "must not be null" in html
    assert html.index("✕ refused") < html.index("</tr>", html.index("<tbody>"))


def test_a_refused_row_shows_what_it_would_become_and_why_not(seed: SeedProject) -> None:
    html = edit(
        seed, "bookings", "yclients_booking_id", "mapping_preview", expression="40 + 2"
    ).content.decode()
    first = html[html.index("<tbody>") : html.index("</tr>", html.index("<tbody>"))]
    assert '<span class="mono">42</span>' in first and "✕ refused" in first and "is unique." in first


def test_the_preview_tells_what_the_database_says(seed: SeedProject) -> None:
    html = edit(
        seed, "bookings", "note", "mapping_preview", expression="no_such_column || 'x'"
    ).content.decode()
    assert "no_such_column" in html and "does not exist" in html
    assert "Traceback" not in html


def test_without_the_source_there_is_no_preview(seed: SeedProject) -> None:
    Connection.objects.get(name="legacy").delete()
    html = edit(seed, "bookings", "note", "mapping_preview", source="comment").content.decode()
    assert "connection was removed" in html


def test_the_preview_says_which_rows_a_foreign_key_refuses(seed: SeedProject) -> None:
    """The target's categories are not filled by the source, and none of its services names one that is there."""
    html = edit(
        seed, "services", "service_category_id", "mapping_preview", source="category_id"
    ).content.decode()
    assert re.search(r"63 of the 63 rows tried would be refused: No row of public\.service_categories", html)
    assert "foreign keys and rules over several columns were tried" in html
