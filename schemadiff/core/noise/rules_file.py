"""Ignore rules as a TOML file that people read and write (docs/reference/ignore-rules.md)."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from schemadiff.core.errors import Refused
from schemadiff.core.noise.attributes import WORDS
from schemadiff.core.noise.rules import KINDS, IgnoreRule, Rules
from schemadiff.core.objects import Kind

FORMAT = 1

_KEYS = ("attributes", "kinds", "schemas", "names")
_HEADING = re.compile(r"^[ \t]*\[\[[ \t]*ignore[ \t]*\]\]", re.MULTILINE)


def load(text: str, name: str = "The rules file") -> Rules:
    """The rules that the file holds. Raises Refused with a sentence that names file, line and rule."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as exc:
        raise Refused(f"{name} is not TOML: {exc}.") from exc
    if document.get("format") != FORMAT:
        found = f"it says {document['format']!r}" if "format" in document else "it does not"
        raise Refused(f"{name} must say `format = {FORMAT}` at its beginning; {found}.")
    if unknown := sorted(set(document) - {"format", "ignore"}):
        raise Refused(f"{name}: unknown key {unknown[0]}. A rule begins with [[ignore]].")
    entries = document.get("ignore", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refused(f"{name}: each rule begins with [[ignore]], in two pairs of brackets.")
    places = _places(text, name, len(entries))
    return Rules(entries=tuple(map(_rule, entries, places)))


def dump(rules: Rules) -> str:
    """The file of these rules: `load` of it gives them again."""
    blocks = ["\n".join(["[[ignore]]", *_lines(rule)]) for rule in rules.entries]
    return "\n\n".join([f"format = {FORMAT}", *blocks]) + "\n"


def made(given: dict[str, Any], place: str) -> IgnoreRule:
    """A rule of the keys that the file knows. Raises Refused with a sentence that begins with the place."""
    reason = given.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise Refused(f"{place}: a rule needs a `reason`, so that others know why they do not see something.")
    words = {key: _words(given, key, place) for key in _KEYS}
    if not any(words.values()):
        raise Refused(f"{place}: a rule says what it ignores with at least one of {', '.join(_KEYS)}.")
    return IgnoreRule(
        reason=" ".join(reason.split()),
        attributes=tuple(_known(word, tuple(WORDS), "attribute", place) for word in words["attributes"]),
        kinds=tuple(Kind(_known(word, _kinds(), "kind", place)) for word in words["kinds"]),
        schemas=words["schemas"],
        names=words["names"],
    )


def _places(text: str, name: str, count: int) -> Iterator[str]:
    """`rules.toml, line 7 (rule 2)`; without the line where the rules are written in another way."""
    lines = [text.count("\n", 0, found.start()) + 1 for found in _HEADING.finditer(text)]
    for place in range(count):
        line = f", line {lines[place]}" if len(lines) == count else ""
        yield f"{name}{line} (rule {place + 1})"


def _rule(entry: dict[str, Any], place: str) -> IgnoreRule:
    if unknown := sorted(set(entry) - {*_KEYS, "reason"}):
        raise Refused(f"{place}: unknown key {unknown[0]}; known are {', '.join((*_KEYS, 'reason'))}.")
    return made(entry, place)


def _words(given: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
    """A list of texts; one text alone will do."""
    found = given.get(key, [])
    words = [found] if isinstance(found, str) else found
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) and word for word in words):
        raise Refused(f"{place}: `{key}` must be a list of texts; found {found!r}.")
    return tuple(words)


def _kinds() -> tuple[str, ...]:
    return tuple(kind.value for kind in KINDS)


def _known(word: str, words: tuple[str, ...], what: str, place: str) -> str:
    if word not in words:
        raise Refused(f"{place}: there is no {what} {word}; expected one of {', '.join(words)}.")
    return word


def _lines(rule: IgnoreRule) -> Iterator[str]:
    values = (rule.attributes, tuple(kind.value for kind in rule.kinds), rule.schemas, rule.names)
    for key, words in zip(_KEYS, values, strict=True):
        if words:
            yield f"{key} = [{', '.join(map(_quoted, words))}]"
    yield f"reason = {_quoted(rule.reason)}"


def _quoted(text: str) -> str:
    """JSON's strings are TOML's, but for the DEL character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
