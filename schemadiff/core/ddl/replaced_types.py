"""A type that cannot be altered: renamed out of the way, made anew, its columns moved over, then dropped."""

from collections.abc import Iterator

from schemadiff.core.catalog import DefinedObject, Domain, Function, Kind, RangeType, UserType
from schemadiff.core.ddl.references import (
    bare_ref,
    out_of_the_way_ref,
    replaced_ref,
    routine_name,
    shell_ref,
    sql_name,
)
from schemadiff.core.identifiers import qualified, quote, shortened
from schemadiff.core.plan import Section, Statement

_SUFFIX = "__replaced"


def create_shell(type_: UserType | DefinedObject) -> Statement:
    return Statement(
        sql=f"CREATE TYPE {sql_name(type_)}",
        ref=type_.ref,
        section=Section.PRE_DATA,
        provides=frozenset({shell_ref(type_.ref)}),
    )


def put_aside(type_: UserType | DefinedObject, functions: tuple[Function, ...] = ()) -> Iterator[Statement]:
    """What names the type in its own definition (functions, views) has to be gone by then, but for the
    `functions` that it cannot be without: they go out of the way too.
    """
    for function in functions:
        name = quote(shortened(function.name, _SUFFIX))
        yield Statement(
            sql=f"ALTER {routine_name(function)} RENAME TO {name}",
            ref=type_.ref,
            section=Section.PRE_DATA,
            releases=frozenset({type_.ref}),
            destroys=frozenset({function.ref}),
        )
    yield Statement(
        sql=f"ALTER {_word(type_)} {sql_name(type_)} RENAME TO {quote(shortened(type_.name, _SUFFIX))}",
        ref=type_.ref,
        section=Section.PRE_DATA,
        provides=frozenset({out_of_the_way_ref(type_)}),
        destroys=frozenset({type_.ref, bare_ref(type_.ref), shell_ref(type_.ref)}),
    )
    if isinstance(type_, RangeType):
        yield from _companions_aside(type_)


def drop_replaced(type_: UserType | DefinedObject) -> Statement:
    """After the last column has moved over."""
    return Statement(
        sql=f"DROP {_word(type_)} {qualified(type_.schema, shortened(type_.name, _SUFFIX))}",
        ref=type_.ref,
        section=Section.PRE_DATA,
        requires=frozenset({type_.ref}),
        destroys=frozenset({replaced_ref(type_)}),
    )


def _companions_aside(range_: RangeType) -> Iterator[Statement]:
    """The multirange type, and the functions of both types' names that make their values."""
    own = qualified(range_.schema, shortened(range_.name, _SUFFIX))
    ways = [
        (f"{range_.type}, {range_.type}", range_.name),
        (f"{range_.type}, {range_.type}, text", range_.name),
        ("", range_.multirange),
        (own, range_.multirange),
        (f"{own}[]", range_.multirange),
    ]
    yield _renamed(range_, f"TYPE {qualified(range_.schema, range_.multirange)}", range_.multirange)
    for arguments, name in ways:
        yield _renamed(range_, f"FUNCTION {qualified(range_.schema, name)}({arguments})", name)


def _renamed(range_: RangeType, subject: str, name: str) -> Statement:
    return Statement(
        sql=f"ALTER {subject} RENAME TO {quote(shortened(name, _SUFFIX))}",
        ref=range_.ref,
        section=Section.PRE_DATA,
        requires=frozenset({out_of_the_way_ref(range_)}),
        destroys=frozenset({range_.ref}),
    )


def _word(type_: UserType | DefinedObject) -> str:
    if isinstance(type_, DefinedObject) and type_.kind is Kind.COLLATION:
        return "COLLATION"
    return "DOMAIN" if isinstance(type_, Domain) else "TYPE"
