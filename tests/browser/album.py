"""Every page looked at, and pictures of them, for people and for the documents.

`make look` writes every state of every page into `.cache/look`, wide and narrow, light and dark,
with a contact sheet (`index.html`). It says what axe finds there, in Spanish too, what is cut off,
and which of twenty pages look otherwise than agreed, and fails then;
`make look ARGS=components,home` only states whose names hold one of these, `make look ACCEPT=1`
agrees on what is there. `make pictures` writes those of the README and the docs.
"""

import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from html import escape
from importlib import import_module
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from playwright.sync_api import Error, Page, expect, sync_playwright

from signon.clock import utc_now
from tests.browser import compared, looking, test_pages
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
    "cutover": "cutover_that_is_ahead",
    "court-after-linking": "menu_of_a_trustee",
    "taking-back": "account_to_take_back",
    "choosing-for-whom": "at_the_court_as_an_agent",
    "filing-agents": "agents_of_a_trustee",
}
"""The documents' pictures, by the state that each shows."""
LOGINS, PREPARED, DAYS = 240, 152, 45
"""Of the court whose cutover is shown: old logins, those that are prepared, days of its past."""
USUAL_PORT = 8000
"""What the documents name; it has to be free."""
PATIENCE_MILLISECONDS = 30_000
SHEET = """<!doctype html><html lang="en-US"><meta charset="utf-8"><title>Contact sheet</title>
<style>body { font: 14px sans-serif; margin: 16px } section { display: flex; gap: 8px; align-items: start }
img { width: 420px; border: 1px solid #a9aeb1 } img.narrow { width: 140px }</style>"""


# whose states are known by being imported
import_module("tests.browser.test_console_pages")


def main(what: str, names: str = "") -> None:
    """Make one of the albums: `look`, `accept` or `pictures`."""
    forked.open_nursery()
    with _demonstration(USUAL_PORT if what == "pictures" else None) as (demo, page):
        if what == "pictures":
            _documents(demo, page)
        else:
            wanted = [one for one in STATES if any(part in one for part in names.split(","))]
            workshop = page.context.new_page()
            agree = compared.agree if what == "accept" else compared.differs
            album, wrong = [], []
            for state in wanted:
                try:
                    _come(demo, page, state)
                    album.append((state, _taken(page, state)))
                    if state in compared.STATES and (told := agree(workshop, state, _plain(page))):
                        wrong.append(f"{state}: {told}")
                    _look(demo, page, state)
                except (Error, AssertionError) as error:
                    wrong.append(f"{state}: {error}")
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
    _prepare_a_court(demo)
    for name, state in OF_DOCUMENTS.items():
        _come(demo, page, state)
        _shape(page, WIDTHS[0], SCHEMES[0])
        page.screenshot(path=DOCUMENTS / f"{name}.png")


def _prepare_a_court(demo: Running) -> None:
    """A court on its way to its day: more old logins than the demonstration has, and a past."""
    heads = "login,password_hash,first_name,last_name,bar_id,email,role,status"
    lines = [
        f"filer{one},,Jo,Filer{one},CA{one:06},filer{one}@office.example,attorney,"
        + ("disabled" if one % 10 == 0 else "active")
        for one in range(LOGINS)
    ]
    file = demo.folder.parent / "logins.csv"
    file.write_text("\n".join([heads, *lines, ""]))
    demo.command("ecf", "import", "casd", str(file))
    unusable, today = LOGINS // 10, utc_now().date()
    points = []
    for one in range(DAYS):
        ready = PREPARED * one // DAYS
        counts = {"prepared": ready, "unusable": unusable, "no_account": LOGINS - unusable - ready}
        points.append((today - timedelta(days=DAYS - one), json.dumps(counts)))
    with closing(sqlite3.connect(demo.folder / "signon.db", timeout=30)) as database:
        database.executemany("INSERT INTO cutover_points VALUES ('casd', date(?), ?)", points)
        # whose they are does not show
        database.execute(
            "INSERT INTO prepared_links (id, account_id, court_id, legacy_login_id, login_version,"
            " prepared_at, login_mac) SELECT id, id, court_id, id, proof_version, imported_at, x'00'"
            " FROM legacy_logins WHERE court_id = 'casd' AND status = 'active' LIMIT ?",
            [PREPARED],
        )
        database.commit()


def _taken(page: Page, state: str) -> Sequence[str]:
    """The pictures' names."""
    LOOK.mkdir(parents=True, exist_ok=True)
    return [_picture(page, state, width, scheme) for width in WIDTHS for scheme in SCHEMES]


def _look(demo: Running, page: Page, state: str) -> None:
    _shape(page, WIDTHS[0], SCHEMES[0])
    looking.closely(page, state)
    if test_pages.is_said_in_spanish(page, demo, state):
        looking.in_spanish(page, state)


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
    page.evaluate("scrollTo(0, 0)")
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
