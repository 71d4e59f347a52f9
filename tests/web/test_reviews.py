"""Reviewing a comparison: marks, comments and verdicts, by whom, until when, and who may."""

import re
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from schemadiff import store
from schemadiff.compared import summary_of
from schemadiff.core.catalog import Catalog
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.models import Approval, Comment, Comparison, Snapshot, ViewedMark
from tests.web.people import People, make_people
from tests.web.test_large_comparison import make_comparison

pytestmark = pytest.mark.django_db

ONE, TWO = "/p/crm/comparisons/1/", "/p/crm/comparisons/2/"
HTMX = {"HX-Request": "true"}
KEY = "table:public.table_0000"
AT = f"?object={KEY}"


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def comparison(people: People) -> Comparison:
    found = make_comparison(people.project, 3)
    summary_of(found)
    return found


def digest_of(comparison: Comparison, key: str = KEY) -> str:
    return str(comparison.compared.get(key=key).digest)


def view(people: People, comparison: Comparison, key: str = KEY) -> str:
    data = {"digest": digest_of(comparison, key), "viewed": "1"}
    address = f"/p/crm/comparisons/{comparison.number}/viewed/?object={key}"
    response = people.engineer.post(address, data, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def compare_again(comparison: Comparison, target: Catalog) -> Comparison:
    """A new snapshot of the target, and the comparison with it."""
    snapshot = store.save_snapshot(comparison.project, target, label="new", connection=None, user=None)
    tables = store.scope_of(comparison).tables
    made = store.create_comparison(
        comparison.project, comparison.source, snapshot, tables=tables, protected=[], user=None
    )
    summary_of(made)
    return made


def moved(comparison: Comparison) -> Catalog:
    """The target, whose first table has another type now."""
    target = store.catalog_of(comparison.target)
    first = target.tables[0]
    columns = (*first.columns[:-1], replace(first.columns[-1], type="varchar(30)"))
    return replace(target, tables=(replace(first, columns=columns), *target.tables[1:]))


def approve(
    people: People, address: str = ONE, outcome: str = "approved", reason: str = "Read it all."
) -> str:
    data = {"outcome": outcome, "reason": reason}
    response = people.engineer.post(f"{address}approval/", data, follow=True)
    return response.content.decode()


def review_of(html: str) -> str:
    found = re.search(r'<section id="review".*?</section>', html, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_a_mark_is_counted_for_the_person_who_made_it(people: People, comparison: Comparison) -> None:
    fragment = view(people, comparison)
    assert "1 of 3 viewed by you" in review_of(fragment)
    assert 'aria-pressed="true"' in fragment
    assert 'id="tick-' in fragment
    assert "1 of 3" in review_of(people.engineer.get(ONE).content.decode())
    assert "0 of 3" in review_of(people.admin.get(ONE).content.decode())


def test_a_mark_can_be_taken_off_and_works_without_htmx(people: People, comparison: Comparison) -> None:
    data = {"digest": digest_of(comparison), "viewed": "1"}
    response = people.engineer.post(f"{ONE}viewed/{AT}&q=table", data)
    assert response["Location"] == f"{ONE}?q=table&object=table%3Apublic.table_0000"
    people.engineer.post(f"{ONE}viewed/{AT}", {"viewed": "0"})
    assert not ViewedMark.objects.exists()


def test_a_mark_goes_when_the_objects_change_changes_and_only_then(
    people: People, comparison: Comparison
) -> None:
    view(people, comparison)
    view(people, comparison, "table:public.table_0001")
    again = compare_again(comparison, moved(comparison))
    html = people.engineer.get(TWO).content.decode()
    assert "1 of 3 viewed by you" in review_of(html)
    assert digest_of(again) != digest_of(comparison)
    assert "2 of 3" in review_of(people.engineer.get(ONE).content.decode())


def test_a_confirmed_rename_takes_the_mark_off(people: People, comparison: Comparison) -> None:
    view(people, comparison)
    pair = ColumnPair(target="column_3", source="column_2", status=PairStatus.CONFIRMED)
    table = ("public", "table_0000")
    store.save_mapping(comparison, Mapping(tables=(TableMapping(source=table, target=table, pairs=(pair,)),)))
    assert "0 of 3" in review_of(people.engineer.get(ONE).content.decode())


def test_what_changed_meanwhile_is_not_marked(people: People, comparison: Comparison) -> None:
    response = people.engineer.post(f"{ONE}viewed/{AT}", {"viewed": "1", "digest": "0" * 64}, follow=True)
    assert "has changed since you opened it" in response.content.decode()
    assert not ViewedMark.objects.exists()


def test_viewed_objects_can_be_hidden(people: People, comparison: Comparison) -> None:
    view(people, comparison)
    html = people.engineer.get(f"{ONE}?viewed=hide").content.decode()
    assert f'data-key="{KEY}"' not in re.sub(r'<section class="panel".*', "", html, flags=re.DOTALL)
    for key in ("table:public.table_0001", "table:public.table_0002"):
        view(people, comparison, key)
    html = people.engineer.get(f"{ONE}?viewed=hide").content.decode()
    assert "Everything that differs has been viewed." in html


def test_a_comment_is_about_an_object_or_a_row_of_it(people: People, comparison: Comparison) -> None:
    data = {"text": "Is 20 enough?", "attribute": "column-note"}
    html = people.engineer.post(f"{ONE}comment/{AT}", data, headers=HTMX).content.decode()
    assert "<html" not in html
    assert "Is 20 enough?" in html
    page = people.admin.get(f"{ONE}{AT}").content.decode()
    row = re.search(r'<tr[^>]* id="column-note".*?</tr>', page, re.DOTALL)
    assert row and "open comment" in row[0]
    assert "1 open comment" in review_of(page)
    people.engineer.post(f"{ONE}comment/{AT}", {"text": "And <b>all</b>?", "attribute": "no-such-row"})
    said = Comment.objects.get(attribute="")
    assert "&lt;b&gt;all&lt;/b&gt;" in people.admin.get(f"{ONE}{AT}").content.decode()
    assert said.author == User.objects.get(username="crm-engineer")


def test_an_answer_a_resolution_and_another_answer(people: People, comparison: Comparison) -> None:
    people.engineer.post(f"{ONE}comment/{AT}", {"text": "Why?"})
    first = Comment.objects.get()
    people.admin.post(f"{ONE}comment/{AT}", {"text": "Because.", "thread": first.pk})
    people.admin.post(f"{ONE}comment/{first.pk}/resolve/{AT}", {"resolved": "1"})
    html = people.engineer.get(f"{ONE}{AT}").content.decode()
    assert "by crm-admin" in html
    assert "0 open, 1 resolved" in html
    people.engineer.post(f"{ONE}comment/{AT}", {"text": "Not so.", "thread": first.pk})
    first.refresh_from_db()
    assert first.resolved_at is None


def test_only_ones_own_comment_can_be_edited_and_it_says_so(people: People, comparison: Comparison) -> None:
    people.engineer.post(f"{ONE}comment/{AT}", {"text": "Frist"})
    pk = Comment.objects.get().pk
    editing = people.engineer.get(f"{ONE}comments/{AT}&edit={pk}", headers=HTMX).content.decode()
    assert f'<textarea id="edit-{pk}"' in editing
    assert f'id="edit-{pk}"' not in people.admin.get(f"{ONE}{AT}&edit={pk}").content.decode()
    assert people.admin.post(f"{ONE}comment/{pk}/edit/{AT}", {"text": "x"}).status_code == 403
    people.engineer.post(f"{ONE}comment/{pk}/edit/{AT}", {"text": "First"})
    html = people.engineer.get(f"{ONE}{AT}").content.decode()
    assert "First" in html and "edited" in html


def test_a_comment_stays_with_the_next_comparison_and_says_that_the_change_is_another(
    people: People, comparison: Comparison
) -> None:
    people.engineer.post(f"{ONE}comment/{AT}", {"text": "Is 20 enough?", "attribute": "column-note"})
    compare_again(comparison, moved(comparison))
    html = people.engineer.get(f"{TWO}{AT}").content.decode()
    assert "said on" in html
    assert "changed since" in html


def test_an_empty_comment_is_refused_with_what_to_do(people: People, comparison: Comparison) -> None:
    response = people.engineer.post(f"{ONE}comment/{AT}", {"text": "  "}, headers=HTMX)
    assert response.status_code == 422
    assert "Write something first." in response.content.decode()
    plain = people.engineer.post(f"{ONE}comment/{AT}", {"text": ""}, follow=True)
    assert "Write something first." in plain.content.decode()


def test_an_approval_has_a_name_a_time_and_a_reason(people: People, comparison: Comparison) -> None:
    html = approve(people)
    assert "✓ Approved" in review_of(html)
    assert re.search(r"crm-engineer approved, \d+ \w+ \d{4} \d\d:\d\d : Read it all\.", review_of(html))
    assert "Approved" in people.admin.get("/p/crm/comparisons/").content.decode()
    assert Approval.objects.get().target_fingerprint == comparison.target.fingerprint


def test_changes_are_requested(people: People, comparison: Comparison) -> None:
    assert "✕ Changes requested" in review_of(approve(people, outcome="changes requested"))


def test_an_approval_is_void_once_a_snapshot_has_changed(people: People, comparison: Comparison) -> None:
    approve(people)
    compare_again(comparison, moved(comparison))
    before = review_of(people.engineer.get(ONE).content.decode())
    assert "▲ Approval void" in before
    assert re.search(r"void since \d+ \w+ \d{4} \d\d:\d\d : comparison #2 found the target’s schema", before)
    after = review_of(people.engineer.get(TWO).content.decode())
    assert "▲ Approval void" in after and "approved on comparison #1" in after
    assert "Comparison #2 of the same databases is newer" in approve(people, ONE)
    assert "✓ Approved" in review_of(approve(people, TWO))


def test_an_approval_holds_for_a_new_comparison_of_the_same_schemas(
    people: People, comparison: Comparison
) -> None:
    approve(people)
    compare_again(comparison, store.catalog_of(Snapshot.objects.get(pk=comparison.target_id)))
    assert "✓ Approved" in review_of(people.engineer.get(TWO).content.decode())


@pytest.mark.parametrize(
    "data", [{"outcome": "approved"}, {"reason": "x"}, {"outcome": "maybe", "reason": "x"}]
)
def test_a_verdict_without_outcome_or_reason_is_refused(
    people: People, comparison: Comparison, data: dict[str, str]
) -> None:
    html = people.engineer.post(f"{ONE}approval/", data, follow=True).content.decode()
    assert 'class="notice notice-bad"' in html
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    "path", ["viewed/", "comment/", "comment/1/edit/", "comment/1/resolve/", "approval/"]
)
def test_who_may_not_review_is_refused(people: People, comparison: Comparison, path: str) -> None:
    data = {"text": "x", "outcome": "approved", "reason": "x", "viewed": "1", "resolved": "1"}
    assert people.manager.post(f"{ONE}{path}{AT}", data).status_code == 403
    assert people.stranger.post(f"{ONE}{path}{AT}", data).status_code == 404
    assert people.engineer.get(f"{ONE}{path}{AT}").status_code == 405
    assert not (Comment.objects.exists() or Approval.objects.exists() or ViewedMark.objects.exists())
