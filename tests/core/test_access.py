"""Owners and grants: what is planned for them, what is left out for want of a role, what is left aside."""

from dataclasses import replace

import pytest

from schemadiff.core.access import ALL, Access, DefaultPrivileges, Grant, Label
from schemadiff.core.catalog import Catalog, Column, DefinedObject, Policy, Table
from schemadiff.core.changes import Altered
from schemadiff.core.diff import diff
from schemadiff.core.grant_steps import Verb, every_privilege, grant_steps, with_owner
from schemadiff.core.noise.applying import agree
from schemadiff.core.noise.rules import IgnoreRule, Rules
from schemadiff.core.noise.selection import select
from schemadiff.core.objects import Kind
from schemadiff.core.options.option import Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.planner import plan_schema, render
from schemadiff.core.script import notices_alone
from schemadiff.core.snapshot import NotASnapshot, fingerprint, from_json, to_json

EVERY = every_privilege(Kind.TABLE, 180000)
CLIENTS = Table(schema="public", name="clients", columns=(Column(name="id", position=1, type="integer"),))
ORDERS = replace(CLIENTS, name="orders")
READERS = Grant(grantee="readers", privileges=("SELECT",))
PLAIN = Catalog(
    server_version=180000, owner="boss", user="boss", roles=("boss", "readers"), tables=(CLIENTS, ORDERS)
)


def of(table: Table, *grants: Grant, owner: str = "") -> Access:
    return Access(ref=table.ref, owner=owner, grants=grants)


def sql(source: Catalog, target: Catalog) -> list[str]:
    return [statement.sql for statement in plan_schema(source, target).statements]


def test_an_owner_and_grants_are_attributes() -> None:
    source = replace(PLAIN, access=(of(CLIENTS, READERS, owner="readers"),))
    [entry] = diff(source, PLAIN).different
    assert isinstance(entry.own, Altered)
    assert {(each.name, each.source, each.target) for each in entry.own.attributes} == {
        ("owner", "readers", None),
        ("grants", "readers: SELECT", None),
    }


def test_the_database_s_owner_is_one_role_whatever_it_is_called() -> None:
    other = replace(PLAIN, owner="chief", user="chief", roles=("chief",))
    assert diff(PLAIN, other).is_empty
    assert fingerprint(PLAIN) == fingerprint(other)
    by_name = replace(other, access=(of(CLIENTS, owner="chief_of_others"),))
    assert "ALTER TABLE public.clients OWNER TO chief" in sql(PLAIN, by_name)


def test_only_what_differs_is_granted_and_revoked() -> None:
    present = (Grant(grantee="a", privileges=("INSERT", "SELECT")), Grant(grantee="b", privileges=(ALL,)))
    wanted = (Grant(grantee="a", privileges=("SELECT", "UPDATE")), Grant(grantee="b", privileges=(ALL,)))
    steps = grant_steps(present, wanted, EVERY)
    assert [(step.verb, step.privileges, step.grantee) for step in steps] == [
        (Verb.REVOKE, ("INSERT",), "a"),
        (Verb.GRANT, ("UPDATE",), "a"),
    ]


def test_everything_means_everything_that_the_server_knows() -> None:
    everything = (Grant(grantee="a", privileges=(ALL,)),)
    most = (Grant(grantee="a", privileges=every_privilege(Kind.TABLE, 160000)),)
    [step] = grant_steps(most, everything, EVERY)
    assert (step.verb, step.privileges) == (Verb.GRANT, ("MAINTAIN",))
    assert grant_steps(most, everything, every_privilege(Kind.TABLE, 160000)) == ()


def test_a_grant_option_is_taken_without_the_privilege() -> None:
    present = (Grant(grantee="a", privileges=("SELECT",), grantable=True),)
    [step] = grant_steps(present, (Grant(grantee="a", privileges=("SELECT",)),), EVERY)
    assert step.verb is Verb.REVOKE_OPTION


def test_what_a_role_granted_on_goes_before_its_own_right() -> None:
    chain = (
        Grant(grantee="a", privileges=("SELECT",), grantable=True),
        Grant(grantee="b", privileges=("SELECT",), grantable=True, grantor="a"),
        Grant(grantee="c", privileges=("SELECT",), grantor="b"),
    )
    assert [step.grantee for step in grant_steps(chain, (), EVERY)] == ["c", "b", "a"]
    assert [step.grantee for step in grant_steps((), chain, EVERY)] == ["a", "b", "c"]


def test_a_new_owner_takes_the_place_of_the_one_before() -> None:
    grants = (
        Grant(grantee="next", privileges=("SELECT",)),
        Grant(grantee="others", privileges=("SELECT",)),
        Grant(grantee="previous", privileges=("DELETE", "SELECT"), revoked=True),
    )
    assert with_owner(grants, "previous", "next", EVERY, has_all=True) == (
        Grant(grantee="next", privileges=("DELETE",), revoked=True),
        Grant(grantee="others", privileges=("SELECT",)),
    )


def test_a_role_that_is_not_there_is_named_and_nothing_is_tried_with_it() -> None:
    source = replace(
        PLAIN,
        access=(
            of(CLIENTS, Grant(grantee="clerks", privileges=("SELECT",)), READERS),
            of(ORDERS, owner="clerks"),
        ),
        default_privileges=(
            DefaultPrivileges(schema="", role="clerks", objects="tables", grants=(READERS,)),
        ),
    )
    plan = plan_schema(source, PLAIN)
    assert [statement.sql for statement in plan.statements] == [
        "GRANT SELECT ON TABLE public.clients TO readers"
    ]
    [notice] = plan.notices
    assert "no role clerks" in notice.message and "CREATE ROLE clerks;" in notice.message
    assert "to own table public.orders" in notice.message
    assert "-- notice: The target's server has no role clerks." in render(plan)


def test_a_privilege_that_the_target_does_not_know_is_named() -> None:
    """Before 17 no server knows MAINTAIN; what everybody lacks of it is no loss."""
    granted = Grant(grantee="readers", privileges=("MAINTAIN", "SELECT"))
    kept = Grant(grantee="readers", privileges=("MAINTAIN",), revoked=True)
    defaults = DefaultPrivileges(schema="", role="readers", objects="tables", grants=(granted,))
    source = replace(PLAIN, access=(of(CLIENTS, granted), of(ORDERS, kept)), default_privileges=(defaults,))
    plan = plan_schema(source, replace(PLAIN, server_version=160000))
    assert not any("MAINTAIN" in statement.sql for statement in plan.statements), render(plan)
    [notice] = plan.notices
    assert "does not know the privilege MAINTAIN, which is granted on" in notice.message
    assert "table public.clients" in notice.message and "orders" not in notice.message
    assert "default privileges" in notice.message
    alone = plan_schema(
        replace(PLAIN, access=(of(CLIENTS, replace(granted, privileges=("MAINTAIN",))),)),
        replace(PLAIN, server_version=160000),
    )
    assert render(alone) == "" and notices_alone(alone).startswith("-- notice: The target's server does not")


def test_where_no_roles_are_known_none_is_missing() -> None:
    source = replace(PLAIN, access=(of(CLIENTS, owner="clerks"),))
    assert sql(source, replace(PLAIN, roles=())) == ["ALTER TABLE public.clients OWNER TO clerks"]


def test_a_policy_for_a_missing_role_has_a_hazard() -> None:
    guarded = replace(CLIENTS, policies=(Policy(name="own", roles=("clerks",), using="true"),))
    [created] = plan_schema(replace(PLAIN, tables=(guarded, ORDERS)), PLAIN).statements
    assert [hazard.code for hazard in created.hazards] == ["row-visibility", "missing-role"]
    assert "CREATE ROLE clerks;" in created.hazards[1].message


def test_a_user_mapping_for_a_missing_role_has_a_hazard() -> None:
    mapping = DefinedObject(
        kind=Kind.USER_MAPPING,
        name='"the clerks" SERVER far',
        definition='CREATE USER MAPPING FOR "the clerks" SERVER far',
    )
    [created] = plan_schema(replace(PLAIN, defined=(mapping,)), PLAIN).statements
    assert [hazard.code for hazard in created.hazards] == ["missing-role"]
    assert 'CREATE ROLE "the clerks";' in created.hazards[0].message


def test_what_somebody_else_than_the_owner_makes_is_given_to_him() -> None:
    target = replace(PLAIN, user="deployer", tables=(CLIENTS,))
    assert "ALTER TABLE public.orders OWNER TO boss" in sql(PLAIN, target)


def test_a_security_label_is_set_and_taken_off() -> None:
    labelled = replace(
        PLAIN, access=(Access(ref=CLIENTS.ref, labels=(Label(provider="anon", text="it's masked"),)),)
    )
    assert sql(labelled, PLAIN) == ["SECURITY LABEL FOR anon ON TABLE public.clients IS 'it''s masked'"]
    assert sql(PLAIN, labelled) == ["SECURITY LABEL FOR anon ON TABLE public.clients IS NULL"]


def test_names_cannot_end_the_text_of_a_statement() -> None:
    odd = Grant(grantee="readers", privileges=("SELECT",), grantor='$do$; "x')
    target = replace(PLAIN, roles=(*PLAIN.roles, '$do$; "x'))
    [statement] = sql(replace(PLAIN, access=(of(CLIENTS, odd),)), target)
    assert statement.startswith("DO $do1$") and statement.endswith("END$do1$")
    assert '"$do$; ""x"' in statement


def test_owners_and_grants_are_counted_by_a_fingerprint_and_kept_in_a_snapshot() -> None:
    catalog = replace(PLAIN, access=(of(CLIENTS, READERS, owner="readers"),))
    assert fingerprint(catalog) != fingerprint(PLAIN)
    again = from_json(to_json(catalog))
    assert again == catalog and again.roles == catalog.roles and again.user == "boss"


def test_a_snapshot_that_only_named_owners_is_refused() -> None:
    old = {
        "kind": "schemadiff catalog",
        "format": 2,
        "uncompared": [{"kind": "owner", "count": 2, "names": ["public.t (bob)"]}],
    }
    with pytest.raises(NotASnapshot, match="2 × owner"):
        from_json(old)


@pytest.mark.parametrize(("word", "left"), [("owner", {"grants"}), ("grants", {"owner"})])
def test_a_rule_hides_owner_or_grants_from_view_and_script(word: str, left: set[str]) -> None:
    source = replace(PLAIN, access=(of(CLIENTS, READERS, owner="readers"),))
    agreed = agree(source, PLAIN, Rules(entries=(IgnoreRule(reason="not ours", attributes=(word,)),)))
    [entry] = agreed.diff.different
    assert isinstance(entry.own, Altered)
    assert {attribute.name for attribute in entry.own.attributes} == left
    [statement] = plan_schema(agreed.wanted, PLAIN).statements
    assert ("OWNER" in statement.sql) == ("owner" in left)


def test_ignoring_an_object_leaves_the_grants_of_others_as_they_are() -> None:
    target = replace(PLAIN, access=(of(CLIENTS, READERS), of(ORDERS, READERS)))
    agreed = agree(PLAIN, target, Rules(entries=(IgnoreRule(reason="not ours", names=("orders",)),)))
    assert sql(agreed.wanted, target) == ["REVOKE SELECT ON TABLE public.clients FROM readers"]


def test_a_selection_grants_only_what_was_selected() -> None:
    source = replace(PLAIN, access=(of(CLIENTS, READERS), of(ORDERS, READERS)))
    chosen = select(source, PLAIN, [CLIENTS.ref])
    assert sql(chosen.wanted, PLAIN) == ["GRANT SELECT ON TABLE public.clients TO readers"]


def test_options_leave_owners_and_grants_aside_and_say_so() -> None:
    source = replace(PLAIN, access=(of(CLIENTS, READERS, owner="clerks"),))
    target = replace(PLAIN, access=(of(CLIENTS, owner="readers"),))
    option = recreate(source, target, Scope(tables=(CLIENTS.qualified,)))
    assert not [s.sql for s in option.plan.statements if "OWNER TO" in s.sql or "GRANT" in s.sql]
    [message] = [notice.message for notice in option.plan.notices if "aside" in notice.message]
    assert "1 owner, 1 grant" in message
    assert option.plan.target_fingerprint == fingerprint(target)
