"""Documents as Markdown and HTML: what people wrote never becomes markup."""

import pytest
from markdown_it import MarkdownIt

from migration.core.document import Block, Bullets, Heading, Paragraph, Table, to_html, to_markdown

NASTY = "a | b <script>alert(1)</script> *x* [y](z) `q` \\ # \n- two"
BLOCKS: tuple[Block, ...] = (
    Heading(text=NASTY, level=1),
    Paragraph(text=NASTY),
    Bullets(items=(NASTY, "plain")),
    Table(head=("one", "two"), rows=((NASTY, "2"),)),
)


def test_markdown_reads_back_as_the_same_text() -> None:
    html = MarkdownIt("commonmark").enable("table").render(to_markdown(BLOCKS))
    assert "<script>" not in html and "<em>" not in html and "<a " not in html and "<code>" not in html
    one_line = "a | b &lt;script&gt;alert(1)&lt;/script&gt; *x* [y](z) `q` \\ # - two"
    assert f"<h1>{one_line}</h1>" in html
    assert f"<p>{one_line}</p>" in html
    assert html.count("<li>") == 2
    assert f"<td>{one_line}</td>\n<td>2</td>" in html


def test_html_escapes_text_and_is_a_whole_page() -> None:
    html = to_html(BLOCKS, title=NASTY)
    assert html.startswith("<!doctype html>") and html.rstrip().endswith("</html>")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5


@pytest.mark.parametrize("write", [to_markdown, lambda blocks: to_html(blocks, title="t")])
def test_the_same_blocks_give_the_same_bytes(write: object) -> None:
    assert callable(write)
    assert write(BLOCKS) == write(BLOCKS)
