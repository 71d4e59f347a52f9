"""What an expression is, as far as the file says it: texts, and the keys of objects. Nothing is run."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from schemadiff.evidence.query_sources.javascript import syntax
from schemadiff.evidence.query_sources.javascript.syntax import unwrapped, walk, written

HOLE = "\0"  # in a text: a part that is known only when the program runs
_FUNCTIONS = frozenset(
    {"function_declaration", "function_expression", "arrow_function", "method_definition"}
    | {"generator_function", "generator_function_declaration"}
)
_SCOPES = _FUNCTIONS | {"program", "statement_block", "for_statement", "for_in_statement", "catch_clause"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_DEEPEST = 20  # names that stand for names, and the like


@dataclass(slots=True)
class Values:
    """The values of one file's names. A name that may be several things is none of them."""

    _parents: dict[int, Node] = field(default_factory=dict)
    _scopes: dict[int, dict[str, list[Node | None]]] = field(default_factory=lambda: defaultdict(dict))
    _fields: dict[str, list[Node | None]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, tree: Node) -> "Values":
        values = cls()
        nodes = list(walk(tree))
        for node in nodes:
            for child in node.named_children:
                values._parents[child.id] = node
        for node in nodes:
            values._declare(node)
        for node in nodes:
            values._assign(node)
        return values

    def parent(self, node: Node) -> Node | None:
        return self._parents.get(node.id)

    def text(self, node: Node, *, depth: int = 0) -> str | None:
        """A text, with HOLE for parts that are not known; None for what is no text, or not known at all."""
        node = unwrapped(node)
        if depth > _DEEPEST:
            return None
        match node.type:
            case "string":
                return "".join(_unescaped(child) for child in node.named_children)
            case "template_string":
                return self._template(node, depth)
            case "binary_expression" if written(syntax.field(node, "operator")) == "+":
                return self._sum(node, depth)
            case "identifier" | "member_expression" | "subscript_expression":
                found = self.resolved(node)
                return self.text(found, depth=depth + 1) if found is not None and found != node else None
        return None

    def resolved(self, node: Node, *, depth: int = 0) -> Node | None:
        """The one expression that a name stands for; the expression itself where it is no name."""
        node = unwrapped(node)
        if depth > _DEEPEST:
            return None
        if node.type == "identifier":
            found = self._value(written(node), node)
        elif node.type == "member_expression":
            found = self._member(node, syntax.field(node, "property"), depth)
        elif node.type == "subscript_expression":
            found = self._member(node, syntax.field(node, "index"), depth)
        elif node.type == "call_expression" and written(syntax.field(node, "function")) == "Object.freeze":
            found = next(iter(syntax.arguments_of(node)), None)
        else:
            return node
        return self.resolved(found, depth=depth + 1) if found is not None else None

    def keys(self, node: Node, *, depth: int = 0) -> tuple[str, ...] | None:
        """The keys of an object, or of all objects of a list or of a `.map(…)`; None where they are not known."""
        found = self.resolved(node)
        if found is None or depth > _DEEPEST:
            return None
        match found.type:
            case "object":
                return self._object_keys(found, depth)
            case "array":
                return self._shared_keys(found, depth)
            case "call_expression":
                return self._mapped_keys(found, depth)
        return None

    def scope_of(self, name: str, at: Node) -> int | None:
        """The scope in which the name that is used there is declared."""
        node: Node | None = at
        while node is not None:
            if node.type in _SCOPES and name in self._scopes.get(node.id, {}):
                return node.id
            node = self.parent(node)
        return None

    def _value(self, name: str, at: Node) -> Node | None:
        scope = self.scope_of(name, at)
        found = self._scopes[scope][name] if scope is not None else []
        return found[0] if len(found) == 1 else None

    def _member(self, node: Node, key: Node | None, depth: int) -> Node | None:
        inner = syntax.field(node, "object")
        if inner is None or key is None:
            return None
        name = self.text(key) if node.type == "subscript_expression" else written(key)
        if name is None:
            return None
        if inner.type == "this":
            found = self._fields.get(name, [])
            return found[0] if len(found) == 1 else None
        holder = self.resolved(inner, depth=depth + 1)
        return self.entry(holder, name) if holder is not None and holder.type == "object" else None

    def entry(self, holder: Node, name: str) -> Node | None:
        """The value that an object has by this key."""
        for pair in holder.named_children:
            if pair.type == "pair" and self._key(pair) == name:
                return syntax.field(pair, "value")
            if pair.type == "shorthand_property_identifier" and written(pair) == name:
                return pair
        return None

    def _key(self, pair: Node) -> str | None:
        key = syntax.field(pair, "key")
        if key is None:
            return None
        if key.type == "computed_property_name":
            inner = key.named_children
            text = self.text(inner[0]) if inner else None
            return None if text is None or HOLE in text else text
        return self.text(key) if key.type == "string" else written(key)

    def _object_keys(self, node: Node, depth: int) -> tuple[str, ...] | None:
        found: dict[str, None] = {}
        for child in node.named_children:
            keys: tuple[str, ...] | None
            match child.type:
                case "pair":
                    key = self._key(child)
                    keys = None if key is None else (key,)
                case "shorthand_property_identifier":
                    keys = (written(child),)
                case "spread_element":
                    keys = self.keys(child.named_children[0], depth=depth + 1)
                case "comment":
                    keys = ()
                case _:
                    keys = None
            if keys is None:
                return None
            found |= dict.fromkeys(keys)
        return tuple(found)

    def _shared_keys(self, node: Node, depth: int) -> tuple[str, ...] | None:
        found: dict[str, None] = {}
        for child in node.named_children:
            keys = self.keys(child, depth=depth + 1)
            if keys is None:
                return None
            found |= dict.fromkeys(keys)
        return tuple(found) or None

    def _mapped_keys(self, node: Node, depth: int) -> tuple[str, ...] | None:
        """Of `list.map(function)`, and of the call of a function that is in this file."""
        calls = syntax.chain_of(node).calls
        called = syntax.field(node, "function")
        if calls and calls[-1].name == "map" and calls[-1].arguments:
            function = self.resolved(calls[-1].arguments[0])
        elif not calls and called is not None:
            function = self.resolved(called)
        else:
            return None
        given = _returned(function) if function is not None else None
        return self.keys(given, depth=depth + 1) if given is not None else None

    def _template(self, node: Node, depth: int) -> str:
        parts = []
        for child in node.named_children:
            if child.type == "template_substitution":
                inner = child.named_children
                text = self.text(inner[0], depth=depth + 1) if inner else None
                parts.append(HOLE if text is None else text)
            else:
                parts.append(_unescaped(child))
        return "".join(parts)

    def _sum(self, node: Node, depth: int) -> str | None:
        """None where no part of it is a text; a part that is not known is a hole."""
        sides = [syntax.field(node, "left"), syntax.field(node, "right")]
        texts = [None if side is None else self.text(side, depth=depth + 1) for side in sides]
        if all(text is None for text in texts):
            return None
        return "".join(HOLE if text is None else text for text in texts)

    def _declare(self, node: Node) -> None:
        match node.type:
            case "variable_declarator":
                self._declare_variable(node)
            case "function_declaration":
                self._add(syntax.field(node, "name") or node, written(syntax.field(node, "name")), node)
                self._declare_unknown(node, syntax.field(node, "parameters"))
            case "public_field_definition" | "field_definition":
                name = syntax.field(node, "name") or syntax.field(node, "property")
                self._fields[written(name)].append(syntax.field(node, "value"))
            case "import_clause" | "namespace_import" | "import_specifier":
                for name in (child for child in walk(node) if child.type == "identifier"):
                    self._add(name, written(name), None)
            case "for_in_statement" | "catch_clause":
                pattern = syntax.field(node, "left") or syntax.field(node, "parameter")
                self._declare_unknown(node, pattern)
            case kind if kind in _FUNCTIONS:
                pattern = syntax.field(node, "parameters") or syntax.field(node, "parameter")
                self._declare_unknown(node, pattern)

    def _declare_variable(self, node: Node) -> None:
        name, value = syntax.field(node, "name"), syntax.field(node, "value")
        if name is not None and name.type == "identifier":
            scope = self._scope_around(node)
            known = self._scopes[scope].setdefault(written(name), [])
            if value is not None:
                known.append(value)
        elif name is not None:
            for one in _names_in(name):
                self._add(node, one, None)

    def _declare_unknown(self, node: Node, pattern: Node | None) -> None:
        for name in _names_in(pattern) if pattern is not None else ():
            self._scopes[node.id].setdefault(name, []).append(None)

    def _add(self, at: Node, name: str, value: Node | None) -> None:
        self._scopes[self._scope_around(at)].setdefault(name, []).append(value)

    def _scope_around(self, at: Node) -> int:
        node = at
        while node.type not in _SCOPES:
            outer = self.parent(node)
            if outer is None:
                break
            node = outer
        return node.id

    def _assign(self, node: Node) -> None:
        if node.type not in ("assignment_expression", "augmented_assignment_expression"):
            return
        left = syntax.field(node, "left")
        plain = node.type == "assignment_expression"
        value = syntax.field(node, "right") if plain else None
        if left is None:
            return
        if left.type == "identifier":
            scope = self.scope_of(written(left), left)
            if scope is not None:
                self._scopes[scope][written(left)].append(value)
        elif left.type == "member_expression":
            owner = syntax.field(left, "object")
            if owner is not None and owner.type == "this":
                self._fields[written(syntax.field(left, "property"))].append(value)


def _names_in(pattern: Node) -> Iterator[str]:
    """What a pattern of parameters or of a destructuring declares; what it has as defaults is left aside."""
    if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
        yield written(pattern)
        return
    if pattern.type in ("assignment_pattern", "object_assignment_pattern"):
        left = syntax.field(pattern, "left")
        if left is not None:
            yield from _names_in(left)
        return
    if pattern.type in ("required_parameter", "optional_parameter"):
        inner = syntax.field(pattern, "pattern")
        if inner is not None:
            yield from _names_in(inner)
        return
    if pattern.type == "pair_pattern":
        value = syntax.field(pattern, "value")
        if value is not None:
            yield from _names_in(value)
        return
    for child in pattern.named_children:
        if child.type != "type_annotation":
            yield from _names_in(child)


def _returned(function: Node) -> Node | None:
    """The expression that a function gives, where it gives one only."""
    body = syntax.field(function, "body")
    if body is None or function.type not in _FUNCTIONS:
        return None
    if body.type != "statement_block":
        return unwrapped(body)
    returns = [node for node in walk(body) if node.type == "return_statement" and node.named_children]
    return unwrapped(returns[0].named_children[0]) if len(returns) == 1 else None


def _unescaped(part: Node) -> str:
    text = written(part)
    if part.type != "escape_sequence":
        return text
    inner = text[1:]
    if inner[:1] in ("u", "x"):
        try:
            found = chr(int(inner[1:].strip("{}"), 16))
        except (ValueError, OverflowError):
            return "\ufffd"
        return "\ufffd" if "\ud800" <= found <= "\udfff" else found
    return _ESCAPES.get(inner, inner)
