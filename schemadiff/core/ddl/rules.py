"""Rewrite rules, and whether they fire."""

from schemadiff.core.catalog import Rule, Table, View
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import part_ref, sql_name
from schemadiff.core.identifiers import quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Section, Statement

_ACTIONS = {
    "origin": "ENABLE RULE",
    "disabled": "DISABLE RULE",
    "replica": "ENABLE REPLICA RULE",
    "always": "ENABLE ALWAYS RULE",
}


def create_rule(owner: Table | View, rule: Rule) -> Statement:
    return _made(owner, rule, restored(rule.definition))


def replace_rule(owner: Table | View, rule: Rule) -> Statement:
    """In one step, whatever differs."""
    return _made(owner, rule, restored(rule.definition).replace("CREATE RULE", "CREATE OR REPLACE RULE", 1))


def drop_rule(owner: Table | View, rule: Rule) -> Statement:
    return Statement(
        sql=f"DROP RULE {quote(rule.name)} ON {sql_name(owner)}",
        ref=part_ref(owner, rule),
        section=Section.PRE_DATA,
        destroys=frozenset({part_ref(owner, rule)}),
        lock=lock_of(Command.DROP),
    )


def set_rule_firing(owner: Table | View, rule: Rule) -> Statement:
    """When the rule applies: by origin, never, on replicas, always."""
    return Statement(
        sql=f"ALTER TABLE {sql_name(owner)} {_ACTIONS[rule.enabled]} {quote(rule.name)}",
        ref=part_ref(owner, rule),
        section=Section.POST_DATA,
        requires=frozenset({part_ref(owner, rule)}),
        lock=lock_of(Command.ALTER_TABLE),
    )


def _made(owner: Table | View, rule: Rule, sql: str) -> Statement:
    return Statement(
        sql=sql,
        ref=part_ref(owner, rule),
        section=Section.POST_DATA,
        provides=frozenset({part_ref(owner, rule)}),
        lock=lock_of(Command.ALTER_TABLE),
    )
