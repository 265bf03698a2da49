"""A message: its values, its two parts, and headers that nobody can add to."""

from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import jinja2
import pytest

from signon.notices import message
from signon.notices.link_made import LinkMade
from signon.notices.message import Envelope, checked, compose, kinds

ENVELOPE = Envelope(
    id="abcdefghijklmnopqrstuvwxyz",
    to="ada@example.com",
    sender="no-reply@signon.example",
    issuer="https://signon.example",
    date=datetime(2026, 3, 2, 15, tzinfo=UTC),
)
LINKED = LinkMade(
    account_number="1234567",
    court="California Central",
    court_id="cacd",
    court_url="https://ecf.cacd.uscourts.gov",
    login="alovelace",
    roles=["Attorney"],
    linked_at="Mar 2, 2026, 7:00 AM PST",
    waits_for_review=0,
    undo_until="Mar 3, 2026, 7:00 AM PST",
)
VALUES = asdict(LINKED)


def composed(**changes: object) -> EmailMessage:
    return compose(LinkMade, VALUES | changes, ENVELOPE)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_message_has_two_parts_of_its_name(name: str):
    """Who reads plain text gets the same mail."""
    for suffix in ("txt", "html"):
        assert (message.TEMPLATES / f"{name}.{suffix}").is_file()


def test_both_parts_tell_the_same():
    """The plain part is no stub of the HTML part."""
    mail = composed()
    for kind in ("plain", "html"):
        for value in ("alovelace", "California Central", "Attorney", "7:00 AM PST"):
            assert value in part(mail, kind)


def test_html_escapes_values_and_plain_text_does_not():
    """A login is text in both parts."""
    mail = composed(login="Ada <Lovelace> & Co")
    assert "Ada &lt;Lovelace&gt; &amp; Co" in part(mail, "html")
    assert "Ada <Lovelace> & Co" in part(mail, "plain")


OURS = {
    *("account_number", "accounts", "attempts", "blocks_all", "changed_at", "change", "code"),
    *(
        "due_at",
        "expires_on",
        "firm_number",
        "further",
        "guesses",
        "hours",
        "is_held",
        "kind",
        "minutes",
    ),
    *("knows_password", "linked_at", "may_exist", "note", "people", "since", "signed_in_at"),
    *("skips_left", "undo_until", "waits_for_review", "what", "what_next", "headline", "because"),
    *("doing", "browser", "address", "asker"),
}
"""Numbers, moments and sentences of our own."""
OF_COURTS = {
    *("contact", "court", "court_id", "court_says", "facts", "help_desk", "login", "logins"),
    *("next_step", "reason", "role", "roles"),
}
TYPED = {
    "new_email": "email_change_asked",
    "username": "account_released account_upgraded choose_password",
    "old_username": "account_upgraded",
    "remark": "firm_membership firm_notice",
}
"""What somebody typed, and the only mails that hold it: of the account's own sign-in to its own
address; between a firm and its member, plain words."""


@pytest.mark.parametrize("name", sorted(kinds()))
def test_no_mail_holds_what_a_stranger_typed(name: str):
    """No names: accounts and firms are told by their numbers, which nobody chooses."""
    for one in fields(kinds()[name]):
        is_link = one.name.endswith("_url") or one.name == "url"
        is_typed = name in TYPED.get(one.name, "").split()
        assert is_link or is_typed or one.name in OURS | OF_COURTS


def test_html_loads_nothing():
    """Opening a mail tells nobody; the only addresses are links."""
    html = part(composed(), "html")
    for word in ("src=", "url(", "@import", "<script", "<img"):
        assert word not in html


def test_headers_say_who_when_and_that_a_machine_wrote():
    """RFC 3834: an automatic mail says so; the date is the event's."""
    mail = composed()
    assert mail["To"] == "ada@example.com"
    assert mail["From"] == "signon <no-reply@signon.example>"
    assert mail["Subject"] == "Your filing login at California Central is linked"
    assert mail["Date"] == "Mon, 02 Mar 2026 15:00:00 +0000"
    assert mail["Message-ID"] == "<abcdefghijklmnopqrstuvwxyz@signon.example>"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_the_same_event_makes_the_same_mail():
    """A repeated delivery is recognised: even the boundary between the parts is the same."""
    assert composed().as_bytes() == composed().as_bytes()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_no_value_adds_a_header(end: str):
    """A line break in a value that stands in the subject is refused."""
    with pytest.raises(ValueError, match="Header values may not contain"):
        composed(court=f"X{end}Bcc: everybody@example.com")


@pytest.mark.parametrize(
    "to", ["ada@example.com\nBcc: x@example.com", "ada@example.com, x@example.com", "ada", "a@"]
)
def test_a_mail_goes_to_one_address(to: str):
    """Two addresses, none, or one with a header behind it are refused."""
    envelope = Envelope("i" * 26, to, ENVELOPE.sender, ENVELOPE.issuer, ENVELOPE.date)
    with pytest.raises(ValueError, match="address"):
        compose(LinkMade, VALUES, envelope)


def test_templates_without_a_message_are_none():
    """Every template but the frame of all is the message's whose name it has."""
    assert {path.stem for path in message.TEMPLATES.iterdir()} == {"layout", *kinds()}


@pytest.mark.parametrize("value", [None, datetime(2026, 3, 2, tzinfo=UTC)])
def test_values_that_no_type_checker_saw_are_looked_at(value: Any):
    """A row's column may be anything: what is no text fails where the mail is queued."""
    with pytest.raises(TypeError, match="login"):
        checked(replace(LINKED, login=value))


def test_a_template_uses_known_values_only():
    """A value that is not there is an error, not a blank."""

    class Wrong(LinkMade):
        subject = "{{ nonsense }}"

    with pytest.raises(jinja2.UndefinedError, match="nonsense"):
        compose(Wrong, VALUES, ENVELOPE)
