"""Options rehearsed with rows on scratch servers: what the figures are, and that nothing is left of it."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from migration import seedcase
from migration.rehearsal import rehearse_options
from migration.scratch_rows import shares_of
from migration.seedcase.refined import STAGES, refined
from schemadiff.core import mapping_file
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.options.hybrid import Relaxation, hybrid
from schemadiff.core.options.option import Measure, Option, OptionName, Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.options.relaxing import Proposal, propose
from schemadiff.core.options.transform import transform
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.queries import named_queries
from tests.engine.running import PROTECTED, ask, catalog, fingerprint_of, seed_scope
from tests.servers import MakeDatabase, fresh_database
from tests.test_options_command import manage

SOURCE = """
create table teams (id int primary key, name text);
create table people (id int primary key, team_id int references teams, name text, phone text, kind_id int);
insert into teams select n, 'team ' || n from generate_series(1, 40) n;
insert into people select n, 1 + n % 40, 'secret ' || n, repeat('1', n), 7 from generate_series(1, 12) n;
"""
TARGET = """
create table kinds (id int primary key);
insert into kinds values (7);
create table teams (id int primary key, name text);
create table people (
    id int primary key, team_id int references teams, full_name text not null,
    phone varchar(9), kind_id int not null references kinds
);
insert into teams values (1000, 'was here before');
insert into people values (5, 1000, 'was here before', null, 7);
"""
TEAMS, PEOPLE = ("public", "teams"), ("public", "people")
SCOPE = Scope(tables=(PEOPLE, TEAMS))


@pytest.fixture
def source(server16: EmbeddedServer, make_database: MakeDatabase) -> str:
    return make_database(server16, SOURCE)


@pytest.fixture
def target(server18: EmbeddedServer, make_database: MakeDatabase) -> str:
    return make_database(server18, TARGET)


def values(measures: tuple[Measure, ...]) -> dict[str, int]:
    return {measure.key: measure.value for measure in measures}


def items(measures: tuple[Measure, ...], key: str) -> tuple[str, ...]:
    return next(measure.items for measure in measures if measure.key == key)


def how(measures: tuple[Measure, ...], key: str) -> str:
    return next(measure.how for measure in measures if measure.key == key)


def pairs(**sources: str) -> tuple[ColumnPair, ...]:
    return tuple(ColumnPair(target=t, source=s, status=PairStatus.CONFIRMED) for t, s in sources.items())


def by_names(source: str, target: str) -> Option:
    """People and teams by the names that a person would give."""
    mapping = Mapping(
        tables=(
            TableMapping(
                source=PEOPLE,
                target=PEOPLE,
                pairs=pairs(id="id", team_id="team_id", full_name="name", phone="phone", kind_id="kind_id"),
            ),
            TableMapping(source=TEAMS, target=TEAMS, pairs=pairs(id="id", name="name")),
        )
    )
    return transform(catalog(source), catalog(target), SCOPE, mapping)


def rehearsed(
    source: str, target: str, option: Option, *, with_target: bool = True, limit: int = 1_000
) -> tuple[Measure, ...]:
    found = rehearse_options(
        source,
        catalog(target),
        catalog(source),
        [option],
        [],
        target_dsn=target if with_target else None,
        limit=limit,
    )
    return found[option.name]


def scratch_folders() -> set[Path]:
    """Those of this very process."""
    folders = Path(tempfile.gettempdir()).glob("schemadiff-pg-*")
    return {folder for folder in folders if _owner(folder) == str(os.getpid())}


def _owner(folder: Path) -> str:
    try:
        return (folder / "owner").read_text().partition(" ")[0]
    except OSError:  # another process's, just being made or removed
        return ""


@pytest.mark.heavy
def test_every_refused_row_is_counted_by_its_reason_and_none_is_quoted(source: str, target: str) -> None:
    before = fingerprint_of(source), fingerprint_of(target), scratch_folders()
    found = rehearsed(source, target, by_names(source, target))
    expected = {"rows_rehearsed": 52, "rows_written": 48, "rejects": 4, "rows_equal": 48}
    expected |= {"rejects_unfit": 3, "rejects_unfilled": 0, "rejects_between_rows": 1}
    assert values(found) | expected == values(found)
    assert items(found, "rejects") == (
        "public.people: 3 because the value is longer than “phone” takes",
        "public.people: 1 because a row with the same key is already in the target (people_pkey)",
    )
    assert "secret" not in repr(found)
    assert (fingerprint_of(source), fingerprint_of(target), scratch_folders()) == before
    assert scratch_folders(), "the tests' own servers"
    assert ask(target, "select count(*) from people") == [(1,)]


@pytest.mark.heavy
def test_rows_that_the_target_holds_are_there_to_be_referred_to(source: str, target: str) -> None:
    known = rehearsed(source, target, by_names(source, target))
    assert "3 rows that the target's tables in question hold themselves were there" in how(known, "rejects")
    unknown = rehearsed(source, target, by_names(source, target), with_target=False)
    assert values(unknown)["rejects"] == 12
    assert "the target's own rows are not known, so its tables were empty" in how(unknown, "rejects")
    assert items(unknown, "rejects_between_rows") == (
        "public.people: 9 because the row that “kind_id” refers to is not in the target (people_kind_id_fkey)",
    )


def test_protected_tables_stay_empty_on_scratch(source: str, target: str) -> None:
    option = by_names(source, target)
    protecting = Scope(tables=SCOPE.tables, protected=(("public", "kinds"),))
    found = rehearsed(source, target, transform(catalog(source), catalog(target), protecting, option.mapping))
    assert "2 rows that the target's tables" in how(found, "rejects")


@pytest.mark.heavy
def test_above_the_limit_a_sample_of_every_table_brings_the_rows_it_refers_to(
    source: str, target: str
) -> None:
    found = rehearsed(source, target, by_names(source, target), limit=24)
    sampled = values(found)["rows_rehearsed"]
    assert 12 < sampled < 52
    assert values(found)["rows_in_scope"] == 52
    assert f"a sample of {sampled:,} of the source's 52 rows" in how(found, "rejects")
    assert "public.people 12, public.teams" in how(found, "rejects")
    assert values(found)["rejects"] == 4
    # two tables of a chunk each
    assert values(found)["machine_ms"] > 0 and "machine_least_ms" not in values(found)
    assert "Its spread is not known of fewer than 5 chunks." in how(found, "machine_ms")
    assert values(found) == values(rehearsed(source, target, by_names(source, target), limit=24)) | {
        key: values(found)[key] for key in ("rehearsal_ms", "downtime_ms", "rows_a_second", "machine_ms")
    }


def test_tables_share_the_limit_and_small_ones_leave_theirs_to_the_others() -> None:
    counts = {("a", "big"): 1_000_000, ("a", "middle"): 900, ("a", "small"): 10}
    assert shares_of(counts, 1_000) == {("a", "small"): 10, ("a", "middle"): 495, ("a", "big"): 495}
    assert shares_of({}, 1_000) == {}


def test_a_run_that_would_fail_is_told_with_its_reason(source: str, target: str) -> None:
    unmapped = transform(
        catalog(source),
        catalog(target),
        SCOPE,
        Mapping(
            tables=(TableMapping(source=PEOPLE, target=PEOPLE), TableMapping(source=TEAMS, target=TEAMS))
        ),
    )
    found = rehearsed(source, target, unmapped)
    assert values(found)["rehearsal_failed"] == 1
    assert "has a confirmed pair" in items(found, "rehearsal_failed")[0]
    assert "rejects" not in values(found)
    assert values(found)["statements_failed"] == 0


@pytest.mark.heavy
def test_rows_that_refer_to_the_targets_tables_must_find_their_rows_again(
    source: str, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    badges = "create table badges (person_id int references people); insert into badges values (5);"
    kept = make_database(server18, TARGET + badges)
    option = recreate(catalog(source), catalog(kept), SCOPE)
    assert values(rehearsed(source, kept, option))["rows_equal"] == 52
    lost = make_database(
        server18,
        TARGET
        + badges.replace("5", "99").replace(
            "create", "insert into people values (99, null, '', null, 7); create"
        ),
    )
    found = rehearsed(source, lost, recreate(catalog(source), catalog(lost), SCOPE))
    assert "badges" in items(found, "rehearsal_failed")[0]
    assert "99" not in items(found, "rehearsal_failed")[0]


@pytest.mark.heavy
def test_hybrid_proposes_what_the_refusals_speak_for(source: str, target: str) -> None:
    left, right = catalog(source), catalog(target)

    def proposed(*relax: Relaxation) -> tuple[Proposal, ...]:
        chosen = frozenset(relax)
        found = rehearsed(source, target, hybrid(left, right, SCOPE, chosen))
        return propose(left, right, SCOPE, chosen, found)

    (first,) = proposed()
    assert first.relaxation is Relaxation.NOT_NULLS
    assert first.sentence.startswith(
        "12 of 52 rows refused: this column of the target is NOT NULL and has no"
    )
    assert [item for item in first.items if "full_name" in item] == list(first.items)
    (second,) = proposed(Relaxation.NOT_NULLS)
    assert second.relaxation is Relaxation.TYPES_AND_CHECKS
    assert second.sentence.startswith("4 of 52 rows refused, 3 of them for this: ")
    assert any("phone" in item for item in second.items)
    assert proposed(Relaxation.NOT_NULLS, Relaxation.TYPES_AND_CHECKS) == ()
    assert propose(left, right, SCOPE, frozenset(), ()) == ()


@pytest.mark.heavy
def test_the_command_rehearses_and_relaxes(source: str, target: str) -> None:
    done = manage(
        "options", source, target, "--tables", "people", "teams", "--format", "json",
        "--rehearse", "--relax", "not-nulls", "types-and-checks",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    options = {option["name"]: option["measures"] for option in json.loads(done.stdout)["options"]}
    figures = {name: {m["key"]: m["value"] for m in measures} for name, measures in options.items()}
    assert figures["recreate"]["rows_equal"] == 52
    assert (figures["hybrid"]["rows_written"], figures["hybrid"]["rejects"]) == (51, 1)
    assert "secret" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--relax", "everything"], "There is no relaxation everything of hybrid: there are not-nulls, keys"),
        (["--rehearse"], "is a snapshot, which has no rows to rehearse with"),
    ],
)
def test_what_cannot_be_rehearsed_is_one_sentence(
    target: str, tmp_path: Path, arguments: list[str], words: str
) -> None:
    snapshot = tmp_path / "source.json"
    assert manage("snapshot", target, "-o", str(snapshot)).returncode == 0
    done = manage("options", str(snapshot), target, *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def seed(
    server16: EmbeddedServer, server18: EmbeddedServer, seed_source_template: str, seed_target_template: str
) -> Iterator[tuple[str, str]]:
    with (
        fresh_database(server16, template=seed_source_template) as left,
        fresh_database(server18, template=seed_target_template) as right,
    ):
        yield left, right


def seed_figures(seed: tuple[str, str], *options: Option) -> dict[OptionName, tuple[Measure, ...]]:
    left, right = seed
    queries = named_queries(seedcase.QUERIES_SQL.read_text(encoding="utf-8"))
    return rehearse_options(left, catalog(right), catalog(left), options, queries, target_dsn=right)


def row(measures: tuple[Measure, ...]) -> tuple[int, ...]:
    """Rows written, rejects, queries same, changed, failing."""
    found = values(measures)
    keys = ("rows_written", "rejects", "queries_same", "queries_changed", "queries_fail")
    assert found["queries_not_judged"] == found["statements_failed"] == 0
    return tuple(found[key] for key in keys)


@pytest.mark.heavy
def test_the_examples_three_options(seed: tuple[str, str]) -> None:
    left, right = catalog(seed[0]), catalog(seed[1])
    mapping = mapping_file.load(seedcase.MAPPING_JSON.read_text(encoding="utf-8"))
    scope = seed_scope()
    assert scope.protected == PROTECTED
    found = seed_figures(
        seed, recreate(left, right, scope), transform(left, right, scope, mapping), hybrid(left, right, scope)
    )
    assert row(found[OptionName.RECREATE]) == (1_490, 0, 21, 0, 0)
    assert row(found[OptionName.TRANSFORM]) == (1_339, 151, 0, 1, 20)
    assert row(found[OptionName.HYBRID]) == (0, 1_490, 1, 14, 6)
    assert values(found[OptionName.RECREATE])["rows_equal"] == 1_490
    first, *_ = propose(left, right, scope, frozenset(), found[OptionName.HYBRID])
    assert first.sentence.startswith("1,490 of 1,490 rows refused")
    assert "these 12 columns of the target are NOT NULL and have no source" in first.sentence
    assert len(first.items) == 12


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("relax", "statements", "expected", "next_steps"),
    [
        (["NOT_NULLS"], 198, (1_451, 39, 1, 14, 6), ["KEYS", "TYPES_AND_CHECKS"]),
        (["NOT_NULLS", "KEYS"], 205, (1_451, 39, 1, 18, 2), ["TYPES_AND_CHECKS"]),
        (["NOT_NULLS", "KEYS", "TYPES_AND_CHECKS"], 229, (1_490, 0, 1, 20, 0), []),
    ],
)
def test_the_examples_hybrid_step_by_step(
    seed: tuple[str, str],
    relax: list[str],
    statements: int,
    expected: tuple[int, ...],
    next_steps: list[str],
) -> None:
    left, right = catalog(seed[0]), catalog(seed[1])
    chosen = frozenset(Relaxation[name] for name in relax)
    found = seed_figures(seed, hybrid(left, right, seed_scope(), chosen))[OptionName.HYBRID]
    assert row(found) == expected
    assert values(found)["statements"] == statements
    proposed = propose(left, right, seed_scope(), chosen, found)
    assert [proposal.relaxation.name for proposal in proposed] == next_steps


@pytest.mark.heavy
def test_the_examples_mapping_refined_by_a_person(seed: tuple[str, str]) -> None:
    """What a person writes comes to the same as what is proposed step by step (`tests/web/test_rehearsals.py`)."""
    left, right = catalog(seed[0]), catalog(seed[1])
    found = seed_figures(seed, transform(left, right, seed_scope(), refined(*STAGES)))[OptionName.TRANSFORM]
    assert row(found) == (1_441, 49, 0, 1, 20)
    assert values(found)["rows_equal"] == 1_441
