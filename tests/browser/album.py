"""Pictures of the pages, to be looked at and for the documents.

`make look` writes every state of every page into `.cache/look`, wide and narrow, light and dark,
with a contact sheet (`index.html`), and says which of twenty pages look otherwise than agreed;
`make look ARGS=components,home` only states whose names hold one of these, `make look ACCEPT=1`
agrees on what is there. `make pictures` writes those of the README and the docs.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from importlib import import_module
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from playwright.sync_api import Error, Page, expect, sync_playwright

from tests.browser import compared
from tests.browser.conftest import ARGUMENTS, DESK
from tests.browser.states import STATES
from tests.conftest import BROWSERS
from tests.demo.running import Running, running
from tests.infra import forked

ROOT = Path(__file__).parents[2]
LOOK, DOCUMENTS = ROOT / ".cache" / "look", ROOT / "docs" / "pictures"
WIDTHS, SCHEMES = (1280, 375), ("light", "dark")
HEIGHTS = {1280: 800, 375: 812}
OF_DOCUMENTS = {
    "sign-in": "login_of_a_stranger",
    "home": "home_of_a_filer",
    "console": "registrations_at_a_court",
    "cutover": "cutover_of_a_court",
    "court-after-linking": "menu_of_a_trustee",
    "taking-back": "account_to_take_back",
    "choosing-for-whom": "at_the_court_as_an_agent",
    "filing-agents": "agents_of_a_trustee",
}
"""The documents' pictures, by the state that each shows."""
USUAL_PORT = 8000
"""What the documents name; it has to be free."""
PATIENCE_MILLISECONDS = 30_000
SHEET = """<!doctype html><html lang="en-US"><meta charset="utf-8"><title>Contact sheet</title>
<style>body { font: 14px sans-serif; margin: 16px } section { display: flex; gap: 8px; align-items: start }
img { width: 420px; border: 1px solid #a9aeb1 } img.narrow { width: 140px }</style>"""


def main(what: str, names: str = "") -> None:
    """Make one of the albums: `look`, `accept` or `pictures`."""
    forked.open_nursery()
    for module in ("test_pages", "test_console_pages"):
        import_module(f"tests.browser.{module}")
    with _demonstration(USUAL_PORT if what == "pictures" else None) as (demo, page):
        if what == "pictures":
            _documents(demo, page)
        else:
            wanted = [one for one in STATES if any(part in one for part in names.split(","))]
            workshop = page.context.new_page()
            agree = compared.agree if what == "accept" else compared.differs
            album, wrong = [], []
            for state in wanted:
                album.append((state, _taken(demo, page, state)))
                if state in compared.STATES and (told := agree(workshop, state, _plain(page))):
                    wrong.append(f"{state}: {told}")
            _sheet(album)
            if wrong:
                sys.exit("\n".join(wrong))


@contextmanager
def _demonstration(port: int | None) -> Iterator[tuple[Running, Page]]:
    path = next((found for name in BROWSERS if (found := which(name))), None)
    if path is None:
        sys.exit("There is no chromium on this machine: make browser")
    with (
        TemporaryDirectory() as folder,
        running(Path(folder) / "data", port) as demo,
        sync_playwright() as playwright,
    ):
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_context(viewport=DESK).new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        yield demo, page
        browser.close()


def _documents(demo: Running, page: Page) -> None:
    DOCUMENTS.mkdir(exist_ok=True)
    for name, state in OF_DOCUMENTS.items():
        _come(demo, page, state)
        _shape(page, WIDTHS[0], SCHEMES[0])
        page.screenshot(path=DOCUMENTS / f"{name}.png")


def _taken(demo: Running, page: Page, state: str) -> Sequence[str]:
    """The pictures' names; none when there was no way to that state, which is said."""
    LOOK.mkdir(parents=True, exist_ok=True)
    try:
        _come(demo, page, state)
    except (Error, AssertionError) as error:
        sys.stderr.write(f"{state}: {str(error).splitlines()[0]}\n")
        return []
    return [_picture(page, state, width, scheme) for width in WIDTHS for scheme in SCHEMES]


def _come(demo: Running, page: Page, state: str) -> None:
    page.unroute_all()
    page.context.clear_cookies()
    _shape(page, WIDTHS[0], SCHEMES[0])
    STATES[state].come(page, demo)


def _picture(page: Page, state: str, width: int, scheme: str) -> str:
    _shape(page, width, scheme)
    name = f"{state}-{width}-{scheme}.png"
    page.screenshot(path=LOOK / name, full_page=True)
    return name


def _plain(page: Page) -> bytes:
    """What is seen first on a wide screen."""
    _shape(page, WIDTHS[0], SCHEMES[0])
    return page.screenshot(animations="disabled")


def _shape(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")


def _sheet(album: Iterable[tuple[str, Sequence[str]]]) -> None:
    parts = [SHEET]
    for state, pictures in album:
        told = f"{state.replace('_', ' ')}, {STATES[state].template}"
        parts.append(f"<h2>{escape(told)}</h2><section>")
        for one in pictures:
            narrow = ' class="narrow"' if f"-{WIDTHS[1]}-" in one else ""
            parts.append(
                f'<a href="{one}"><img{narrow} loading="lazy" src="{one}" alt="{one}"></a>'
            )
        parts.append("</section>")
    (LOOK / "index.html").write_text("\n".join(parts))
    sys.stdout.write(f"{LOOK / 'index.html'}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
