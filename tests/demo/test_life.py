"""What has happened in a demonstration before anybody comes, and how the command line gets at it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from signon.clock import utc_now
from signon.demo.mailbox import codes
from signon.demo.people import PEOPLE
from tests.demo.running import Running

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(120)]


def signon(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line on a demonstration's data, with no settings of its own."""
    command = [sys.executable, "-m", "signon", "--demo", "--demo-dir", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={}, check=False)


def test_the_command_line_works_on_its_data(demo: Running, tmp_path: Path):
    """`signon --demo`; a folder that holds none is named."""
    done = signon(demo.folder, "accounts", "find", "firm.accounts", "--json")
    (firm,) = json.loads(done.stdout)
    assert firm["name"] == "Marsh and Partners LLP"
    none = signon(tmp_path, "accounts", "list")
    assert none.returncode == 1
    assert f"{tmp_path} holds no demonstration" in none.stderr


def test_links_lead_to_the_demo_courts(demo: Running):
    """Nobody who plays here is sent to a real court; the others are where they are."""
    listed = httpx2.get(f"{demo.address('signon')}/courts", headers={"accept": "application/json"})
    at = {court["id"]: court["cmecf_url"] for court in listed.json()["courts"]}
    assert (at["casb"], at["cacd"]) == (demo.address("casb"), demo.address("cacd"))
    assert at["casd"] == "https://ecf.casd.uscourts.gov"


def test_a_firm_and_a_court_have_a_history(demo: Running):
    """Members and an invitation that waits; registrations in three states, and a certificate."""
    done = signon(demo.folder, "audit", "export")
    happened = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    counted = {event: happened.count(event) for event in set(happened)}
    assert counted["firms:invitation:sent"] == 4
    assert counted["firms:invitation:accepted"] == 2
    assert counted["filing:registration:submitted"] == 3
    assert counted["filing:registration:approved"] == 1
    assert counted["filing:registration:returned"] == 1
    assert counted["filing:certificate:recorded"] == 1


def test_the_mailbox_shows_the_codes_of_everybodys_app(demo: Running):
    """Nobody needs a phone to try two factors out."""
    known = dict(codes(utc_now()))
    assert known.keys() == {person.username for person in PEOPLE if person.totp_secret}
    page = httpx2.get(demo.address("mailbox")).text
    for username in known:
        assert re.search(re.escape(username) + r"\W.*?>\s*\d{6}\s*<", page, re.DOTALL)
