"""The clients of an application at the browser: counted, held, drained; also on a telephone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from migration import flags
from migration.models import FlagClient
from tests.browser.people import Person
from tests.run_rows import make_world

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "/p/crm/flags/crm/production/"


@pytest.mark.heavy
def test_who_watches_a_cut_over_sees_the_clients_come_to_rest(
    transactional_db: None, person: Callable[[], Person]
) -> None:
    world = make_world()
    world.engineer.set_password("engineer")
    world.engineer.save()
    crm = flags.create_application(
        world.project, name="crm", environment="production", modules=("services",), user="ana"
    )
    engineer = person()
    engineer.logs_in(world.engineer.username, "engineer")
    engineer.opens(HERE)
    engineer.sees("no client seen lately", "No process has asked for these flags yet")
    prepared = flags.prepare(crm, reason="The cut-over at noon", user="ana", expected_revision=1)
    for number, writes in enumerate((0, 2, 0)):
        flags.record_client(
            crm,
            name=f"crm.services@host{number}.example.org:{4711 + number}",
            module="services",
            version="0.1.0",
            revision=prepared.number if number < 2 else 1,
            writes_in_flight=writes,
            holding=number < 2,
        )
    flags.record_client(crm, name="crm@stock", revision=1)
    FlagClient.objects.filter(name__contains="host2").update(last_seen=timezone.now() - timedelta(minutes=7))
    engineer.opens(HERE)
    engineer.looks_at("crm · production")
    engineer.sees("2 of 3 clients on revision 2")
    engineer.sees_row("crm.services@host0.example.org:4711", "0.1.0", "r2", "holding, none under way")
    engineer.sees_row("crm.services@host1.example.org:4712", "r2", "holding, 2 writes under way")
    engineer.sees_row("crm.services@host2.example.org:4713", "r1, behind", "not counted")
    engineer.sees_row("crm@stock", "r1, behind")
    page = engineer.page
    page.set_viewport_size({"width": 400, "height": 800})
    expect(page.get_by_role("region", name="Clients").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400, "only the table scrolls sideways"
    engineer.accessible(page)
