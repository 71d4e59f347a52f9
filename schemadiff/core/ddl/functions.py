"""Functions, procedures and aggregates, as the catalog has them written."""

import re

from schemadiff.core.catalog import Function
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import routine_name, settings_ref
from schemadiff.core.ddl.unnamed_arguments import numbered
from schemadiff.core.plan import Section, Statement

_PARSED = re.compile(r"\n LANGUAGE sql\n(?:[^$]*\n)?(?:BEGIN ATOMIC|RETURN )")


def leave_bodies_unchecked(function: Function) -> Statement:
    """A body may name what a later statement makes; PostgreSQL would refuse it at once."""
    return Statement(
        sql="SET check_function_bodies = off",
        ref=function.ref,
        section=Section.PRE_DATA,
        provides=frozenset({settings_ref()}),
    )


def create_function(function: Function) -> Statement:
    """CREATE OR REPLACE, so that what uses a function need not go when only its body changes."""
    return Statement(
        sql=_restored(function.definition.rstrip().removesuffix(";")),
        ref=function.ref,
        section=Section.PRE_DATA,
        provides=frozenset({function.ref}),
        requires=frozenset({settings_ref()}),
    )


def can_replace_function(source: Function, target: Function) -> bool:
    """CREATE OR REPLACE keeps kind, argument names and defaults, and return type as they are."""
    return (source.kind, _heading(source)) == (target.kind, _heading(target))


def drop_function(function: Function) -> Statement:
    return Statement(
        sql=f"DROP {routine_name(function)}",
        ref=function.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({function.ref}),
    )


def _restored(definition: str) -> str:
    """A body in SQL itself is printed by PostgreSQL, any other is as somebody wrote it."""
    return restored(numbered(definition)) if _PARSED.search(definition) else definition


def _heading(function: Function) -> str:
    """`CREATE OR REPLACE FUNCTION name(arguments) RETURNS type`: all that stands before the language."""
    return function.definition.partition("\n LANGUAGE ")[0]
