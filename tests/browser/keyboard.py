"""Somebody who has a keyboard and a screen reader, and neither a mouse nor the page before them."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser import hearing
from tests.browser.hearing import Heard
from tests.browser.walking import expect_heading

NOTHING = "none"
"""The role of a page's body: nothing on the page has the focus."""
FEW = 60
"""After so many stops of Tab it was not there."""
FOCUSED = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const box = one.getClientRects()[0] ?? one.getBoundingClientRect();
    const {left, right, top, bottom} = box;
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return {
        ringed: style.boxShadow !== "none"
            || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
        uncovered: hit !== null && (one.contains(hit) || hit.contains(one)),
        left, right, top: top + scrollY, bottom: bottom + scrollY,
    };
}"""


class Walker:
    """Goes through pages by Tab, Enter and Space, and listens to each on arrival."""

    def __init__(self, page: Page, language: str = "en-US") -> None:
        self.page = page
        self.language = language
        self._browser = page.context.new_cdp_session(page)
        self._title = ""

    def opens(self, address: str, heading: str) -> None:
        """An address typed, or a link in a mail."""
        self.page.goto(address)
        self.hears(heading)

    def shows(self, content: str, heading: str) -> None:
        """A page of a test's own."""
        head = f"<title>{heading}</title><style>:focus-visible {{ outline: 2px solid }}</style>"
        self.page.set_content(f'<html lang="en-US">{head}{content}</html>')
        self.hears(heading)

    def hears(self, heading: str) -> None:
        """The page that came is this one, says so, and can be found around in.

        `expect_heading` takes one h1 and no second.
        """
        expect_heading(self.page, heading)
        title = self.page.title()
        assert title != self._title, f"again the title {title!r}"
        self._title = title
        spoken = self.page.locator("html").get_attribute("lang")
        assert spoken == self.language, f"{title!r} is in {spoken}"
        heard = hearing.whole_page(self._browser)
        assert not (found := hearing.problems(heard)), f"{title}: {found}"
        (named,) = (one.name for one in heard if one.role == "heading" and one.level == 1)
        assert named in title, f"{title!r} does not say {named!r}"

    def hears_errors(self, *fields: str) -> None:
        """They are announced, and each leads to its field, which says it too."""
        expect(self.page.get_by_role("alert")).to_be_focused()
        assert self._title.startswith("Error:"), f"no error in the title {self._title!r}"
        links = self.page.get_by_role("alert").get_by_role("link")
        told = [
            (urlsplit(link.get_attribute("href") or "").fragment, link.inner_text())
            for link in links.all()
        ]
        assert list(dict.fromkeys(field for field, _ in told)) == list(fields)
        for field, message in told:
            heard = hearing.one(self._browser, f"document.getElementById({field!r})")
            assert heard.is_invalid, f"{field} is not said to be wrong"
            assert message in heard.description, f"{field} does not say why: {heard}"
        self.presses("link", told[0][1])
        expect(self.page.locator(f"#{fields[0]}")).to_be_focused()

    def presses(self, role: str, name: str, key: str = "Enter", *, within: int = FEW) -> None:
        """A link or a button, and waits for what comes."""
        self.reaches(role, name, within=within)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def types(self, name: str, text: str, role: str = "textbox") -> None:
        """Over what stands in a field."""
        self.reaches(role, name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def ticks(self, role: str, name: str, *, key: str = "Tab") -> None:
        """A box, and it is ticked then."""
        self.reaches(role, name, key=key)
        self.page.keyboard.press("Space")
        assert self.page.evaluate("document.activeElement.checked"), f"{name} is not ticked"

    def chooses(self, name: str) -> None:
        """One of several, of which Tab reaches one and the arrows the others."""
        self.reaches("radio")
        self.ticks("radio", name, key="ArrowDown")

    def reaches(self, role: str, name: str = "", *, within: int = FEW, key: str = "Tab") -> None:
        """By Tab from where the focus is; each stop is seen, and comes after the one before."""
        before: dict[str, Any] | None = None
        passed: list[str] = []
        for _ in range(within + 1):
            heard = self.focused()
            passed.append(f"{heard.role} {heard.name!r}")
            if heard.role != NOTHING:
                before = self._sees(heard, before if key == "Tab" else None)
            if _is(heard, role, name):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{role} {name!r} is not reached: {passed}")

    def focused(self) -> Heard:
        """What has the focus."""
        return hearing.one(self._browser, "document.activeElement")

    def _sees(self, heard: Heard, before: dict[str, Any] | None) -> dict[str, Any]:
        now: dict[str, Any] = self.page.evaluate(FOCUSED)
        where = f"{heard.role} {heard.name!r} of {self._title!r}"
        assert now["ringed"], f"nothing shows the focus on {where}"
        assert now["uncovered"], f"something lies over {where}"
        if before and urlsplit(heard.url).fragment != "main":
            is_on = now["bottom"] > before["top"] or now["left"] >= before["right"]
            assert is_on, f"Tab goes back up to {where}"
        return now


def _is(heard: Heard, role: str, name: str) -> bool:
    # one of several choices says more than its name
    return heard.role == role and (
        heard.name.startswith(name) if role == "radio" else heard.name == name
    )
