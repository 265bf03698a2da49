"""`signon demo`: what it makes, what it prints, what a second start keeps."""

import json
import signal
import socket
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from signon.clock import utc_now
from tests.demo.running import Running, free_port, launched, running
from tests.demo.visitor import Visitor

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(120)]

PURPOSES = [
    *("linked_attorney", "unlinked_attorney", "legacy", "shared", "firm"),
    *("trustee", "limited_creditor", "filing_agent", "pro_se", "operator", "court_staff"),
]


def test_the_description_is_the_contract_s(demo: Running):
    """`demo.json` has the members of the interface contract, for one person of every purpose."""
    found = demo.description
    assert found["issuer"] == f"http://localhost:{demo.port}"
    assert [person["purpose"] for person in found["people"]] == PURPOSES
    for person in found["people"]:
        always = {"username", "password", "purpose", "account_number", "ecf"}
        has_app = person["purpose"] in {"operator", "court_staff", "firm"}
        assert set(person) == always | ({"totp_secret"} if has_app else set())
        assert len(person["password"]) >= 15
        assert len(person["account_number"]) == 7
        assert person["account_number"].isdigit()
        assert all(set(ecf) == {"court", "login", "password"} for ecf in person["ecf"])
    # the case locator's belongs to no court
    assert [client["court"] for client in found["clients"]] == ["casb", "cacd", None]
    for client in found["clients"]:
        assert set(client) == {"client_id", "client_secret", "court", "redirect_uris"}
    for client, port in zip(found["clients"], (demo.port + 1, demo.port + 2), strict=False):
        assert client["redirect_uris"] == [f"http://localhost:{port}/callback"]
    assert found["addresses"] == {
        name: f"http://localhost:{demo.port + step}"
        for step, name in enumerate(("signon", "casb", "cacd", "mailbox"))
    }


def test_whoever_has_something_to_link_is_named_with_it(demo: Running):
    """Two have an unused login at both courts; what is linked is not listed."""
    waiting = {
        person["purpose"]: [ecf["court"] for ecf in person["ecf"]]
        for person in demo.description["people"]
        if person["ecf"]
    }
    assert waiting == {"unlinked_attorney": ["casb", "cacd"], "legacy": ["casb", "cacd"]}


def test_the_table_names_everybody(demo: Running):
    """Who can sign in where is printed, with username, password and address."""
    printed = "".join(demo.output)
    for person in demo.description["people"]:
        assert person["username"] in printed
        assert person["password"] in printed
    for address in demo.description["addresses"].values():
        assert address in printed


def test_what_holds_secrets_is_private(demo: Running):
    """The folder, the key ring and `demo.json` are for their owner only."""
    modes = {
        name: (demo.folder / name).stat().st_mode & 0o777
        for name in (".", "secrets.env", "demo.json")
    }
    assert modes == {".": 0o700, "secrets.env": 0o600, "demo.json": 0o600}


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_it_listens_on_both_loopback_addresses(demo: Running, host: str):
    """`localhost` may mean either; on a machine without IPv6 the one is enough."""
    if host == "[::1]" and not _has_ipv6():
        pytest.skip("no IPv6 on this machine")
    for step in range(4):
        answer = httpx2.get(f"http://{host}:{demo.port + step}/", trust_env=False)
        assert answer.status_code < 400


def test_casd_goes_live_in_ninety_days(demo: Running):
    """The demonstration has a court that is on its way: 90 days after the database was made."""
    answer = httpx2.get(
        f"{demo.address('signon')}/courts", headers={"accept": "application/json"}, trust_env=False
    )
    casd = next(court for court in answer.json()["courts"] if court["id"] == "casd")
    day = utc_now().astimezone(ZoneInfo("America/Los_Angeles")) + timedelta(days=90)
    assert casd["status"] == "scheduled"
    assert casd["go_live"].startswith(f"{day:%Y-%m-%d}T00:00")


def test_a_busy_port_is_named_in_one_line(demo: Running, tmp_path: Path):
    """Exit status 1, the port's number, and nothing is made."""
    folder = tmp_path / "other"
    with launched(folder, demo.port) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == ""
    line = err.splitlines()[-1]
    assert line.startswith(f"signon: Port {demo.port} on ")
    assert "Traceback" not in err
    assert not folder.exists()


def test_a_second_start_keeps_everything(tmp_path: Path, visitor: Visitor):
    """Accounts, clients, links and mail stay; SIGTERM and SIGINT end it with status 0.

    Then it starts on other ports, and then anew.
    """
    folder, port = tmp_path / "data", free_port()
    with running(folder, port) as first:
        before = first.description
        _link_at_casb(first, visitor)
        mails = _mails(first, least=15)
        assert first.stop(signal.SIGTERM) == (0, "Starting the demonstration …\n")
    with running(folder, port) as second:
        assert second.description == before
        # some may have come after we looked
        assert [one for one in _mails(second, least=len(mails)) if one in mails] == mails
        assert "Bankruptcy" in visitor.open(f"{second.address('casb')}/login")
        assert second.stop(signal.SIGINT)[0] == 0
    _other_ports_bring_other_clients(folder, before)
    _reset_forgets(folder, port, before)


def _reset_forgets(folder: Path, port: int, before: dict[str, object]) -> None:
    (folder / "notes.txt").write_text("not ours")
    with running(folder, port, "--reset") as anew:
        assert anew.description["clients"] != before["clients"]
        assert anew.description["addresses"] == before["addresses"]
        with Visitor() as visitor:
            person = anew.person("unlinked_attorney")
            page = visitor.sign_in(anew.address("casb"), person["username"], person["password"])
            assert "You see the PACER menu" in page
    assert (folder / "notes.txt").read_text() == "not ours"


def _other_ports_bring_other_clients(folder: Path, before: dict[str, Any]) -> None:
    """A client's addresses are its own: the old one ends, the new one serves the new ports."""
    with running(folder) as elsewhere:
        after = elsewhere.description
        answer = httpx2.post(
            f"{elsewhere.address('signon')}/oauth2/token",
            data={"grant_type": "authorization_code", "code": "x", "redirect_uri": "y"},
            auth=(before["clients"][0]["client_id"], before["clients"][0]["client_secret"]),
            trust_env=False,
        )
    assert answer.status_code == 401
    assert before["people"] == after["people"]
    # the case locator's has no address
    assert {client["client_id"] for client in before["clients"][:2]}.isdisjoint(
        client["client_id"] for client in after["clients"]
    )


def _link_at_casb(demo: Running, visitor: Visitor) -> None:
    person = demo.person("unlinked_attorney")
    casb = demo.address("casb")
    visitor.sign_in(casb, person["username"], person["password"])
    client = demo.description["clients"][0]["client_id"]
    visitor.open(f"{demo.address('signon')}/courts/casb/link?client_id={client}&return_to={casb}/")
    ecf = person["ecf"][0]
    visitor.submit(visitor.page.forms[0], ecf_login=ecf["login"], ecf_password=ecf["password"])
    assert "linked" in visitor.submit(visitor.page.forms[0])


def _mails(demo: Running, *, least: int) -> list[dict[str, str]]:
    """The mailbox once the outbox has delivered that many."""
    found: list[dict[str, str]] = []
    for _ in range(100):
        found = json.loads(_get(f"{demo.address('mailbox')}/messages.json"))
        if len(found) >= least:
            break
        sleep(0.1)
    assert len(found) >= least
    return found


def _get(address: str) -> str:
    return httpx2.get(address, trust_env=False).text


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
