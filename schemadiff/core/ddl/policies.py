"""Row-level security: its switches on a table, and the policies.

A role that a policy names has to be there: roles are the whole server's, and no plan makes one.
"""

from collections.abc import Iterator

from schemadiff.core import hazards
from schemadiff.core.catalog import Policy, Table
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import label, part_ref, sql_name
from schemadiff.core.identifiers import quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Section, Statement


def set_row_security(source: Table, target: Table | None) -> Iterator[Statement]:
    """From the target's switches to the source's; a new table has none on. They are on before rows are shown to
    anybody, and off before rows are written."""
    present = (target.row_security, target.forced_row_security) if target else (False, False)
    if source.row_security != present[0]:
        word = "ENABLE" if source.row_security else "DISABLE"
        yield _switched(source, f"{word} ROW LEVEL SECURITY", source.row_security)
    if source.forced_row_security != present[1]:
        word = "FORCE" if source.forced_row_security else "NO FORCE"
        yield _switched(source, f"{word} ROW LEVEL SECURITY", source.forced_row_security)


def create_policy(table: Table, policy: Policy) -> Statement:
    kind = "" if policy.permissive else " AS RESTRICTIVE"
    command = "" if policy.command == "all" else f" FOR {policy.command.upper()}"
    roles = f" TO {_roles(policy)}" if policy.roles else ""
    return Statement(
        sql=f"CREATE POLICY {_on(table, policy)}{kind}{command}{roles}{_expressions(policy)}",
        ref=part_ref(table, policy),
        section=Section.POST_DATA,
        provides=frozenset({part_ref(table, policy)}),
        lock=lock_of(Command.ALTER_TABLE),
        hazards=(hazards.row_visibility(label(table)),),
    )


def can_alter_policy(source: Policy, target: Policy) -> bool:
    """ALTER POLICY changes neither the kind nor the command, and takes no expression away."""
    taken = (target.using and not source.using) or (target.check and not source.check)
    return (source.permissive, source.command) == (target.permissive, target.command) and not taken


def alter_policy(table: Table, source: Policy) -> Statement:
    """In one step: between a DROP and a CREATE others would see too many rows, or none."""
    return Statement(
        sql=f"ALTER POLICY {_on(table, source)} TO {_roles(source)}{_expressions(source)}",
        ref=part_ref(table, source),
        section=Section.POST_DATA,
        provides=frozenset({part_ref(table, source)}),
        lock=lock_of(Command.ALTER_TABLE),
        hazards=(hazards.row_visibility(label(table)),),
    )


def drop_policy(table: Table, policy: Policy) -> Statement:
    return Statement(
        sql=f"DROP POLICY {_on(table, policy)}",
        ref=part_ref(table, policy),
        section=Section.PRE_DATA,
        destroys=frozenset({part_ref(table, policy)}),
        lock=lock_of(Command.DROP),
        hazards=(hazards.row_visibility(label(table)),),
    )


def _switched(table: Table, action: str, is_on: bool) -> Statement:
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} {action}",
        ref=table.ref,
        section=Section.POST_DATA if is_on else Section.PRE_DATA,
        requires=frozenset({table.ref}),
        lock=lock_of(Command.ALTER_TABLE),
        hazards=(hazards.row_visibility(label(table)),),
    )


def _on(table: Table, policy: Policy) -> str:
    return f"{quote(policy.name)} ON {sql_name(table)}"


def _roles(policy: Policy) -> str:
    return ", ".join(quote(role) for role in policy.roles) or "PUBLIC"


def _expressions(policy: Policy) -> str:
    using = f" USING {_parenthesised(policy.using)}" if policy.using else ""
    check = f" WITH CHECK {_parenthesised(policy.check)}" if policy.check else ""
    return using + check


def _parenthesised(expression: str) -> str:
    """pg_get_expr() puts none around what is a single word or call."""
    return f"({restored(expression)})"
