"""What people have looked at, said and approved, as rows. Comparisons of the same two sides share it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TypedDict

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from schemadiff.core.approval import Given, Outcome, Standing, Subject, standing_of
from schemadiff.models import Approval, Comment, Comparison, ViewedMark

NOBODY = "an account that is gone"


class _Sides(TypedDict):
    project_id: int
    source_label: str
    target_label: str


def mark_viewed(comparison: Comparison, user: User, key: str, digest: str) -> None:
    """The person has looked at the object as this digest names it; an earlier mark is replaced."""
    with transaction.atomic():
        unmark_viewed(comparison, user, key)
        ViewedMark.objects.create(**_sides(comparison), user=user, object_key=key, digest=digest)


def unmark_viewed(comparison: Comparison, user: User, key: str) -> None:
    """The person wants to look at it again."""
    ViewedMark.objects.filter(**_sides(comparison), user=user, object_key=key).delete()


def comments_on(comparison: Comparison, key: str) -> list[Comment]:
    """Everything said about an object, oldest first."""
    rows = Comment.objects.filter(**_sides(comparison), object_key=key)
    return list(_with_people(rows))


def open_threads(comparison: Comparison, keys: Iterable[str]) -> Counter[str]:
    """How many threads about each object nobody has resolved."""
    rows = Comment.objects.filter(
        **_sides(comparison), object_key__in=list(keys), thread=None, resolved_at=None
    )
    return Counter(rows.order_by().values_list("object_key", flat=True))


def open_thread_count(comparison: Comparison) -> int:
    """How many threads nobody has resolved, about any object."""
    return Comment.objects.filter(**_sides(comparison), thread=None, resolved_at=None).count()


def comment_in(comparison: Comparison, pk: int) -> Comment | None:
    """A comment of the comparisons of these two sides."""
    return Comment.objects.filter(**_sides(comparison), pk=pk).first()


def say(comparison: Comparison, user: User, *, key: str, attribute: str, digest: str, text: str) -> Comment:
    """Begin a thread about an object or one row of it."""
    return Comment.objects.create(
        **_sides(comparison),
        comparison=comparison,
        object_key=key,
        attribute=attribute,
        digest=digest,
        text=text,
        author=user,
    )


def answer(comparison: Comparison, user: User, thread: Comment, text: str) -> Comment:
    """Add to a thread; one that was resolved is open again."""
    with transaction.atomic():
        set_resolved(thread, None)
        return Comment.objects.create(
            **_sides(comparison),
            comparison=comparison,
            object_key=thread.object_key,
            attribute=thread.attribute,
            digest=thread.digest,
            thread=thread,
            text=text,
            author=user,
        )


def edit_comment(comment: Comment, text: str) -> None:
    """Say it in other words; that it was edited, and when, is kept."""
    if text != comment.text:
        Comment.objects.filter(pk=comment.pk).update(text=text, edited_at=timezone.now())


def set_resolved(thread: Comment, user: User | None) -> None:
    """Resolved by this person now, or open again (None)."""
    at = timezone.now() if user else None
    Comment.objects.filter(pk=thread.pk).update(resolved_at=at, resolved_by=user)


def give_approval(comparison: Comparison, user: User, *, outcome: Outcome, reason: str, digest: str) -> None:
    """Record what a person says of the comparison as it is now."""
    Approval.objects.create(
        project=comparison.project,
        comparison=comparison,
        outcome=outcome.value,
        reason=reason,
        source_fingerprint=comparison.source.fingerprint,
        target_fingerprint=comparison.target.fingerprint,
        digest=digest,
        author=user,
    )


def standings_of(comparisons: Iterable[Comparison]) -> dict[int, Standing]:
    """Where the review of each stands, by its number; three queries for all. They are of one project.

    What differs now is taken from the kept figures; a comparison whose page nobody has opened yet has none.
    """
    asked = list(comparisons)
    if not asked:
        return {}
    project = asked[0].project_id
    family: defaultdict[tuple[str, str], list[Subject]] = defaultdict(list)
    for one in _with_sides(Comparison.objects.filter(project=project)):
        family[_labels(one)].append(_subject(one))
    given = _given(project)
    subjects = {subject.number: subject for group in family.values() for subject in group}
    return {
        one.number: standing_of(
            subjects.get(one.number, _subject(one)), family[_labels(one)], given.get(_labels(one), [])
        )
        for one in asked
    }


def standing(comparison: Comparison) -> Standing:
    """Where the review of one comparison stands."""
    return standings_of([comparison])[comparison.number]


def _given(project: int) -> dict[tuple[str, str], list[Given]]:
    rows = Approval.objects.filter(project=project).select_related(
        "author", "comparison__source", "comparison__target"
    )
    found: defaultdict[tuple[str, str], list[Given]] = defaultdict(list)
    for row in rows.defer("comparison__source__catalog", "comparison__target__catalog", *_UNREAD):
        subject = Subject(
            number=row.comparison.number,
            made_at=row.comparison.created_at,
            source_fingerprint=row.source_fingerprint,
            target_fingerprint=row.target_fingerprint,
            digest=row.digest,
        )
        found[_labels(row.comparison)].append(
            Given(
                subject=subject,
                outcome=Outcome(row.outcome),
                author=row.author.get_username() if row.author else NOBODY,
                reason=row.reason,
                given_at=row.given_at,
            )
        )
    return found


_UNREAD = ("comparison__tables", "comparison__protected")


def _with_sides(rows: QuerySet[Comparison]) -> QuerySet[Comparison]:
    rows = rows.select_related("source", "target")
    return rows.defer("source__catalog", "target__catalog", "tables", "protected")


def _subject(comparison: Comparison) -> Subject:
    return Subject(
        number=comparison.number,
        made_at=comparison.created_at,
        source_fingerprint=comparison.source.fingerprint,
        target_fingerprint=comparison.target.fingerprint,
        digest=comparison.summary.get("digest", ""),
    )


def _labels(comparison: Comparison) -> tuple[str, str]:
    return comparison.source.label, comparison.target.label


def _sides(comparison: Comparison) -> _Sides:
    source, target = _labels(comparison)
    return {"project_id": comparison.project_id, "source_label": source, "target_label": target}


def _with_people(rows: QuerySet[Comment]) -> QuerySet[Comment]:
    return rows.select_related("author", "resolved_by", "comparison").defer(
        "comparison__tables", "comparison__protected", "comparison__summary"
    )
