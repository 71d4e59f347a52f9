"""A client that is cut off from the real flag server: it reads on, and its writes stop when the lease ends."""

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from migration import flags
from migration.access.errors import WriteNotPermitted
from migration.access.flag_client import ClientSettings, FlagClient, Ready, Stale
from migration.access.flag_client.lease import uptime
from migration.models import Application
from schemadiff.models import Project
from tests.faults.proxy import Proxy
from tests.web_process import serving
from tests.worker_process import until

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]

LEASE = 2
THREADS = 4


@pytest.fixture
def crm(transactional_db: None) -> Application:
    project = Project.objects.create(slug="cut", name="Cut off")
    made = flags.create_application(project, name="crm", environment="production", modules=(), user="ana")
    Application.objects.filter(pk=made.pk).update(poll_milliseconds=100, lease_seconds=LEASE)
    made.refresh_from_db()
    return made


@pytest.fixture
def proxy(crm: Application, tmp_path: Path) -> Iterator[Proxy]:
    """The network between the client and the server."""
    with serving(tmp_path) as address:
        place = urlsplit(address)
        with Proxy(f"host={place.hostname} port={place.port}") as network:
            yield network


class Load:
    """Threads that write and read all the time. Keeps when each write began, and how many reads were made."""

    def __init__(self, client: FlagClient) -> None:
        self.began: list[float] = []
        self.reads = 0
        self.refused: list[str] = []
        self._client = client
        self._stop = threading.Event()
        work = [self._write] * THREADS + [self._read]
        self._threads = [threading.Thread(target=each, daemon=True) for each in work]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        until(lambda: len(self.began) > 10 and self.reads > 10, "the load runs")
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _write(self) -> None:
        while not self._stop.is_set():
            try:
                with self._client.writing(within=0.05):
                    self.began.append(uptime())
                    self._stop.wait(0.005)
            except WriteNotPermitted as exc:
                self.refused.append(str(exc))

    def _read(self) -> None:
        while not self._stop.is_set():
            assert self._client.current().revision is not None
            self.reads += 1
            self._stop.wait(0.001)


@pytest.fixture
def settings_of(crm: Application, proxy: Proxy, tmp_path: Path) -> ClientSettings:
    return ClientSettings(
        address=f"http://127.0.0.1:{proxy.port}",
        token=flags.issue_token(crm, user="ana"),
        keep=tmp_path / "kept.json",
        timeout=5.0,
    )


def test_when_the_network_goes_silent_reads_go_on_and_writes_stop(
    crm: Application, proxy: Proxy, settings_of: ClientSettings
) -> None:
    with FlagClient(settings_of) as client, Load(client) as load:
        events: list[object] = []
        client.subscribe(events.append)
        proxy.gate.close()
        silent = uptime()
        until(lambda: bool(load.refused), "writes are refused")
        refused_at, reads = uptime(), load.reads
        prepared = flags.prepare(crm, reason="cut-over", user="ana", expected_revision=1)
        until(lambda: not flags.not_drained(prepared), "the server need not wait for it any longer")
        until(lambda: load.reads > reads + 100, "reads go on")
        assert max(load.began) <= silent + LEASE, "a write began after the lease had ended"
        assert max(load.began) >= silent + LEASE - 1, "the lease was not used"
        assert refused_at <= silent + LEASE + 2
        until(lambda: [type(event) for event in events] == [Stale], "it is told")
        proxy.cut()
        proxy.gate.open()
        until(lambda: client.current().revision == prepared.number, "it hears of the cut-over")
        written = len(load.began)
        assert client.drain.holding
        flags.roll_back(crm, 1, reason="not today", user="ana", expected_revision=prepared.number)
        until(lambda: len(load.began) > written + 10, "writes go on")
        assert any(isinstance(event, Ready) for event in events)
    assert any("does not answer (it took too long)" in sentence for sentence in load.refused)


def test_a_process_that_starts_while_it_is_cut_off_reads_and_does_not_write(
    crm: Application, proxy: Proxy, settings_of: ClientSettings
) -> None:
    assert settings_of.keep is not None
    flags.change(crm, {"LOG_DATABASE_CALLS": True}, reason="measuring", user="ana", expected_revision=1)
    with FlagClient(settings_of):
        until(settings_of.keep.exists, "the file")
    proxy.gate.close()
    with FlagClient(settings_of) as client:
        assert client.current().flags.log_database_calls and client.current().revision == 2
        with pytest.raises(WriteNotPermitted):
            client.writing(within=LEASE).__enter__()
        proxy.cut()
        proxy.gate.open()
        with client.writing(within=20) as state:
            assert state.revision == 2
