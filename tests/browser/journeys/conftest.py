"""Here there is time to look closely."""

from functools import partial

import pytest
from playwright.sync_api import Page

from tests.browser import looking
from tests.browser.conftest import PICTURES
from tests.browser.looking import Look


def _take(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@pytest.fixture(scope="session")
def look(pytestconfig: pytest.Config) -> Look:
    """At three widths and in both colours; and a picture, if wanted."""
    if pytestconfig.getoption("pictures"):
        return partial(looking.closely, take=_take)
    return looking.closely
