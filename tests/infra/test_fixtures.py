"""What conftest.py promises to every test."""

import subprocess
from pathlib import Path

import pytest

from signon import schema
from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock


def test_a_database_is_migrated_and_keeps_the_tests_time(database: Database, clock: FrozenClock):
    assert schema.current(database.url.render_as_string(hide_password=False)) == schema.head()
    with database.writing() as unit:
        assert unit.now == clock()


def test_settings_are_those_of_the_test(settings: Settings, database_url: str):
    assert settings.database_url.get_secret_value() == database_url


@pytest.mark.node
def test_node_runs_openid_client(node: str, openid_client: Path):
    program = "import('openid-client').then(c => console.log(typeof c.discovery))"
    done = subprocess.run([node, "-e", program], cwd=openid_client, capture_output=True, check=True)
    assert done.stdout == b"function\n"


@pytest.mark.browser
def test_the_browser_starts(chromium: str):
    done = subprocess.run([chromium, "--version"], capture_output=True, check=True)
    assert b"hrom" in done.stdout
