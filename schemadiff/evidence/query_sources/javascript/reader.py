"""The queries of one file of JavaScript or TypeScript."""

from collections.abc import Iterator

from tree_sitter import Node

from schemadiff.evidence.query_sources.found import Gathering, Unresolved
from schemadiff.evidence.query_sources.javascript import syntax
from schemadiff.evidence.query_sources.javascript.literals import literal_in
from schemadiff.evidence.query_sources.javascript.postgrest import NotRead
from schemadiff.evidence.query_sources.javascript.supabase import Chains
from schemadiff.evidence.query_sources.javascript.values import Values

SUFFIXES = frozenset(syntax.LANGUAGES)
_WORDS = (".from(", ".rpc(", ".query(", "sql`", "SQL`", "Raw", ".raw(", ".unsafe(", ".execute(", ".any(")
_MORE_WORDS = (".from<", ".one(", ".none(", ".many(", "OrNone(", ".result(", ".query<", "sql<", ".from\n")


def is_worth_reading(text: str) -> bool:
    """A quick look: most files of an application ask no database."""
    return any(word in text for word in _WORDS + _MORE_WORDS)


def read_javascript(text: str, file: str, suffix: str, gathering: Gathering) -> Iterator[Unresolved]:
    """Add the queries of one file; yields what could not be made out, in the order of the file."""
    tree = syntax.parse(text, suffix)
    values = Values.of(tree)
    chains = Chains(values)
    unresolved: list[tuple[int, str]] = []
    if tree.has_error:
        line = next((syntax.line_of(node) for node in syntax.walk(tree) if node.type == "ERROR"), 1)
        unresolved.append((line, "Something here is no JavaScript or TypeScript that could be read."))
    inner: set[int] = set()  # calls that belong to a chain which was looked at as a whole
    for node in syntax.walk(tree):
        if node.type == "call_expression" and node.id not in inner:
            unresolved += _read_call(node, chains, inner, file, gathering)
    for line, sql in chains.calls:
        gathering.add(sql, place=f"{file}:{line}")
    for asked in chains.asked:
        try:
            for sql in asked.sql():
                gathering.add(sql, place=f"{file}:{asked.line}")
        except NotRead as exc:
            unresolved.append((asked.line, str(exc)))
    for line, why in sorted({*unresolved, *chains.problems}):
        yield Unresolved(place=f"{file}:{line}", why=why)


def _read_call(
    node: Node, chains: Chains, inner: set[int], file: str, gathering: Gathering
) -> list[tuple[int, str]]:
    chain = syntax.chain_of(node)
    if chains.take(chain, node):
        inner.update(call.node.id for call in chain.calls)
        return []
    found = literal_in(node, chain, chains.values)
    if found is None:
        return []
    if found.why:
        return [(found.line, found.why)]
    gathering.add(found.sql, place=f"{file}:{found.line}")
    return []
