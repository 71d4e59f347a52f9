"""A scheduled change of flags is applied by a worker, at its time."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from migration import flag_changes, flags
from migration.flag_changes import Wanted
from migration.models import FlagChange
from tests.run_rows import make_world
from tests.worker_process import working

PATIENCE = 60


@pytest.mark.heavy
@pytest.mark.django_db(transaction=True)
def test_a_worker_applies_a_scheduled_change_when_its_time_comes(tmp_path: Path) -> None:
    world = make_world()
    crm = flags.create_application(
        world.project, name="crm", environment="production", modules=(), user="ana"
    )
    wanted = Wanted(
        changes={"LOG_DATABASE_CALLS": True},
        reason="measuring",
        expected_revision=1,
        at=timezone.now() + timedelta(seconds=2),
    )
    change = flag_changes.ask(crm, wanted, world.admin)
    assert isinstance(change, FlagChange) and flags.current(crm).number == 1
    with working(tmp_path):
        deadline = time.monotonic() + PATIENCE
        while flags.current(crm).number == 1:
            assert time.monotonic() < deadline, "no worker has applied the change"
            time.sleep(0.1)
    change.refresh_from_db()
    now = flags.current(crm)
    assert (change.state, change.revision, now.author_name) == ("applied", 2, world.admin.username)
    assert wanted.at is not None and now.created_at >= wanted.at
