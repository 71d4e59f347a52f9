"""The background thread: asks, keeps what it is told, and says what changed."""

import contextlib
import logging
import random
import ssl
import threading
from collections.abc import Callable

from migration.access.flag_client.answers import Held, read_answer
from migration.access.flag_client.errors import FlagsUnavailable
from migration.access.flag_client.events import Changed, Failed, FlagEvent, Ready, Stale
from migration.access.flag_client.kept_file import KeptFile
from migration.access.flag_client.lease import WriteLease
from migration.access.flag_client.pace import after_answer, after_failure
from migration.access.flag_client.settings import ClientSettings, client_name
from migration.access.flag_client.transport import Fresh, Outcome, Refusing, Same, Silent, Transport

logger = logging.getLogger(__name__)

_GRACE = (
    1.0  # seconds beyond a request's timeout, at a start without an answer, until the flags count as stale
)


class Poller:
    """Asks once an interval until it is stopped. `held` and `fresh_until` may be read from any thread."""

    def __init__(
        self,
        settings: ClientSettings,
        *,
        tls: ssl.SSLContext | None,
        lease: WriteLease,
        kept: KeptFile | None,
        held: Held | None,
        tell: Callable[[FlagEvent], None],
        clock: Callable[[], float],
    ) -> None:
        self.held = held
        self.fresh_until = 0.0
        self.problem = "the server has not been asked yet."
        self.asked = threading.Event()  # once, whatever came of it
        self._settings = settings
        self.name = client_name(settings)
        self._lease = lease
        self._kept = kept
        self._tell = tell
        self._clock = clock
        self._transport = Transport(settings, tls, clock)
        self._etag = ""  # never from the file: what it says is confirmed in full
        self._failures = 0
        self._stale_at = clock() + settings.timeout + _GRACE
        self._told: set[type[FlagEvent]] = set()  # since the last answer
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flag-client", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends within a moment, also in the middle of a request."""
        self._stop.set()
        self._transport.interrupt()
        if self._thread is not threading.current_thread():
            self._thread.join(self._settings.timeout + _GRACE)

    def abandon(self) -> None:
        """In a child of a fork, where the thread is not: let go of the parent's connection."""
        with contextlib.suppress(Exception):
            self._transport.close()

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._transport.close()

    def _work(self) -> None:
        due = self._clock()
        while not self._stop.is_set():
            if self._clock() >= due:
                pause = self._turn()
                due = self._clock() + pause
                self.asked.set()
            now = self._clock()
            if now >= self._stale_at:
                self._tell_once(Stale(reason=self.problem))
            self._stop.wait(max(0.0, self._next(due) - now))

    def _next(self, due: float) -> float:
        return due if Stale in self._told else min(due, self._stale_at)

    def _turn(self) -> float:
        """Ask once; the answer is the seconds until the next time."""
        try:
            return self._take(self._transport.ask(self._context(), self._etag, self._timeout()))
        except FlagsUnavailable as exc:  # it answered with something that is not flags
            return self._fail(Refusing(reason=str(exc)))
        except Exception:
            logger.exception("The flag client could not use an answer of the server")
            return self._fail(Refusing(reason="the answer could not be used; the log says why."))

    def _timeout(self) -> float:
        """So short that a question that is lost can be asked again before the lease ends."""
        if self.held is None or not self._etag or not self.held.lease:
            return self._settings.timeout
        return min(self._settings.timeout, self.held.lease / 2)

    def _context(self) -> dict[str, object]:
        """What the flags page shows of this process, and what a cut-over waits for."""
        drain = self._lease.drain()
        context: dict[str, object] = {
            "targetingKey": self.name,
            "clientVersion": self._settings.version,
            "writesInFlight": drain.writes_in_flight,
            "holding": drain.holding,
        }
        if self._settings.module:
            context["module"] = self._settings.module
        if self.held is not None:
            context["revision"] = self.held.revision
        return context

    def _take(self, outcome: Outcome) -> float:
        match outcome:
            case Fresh():
                return self._confirm(read_answer(outcome.document), outcome.etag, outcome.sent)
            case Same() if self.held is not None and self._etag:
                return self._confirm(self.held, self._etag, outcome.sent)
            case Same():
                return self._fail(
                    Refusing(reason="The server says that nothing changed, but nothing is held.")
                )
            case Silent() | Refusing():
                return self._fail(outcome)

    def _confirm(self, held: Held, etag: str, sent: float) -> float:
        before, self.held, self._etag = self.held, held, etag
        poll = held.poll or self._settings.interval
        self._lease.renew(held, sent=sent)
        self.fresh_until = self._stale_at = sent + (held.lease or 2 * poll)
        self._failures = 0
        self.problem = "" if held.lease else "the server grants none: it must be of this version or newer."
        self._announce(held, before)
        if self._kept is not None and (before is None or before.document != held.document):
            self._kept.save(held)
        return after_answer(poll, lease=held.lease, chance=random.random)

    def _announce(self, held: Held, before: Held | None) -> None:
        if before is not None and before.document != held.document:
            self._tell(Changed(revision=held.revision, keys=held.differing(before)))
        if self._told != {Ready}:
            self._told = {Ready}
            self._tell(Ready(revision=held.revision))

    def _fail(self, outcome: Silent | Refusing) -> float:
        self._failures += 1
        self.problem = outcome.reason
        if isinstance(outcome, Refusing):
            self._tell_once(Failed(reason=outcome.reason))
        poll = (self.held and self.held.poll) or self._settings.interval
        retry_after = outcome.retry_after if isinstance(outcome, Silent) else 0.0
        return after_failure(self._failures, poll=poll, retry_after=retry_after, chance=random.random)

    def _tell_once(self, event: Failed | Stale) -> None:
        if type(event) not in self._told:
            self._told.add(type(event))
            self._tell(event)
