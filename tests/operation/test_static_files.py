"""What a page brings along: stylesheet, fonts, icons, scripts."""

import re

import pytest

from signon.db import Database
from signon.web.static_files import STATIC, static_address
from tests.infra.databases import ON_ONE
from tests.operation.conftest import Serve

FIRST_VISIT, LATER_VISIT = 120_000, 12_000
"""How many bytes the sign-in page may cost (issue "The look")."""


@ON_ONE
def test_a_stylesheet_names_its_fonts_by_their_content(serve: Serve, database: Database):
    """So that both may be kept for good; a new font is a new stylesheet."""
    with serve() as client:
        style = client.get(static_address("signon.css"))
        fonts = re.findall(r'url\("([^"]+)"\)', style.text)
        assert len(fonts) == 2
        for font in fonts:
            found = client.get(font)
            assert found.status_code == 200
            assert found.headers["content-type"] == "font/woff2"
            assert "immutable" in found.headers["cache-control"]
            assert "content-encoding" not in found.headers, "a font is compressed by itself"
            assert client.get(re.sub("[0-9a-f]{12}", "0" * 12, font)).status_code == 404


@ON_ONE
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("signon.css", "text/css; charset=utf-8"),
        ("icons.svg", "image/svg+xml"),
        ("mark.svg", "image/svg+xml"),
        ("passkey.js", "text/javascript; charset=utf-8"),
        ("fonts/public-sans-LICENSE.txt", "text/plain; charset=utf-8"),
    ],
)
def test_text_is_compressed_for_whoever_takes_it(
    serve: Serve, database: Database, name: str, kind: str
):
    """And whole for everybody else; caches keep the two apart."""
    with serve() as client:
        small = client.get(static_address(name), headers={"accept-encoding": "gzip"})
        whole = client.get(static_address(name), headers={"accept-encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert small.content == whole.content
    assert int(small.headers["content-length"]) < int(whole.headers["content-length"])
    for answer in (small, whole):
        assert answer.headers["content-type"] == kind
        assert answer.headers["vary"] == "Accept-Encoding"


@ON_ONE
def test_what_the_sign_in_page_costs(serve: Serve, database: Database):
    """The first time with everything that it names, fonts included; then the page alone."""
    with serve() as client:
        page = client.get("/login")
        style = client.get(static_address("signon.css"))
        named = {*re.findall(r"/static/[0-9a-f]+/[\w./-]+", page.text + style.text)}
        sizes = [
            int(client.get(name, headers={"accept-encoding": "gzip"}).headers["content-length"])
            for name in named
        ]
    assert len(named) >= 6
    assert len(page.content) <= LATER_VISIT
    assert len(page.content) + sum(sizes) <= FIRST_VISIT


def test_every_icon_that_a_template_names_is_there():
    """A name that is none draws nothing, and nobody is told."""
    there = set(re.findall(r'<symbol id="(\w+)"', (STATIC / "icons.svg").read_text()))
    folder = STATIC.parents[1]
    named = {
        name
        for path in folder.rglob("templates/*.html")
        for name in re.findall(r'ui\.(?:icon|item|empty|party)\("(\w+)"', path.read_text())
    }
    assert len(named) > 10
    assert named <= there
