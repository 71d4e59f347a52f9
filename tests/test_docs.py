"""The documentation names what is there: every command, every setting, every page it links to."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
COMMANDS = sorted(
    path.stem for path in ROOT.glob("*/management/commands/*.py") if not path.stem.startswith("_")
)
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


def test_there_are_pages_and_commands_to_look_at() -> None:
    assert len(PAGES) > 10
    assert len(COMMANDS) > 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    targets = [link for link, _ in LINK.findall(page.read_text()) if "://" not in link]
    missing = [link for link in targets if not (page.parent / link).exists()]
    assert not missing, f"{page.name} links to what is not there: {missing}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    text = (ROOT / "docs/reference/commands.md").read_text()
    assert re.search(rf"`{command}[ `]", text), f"docs/reference/commands.md has no entry for {command}"


def test_every_setting_is_documented() -> None:
    sources = [*ROOT.glob("config/*.py"), *ROOT.glob("schemadiff/**/*.py"), *ROOT.glob("migration/**/*.py")]
    used = {name for path in sources for name in re.findall(r'"(SCHEMADIFF_[A-Z_]+)"', path.read_text())} | {
        "DATABASE_URL"
    }
    text = (ROOT / "docs/reference/settings.md").read_text()
    assert not sorted(name for name in used if f"`{name}`" not in text)


def test_every_page_of_the_docs_is_on_the_map() -> None:
    listed = (ROOT / "docs/README.md").read_text() + (ROOT / "docs/adr/README.md").read_text()
    pages = [page for page in PAGES if page.parent != ROOT and page.name != "README.md"]
    assert not [page.name for page in pages if page.name not in listed]


def test_every_commands_options_are_documented() -> None:
    text = (ROOT / "docs/reference/commands.md").read_text()
    for command in COMMANDS:
        source = next(ROOT.glob(f"*/management/commands/{command}.py")).read_text()
        for option in re.findall(r'add_argument\(\s*"(--[a-z-]+)"', source):
            assert f"{option}" in text, f"docs/reference/commands.md says nothing of {command} {option}"


def test_the_options_that_commands_share_are_documented() -> None:
    text = (ROOT / "docs/reference/commands.md").read_text()
    shared = (ROOT / "migration/management/carried.py").read_text()
    found = re.findall(r'add_argument\(\s*"(--[a-z-]+)"', shared)
    assert "--jobs" in found
    assert not [option for option in found if option not in text]


def test_an_example_that_a_page_shows_is_the_one_that_is_tested() -> None:
    examples = sorted(ROOT.glob("docs/examples/*.py"))
    assert examples
    for example in examples:
        showing = [page for page in PAGES if f"(../examples/{example.name})" in page.read_text()]
        assert showing, f"no page shows {example.name}"
        shown = [page for page in showing if f"```python\n{example.read_text()}```\n" in page.read_text()]
        assert shown, f"{example.name} is another than {showing[0].name} shows"
