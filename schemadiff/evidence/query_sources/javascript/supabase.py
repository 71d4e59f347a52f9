"""Chains of supabase-js: `supabase.from('clients').select('id').eq('phone', phone)`, also in several statements."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from schemadiff.evidence.query_sources.javascript import postgrest, syntax
from schemadiff.evidence.query_sources.javascript.postgrest import Inner, NotRead, Request
from schemadiff.evidence.query_sources.javascript.syntax import Call, Chain, written
from schemadiff.evidence.query_sources.javascript.values import HOLE, Values

VERBS = frozenset({"select", "insert", "upsert", "update", "delete"})
_COMPARING = frozenset(
    {"eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "in", "is", "isDistinct"}
    | {"contains", "containedBy", "overlaps", "textSearch", "rangeGt", "rangeGte", "rangeLt", "rangeLte"}
    | {"rangeAdjacent", "likeAllOf", "likeAnyOf", "ilikeAllOf", "ilikeAnyOf", "regexMatch", "regexIMatch"}
)
_AS_OPERATOR = {
    "contains": "cs",
    "containedBy": "cd",
    "overlaps": "ov",
    "textSearch": "fts",
    "rangeGt": "sr",
    "rangeGte": "nxl",
    "rangeLt": "sl",
    "rangeLte": "nxr",
    "rangeAdjacent": "adj",
    "isDistinct": "isdistinct",
    "likeAllOf": "like(all)",
    "likeAnyOf": "like(any)",
    "ilikeAllOf": "ilike(all)",
    "ilikeAnyOf": "ilike(any)",
    "regexMatch": "match",
    "regexIMatch": "imatch",
}
_TEXT_SEARCH = {"plain": "plfts", "phrase": "phfts", "websearch": "wfts"}
# They say how the answer is given, not what is asked.
_ANSWERING = frozenset(
    {"single", "maybeSingle", "csv", "geojson", "explain", "returns", "overrideTypes", "throwOnError"}
    | {"abortSignal", "rollback", "maxAffected", "setHeader", "retry", "then", "catch", "finally"}
)
# Objects of the language whose from() is none of a database's.
_OTHERS = frozenset({"Array", "Buffer", "Object", "String", "Readable", "Observable", "Iterator", "storage"})


@dataclass(slots=True)
class Asked:
    """What one chain asks, with all that is added to it later by its variable's name."""

    line: int
    request: Request
    problems: list[str] = field(default_factory=list)
    begun: bool = False  # a table only, of which other chains ask something
    certain: bool = True  # False: something else may have a from() like this one

    def sql(self) -> Iterator[str]:
        """Raises NotRead where it is not known in full."""
        if self.problems:
            raise NotRead(self.problems[0])
        if not self.request.verb and (self.begun or not self.certain):
            return
        yield from postgrest.statements(self.request)


@dataclass(slots=True)
class Chains:
    """The chains of one file, as they are found from its top to its end."""

    values: Values
    asked: list[Asked] = field(default_factory=list)
    calls: list[tuple[int, str]] = field(default_factory=list)  # rpc(): line and SQL
    problems: list[tuple[int, str]] = field(default_factory=list)
    _named: dict[tuple[int, str], Asked] = field(default_factory=dict)

    def take(self, chain: Chain, node: Node) -> bool:
        """Is this one of supabase-js? Then it is kept."""
        start = self._start(chain)
        if start is not None:
            self._begin(chain, start, node)
            return True
        if chain.root.type == "identifier" and (known := self._known(chain.root)) is not None:
            self._go_on(known, chain.calls, node)
            return True
        return False

    def _start(self, chain: Chain) -> int | None:
        """The place of `from('table')` or `rpc('function')`, with at most `schema()` before it."""
        for place, call in enumerate(chain.calls):
            if call.name == "from" and len(call.arguments) == 1:
                return place if self._is_database(chain, place) else None
            if call.name == "rpc" and 1 <= len(call.arguments) <= 3:
                return place
            if call.name != "schema":
                return None
        return None

    def _is_database(self, chain: Chain, place: int) -> bool:
        if written(chain.root).rpartition(".")[2] in _OTHERS:
            return False
        if len(chain.calls) > place + 1:
            return chain.calls[place + 1].name in VERBS
        return self.values.text(chain.calls[place].arguments[0]) is not None

    def _begin(self, chain: Chain, start: int, node: Node) -> None:
        call = chain.calls[start]
        schema = self._schema(chain.calls[:start])
        if call.name == "rpc":
            self._call(call, schema)
            return
        table = self.values.text(call.arguments[0])
        if table is None or HOLE in table:
            line = syntax.line_of(_property(call))
            self.problems.append((line, "The table’s name is known only when the program runs."))
            return
        certain = len(chain.calls) > start + 1 or "supabase" in written(chain.root).lower()
        request = Request(table=table, schema=schema)
        asked = Asked(line=syntax.line_of(_property(call)), request=request, certain=certain)
        self.asked.append(asked)
        self._apply(asked, chain.calls[start + 1 :])
        self._name(asked, node)

    def _go_on(self, known: Asked, calls: tuple[Call, ...], node: Node) -> None:
        """Filters are added to what is there; a verb begins another request of the same table."""
        if calls and calls[0].name in VERBS and not known.request.verb:
            fresh = Asked(
                line=syntax.line_of(_property(calls[0])),
                request=Request(table=known.request.table, schema=known.request.schema),
            )
            known.begun = True
            self.asked.append(fresh)
            known = fresh
        self._apply(known, calls)
        self._name(known, node)

    def _call(self, call: Call, schema: str) -> None:
        line = syntax.line_of(_property(call))
        name = self.values.text(call.arguments[0])
        given = call.arguments[1] if len(call.arguments) > 1 else None
        keys = () if given is None else self.values.keys(given)
        if name is None or HOLE in name or keys is None:
            what = "name is" if name is None or HOLE in name else "arguments are"
            self.problems.append((line, f"The function’s {what} known only when the program runs."))
            return
        self.calls.append((line, postgrest.call_of(name, keys, schema)))

    def _schema(self, calls: tuple[Call, ...]) -> str:
        given = next((call.arguments for call in calls if call.name == "schema" and call.arguments), ())
        text = self.values.text(given[0]) if given else ""
        return "" if text is None or HOLE in text else text

    def _known(self, root: Node) -> Asked | None:
        scope = self.values.scope_of(written(root), root)
        return self._named.get((scope, written(root))) if scope is not None else None

    def _name(self, asked: Asked, node: Node) -> None:
        """`let query = …` and `query = …`: what comes by that name goes on with it."""
        outer = self.values.parent(node)
        while outer is not None and syntax.unwrapped(outer) == syntax.unwrapped(node):
            outer = self.values.parent(outer)
        if outer is None or outer.type not in ("variable_declarator", "assignment_expression"):
            return
        name = syntax.field(outer, "name" if outer.type == "variable_declarator" else "left")
        if name is not None and name.type == "identifier":
            scope = self.values.scope_of(written(name), name)
            if scope is not None:
                self._named[scope, written(name)] = asked

    def _apply(self, asked: Asked, calls: tuple[Call, ...]) -> None:
        for call in calls:
            try:
                self._one(asked.request, call)
            except NotRead as exc:
                asked.problems.append(str(exc))
            except RecursionError:
                asked.problems.append(f"What {call.name}() is given is nested too deeply to be read.")

    def _one(self, request: Request, call: Call) -> None:
        if call.name in VERBS:
            self._verb(request, call)
        elif call.name in _COMPARING:
            self._compare(request, call)
        elif call.name in _ANSWERING:
            return
        elif call.name in _OTHER_CALLS:
            _OTHER_CALLS[call.name](self, request, call)
        else:
            raise NotRead(f"{call.name}() is no call of supabase-js that is known.")

    def _verb(self, request: Request, call: Call) -> None:
        if call.name == "select":
            self._select(request, call)
            return
        request.verb = call.name
        if call.name == "delete":
            return
        keys = self.values.keys(call.arguments[0]) if call.arguments else None
        if keys is None:
            raise NotRead(f"The columns that {call.name}() writes are known only when the program runs.")
        request.written = keys
        if call.name == "upsert" and len(call.arguments) > 1:
            conflict = self._option(call, "onConflict")
            request.conflict = postgrest.names(self._known_text(conflict)) if conflict is not None else ()
            keeps = self._option(call, "ignoreDuplicates")
            request.keeps = keeps is not None and written(keeps) == "true"

    def _select(self, request: Request, call: Call) -> None:
        text = self._known_text(call.arguments[0]) if call.arguments else "*"
        if not request.verb:
            request.verb = "select"
            head = self._option(call, "head")
            request.counts_only = head is not None and written(head) == "true"
        request.selected = postgrest.selected(text or "*")

    def _compare(self, request: Request, call: Call) -> None:
        name = self._known_text(call.arguments[0]) if call.arguments else ""
        operator = _AS_OPERATOR.get(call.name, call.name)
        if call.name == "textSearch" and (kind := self._option(call, "type", place=2)) is not None:
            operator = _TEXT_SEARCH.get(self.values.text(kind) or "", operator)
        self._add(request, name, operator, self._compared(call, 1))

    def _add(
        self, request: Request, text: str, operator: str, value: str | None, *, negated: bool = False
    ) -> None:
        """To the request's own filters, or to those of the embedded table that the name leads to."""
        path, name = postgrest.path_of(text, request)
        condition = postgrest.condition(name, operator, value)
        self._put(request, path, postgrest.negated(condition) if negated else condition)

    def _put(self, request: Request, path: tuple[str, ...], condition: str) -> None:
        if path:
            request.inner.append(Inner(path=path, condition=condition))
        else:
            request.conditions.append(condition)

    def _filter(self, request: Request, call: Call) -> None:
        name, operator = (self._known_text(each) for each in call.arguments[:2])
        self._add(request, name, operator, self._compared(call, 2))

    def _not(self, request: Request, call: Call) -> None:
        name, operator = (self._known_text(each) for each in call.arguments[:2])
        self._add(request, name, operator, self._compared(call, 2), negated=True)

    def _or(self, request: Request, call: Call) -> None:
        text = self.values.text(call.arguments[0]) if call.arguments else None
        if text is None:
            raise NotRead("What or() is given is known only when the program runs.")
        self._put(request, self._elsewhere(request, call), postgrest.conditions(text))

    def _elsewhere(self, request: Request, call: Call) -> tuple[str, ...]:
        """The embedded table that a call is about by its option, if any."""
        given = self._option(call, "referencedTable") or self._option(call, "foreignTable")
        if given is None:
            return ()
        path = tuple(self._known_text(given).split("."))
        if not postgrest.is_embedded(path, request):
            raise NotRead(f"No table {'.'.join(path)} is embedded here.")
        return path

    def _match(self, request: Request, call: Call) -> None:
        keys = self.values.keys(call.arguments[0]) if call.arguments else None
        if keys is None:
            raise NotRead("What match() compares is known only when the program runs.")
        request.conditions.extend(postgrest.condition(key, "eq") for key in keys)

    def _order(self, request: Request, call: Call) -> None:
        name = self._known_text(call.arguments[0]) if call.arguments else ""
        path = self._elsewhere(request, call)
        if name.endswith(")"):  # order('clients(name)'): by a column of a table that is embedded
            table, _, name = name[:-1].partition("(")
            path = (table,)
        ascending, nulls = (written(self._option(call, each)) for each in ("ascending", "nullsFirst"))
        first = {"true": " NULLS FIRST", "false": " NULLS LAST"}.get(nulls, "")
        order = postgrest.ordering(name, ascending=ascending != "false") + first
        if path:
            request.inner.append(Inner(path=path, order=order))
        else:
            request.order.append(order)

    def _limit(self, request: Request, call: Call) -> None:
        if self._option(call, "referencedTable") is None and self._option(call, "foreignTable") is None:
            request.limited = True
            request.skips = request.skips or call.name == "range"

    def _option(self, call: Call, name: str, *, place: int = 1) -> Node | None:
        given = self.values.resolved(call.arguments[place]) if len(call.arguments) > place else None
        if given is None or given.type != "object":
            return None
        found = self.values.entry(given, name)
        return self.values.resolved(found) or found if found is not None else None

    def _known_text(self, node: Node) -> str:
        text = self.values.text(node)
        if text is None or HOLE in text:
            raise NotRead(f"{' '.join(written(node).split())[:60]} is known only when the program runs.")
        return text

    def _compared(self, call: Call, place: int) -> str | None:
        """For `is`: null, true or false, or a text that says so."""
        node = self.values.resolved(call.arguments[place]) if len(call.arguments) > place else None
        if node is None:
            return None
        return self.values.text(node) if node.type == "string" else written(node)


_OTHER_CALLS: dict[str, Callable[[Chains, Request, Call], None]] = {
    "filter": Chains._filter,
    "not": Chains._not,
    "or": Chains._or,
    "match": Chains._match,
    "order": Chains._order,
    "limit": Chains._limit,
    "range": Chains._limit,
}


def _property(call: Call) -> Node:
    """Where a call stands in a long chain: at its own name."""
    function = syntax.field(call.node, "function")
    member = syntax.unwrapped(function) if function is not None else call.node
    return syntax.field(member, "property") or call.node


__all__ = ["VERBS", "Asked", "Chains"]
