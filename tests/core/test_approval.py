"""Where a review stands: whose word counts, and what makes it void."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from schemadiff.core.approval import Given, Outcome, State, Subject, standing_of

START = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = Subject(number=1, made_at=START, source_fingerprint="s", target_fingerprint="t", digest="d")
SECOND = replace(FIRST, number=2, made_at=START + timedelta(days=2), target_fingerprint="u", digest="e")


def given(
    outcome: Outcome = Outcome.APPROVED, *, author: str = "ana", subject: Subject = FIRST, hours: int = 1
) -> Given:
    return Given(
        subject=subject,
        outcome=outcome,
        author=author,
        reason="read",
        given_at=subject.made_at + timedelta(hours=hours),
    )


def test_nobody_has_said_anything() -> None:
    assert standing_of(FIRST, [FIRST], []).state is State.OPEN


def test_one_approval_is_enough_and_one_refusal_too() -> None:
    assert standing_of(FIRST, [FIRST], [given()]).state is State.APPROVED
    both = [given(), given(Outcome.CHANGES_REQUESTED, author="ben")]
    assert standing_of(FIRST, [FIRST], both).state is State.CHANGES_REQUESTED


def test_a_persons_last_word_counts() -> None:
    said = [given(Outcome.CHANGES_REQUESTED), given(hours=2)]
    standing = standing_of(FIRST, [FIRST], said)
    assert (standing.state, standing.counting) == (State.APPROVED, (said[1],))


def test_a_newer_comparison_of_another_schema_makes_it_void_on_both() -> None:
    said = [given()]
    before = standing_of(FIRST, [FIRST, SECOND], said)
    assert (before.state, before.newer, before.since) == (State.VOID, 2, SECOND.made_at)
    assert before.why == "comparison #2 found the target’s schema changed"
    after = standing_of(SECOND, [FIRST, SECOND], said)
    assert (after.state, after.newer, after.void) == (State.VOID, None, tuple(said))
    assert after.since == SECOND.made_at


def test_a_newer_comparison_of_the_same_schemas_keeps_it() -> None:
    again = replace(FIRST, number=2, made_at=SECOND.made_at)
    assert standing_of(again, [FIRST, again], [given()]).state is State.APPROVED
    assert standing_of(FIRST, [FIRST, again], [given()]).state is State.APPROVED


def test_another_difference_of_the_same_schemas_makes_it_void() -> None:
    renamed = replace(FIRST, digest="x")
    standing = standing_of(renamed, [renamed], [given()])
    assert (standing.state, standing.since) == (State.VOID, None)
    assert "rename" in standing.why


def test_the_new_one_can_be_approved_anew() -> None:
    said = [given(), given(subject=SECOND)]
    assert standing_of(SECOND, [FIRST, SECOND], said).counting == (said[1],)


def test_what_is_said_of_a_later_one_does_not_count_for_an_earlier_one() -> None:
    standing = standing_of(FIRST, [FIRST, SECOND], [given(subject=SECOND)])
    assert (standing.state, standing.newer) == (State.OPEN, 2)


def test_both_schemas_may_have_moved() -> None:
    moved = replace(SECOND, source_fingerprint="r")
    assert "both schemas" in standing_of(FIRST, [FIRST, moved], [given()]).why
