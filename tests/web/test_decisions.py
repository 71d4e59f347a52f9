"""Decisions: taken, shown, superseded, exported, and never edited."""

import re
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse
from pytest_django import DjangoAssertNumQueries

from migration import demo
from schemadiff import deciding, store
from schemadiff.core.errors import Refused
from schemadiff.core.options.option import Measure, OptionName
from schemadiff.core.snapshot import from_json, to_json
from schemadiff.models import Decision, Snapshot, Weighing
from tests.web.seed_project import SeedProject

pytestmark = pytest.mark.django_db

REASON = "It loses nothing, and no query changes."


def decide(seed: SeedProject, option: str = "recreate", **data: str) -> Any:
    sent = {"reason": REASON, "why_not_hybrid": "14 queries give another shape.", **data}
    return seed.people.engineer.post(seed.url("decide", option), sent)


def decided(seed: SeedProject, option: str = "recreate", **data: str) -> Decision:
    answer = decide(seed, option, **data)
    assert answer.status_code == 302, answer.content.decode()
    pk = re.fullmatch(r".*/decisions/(\d+)/", answer["Location"])
    assert pk
    return Decision.objects.get(pk=pk[1])


def see(seed: SeedProject, decision: Decision) -> str:
    answer = seed.people.manager.get(seed.decisions_url("decision", decision.pk))
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def figures(seed: SeedProject) -> None:
    """Of two options, measured in different ways."""
    for option, value in ((OptionName.RECREATE, 0), (OptionName.HYBRID, 6)):
        measure = Measure(
            key="queries_fail",
            label="Queries that fail",
            value=value,
            how=f"Tried on {option.value}'s result.",
        )
        store.record_measures(seed.comparison, option, [measure])


# ------------------------------------------------------------------------------------ who may


def test_managers_read_decisions_and_take_none(seed: SeedProject) -> None:
    made = decided(seed)
    html = see(seed, made)
    assert REASON in html
    assert seed.url("comparison") not in html  # a page that managers may not see
    assert seed.people.manager.get(seed.decisions_url()).status_code == 200
    for method in ("get", "post"):
        assert getattr(seed.people.manager, method)(seed.url("decide", "hybrid")).status_code == 403
    assert Decision.objects.count() == 1


def test_strangers_find_nothing(seed: SeedProject) -> None:
    made = decided(seed)
    for url in (
        seed.decisions_url(),
        seed.decisions_url("decision", made.pk),
        seed.decisions_url("decision_export", made.pk),
        seed.url("decide", "recreate"),
    ):
        assert seed.people.stranger.get(url).status_code == 404


def test_before_the_first_decision_the_page_says_what_to_do_next(seed: SeedProject) -> None:
    engineer = seed.people.engineer.get(seed.decisions_url()).content.decode()
    assert seed.url("options") in engineer
    manager = seed.people.manager.get(seed.decisions_url()).content.decode()
    assert "Nothing has been decided yet" in manager and seed.url("options") not in manager


# ------------------------------------------------------------------------------------ taken


@pytest.mark.usefixtures("figures")
def test_a_decision_keeps_who_why_and_the_figures_of_that_moment(seed: SeedProject) -> None:
    made = decided(seed)
    assert (made.option, made.reason, made.author) == ("recreate", REASON, seed.engineer)
    assert made.alternatives == [
        {"option": "transform", "why_not": ""},
        {"option": "hybrid", "why_not": "14 queries give another shape."},
    ]
    assert made.source_fingerprint == seed.comparison.source.fingerprint
    assert made.target_fingerprint == seed.comparison.target.fingerprint
    seed.comparison.evidence.all().delete()
    html = see(seed, made)
    row = html[html.index('id="figure-queries_fail"') :]
    row = row[: row.index("</tr>")]
    assert "Tried on recreate&#x27;s result." in row and "Tried on hybrid&#x27;s result." in row
    assert ">✓</span> 0" in row and ">✕</span> 6" in row
    assert "not measured" in row  # transform
    assert "In force: recreate." in html


def test_a_decision_without_figures_says_so(seed: SeedProject) -> None:
    form = seed.people.engineer.get(seed.url("decide", "recreate")).content.decode()
    assert "Nothing was measured for this comparison as it stands" in form
    assert "Nothing had been measured when this was decided." in see(seed, decided(seed))


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_demanded(seed: SeedProject, reason: str) -> None:
    answer = decide(seed, reason=reason)
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()
    assert not Decision.objects.exists()


def test_an_option_that_there_is_not_is_not_found(seed: SeedProject) -> None:
    assert decide(seed, "rewrite").status_code == 404


def test_what_is_unconfirmed_blocks_transform(seed: SeedProject) -> None:
    page = seed.people.engineer.get(seed.url("decide", "transform")).content.decode()
    assert "Transform cannot be decided on yet: 13 things stand in its way." in page
    assert "Record the decision" not in page
    answer = decide(seed, "transform")
    assert answer.status_code == 422
    assert "cannot be decided on yet" in answer.content.decode()
    with pytest.raises(Refused, match=r"43 column pairs are not confirmed yet.*12 more such reasons"):
        deciding.decide(
            seed.comparison, OptionName.TRANSFORM, reason="Because.", why_not={}, user=seed.engineer
        )
    assert not Decision.objects.exists()


def test_transform_with_a_confirmed_mapping_can_be_decided_on(seed: SeedProject) -> None:
    seed.map_truly()
    assert decided(seed, "transform").option == "transform"


@pytest.mark.usefixtures("figures")
def test_the_form_says_what_the_figures_recommend(seed: SeedProject) -> None:
    recommended = seed.people.engineer.get(seed.url("decide", "recreate")).content.decode()
    other = seed.people.engineer.get(seed.url("decide", "hybrid")).content.decode()
    assert '<p class="verdict verdict-info">Recreate is recommended' in recommended
    assert "The figures do not recommend hybrid." in other


# ------------------------------------------------------------------------------------ superseded, never edited


def test_another_decision_supersedes_the_one_in_force(seed: SeedProject) -> None:
    first = decided(seed)
    second = decided(seed, "hybrid", reason="Less is changed.")
    first.refresh_from_db()
    assert first.superseded_by == second
    assert second.superseded_by is None
    assert store.current_decision(seed.comparison.project) == second
    assert seed.decisions_url("decision", second.pk) in see(seed, first)
    entries = seed.people.manager.get(seed.decisions_url()).content.decode()
    assert entries.count("✓ in force") == 1 and entries.count("↷ superseded") == 1
    assert entries.index("✓ in force") < entries.index("↷ superseded")


def test_nothing_edits_a_decision(seed: SeedProject) -> None:
    made = decided(seed)
    for name in ("decision_edit", "decision_delete"):
        with pytest.raises(NoReverseMatch):
            reverse(f"schemadiff:{name}", args=[demo.SLUG, made.pk])
    answer = seed.people.engineer.post(seed.decisions_url("decision", made.pk), {"reason": "Another."})
    assert answer.status_code == 405
    operator = seed.people.admin
    assert operator.get(reverse("admin:schemadiff_decision_change", args=[made.pk])).status_code == 200
    for url in (
        reverse("admin:schemadiff_decision_change", args=[made.pk]),
        reverse("admin:schemadiff_decision_delete", args=[made.pk]),
        reverse("admin:schemadiff_decision_add"),
    ):
        assert operator.post(url, {"reason": "Another.", "post": "yes"}).status_code == 403
    made.refresh_from_db()
    assert made.reason == REASON
    made.reason = "Another."
    for act in (made.save, made.delete):
        with pytest.raises(Refused, match="never edited or removed"):
            act()


def test_a_later_snapshot_of_another_schema_is_told(seed: SeedProject) -> None:
    made = decided(seed)
    assert store.movements(made) == ()
    target = seed.comparison.target
    catalog = from_json(Snapshot.objects.values_list("catalog", flat=True).get(pk=target.pk))
    Snapshot.objects.create(
        project=target.project,
        connection=target.connection,
        label=target.label,
        server_version=target.server_version,
        fingerprint="0" * 64,
        catalog=to_json(catalog),
    )
    assert [(each.what, each.is_serious) for each in store.movements(made)] == [(store.Moved.TARGET, True)]
    assert "A later snapshot of the target shows another schema." in see(seed, made)


# ------------------------------------------------------------------------------------ shown and exported


@pytest.mark.usefixtures("figures")
def test_the_export_holds_all_of_it_as_text(seed: SeedProject) -> None:
    made = decided(seed, why_not_transform="A rewrite of | everything <b>.")
    answer = seed.people.manager.get(seed.decisions_url("decision_export", made.pk))
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert f'filename="decision-recreate-{made.pk}.md"' in answer["Content-Disposition"]
    assert text.startswith("# Decision: recreate\n\nDecided by engineer on ")
    assert "A rewrite of | everything <b>." in text
    assert "| Queries that fail | 0 | not measured | 6 |" in text
    assert "- Queries that fail, hybrid: Tried on hybrid's result." in text
    assert seed.comparison.source.fingerprint in text
    assert "\n\n\n" not in text


def test_a_hundred_decisions_cost_no_more_queries(
    seed: SeedProject, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(40):
        store.record_decision(
            seed.comparison, OptionName.HYBRID, reason=f"Reason {number}.", why_not={}, user=seed.engineer
        )
    with django_assert_max_num_queries(5):  # session, user, member, latest comparison, decisions
        html = seed.people.engineer.get(seed.decisions_url()).content.decode()
    assert html.count("↷ superseded") == 39


def test_work_weights_and_open_conditions_are_kept_as_they_stood(seed: SeedProject) -> None:
    """What people assume afterwards changes no decision."""
    for option in OptionName:
        measures = [
            Measure(key="statements", label="DDL statements", value=20, how="Counted."),
            Measure(key="values_in_scope", label="Values", value=100, how="Counted."),
            Measure(key="values_left_behind", label="Left", value=0, how="Counted."),
            Measure(key="downtime_ms", label="Still", value=2500, how="Rehearsed."),
        ]
        store.record_measures(seed.comparison, option, measures)
    answer = seed.people.engineer.post(
        seed.url("decide", "recreate"),
        {"reason": "It keeps everything.", "conditions": "A backup that was restored."},
    )
    assert answer.status_code == 302
    Weighing.objects.all().delete()
    html = seed.people.manager.get(answer["Location"]).content.decode()
    assert "A backup that was restored." in html
    assert "Work and weights as they stood" in html and "Marketplace-ready, weight 50" in html
    assert "Nothing had been rehearsed with rows." in html
    work = html[html.index("Work and weights as they stood") :]
    assert work.index("<dt>Recreate") < work.index("<dt>Transform") < work.index("<dt>Hybrid")
    text = seed.people.manager.get(f"{answer['Location']}export/").content.decode()
    assert "## What has still to be seen to\n\nA backup that was restored." in text
    assert "| Marketplace-ready, weight 50 | judged by the team, before | 0% | 100% | 80% |" in text
    assert "- transform: writes stand still for 2.5 s" in text
    printed = seed.people.manager.get(f"{answer['Location']}export.html").content.decode()
    for said in (html, printed):
        assert "2.5 s" in said and "Marketplace-ready, weight 50" in said
    assert "A backup that was restored." in printed


@pytest.mark.usefixtures("figures")
def test_the_file_to_print_is_one_and_needs_nothing_else(seed: SeedProject) -> None:
    made = decided(seed, why_not_transform="A rewrite of <b>everything</b>.")
    url = seed.decisions_url("decision_export_html", made.pk)
    assert url in see(seed, made)
    answer = seed.people.manager.get(url)
    html = answer.content.decode()
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert f'filename="decision-recreate-{made.pk}.html"' in answer["Content-Disposition"]
    assert "A rewrite of &lt;b&gt;everything&lt;/b&gt;." in html
    assert not re.search(r"""<(script|link|img|a)\b|src=|url\(""", html)
    assert "@media print" in html and "@page" in html
    assert '<td class="num">6<sup>2</sup></td>' in html
    notes = html[html.index('class="notes"') :]
    assert notes.index("Tried on recreate") < notes.index("Tried on hybrid")
    assert seed.comparison.target.fingerprint in html
    assert seed.people.stranger.get(url).status_code == 404
