"""JavaScript and TypeScript as trees: parsed by tree-sitter, nothing is run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

_JAVASCRIPT = Language(tree_sitter_javascript.language())
_TYPESCRIPT = Language(tree_sitter_typescript.language_typescript())
_TSX = Language(tree_sitter_typescript.language_tsx())
LANGUAGES = {
    ".js": _JAVASCRIPT,
    ".jsx": _JAVASCRIPT,
    ".mjs": _JAVASCRIPT,
    ".cjs": _JAVASCRIPT,
    ".ts": _TYPESCRIPT,
    ".mts": _TYPESCRIPT,
    ".cts": _TYPESCRIPT,
    ".tsx": _TSX,
}
# sql<Row>`…`: the grammar takes it for a comparison, so its types are left out.
_TYPED_TAG = re.compile(r"(\b(?:sql|SQL)|\$queryRaw|\$executeRaw)(<[^`;\n]*>)(?=`)")
# Around an expression, without changing what it is.
_WRAPPERS = frozenset(
    {"parenthesized_expression", "non_null_expression", "as_expression", "satisfies_expression"}
    | {"type_assertion"}
)


@dataclass(frozen=True, slots=True)
class Call:
    """One `.name(arguments)` of a chain."""

    name: str
    arguments: tuple[Node, ...]
    node: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """`root.one(…).two(…)`: what it begins with, and its calls in the order in which they happen."""

    root: Node
    calls: tuple[Call, ...]


def parse(text: str, suffix: str) -> Node:
    """The tree of a file whose name ends so. Mistakes of syntax become nodes of the type ERROR."""
    plain = _TYPED_TAG.sub(lambda found: found[1] + " " * len(found[2]), text)
    return Parser(LANGUAGES[suffix]).parse(plain.encode()).root_node


def walk(node: Node) -> Iterator[Node]:
    """All that is in it, itself first, in the order of the text."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(found.named_children))


def written(node: Node | None) -> str:
    """The text of a node."""
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def line_of(node: Node) -> int:
    return node.start_point[0] + 1


def field(node: Node, name: str) -> Node | None:
    return node.child_by_field_name(name)


def unwrapped(node: Node) -> Node:
    """The expression without brackets and without what TypeScript says about its type."""
    while node.type in _WRAPPERS and node.named_children:
        is_cast = node.type == "type_assertion"
        node = node.named_children[-1 if is_cast else 0]
    return node


def chain_of(call: Node) -> Chain:
    """The chain that ends with this call."""
    calls: list[Call] = []
    node = unwrapped(call)
    while node.type == "call_expression":
        function = field(node, "function")
        member = unwrapped(function) if function is not None else None
        if member is None or member.type != "member_expression":
            break
        calls.append(Call(name=written(field(member, "property")), arguments=arguments_of(node), node=node))
        inner = field(member, "object")
        if inner is None:
            break
        node = unwrapped(inner)
    return Chain(root=node, calls=tuple(reversed(calls)))


def arguments_of(call: Node) -> tuple[Node, ...]:
    """Empty for a tagged template, whose template `field(call, "arguments")` is."""
    found = field(call, "arguments")
    if found is None or found.type != "arguments":
        return ()
    return tuple(unwrapped(child) for child in found.named_children if child.type != "comment")
