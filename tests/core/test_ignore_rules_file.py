"""The file of ignore rules: read, written, and refused with the place of what is wrong."""

import pytest

from schemadiff.core.errors import Refused
from schemadiff.core.noise.rules import IgnoreRule, Rules
from schemadiff.core.noise.rules_file import dump, load
from schemadiff.core.objects import Kind

FILE = """
format = 1

# Everybody's.
[[ignore]]
attributes = ["owner", "comment"]
reason = "The platform owns everything there."

[[ignore]]
kinds = ["index", "composite type"]
schemas = "audit"
names = ["tmp_*"]
reason = "Made by \\"hand\\"."
"""
RULES = Rules(
    entries=(
        IgnoreRule(attributes=("owner", "comment"), reason="The platform owns everything there."),
        IgnoreRule(
            kinds=(Kind.INDEX, Kind.COMPOSITE), schemas=("audit",), names=("tmp_*",), reason='Made by "hand".'
        ),
    )
)


def test_a_file_is_read_and_written() -> None:
    assert load(FILE) == RULES
    assert load(dump(RULES)) == RULES
    assert load("format = 1") == Rules()
    odd = Rules(entries=(IgnoreRule(names=('a"\\*\x7f', "имя"), reason="Odd."),))
    assert load(dump(odd)) == odd


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("format = 1\nnames = x", r"r\.toml is not TOML: .*\(at line 2, column 9\)"),
        ("", r"r\.toml must say `format = 1` at its beginning; it does not"),
        ("format = 2", r"must say `format = 1` at its beginning; it says 2"),
        ("format = 1\nignored = 1", r"unknown key ignored. A rule begins with \[\[ignore\]\]"),
        ("format = 1\n[ignore]\nnames = ['a']", "two pairs of brackets"),
        (
            "format = 1\n[[ignore]]\nnames = ['a']\nreason = 'b'\n\n[[ignore]]\nnames = ['c']",
            r"r\.toml, line 6 \(rule 2\): a rule needs a `reason`",
        ),
        ("format = 1\nignore = [{names = ['a']}]", r"r\.toml \(rule 1\): a rule needs a `reason`"),
        ("format = 1\n[[ignore]]\nreason = 'b'", "at least one of attributes, kinds, schemas, names"),
        ("format = 1\n[[ignore]]\nreason = 'b'\nname = 'c'", "unknown key name; known are attributes, kinds"),
        (
            "format = 1\n[[ignore]]\nreason = 'b'\nnames = [1]",
            r"`names` must be a list of texts; found \[1\]",
        ),
        (
            "format = 1\n[[ignore]]\nreason = 'b'\nattributes = ['type']",
            "there is no attribute type; expected one of owner, grants, comment",
        ),
        (
            "format = 1\n[[ignore]]\nreason = 'b'\nkinds = ['tables']",
            "there is no kind tables; expected one of schema",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        load(text, "r.toml")
