"""USE CASE: an application's flags during a cut-over: hold writes, flip, or take it back."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import Error, connection

from migration import flag_clients, flags
from migration.core.errors import RunFailed
from migration.core.flags import BACKEND, LEGACY, MODULE_PREFIX, REPOSITORY, CutOver
from migration.models import Application, Revision
from schemadiff.core.errors import Refused

HEARING = 2.0
"""Seconds in which the clients are to hold their writes, at the most; the fence holds those that do not."""
_LOOK = 0.05
_NAMED = 5


_Method = TypeVar("_Method", bound=Callable[..., str])


def _told(method: _Method) -> _Method:
    """Where the application's database does not answer, what was begun is undone, as for any other failure."""

    @wraps(method)
    def told(*arguments: Any) -> str:
        try:
            return method(*arguments)
        except Error as exc:
            connection.close()
            raise RunFailed(
                "Schemadiff's own database, which holds the flags, does not answer, so they could not be changed. "
                "Try again when it does."
            ) from exc

    return cast("_Method", told)


class FlagSwitch:
    """The application's flags. Whoever asks does so by the revision that it has seen last."""

    def __init__(
        self,
        application: Application,
        *,
        reason: str,
        user: object,
        waits: Callable[[float], None] = time.sleep,
    ) -> None:
        self._application, self._reason, self._user, self._waits = application, reason, user, waits

    @_told
    def look(self) -> str:
        """Raises Refused while a client does not hold the newest revision."""
        now = flags.current(self._application)
        late = flag_clients.not_yet_on(now)
        if late:
            raise Refused(
                f"{len(late)} clients of {self._application} do not hold its newest revision, r{now.number}, yet: "
                f"{', '.join(client.name for client in late[:_NAMED])}. Wait until they do, or end them."
            )
        return f"All {len(flag_clients.asking(self._application))} clients of {self._application} hold r{now.number}."

    @_told
    def prepare(self) -> str:
        """Clients hold their writes; those that do not hear of it in time are named by number."""
        now = flags.current(self._application)
        if now.phase != Revision.Phase.PREPARE:
            now = flags.prepare(
                self._application, reason=self._reason, user=self._user, expected_revision=now.number
            )
        late = self._wait_for(now)
        heard = (
            "all clients hold their writes" if not late else f"{late} clients have not heard of it in time"
        )
        return f"Revision r{now.number} of {self._application} asks for writes to be held: {heard}."

    @_told
    def flip(self) -> str:
        """Writes live in the target, those of every module: a module's own value would keep it at the source."""
        now = flags.current(self._application)
        follow = {MODULE_PREFIX + module: None for module, _ in flags.flags_of(now).modules}
        after = flags.release(
            self._application,
            {REPOSITORY: True, BACKEND: "target", **follow},
            cut_over=CutOver.AFTER,
            reason=self._reason,
            user=self._user,
            expected_revision=now.number,
        )
        return f"Revision r{after.number} of {self._application}: the backend is the target."

    @_told
    def take_back(self) -> str:
        """As it was. What the flags say before a preparation is not touched."""
        now = flags.current(self._application)
        if now.phase == Revision.Phase.PREPARE:
            back = flags.release(
                self._application,
                {},
                cut_over=CutOver(now.cut_over),
                reason=f"Taken back: {self._reason}",
                user=self._user,
                expected_revision=now.number,
            )
            return f"Revision r{back.number} of {self._application} lets writes go on where they were."
        if now.cut_over == Revision.CutOver.AFTER:
            return self._roll_back(now)
        return f"The flags of {self._application} are as they were, at r{now.number}."

    def _before(self) -> Revision:
        """How the flags were when they last said that writes live in the source."""
        before = (
            self._application.revisions.filter(cut_over=Revision.CutOver.BEFORE, phase=Revision.Phase.NORMAL)
            .order_by("-number")
            .first()
        )
        assert before is not None, "an application begins before its cut-over"
        return before

    def _roll_back(self, now: Revision) -> str:
        before = self._before()
        back = flags.roll_back(
            self._application,
            before.number,
            reason=f"Taken back: {self._reason}",
            user=self._user,
            expected_revision=now.number,
        )
        return f"Revision r{back.number} of {self._application} is r{before.number} again: the backend is the source."

    def _wait_for(self, revision: Revision) -> int:
        deadline = time.monotonic() + HEARING
        while late := len(flag_clients.not_drained(revision)):
            if time.monotonic() > deadline:
                return late
            self._waits(_LOOK)
        return 0


class FlagSwitchBack(FlagSwitch):
    """The same for the way back: the source is flipped to, and whatever is taken back stays at the target."""

    @_told
    def flip(self) -> str:
        """Writes live in the source; each module's backend is what it was before the cut-over."""
        now = flags.current(self._application)
        if now.cut_over == Revision.CutOver.BEFORE and now.phase == Revision.Phase.NORMAL:
            return (
                f"Revision r{now.number} of {self._application} says already that writes live in the source."
            )
        if now.phase != Revision.Phase.PREPARE:
            self.prepare()
            now = flags.current(self._application)
        before, mine = flags.flags_of(self._before()), flags.flags_of(now)
        modules = {module: None for module, _ in mine.modules} | dict(before.modules)
        after = flags.release(
            self._application,
            {
                REPOSITORY: before.switch(REPOSITORY),
                LEGACY: before.switch(LEGACY),
                BACKEND: before.backend.value,
                **{MODULE_PREFIX + module: value for module, value in modules.items()},
            },
            cut_over=CutOver.BEFORE,
            reason=self._reason,
            user=self._user,
            expected_revision=now.number,
        )
        return f"Revision r{after.number} of {self._application}: the backend is the source."

    def take_back(self) -> str:
        """As it was. What the flags say outside of a preparation is not touched."""
        now = flags.current(self._application)
        if now.phase == Revision.Phase.PREPARE:
            return super().take_back()
        return f"The flags of {self._application} are as they were, at r{now.number}."
