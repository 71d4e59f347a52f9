"""The example's story, told into a project."""

import pytest

from migration import flags, story
from migration.models import Stage
from migration.status import status_of
from schemadiff.models import Project


@pytest.fixture
def project(db: None) -> Project:
    found = Project.objects.create(slug="bot", name="Booking bot")
    story.tell(found)
    return found


def test_it_tells_stages_decisions_lessons_and_the_application(project: Project) -> None:
    stages = {stage.number: (stage.state, stage.actual) for stage in project.stages.all()}
    assert list(stages) == ["0", "0.8", "1", "2", "3a", "3b", "4", "5"]
    assert [number for number, (state, _) in stages.items() if state == "done"] == [
        "0",
        "0.8",
        "1",
        "2",
        "3a",
    ]
    assert (stages["3b"][0], stages["4"][0], stages["5"][0]) == ("deferred", "blocked", "pending")
    assert stages["0"][1] == "2.5 h"
    subjects = [decision.subject for decision in project.past_decisions.all()]
    assert len(subjects) == 7 and "Dual-write" in subjects
    assert any("way back" in lesson.text for lesson in project.lessons.all())
    application = project.applications.get()
    assert (application.name, application.environment) == ("crm", "production")
    assert application.modules == ["dataLoader", "syncScripts", "services"]
    assert flags.current(application).number == 1


def test_the_status_says_what_blocks(project: Project) -> None:
    status = status_of(project)
    assert status.verdict.text == (
        "Blocked since 11 Nov 2025: stage 4, Data migration. "
        "7 tables tried, 0 rows, 7 errors: the schemas are incompatible (6.88 s)."
    )
    assert len(status.blockers) == 1


def test_telling_it_again_changes_nothing_that_people_did(project: Project) -> None:
    Stage.objects.filter(number="4").update(state="done", result="1,490 rows")
    application = project.applications.get()
    flags.change(application, {"LOG_DATABASE_CALLS": True}, reason="see", user="ana", expected_revision=1)
    before = counts(project)
    story.tell(project)
    assert counts(project) == before
    assert project.stages.get(number="4").result == "1,490 rows"
    assert flags.current(application).number == 2


def counts(project: Project) -> tuple[int, ...]:
    kinds = (project.stages, project.past_decisions, project.lessons, project.applications)
    return tuple(kind.count() for kind in kinds)
