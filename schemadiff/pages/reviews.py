"""What the pages say of a comparison's review: how far it is read, where it stands, what was said."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import User

from schemadiff.core.approval import Given, Standing, State
from schemadiff.models import Comment, Comparison, Project
from schemadiff.pages.change_rows import ChangeRow
from schemadiff.pages.object_panel import ObjectPanel
from schemadiff.store import reviews
from schemadiff.store.reviews import NOBODY

_CHIPS = {
    State.OPEN: ("neutral", "○"),
    State.APPROVED: ("ok", "✓"),
    State.CHANGES_REQUESTED: ("bad", "✕"),
    State.VOID: ("warn", "▲"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingChip:
    """Where a review stands, in a word; `title` says by whom and since when."""

    tone: str
    glyph: str
    word: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPanel:
    """`viewed` of `differ` objects by the person who looks; `newer` is the comparison that took this one's place."""

    chip: StandingChip
    standing: Standing
    viewed: int
    differ: int
    open_threads: int

    @property
    def newer(self) -> int | None:
        return self.standing.newer

    @property
    def given(self) -> tuple[Given, ...]:
        return self.standing.counting or self.standing.void


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentView:
    pk: int
    author: str
    written_at: datetime
    edited_at: datetime | None
    text: str
    is_own: bool
    is_edited_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """`anchor` is the row it is about, empty for the object; `of_before`: the change was another one then."""

    pk: int
    anchor: str
    about: str
    comments: tuple[CommentView, ...]
    resolved_by: str
    resolved_at: datetime | None
    comparison: int
    of_before: bool

    @property
    def is_edited_now(self) -> bool:
        return any(comment.is_edited_now for comment in self.comments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussion:
    """All that was said of an object; `choices` are what a new comment can be about: anchors and names."""

    key: str
    threads: tuple[Thread, ...]
    choices: tuple[tuple[str, str], ...]
    chosen: str
    error: str = ""
    draft: str = ""
    answering: int | None = None  # the thread whose answer was refused

    @property
    def open(self) -> int:
        return sum(thread.resolved_at is None for thread in self.threads)

    @property
    def resolved(self) -> int:
        return len(self.threads) - self.open


def standing_chip(standing: Standing) -> StandingChip:
    tone, glyph = _CHIPS[standing.state]
    names = ", ".join(
        f"{one.outcome.value} by {one.author} on {one.given_at:%-d %b %Y %H:%M}"
        for one in standing.counting or standing.void
    )
    why = f"void: {standing.why}" if standing.state is State.VOID else ""
    return StandingChip(
        tone=tone,
        glyph=glyph,
        word=standing.state.value.capitalize(),
        title="; ".join(part for part in (names, why) if part),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectReview:
    """The newest comparison of a project as its status page tells of it."""

    comparison: Comparison
    chip: StandingChip
    standing: Standing

    @property
    def given(self) -> tuple[Given, ...]:
        return self.standing.counting or self.standing.void


def review_of_project(project: Project) -> ProjectReview | None:
    """None where nothing has been compared."""
    rows = project.comparisons.select_related("source", "target")
    newest = rows.defer("source__catalog", "target__catalog", "tables", "protected").first()
    if newest is None:
        return None
    standing = reviews.standing(newest)
    return ProjectReview(comparison=newest, chip=standing_chip(standing), standing=standing)


def chip_of(comparison: Comparison) -> StandingChip:
    """Where the comparison's review stands, for a page about something else."""
    return standing_chip(reviews.standing(comparison))


def review_panel(standing: Standing, *, viewed: int, differ: int, open_threads: int) -> ReviewPanel:
    return ReviewPanel(
        chip=standing_chip(standing),
        standing=standing,
        viewed=viewed,
        differ=differ,
        open_threads=open_threads,
    )


def discussion(
    comparison: Comparison, panel: ObjectPanel, comments: list[Comment], user: User, editing: int | None
) -> Discussion:
    """The threads about an object, open ones first, and what a new comment may be about."""
    names = {row.anchor: row.name for row in panel.rows}
    answers: defaultdict[int, list[Comment]] = defaultdict(list)
    for comment in comments:
        if comment.thread_id is not None:
            answers[comment.thread_id].append(comment)
    threads = [
        _thread(comparison, panel, first, answers[first.pk], names, user, editing)
        for first in comments
        if first.thread_id is None
    ]
    threads.sort(key=lambda thread: thread.resolved_at is not None)
    return Discussion(
        key=panel.key,
        threads=tuple(threads),
        choices=tuple(names.items()),
        chosen=panel.attribute if panel.attribute in names else "",
    )


def with_threads(panel: ObjectPanel, found: Discussion) -> ObjectPanel:
    """The panel whose rows say how many open threads are about them."""
    counts: defaultdict[str, int] = defaultdict(int)
    for thread in found.threads:
        counts[thread.anchor] += thread.resolved_at is None

    def counted(row: ChangeRow) -> ChangeRow:
        return replace(row, threads=counts[row.anchor]) if counts[row.anchor] else row

    sections = (
        replace(section, rows=tuple(counted(row) for row in section.rows)) for section in panel.sections
    )
    return replace(panel, sections=tuple(sections))


def _thread(
    comparison: Comparison,
    panel: ObjectPanel,
    first: Comment,
    answers: list[Comment],
    names: dict[str, str],
    user: User,
    editing: int | None,
) -> Thread:
    return Thread(
        pk=first.pk,
        anchor=first.attribute if first.attribute in names else "",
        about=names.get(first.attribute, first.attribute),
        comments=tuple(_comment(one, user, editing) for one in (first, *answers)),
        resolved_by=_name(first.resolved_by) if first.resolved_at else "",
        resolved_at=first.resolved_at,
        comparison=first.comparison.number if first.comparison_id != comparison.pk else 0,
        of_before=first.digest != panel.digest,
    )


def _comment(comment: Comment, user: User, editing: int | None) -> CommentView:
    is_own = comment.author_id == user.pk
    return CommentView(
        pk=comment.pk,
        author=_name(comment.author),
        written_at=comment.written_at,
        edited_at=comment.edited_at,
        text=comment.text,
        is_own=is_own,
        is_edited_now=is_own and comment.pk == editing,
    )


def _name(user: User | None) -> str:
    return user.get_username() if user else NOBODY
