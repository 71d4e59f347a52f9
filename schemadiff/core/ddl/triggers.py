"""Triggers, and whether they fire."""

from dataclasses import replace

from schemadiff.core.catalog import ObjectRef, Table, Trigger, View
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import attachment_ref, firing_ref, sql_name, trigger_ref
from schemadiff.core.identifiers import quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Section, Statement

_ACTIONS = {
    "origin": "ENABLE TRIGGER",
    "disabled": "DISABLE TRIGGER",
    "replica": "ENABLE REPLICA TRIGGER",
    "always": "ENABLE ALWAYS TRIGGER",
}


def create_trigger(owner: Table | View, trigger: Trigger) -> Statement:
    """Fires after a plain CREATE TRIGGER's manner; `set_firing` says otherwise."""
    return Statement(
        sql=restored(trigger.definition),
        ref=trigger_ref(owner, trigger),
        section=Section.POST_DATA,
        provides=frozenset({trigger_ref(owner, trigger)}),
        lock=lock_of(Command.CREATE_TRIGGER),
    )


def drop_trigger(owner: Table | View, trigger: Trigger) -> Statement:
    return Statement(
        sql=f"DROP TRIGGER {quote(trigger.name)} ON {sql_name(owner)}",
        ref=trigger_ref(owner, trigger),
        section=Section.PRE_DATA,
        destroys=frozenset({trigger_ref(owner, trigger)}),
        lock=lock_of(Command.DROP),
    )


def set_firing(owner: Table | View, trigger: Trigger) -> Statement:
    """When the trigger fires: by origin, never, on replicas, always."""
    return Statement(
        sql=f"ALTER TABLE {sql_name(owner)} {_ACTIONS[trigger.enabled]} {quote(trigger.name)}",
        ref=trigger_ref(owner, trigger),
        section=Section.POST_DATA,
        provides=frozenset({firing_ref(trigger_ref(owner, trigger))}),
        requires=frozenset({trigger_ref(owner, trigger)}),
        lock=lock_of(Command.CREATE_TRIGGER),
    )


def set_share_firing(partition: Table, share: Trigger, parent: ObjectRef) -> Statement:
    """After its parent's: to say when that fires is to say it of all shares; a partition that joins has it then."""
    statement = set_firing(partition, share)
    after = frozenset({partition.ref, attachment_ref(partition.ref), parent, firing_ref(parent)})
    return replace(statement, requires=after)
