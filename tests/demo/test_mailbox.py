"""The mailbox: `/messages.json` as the contract has it, and pages that are safe to look at."""

from dataclasses import asdict
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from signon.demo.mailbox import Mailbox, read_mail
from signon.notices.delivery import Folder
from signon.notices.link_made import LinkMade
from signon.notices.message import Envelope, compose
from tests.notices.test_message import LINKED

VALUES = asdict(LINKED) | {"court": "Court <b>of</b> Tests", "login": "unovak"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mail folder with two mails, as the provider's own delivery writes them."""
    for day, name in ((1, "first"), (2, "second")):
        envelope = Envelope(
            name, f"{name}@mail.example", "no-reply@localhost", "http://localhost", _date(day)
        )
        Folder(tmp_path).hand_over(compose(LinkMade, VALUES, envelope), envelope)
    (tmp_path / ".draft.eml").write_text("not yet whole")
    return tmp_path


@pytest.fixture
def client(folder: Path) -> TestClient:
    """The mailbox over it."""
    return TestClient(Mailbox(folder).application())


def test_messages_json_is_newest_first(client: TestClient):
    """Exactly the contract's members; drafts are none."""
    found = client.get("/messages.json").json()
    assert [message["to"] for message in found] == ["second@mail.example", "first@mail.example"]
    assert set(found[0]) == {"id", "date", "to", "from", "subject", "text", "html"}
    assert found[0]["id"] == "second"
    assert found[0]["date"] == "2026-03-02T12:00:00+00:00"
    assert found[0]["from"] == "Federal Courts Sign-on <no-reply@localhost>"
    assert "unovak" in found[0]["text"]
    assert "<strong>unovak</strong>" in found[0]["html"]


def test_new_mail_is_seen_without_a_restart(client: TestClient, folder: Path):
    """The folder is looked at for every page."""
    assert "2 messages" in client.get("/").text
    envelope = Envelope("third", "t@mail.example", "a@b.example", "http://localhost", _date(3))
    Folder(folder).hand_over(compose(LinkMade, VALUES, envelope), envelope)
    assert client.get("/messages.json").json()[0]["id"] == "third"


def test_a_mail_is_shown_as_text(client: TestClient):
    """Its text is escaped, its HTML part is a document of its own."""
    page = client.get("/messages/first").text
    assert "Court &lt;b&gt;of&lt;/b&gt; Tests" in page
    assert 'href="/messages/first/html"' in page


def test_the_html_part_can_do_nothing(client: TestClient):
    """Sandboxed: no script, no form, nothing loaded."""
    policy = client.get("/messages/first/html").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy


def test_an_unknown_mail_is_a_404(client: TestClient):
    """With a page that says so."""
    answer = client.get("/messages/nobody")
    assert answer.status_code == 404
    assert "There is no such page here." in answer.text


def test_an_empty_folder_is_an_empty_mailbox(tmp_path: Path):
    """Before the first mail there is no folder at all."""
    client = TestClient(Mailbox(tmp_path / "none").application())
    assert client.get("/messages.json").json() == []
    assert "There is none yet." in client.get("/").text


def test_a_mail_without_html_is_read():
    """Other senders may write text only."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", "Plain"
    mail["Date"] = _date(1)
    mail.set_content("words")
    found = read_mail("20260301T000000.000000Z-plain.eml", mail.as_bytes())
    assert (found.id, found.text, found.html) == ("plain", "words\n", "")


def _date(day: int) -> datetime:
    return datetime(2026, 3, day, 12, tzinfo=UTC)
