"""A person at a browser: opens pages, presses buttons, reads. Every page that is looked at must be accessible."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, Response, expect

SOON = 60_000  # ms until something on a page is there
PATIENCE = 120_000  # ms until a worker has done what was asked of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`address` is where the site is; `accessible` fails where axe finds a violation on the page."""

    page: Page
    address: str
    accessible: Callable[[Page], None]

    def opens(self, path: str) -> Response:
        """Go to an address by hand."""
        answer = self.page.goto(f"{self.address}{path}")
        assert answer is not None
        return answer

    def logs_in(self, name: str, password: str) -> None:
        self.opens("/")
        self.looks_at("Log in")
        self.fills("Username", name)
        self.fills("Password", password)
        self.presses("Log in")

    def looks_at(self, heading: str) -> None:
        """The page of that heading is there, and everybody can use it."""
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible(timeout=SOON)
        self.accessible(self.page)

    def follows(self, link: str) -> None:
        self.page.get_by_role("link", name=link, exact=True).first.click()

    def turns_to(self, section: str) -> None:
        """By the navigation at the top."""
        self.page.get_by_role("navigation", name="Project").get_by_role("link", name=section).click()

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button).first.click()

    def fills(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def chooses(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def sees(self, *texts: str, within: int = SOON) -> None:
        for text in texts:
            expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=within)

    def sees_row(self, first: str, *cells: str) -> None:
        """A row of a table, by the text of its first cell; then some of the others."""
        header = self.page.get_by_role("rowheader", name=first, exact=True)
        self._sees_in(self.page.get_by_role("row").filter(has=header), cells)

    def sees_row_with(self, text: str, *cells: str) -> None:
        """A row of a table, by what is somewhere in it."""
        self._sees_in(self.page.get_by_role("row").filter(has_text=text), cells)

    def _sees_in(self, rows: Locator, texts: tuple[str, ...]) -> None:
        for text in texts:
            expect(rows.first).to_contain_text(text, timeout=SOON, use_inner_text=True)

    def sees_no_button(self, name: str) -> None:
        for role in ("button", "link"):
            expect(self.page.get_by_role(role, name=name)).to_have_count(0)
