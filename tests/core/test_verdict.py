"""The one sentence that says where a migration stands, and what blocks it."""

from dataclasses import replace

import pytest

from migration.core.phases import Phase
from migration.core.verdict import Facts, RunFact, StageFact, StageStanding, Tone, blockers, verdict

DONE = StageFact(number="0", title="Sessions moved", state=StageStanding.DONE)
BLOCKED = StageFact(
    number="4",
    title="data migration",
    state=StageStanding.BLOCKED,
    result="The schemas are incompatible. No user noticed.",
)
PENDING = StageFact(number="5", title="cut-over", state=StageStanding.PENDING)
DEFERRED = StageFact(number="3b", title="load test", state=StageStanding.DEFERRED)
RUN = RunFact(
    number=3,
    option="recreate",
    phase=Phase.FINISH,
    reached=Phase.FINISH,
    over=True,
    tables=7,
    tables_checked=7,
    rows_total=1490,
    rows_written=1490,
    rows_verified=1490,
)
COPYING = replace(RUN, phase=Phase.COPY, over=False, rows_written=812, tables_checked=0)
PAUSED = replace(COPYING, paused=True)
FAILED = replace(RUN, phase=Phase.FAILED, reached=Phase.COPY, rows_written=812, tables_checked=0)
DIFFERS = replace(RUN, differing=2, tables_differing=1, rows_verified=1400)
STORY = Facts(stages=(DONE, BLOCKED, PENDING), connections=2, comparison=1)


@pytest.mark.parametrize(
    ("facts", "text", "tone"),
    [
        (Facts(), "Not begun: an admin adds the source and the target under Connections first.", Tone.INFO),
        (Facts(connections=2), "Just begun: comparing the two databases is next.", Tone.INFO),
        (
            Facts(connections=2, comparison=1),
            "On track: comparison #1 is there; choosing one of the three ways out is next.",
            Tone.OK,
        ),
        (
            Facts(comparison=1, decided="recreate"),
            "On track: recreate has been decided on; a run is next.",
            Tone.OK,
        ),
        (
            Facts(comparison=1, decided="recreate", run=RUN),
            (
                "On track: run #3 (recreate) wrote 1,490 rows, all verified as equal. "
                "Switching the application over is next."
            ),
            Tone.OK,
        ),
        (
            Facts(comparison=1, decided="recreate", run=PAUSED),
            (
                "Paused: run #3 (recreate) waits at copy, 812 of 1,490 rows written, until an admin resumes it."
            ),
            Tone.WARN,
        ),
        (STORY, "Blocked: stage 4, data migration. The schemas are incompatible.", Tone.BAD),
        (
            replace(STORY, decided="recreate"),
            (
                "Blocked: stage 4, data migration. The schemas are incompatible. "
                "Recreate has been decided on; a run is next."
            ),
            Tone.BAD,
        ),
        (
            replace(STORY, run=COPYING),
            "Under way: run #3 (recreate) is at copy, 812 of 1,490 rows written.",
            Tone.INFO,
        ),
        (
            replace(STORY, run=FAILED),
            "Blocked: run #3 (recreate) stopped at copy, 812 of 1,490 rows written. It can be taken up again.",
            Tone.BAD,
        ),
        (
            replace(STORY, run=DIFFERS),
            "Blocked: run #3 (recreate) is finished, but 2 rows differ in the target.",
            Tone.BAD,
        ),
        (
            replace(STORY, run=RUN),
            (
                "Ready to go on: run #3 (recreate) wrote 1,490 rows, all verified as equal. "
                "Stage 4, data migration, is still marked as blocked."
            ),
            Tone.OK,
        ),
        (
            Facts(stages=(DONE, PENDING), run=RUN),
            "On track: 1 of 2 stages are done; stage 5, cut-over, is next.",
            Tone.OK,
        ),
        (
            Facts(stages=(DONE, replace(PENDING, state=StageStanding.ACTIVE))),
            "On track: 1 of 2 stages are done; stage 5, cut-over, is in progress.",
            Tone.OK,
        ),
        (Facts(stages=(DONE, DEFERRED)), "Waiting: 1 of 2 stages are done, the rest is deferred.", Tone.WARN),
        (Facts(stages=(DONE, DONE)), "Done: all 2 stages are done.", Tone.OK),
    ],
)
def test_the_verdict_says_trouble_first_then_what_is_under_way_then_how_far(
    facts: Facts, text: str, tone: Tone
) -> None:
    found = verdict(facts)
    assert (found.text, found.tone) == (text, tone)


def test_rejects_are_said_in_the_verdict() -> None:
    run = replace(RUN, option="transform", rows_written=1339, rows_verified=1339, rejects=151)
    assert (
        "wrote 1,339 of 1,490 rows, all verified as equal, and kept 151 rejects."
        in verdict(Facts(run=run, decided="transform")).text
    )


def test_a_run_that_was_not_wholly_verified_unblocks_nothing() -> None:
    run = replace(RUN, tables_checked=6)
    assert verdict(replace(STORY, run=run)).text.startswith("Blocked")


@pytest.mark.parametrize("phase", list(Phase))
def test_only_cancelled_and_rolled_back_runs_do_not_count(phase: Phase) -> None:
    run = replace(RUN, phase=phase)
    assert run.counts is (phase not in (Phase.CANCELLED, Phase.ROLLED_BACK))


def test_everything_that_blocks_is_listed_the_worst_first() -> None:
    facts = replace(STORY, run=FAILED, without_backend=("crm · production: services",))
    assert [entry.text for entry in blockers(facts)] == [
        "Stage 4, data migration: The schemas are incompatible.",
        "Run #3 (recreate) stopped at copy. An admin can take it up again.",
        "crm · production: services has no backend: its reads and writes are refused.",
        "No way out has been chosen for comparison #1 yet.",
    ]
    assert [entry.tone for entry in blockers(facts)] == [Tone.BAD, Tone.BAD, Tone.BAD, Tone.WARN]


def test_differing_rows_and_a_schema_that_moved_block_too() -> None:
    facts = Facts(decided="recreate", comparison=1, run=DIFFERS, decision_moved=("The mapping was changed.",))
    assert [entry.text for entry in blockers(facts)] == [
        "2 rows of run #3 (recreate) differ, in 1 table.",
        "What recreate was decided on has changed. The mapping was changed. Look at the options again, and decide "
        "anew.",
    ]
    assert blockers(Facts(decided="recreate", comparison=1, run=RUN)) == ()


def test_a_stage_that_a_run_has_overtaken_is_open_rather_than_blocking() -> None:
    found = blockers(replace(STORY, decided="recreate", run=RUN))
    assert [(entry.text, entry.tone) for entry in found] == [
        (
            "Stage 4, data migration, is still marked as blocked: an engineer or admin updates it.",
            Tone.WARN,
        )
    ]
