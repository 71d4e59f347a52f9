"""Ignore rules in the browser: who may write them, what they hide on a comparison's page, and what they were."""

from typing import Any

import pytest

from schemadiff.core.noise.rules_file import load
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison, ProjectRule
from tests.servers import MakeDatabase
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

RULES = "/p/crm/rules/"
ONE = "/p/crm/comparisons/1/"
SOURCE = """
CREATE TABLE clients (id bigint PRIMARY KEY, mail text);
COMMENT ON TABLE clients IS 'Whom we know';
CREATE TABLE tmp_import (id int);
CREATE FUNCTION size_of() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE sized (size int DEFAULT size_of());
"""
TARGET = """
CREATE TABLE clients (id bigint PRIMARY KEY, mail varchar(20));
CREATE VIEW tmp_clients AS SELECT id FROM clients;
"""
COMMENTS: dict[str, Any] = {"attributes": ["comment"], "reason": "The platform has its own."}
TEMPORARY: dict[str, Any] = {"names": "tmp_*", "reason": "They go by themselves."}


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def comparison(people: People, server18: EmbeddedServer, make_database: MakeDatabase) -> Comparison:
    source = save_connection(people.project, "legacy", make_database(server18, SOURCE))
    target = save_connection(people.project, "new", make_database(server18, TARGET))
    people.engineer.post("/p/crm/comparisons/new/", {"source": source.pk, "target": target.pk})
    return Comparison.objects.get()


def add(people: People, *rules: dict[str, Any]) -> None:
    for rule in rules:
        response = people.engineer.post(f"{RULES}new/", rule)
        assert response.status_code == 302, response.content.decode()


def text(people: People, address: str) -> str:
    response = people.engineer.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_rule_hides_from_the_page_the_exports_and_the_script(
    people: People, comparison: Comparison
) -> None:
    assert "tmp_import" in text(people, ONE) and "Nothing is ignored" in text(people, ONE)
    add(people, COMMENTS, TEMPORARY)
    page = text(people, ONE)
    assert "tmp_import" not in page and "Whom we know" not in page
    assert "<b>3 changes hidden</b> by 2 rules" in page
    assert 'data-key="table:public.clients"' in page
    for fmt in ("html", "markdown", "json"):
        assert "They go by themselves." in text(people, f"{ONE}export/{fmt}/")
    script = text(people, f"{ONE}export/sql/")
    assert "tmp_" not in script and "COMMENT" not in script and "ALTER TABLE public.clients" in script
    assert "COMMENT" not in text(people, f"{ONE}object/sql/?key=table:public.clients")


def test_what_is_hidden_is_shown_where_the_address_says_so(people: People, comparison: Comparison) -> None:
    add(people, COMMENTS, TEMPORARY)
    page = text(people, f"{ONE}?hidden=1")
    assert "table public.tmp_import" in page and "view public.tmp_clients" in page
    assert "Whom we know" in page
    assert "Hide them again" in page
    assert "hidden=1" in text(people, ONE)  # the switch


def test_the_page_says_what_is_not_as_the_rules_say(people: People, comparison: Comparison) -> None:
    assert "although" not in text(people, ONE)
    add(people, {"kinds": "function", "reason": "Deployed apart."})
    page = text(people, ONE)
    assert (
        "Function public.size_of() is shown although a rule ignores it: column public.sized.size is not to be had"
        in page
    )


def test_a_rule_is_changed_and_removed_and_what_it_was_is_kept(people: People) -> None:
    add(people, COMMENTS)
    first = ProjectRule.objects.get()
    changed = {**COMMENTS, "kinds": ["table"], "reason": "Only those of tables."}
    assert people.engineer.post(f"{RULES}{first.pk}/", changed).status_code == 302
    second = ProjectRule.objects.get(ended_at=None)
    assert (second.position, second.kinds) == (first.position, ["table"])
    assert people.engineer.post(f"{RULES}{second.pk}/end/", {"because": ""}).status_code == 422
    assert people.engineer.post(f"{RULES}{second.pk}/end/", {"because": "Settled."}).status_code == 302
    page = text(people, RULES)
    assert "Nothing is ignored" in page and "2 rules changed or removed" in page
    assert "Settled." in page and "crm-engineer" in page
    assert people.engineer.get(f"{RULES}{second.pk}/").status_code == 404


def test_what_cannot_be_a_rule_is_said(people: People) -> None:
    response = people.engineer.post(f"{RULES}new/", {"reason": "Why not"})
    assert response.status_code == 422
    assert "a rule says what it ignores with at least one of" in response.content.decode()
    assert people.engineer.post(f"{RULES}new/", {"names": "x"}).status_code == 422
    assert not ProjectRule.objects.exists()


def test_the_file_is_what_the_command_line_reads(people: People) -> None:
    add(people, COMMENTS, TEMPORARY)
    assert [rule.names for rule in load(text(people, f"{RULES}file/")).entries] == [(), ("tmp_*",)]


def test_who_may(people: People) -> None:
    add(people, COMMENTS)
    assert people.manager.get(RULES).status_code == 403
    assert people.manager.post(f"{RULES}new/", COMMENTS).status_code == 403
    assert people.stranger.get(RULES).status_code == 404
    assert people.admin.get(f"{RULES}new/").status_code == 200
