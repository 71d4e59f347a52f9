"""The server's bulk answer as the client understands it, and what it refuses to understand."""

from typing import Any

import pytest

from migration.access.flag_client.answers import read_answer
from migration.access.flag_client.errors import FlagsUnavailable
from migration.access.flag_client.pace import after_answer, after_failure
from migration.core.flags import Backend, CutOver, Flags, backend_of, keys
from migration.core.ofrep import Standing, evaluate_all

MODULES = ("dataLoader", "services")
PILOT = Flags(use_repository_pattern=True, modules=(("services", Backend.TARGET),))


def document(**metadata: Any) -> dict[str, Any]:
    standing = Standing(revision=42, poll_milliseconds=1500, lease_seconds=10, cut_over=CutOver.AFTER)
    found = evaluate_all(PILOT, keys(MODULES), "", standing=standing)
    found["metadata"].update(metadata)
    return found


def without(found: dict[str, Any], key: str) -> dict[str, Any]:
    return {**found, "flags": [flag for flag in found["flags"] if flag["key"] != key]}


def test_everything_that_the_server_says_is_kept() -> None:
    held = read_answer(document(hold_writes=True))
    assert (held.revision, held.poll, held.lease, held.hold_writes) == (42, 1.5, 10.0, True)
    assert (held.state.cut_over, held.state.revision) == (CutOver.AFTER, 42)
    assert backend_of(held.state.flags, "services").backend is Backend.TARGET
    assert backend_of(held.state.flags, "dataLoader").backend is Backend.SOURCE
    answer = held.answers["backend.services"]
    assert (answer.value, answer.variant, answer.metadata["revision"]) == ("target", "target", 42)


def test_flags_of_the_applications_own_are_answers_and_decide_nothing() -> None:
    found = document()
    found["flags"].append({"key": "newDialog", "value": True, "variant": "on", "reason": "STATIC"})
    held = read_answer(found)
    assert held.answers["newDialog"].value is True
    assert held.state.flags == read_answer(document()).state.flags


def test_a_flag_that_could_not_be_evaluated_keeps_its_error() -> None:
    found = document()
    found["flags"].append({"key": "newDialog", "errorCode": "PARSE_ERROR", "errorDetails": "No."})
    answer = read_answer(found).answers["newDialog"]
    assert (answer.error, answer.details, answer.value) == ("PARSE_ERROR", "No.", None)


@pytest.mark.parametrize(
    "broken, sentence",
    [
        (None, "no list of flags"),
        ([], "no list of flags"),
        ({"flags": {}}, "no list of flags"),
        ({"flags": [3]}, "a flag without a key"),
        ({"flags": [{"key": "backend", "value": None}]}, "'backend' has neither a value"),
        ({"flags": [], "metadata": []}, "revision is a number from 1 on, not None"),
        (document(revision=True), "revision is a number from 1 on, not True"),
        (document(revision=0), "not 0"),
        (document(cut_over="soon"), "before or after, not 'soon'"),
        (without(document(), "backend"), "lacks the flag backend"),
        (without(document(), "USE_LEGACY_SUPABASE"), "lacks the flag USE_LEGACY_SUPABASE"),
    ],
)
def test_what_is_no_answer_is_refused_with_a_sentence(broken: object, sentence: str) -> None:
    with pytest.raises(FlagsUnavailable, match=sentence):
        read_answer(broken)


def test_a_flag_of_the_wrong_type_is_refused() -> None:
    found = document()
    found["flags"][0]["value"] = "yes"
    with pytest.raises(FlagsUnavailable, match="USE_REPOSITORY_PATTERN is true or false"):
        read_answer(found)


@pytest.mark.parametrize("lease", [None, 0, -5, True, "10", float("nan"), float("inf")])
def test_a_lease_that_is_no_length_of_time_permits_nothing(lease: object) -> None:
    assert read_answer(document(lease_seconds=lease)).lease == 0


@pytest.mark.parametrize("poll, seconds", [(None, None), (0, None), (1, 0.05), (10**9, 3600), (100, 0.1)])
def test_the_server_cannot_ask_for_a_storm_or_for_silence(poll: object, seconds: float | None) -> None:
    assert read_answer(document(poll_milliseconds=poll)).poll == seconds


def test_what_is_unclear_about_holding_holds() -> None:
    assert read_answer(document(hold_writes="no")).hold_writes
    assert not read_answer(document(hold_writes=False)).hold_writes


def test_two_revisions_differ_in_the_flags_whose_values_differ() -> None:
    one, other = document(), document(revision=43)
    assert read_answer(other).differing(read_answer(one)) == ()
    other["flags"][0]["value"] = False
    assert read_answer(without(other, "backend.services")).differing(read_answer(one)) == (
        "USE_REPOSITORY_PATTERN",
        "backend.services",
    )


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_a_lost_answer_does_not_end_the_lease(chance: float) -> None:
    assert after_answer(60, lease=10, chance=lambda: chance) <= 5
    assert 0.9 <= after_answer(1, lease=10, chance=lambda: chance) <= 1
    assert 54 <= after_answer(60, lease=0, chance=lambda: chance) <= 60


def test_pauses_after_failures_grow_to_two_intervals_and_never_stop() -> None:
    pauses = [after_failure(failures, poll=5, retry_after=0, chance=lambda: 0) for failures in range(1, 2000)]
    assert pauses[:5] == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert set(pauses[5:]) == {10.0}
    assert after_failure(9, poll=5, retry_after=0, chance=lambda: 1) == 5.0
    assert after_failure(9, poll=0.1, retry_after=0, chance=lambda: 0) == 1.0


def test_the_server_is_left_alone_for_as_long_as_it_asks() -> None:
    assert after_failure(1, poll=1, retry_after=7, chance=lambda: 1) == 7
