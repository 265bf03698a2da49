"""`/.well-known/security.txt` (RFC 9116) and `/.well-known/change-password` (W3C)."""

from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient

from signon.app import create_app
from signon.config import Settings, load
from signon.errors import SettingsError
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE

pytestmark = ON_ONE


def served(settings: Settings, clock: FrozenClock, **changes: str) -> TestClient:
    values = settings.model_dump() | changes
    return TestClient(create_app(Settings(_env_file=None, **values), clock=clock))


def fields(client: TestClient) -> dict[str, str]:
    answer = client.get("/.well-known/security.txt")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.endswith("\n")
    lines = [line.split(": ", 1) for line in answer.text.splitlines()]
    assert len({name for name, _ in lines}) == len(lines)
    return dict(lines)


def test_security_txt_says_whom_to_tell(settings: Settings, clock: FrozenClock):
    """RFC 9116 2.5: Contact and Expires at least; the mailbox of RFC 2142 unless one is set."""
    public = {"issuer": "https://signon.example", "smtp_url": "smtps://mail.example"}
    told = fields(served(settings, clock, **public))
    assert set(told) == {"Contact", "Expires", "Preferred-Languages", "Canonical"}
    assert told["Contact"] == "mailto:security@signon.example"
    assert told["Canonical"] == "https://signon.example/.well-known/security.txt"
    assert told["Preferred-Languages"] == "en"
    by_sender = fields(served(settings, clock, **public, mail_from="help@courts.example"))
    assert by_sender["Contact"] == "mailto:security@courts.example"


@pytest.mark.parametrize(
    ("setting", "contact"),
    [
        ("holes@courts.example", "mailto:holes@courts.example"),
        ("https://courts.example/report", "https://courts.example/report"),
        ("tel:+1-201-555-0123", "tel:+1-201-555-0123"),
    ],
)
def test_the_operator_s_contact_and_policy(
    settings: Settings, clock: FrozenClock, setting: str, contact: str
):
    """As they are set."""
    policy = "https://courts.example/policy"
    told = fields(served(settings, clock, security_contact=setting, security_policy=policy))
    assert (told["Contact"], told["Policy"]) == (contact, policy)


def test_it_never_runs_out(settings: Settings, clock: FrozenClock):
    """RFC 9116 2.5.5: in the future, less than a year; the server makes it anew."""
    client = served(settings, clock)
    for _ in range(3):
        left = datetime.fromisoformat(fields(client)["Expires"]) - clock.now
        assert timedelta(days=30) < left < timedelta(days=365)
        clock.advance(days=100)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("security_contact", "nobody"),
        ("security_contact", "http://courts.example"),
        ("security_contact", "a@b.example\nContact: mailto:evil@evil.example"),
        ("security_policy", "http://courts.example"),
        ("security_policy", "https://a.example\nx"),
    ],
)
def test_what_cannot_stand_there_stops_the_start(settings: Settings, setting: str, value: str):
    """Nobody finds out only when a hole is to be reported."""
    given = settings.model_dump() | {setting: value}
    with pytest.raises(SettingsError, match=f"SIGNON_{setting.upper()} cannot be used: set it to"):
        load(_env_file=None, **given)


def test_password_managers_find_the_page(settings: Settings, clock: FrozenClock):
    """A redirect to the page that asks for the old password; signed out, by way of signing in."""
    client = served(settings, clock)
    answer = client.get("/.well-known/change-password", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/account/password"
    there = client.get("/account/password", headers={"accept": "text/html"})
    assert there.status_code == 200
    assert str(there.url.path) in {"/login", "/account/password"}
    # W3C: "the reliability of HTTP status codes" is looked at by this very address
    probe = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert client.get(probe).status_code == 404
