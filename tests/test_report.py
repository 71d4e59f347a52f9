"""The context document, and `manage.py report` that prints it."""

import pytest
from markdown_it import MarkdownIt

from migration import story
from migration.context_document import write
from migration.models import RunReject, RunState, RunTable
from migration.status import status_of
from schemadiff.models import Project
from tests.application_commands import manage
from tests.run_rows import World, make_run, make_world


@pytest.fixture
def world(db: None) -> World:
    found = make_world()
    story.tell(found.project)
    return found


def test_it_says_where_we_are_and_why(db: None) -> None:
    world = make_world(
        alternatives=[{"option": "transform", "why_not": "143 columns to map."}],
        figures=[
            {
                "option": "recreate",
                "key": "k",
                "label": "Columns left behind",
                "value": 1234,
                "how": "Counted.",
            }
        ],
    )
    story.tell(world.project)
    run = make_run(world, state=RunState.ENDED, phase="finish", reached="finish")
    RunTable.objects.filter(run=run).update(rows_total=745, rows_written=745, differing=0, state="verified")
    text = write(status_of(world.project), "markdown")
    for expected in (
        "# CRM: where we are, and why",
        "Ready to go on: run \\#1 (recreate) wrote 1,490 rows, all verified as equal.",
        "| 4 | Data migration | Blocked |",
        "## The decision: recreate",
        "It loses nothing.",
        "- Not transform: 143 columns to map.",
        "| recreate | Columns left behind | 1,234 | Counted. |",
        "| \\#1 | recreate | Finish |",
        "## Decisions before that",
        "| dataLoader | source | source |",
        "- Always have a quick way back, and rehearse it.",
    ):
        assert expected in text, expected
    assert MarkdownIt("commonmark").enable("table").render(text).count("<table>") == 5


def test_it_holds_no_row_values_and_no_error_texts(world: World) -> None:
    secret = "+7 900 123-45-67"
    run = make_run(world, state=RunState.ENDED, phase="failed", reached="copy", error=f"invalid {secret}")
    RunReject.objects.create(
        project_id=run.project_id,
        run=run,
        source_schema="public",
        source_table="clients",
        sqlstate="22003",
        reason=secret,
        count=1,
    )
    status = status_of(world.project)
    for format_name in ("markdown", "html"):
        text = write(status, format_name)
        assert secret not in text
        assert "stopped at copy" in text


@pytest.mark.heavy
@pytest.mark.django_db(transaction=True)
def test_the_command_prints_it() -> None:
    refused = manage("report")
    assert refused.returncode == 1
    assert (
        refused.stderr.strip()
        == "Say which project with --project. There is no project yet; add one in the browser."
    )
    project = Project.objects.create(slug="bot", name="Booking bot")
    story.tell(project)
    printed = manage("report")
    assert (printed.returncode, printed.stderr) == (0, "")
    assert printed.stdout.startswith("# Booking bot: where we are, and why\n\nBlocked since 11 Nov 2025")
    html = manage("report", "--format", "html", "--project", "bot")
    assert html.returncode == 0
    assert html.stdout.startswith("<!doctype html>")
    assert manage("report", "--format", "pdf").returncode == 1
