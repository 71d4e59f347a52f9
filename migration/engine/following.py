"""The follower: reads the source's change stream, and keeps the target up with it until it is told to stop.

What it has applied is in the target, in the same transaction as the rows; only what is safe on the target's disk is
told to the source, which may forget it then. So it may die at any moment, and goes on where it was.
"""

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from math import inf
from uuid import UUID

import psycopg

from migration.core.errors import RunFailed
from migration.core.events import Event, FollowProgress, Level, Log
from migration.core.pgoutput import Begin, Commit, Delete, Insert, Message, Relation, Truncate, Update, read
from migration.core.positions import Lag, Lsn, lag_between
from migration.core.streaming import Data, Keepalive
from migration.engine import followers, slots
from migration.engine.applying import Applier, Change, Place
from migration.engine.changed_rows import Emptied, Reader, Route, difference, new_columns, route_of
from migration.engine.followers import Follower
from migration.engine.sessions import Session, open_source_for_following, open_target, shut, skip_triggers
from migration.engine.stream import Stream
from migration.engine.visibility import Visibility
from migration.engine.ways import Way
from schemadiff.core.mapping import QualifiedName

BATCH = 500
"""Changes of one transaction in the target."""

_TICK = 0.5  # seconds between two answers to the source
_HEARTBEAT = 10.0  # seconds of silence after which a word is written into the source's log
_REPORT = 1.0
_RECENT = 5.0  # seconds over which the rate is taken


class FollowerSession:
    """One attempt at following: three sessions, and what is known of the stream. `position` may be read by others."""

    def __init__(
        self,
        source_dsn: str,
        target_dsn: str,
        way: Way,
        report: Callable[[Event], None],
        settle: "Callable[[FollowerSession], None]",
    ) -> None:
        self._way, self._run, self._report, self._settle = way, way.run, report, settle
        self._sessions: list[Session] = []
        self._sent_at: datetime | None = None  # what came last, by the source's clock
        try:
            self.source = self._keep(open_source_for_following(source_dsn))
            self.target = self._keep(open_target(target_dsn))
            self._prepare_target()
            self._begin(source_dsn)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the sessions; what was not committed is undone."""
        for session in self._sessions:
            session.close()

    def cut(self) -> None:
        """From another thread: whatever it waits for ends with an error."""
        for session in self._sessions:
            shut(session)

    def follow(self, is_over: Callable[[], bool]) -> None:
        """Until `is_over`, asked twice a second. Raises RunFailed, psycopg.Error."""
        while True:
            piece = self._stream.next()
            if piece is None:
                if self._transaction is None:
                    self._flush()
                self._stream.wait(_TICK / 2)
            else:
                self._sent_at = piece.sent_at
                if isinstance(piece, Data):
                    self._take(piece)
                else:
                    self._hear(piece)
            if time.monotonic() - self._ticked >= _TICK:
                self._tick()
                if is_over():
                    return

    @property
    def run(self) -> UUID:
        return self._run

    @property
    def is_settled(self) -> bool:
        """Past the last place that rows were copied as of: from here on the target is as the source was, each time."""
        return self.position >= self._settled_after

    # ------------------------------------------------------------------------------ begin

    def _keep(self, session: Session) -> Session:
        self._sessions.append(session)
        return session

    def _prepare_target(self) -> None:
        self.target.execute("SET lock_timeout = '10s'")  # that of a process that was killed ends by itself
        try:
            self.target.execute("SELECT pg_advisory_lock(hashtext('schemadiff follower'))")
        except psycopg.errors.LockNotAvailable as exc:
            raise RunFailed(
                f"Another process follows into this {self._way.goal} already. Wait until it has ended, or end it; "
                "then go on."
            ) from exc
        if not skip_triggers(self.target):
            self._log(
                f"The {self._way.goal}'s role may not set session_replication_role, so its triggers fire and its "
                "foreign keys are checked for each change. GRANT SET ON PARAMETER session_replication_role TO the role "
                "(PostgreSQL 15 on) lets changes in as they come.",
                Level.WARNING,
            )
        self.target.execute("SET search_path = pg_catalog; SET lc_monetary = 'C'")

    def _begin(self, source_dsn: str) -> None:
        follower = self._record()
        self._slot = follower.slot
        confirmed = self._check_slot(follower)
        self._shapes = dict(follower.shapes)
        # Nor is anything known of the lag before what was written by now is there.
        self._settled_after = max(follower.settled_after, slots.flushed(self.source))
        self.position = self._complete = follower.applied
        self._told = confirmed  # what is in the target need not be on its disk yet
        self._part, self._skip = follower.part, follower.skipped
        self.lag = Lag(bytes=0, seconds=inf)  # until it has been measured
        self._committed_at: datetime | None = follower.committed_at
        self._last: datetime | None = None
        self._routes: dict[QualifiedName, Route] = {
            entry.source: route_of(self.source, self.target, self._way, entry)
            for entry in self._way.mapping.tables
        }
        self._visibility = Visibility(self.source, self._warn)
        self.applier = Applier(self.source, self.target, self._way, self._warn, self._visibility.wait)
        self._readers: dict[int, tuple[Route, Reader]] = {}
        self._strangers: dict[int, str] = {}
        self._changes: list[Change] = []
        self._transaction: Begin | None = None
        self._seen = self._skipping = 0
        self._word = b""  # for us, in the transaction that is being read
        self._changed = self._asked_at = 0
        self._asked: deque[tuple[Lsn, float]] = deque()
        self._recent: deque[tuple[float, int]] = deque()
        self._ticked = self._reported = self._heard = time.monotonic()
        stream = Stream(source_dsn)
        self._keep(stream.session)
        self._stream = stream
        stream.start(self._slot, self._slot, self.position)

    def _record(self) -> Follower:
        follower = followers.find(self.target, self._run)
        if follower is None or not follower.applied:
            raise RunFailed(f"Run {self._run} does not follow its source: it was begun without --follow.")
        return follower

    def _check_slot(self, follower: Follower) -> Lsn:
        """Up to where the source has been told that it may forget. Raises RunFailed."""
        slot = slots.find_slot(self.source, follower.slot)
        if slot is None:
            raise RunFailed(
                f"The replication slot {follower.slot} is gone from the {self._way.origin}: somebody dropped it, and "
                f"with it the changes since. They cannot be had again. {self._way.remedy}"
            )
        if slot.is_lost:
            raise RunFailed(
                f"The {self._way.origin} has thrown away what the slot {follower.slot} was to keep, as "
                f"max_slot_wal_keep_size told it to. Raise that. {self._way.remedy}"
            )
        if slot.confirmed > follower.applied:
            raise RunFailed(
                f"The replication slot {follower.slot} was moved on by somebody else, or the {self._way.goal} was set "
                f"back: changes between are lost to us. {self._way.remedy}"
            )
        return slot.confirmed

    # ----------------------------------------------------------------------------- stream

    def _take(self, piece: Data) -> None:
        said = read(piece.payload)
        match said:
            case Insert() | Update() | Delete():
                if self._is_wanted():
                    _, reader = self._reader(said.relation)
                    self._changes.append(reader.read(said))
                    self._flush_part()
            case Truncate():
                if self._is_wanted():
                    self._changes += [Emptied(route=self._reader(each)[0]) for each in said.relations]
            case Begin():
                self._transaction, self._seen = said, 0
                self._visibility.came(said.xid)
                self._skipping = self._skip if said.final == self._part else 0
            case Commit():
                self._commit(said)
            case Relation():
                self._meet(said)
            case Message(prefix=slots.PREFIX, content=content):
                self._word = content
            case _:
                pass  # types are known by name, and where a change came from first does not matter

    def _is_wanted(self) -> bool:
        """Is the change not in the target yet?"""
        self._seen += 1
        return self._seen > self._skipping

    def _hear(self, piece: Keepalive) -> None:
        """All that was to be sent up to there has been sent."""
        if self._transaction is None and not self._changes:
            self._complete = max(self._complete, piece.end)
            self._reach(piece.end)
        if piece.wants_answer:
            self._tick()

    def _commit(self, said: Commit) -> None:
        self._heard = time.monotonic()
        if self._word == slots.SETTLE:
            self._transaction = None
            self._flush()
            self._settle(self)
        self._transaction, self._complete, self._committed_at = None, said.end, said.committed_at
        if self._part and not self._changes:
            self._apply(self._place())
        if not self._changes:
            self._reach(said.end)
        elif len(self._changes) >= BATCH:
            self._flush()
        if self._word in (slots.NOTE, slots.SETTLE):
            self._flush()
            self._confirm()
        self._word = b""

    def _flush_part(self) -> None:
        """A large transaction goes in parts; what is there of it is written down with it."""
        if len(self._changes) < BATCH or self._transaction is None:
            return
        part, skip = self._transaction.final, self._seen
        self._apply(Place(applied=self._complete, part=part, skipped=skip, committed_at=self._committed_at))
        self._part, self._skip = part, skip
        self._reach(self._complete)

    def _flush(self) -> None:
        """Everything that has come is of whole transactions."""
        if self._changes:
            self._apply(self._place())
            self._reach(self._complete)

    def _place(self) -> Place:
        self._part = self._skip = 0
        return Place(applied=self._complete, committed_at=self._committed_at)

    def _apply(self, place: Place) -> None:
        changes, self._changes = self._changes, []
        self.applier.apply(changes, place)
        if changes:
            self._last = place.committed_at
        self._changed += len(changes)

    def _reach(self, place: Lsn) -> None:
        self.position = max(self.position, place)
        while self._asked and self._asked[0][0] <= self.position:
            self._asked.popleft()

    # -------------------------------------------------------------------------- relations

    def _meet(self, relation: Relation) -> None:
        """A table as it is from here on in the log. Raises RunFailed if the mapping does not fit it any more."""
        table = (relation.schema, relation.name)
        route, shape = self._routes.get(table), self._shapes.get(table)
        if route is None or shape is None:
            # A partition is described as well, though its changes come as the whole table's.
            self._strangers[relation.oid] = ".".join(table)
            return
        if wrong := difference(shape, relation, route.statements.sources):
            raise RunFailed(
                f"{'.'.join(table)} was changed on the {self._way.origin} while it was followed: {', '.join(wrong)}. "
                f"Changes from then on cannot be mapped. {self._way.remedy}"
            )
        if added := new_columns(shape, relation):
            self._learn(table, relation)
            raise RunFailed(
                f"{'.'.join(table)} has got new columns on the {self._way.origin}: {', '.join(added)}. The "
                f"{self._way.goal} does not get their values. If that is right, resume; else begin anew with a mapping "
                "that has them."
            )
        self._readers[relation.oid] = (route, Reader(route, relation, self.applier.prepared))

    def _learn(self, table: QualifiedName, relation: Relation) -> None:
        """Who resumes after that has been told."""
        self._shapes[table] = tuple((each.name, each.type_oid, each.modifier) for each in relation.columns)
        followers.learn_shapes(self.target, self._run, self._shapes)

    def _reader(self, oid: int) -> tuple[Route, Reader]:
        found = self._readers.get(oid)
        if found is None:
            raise RunFailed(
                f"{self._strangers.get(oid, 'A table')} is in the {self._way.origin}'s change stream and no table of "
                "this run: it was renamed, or became part of another. Put that back and begin anew."
            )
        return found

    # ------------------------------------------------------------------------------- time

    def _tick(self) -> None:
        now = self._ticked = time.monotonic()
        self._confirm()
        self._visibility.look()
        self._measure(now)
        if now - self._heard > _HEARTBEAT:
            self._heard = now
            slots.say(self.source, b"heartbeat")
        if now - self._reported >= _REPORT:
            self._reported = now
            self._tell(now)

    def _confirm(self) -> None:
        """Only what is safe in the target may be forgotten by the source."""
        if self.position > self._told:
            self.applier.checkpoint(
                Place(
                    applied=self.position,
                    part=self._part,
                    skipped=self._skip,
                    committed_at=self._committed_at,
                )
            )
            self._told = self.position
        self._stream.answer(received=self._told, flushed=self._told)

    def _measure(self, now: float) -> None:
        """What the source had written so many seconds ago is applied, all of it."""
        written = slots.flushed(self.source)
        if written > self.position:
            self._asked.append((written, now))
        seconds = now - self._asked[0][1] if self._asked else 0.0
        if not self.is_settled and self._sent_at and self._committed_at:
            seconds = max(seconds, (self._sent_at - self._committed_at).total_seconds())
        self.lag = lag_between(written, self.position, seconds=seconds)

    def _tell(self, now: float) -> None:
        slot = slots.find_slot(self.source, self._slot)
        self._recent.append((now, self._changed))
        while now - self._recent[0][0] > _RECENT:
            self._recent.popleft()
        since, before = self._recent[0]
        rate = (self._changed - before) / (now - since) if now > since else 0.0
        self._report(
            FollowProgress(
                lag_bytes=self.lag.bytes,
                lag_seconds=self.lag.seconds,
                changes=self._changed,
                rate=rate,
                is_settled=self.is_settled,
                held=slot.held if slot else 0,
                side=self._way.origin,
                limit=slot.limit if slot else None,
                position=self.position,
                last=self._last,
            )
        )

    def _log(self, message: str, level: Level = Level.INFO) -> None:
        self._report(Log(message=message, level=level))

    def _warn(self, message: str) -> None:
        self._log(message, Level.WARNING)

    @property
    def routes(self) -> tuple[Route, ...]:
        return tuple(self._routes.values())

    def has_changed(self) -> bool:
        """Has anything been applied since this was asked last?"""
        before, self._asked_at = self._asked_at, self._changed
        return self._changed > before
