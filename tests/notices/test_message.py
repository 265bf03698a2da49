"""A message: its values, its two parts, and headers that nobody can add to."""

import re
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import jinja2
import pytest

from signon.config import SITE_NAME
from signon.notices import message
from signon.notices.link_made import LinkMade
from signon.notices.message import Envelope, checked, compose, kinds
from signon.words.sentences import Spoken
from tests.notices import samples

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


@pytest.mark.parametrize("flags", [{}, samples.OTHERWISE], ids=["", "otherwise"])
@pytest.mark.parametrize("name", sorted(kinds()))
def test_both_parts_tell_the_same(name: str, flags: dict[str, Any]):
    """Word for word and address for address, and every fact that the message holds."""
    mail = samples.composed(name, ENVELOPE, flags)
    told = samples.words_of_html(part(mail, "html"))
    assert samples.words_of_text(part(mail, "plain")) == told
    if not flags:
        missing = [fact for fact in samples.facts(name) if fact not in " ".join(told)]
        assert missing == []


@pytest.mark.parametrize("flags", [{}, samples.OTHERWISE], ids=["", "otherwise"])
@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_mail_is_of_one_hand(name: str, flags: dict[str, Any]):
    """The service's name, why it was sent, what not to believe, one button at most, dark mode; no
    style of an element, nothing raw, no link that could sign in.
    """
    mail = samples.composed(name, ENVELOPE, flags)
    html, plain = part(mail, "html"), part(mail, "plain")
    for each in (html, plain):
        assert SITE_NAME in each
        assert "You get this because" in each
        assert "never ask for your password" in " ".join(each.split())
        assert not re.search(
            r"None|True|False|[{}]{2}|\b\d{4}-\d\d-\d\d", each.partition("</style>")[2]
        )
    assert html.count('class="go"') <= 1
    assert html.count("<h1>") == 1
    assert "prefers-color-scheme: dark" in html
    assert "style=" not in html
    assert not re.search(r"[\w/](login|callback)\?", plain)
    longest = max(len(line) for line in plain.splitlines() if "://" not in line)
    assert longest <= message.COLUMNS


def test_an_address_is_never_broken():
    """It has a line of its own, however long it is, so that it can be copied."""
    url = "https://signon.example/account/not-me?token=" + "k" * 200
    mail = samples.composed("account_changed", ENVELOPE, {"not_me_url": url})
    assert url in part(mail, "plain").splitlines()


@pytest.mark.parametrize(
    ("hours", "said"), [(1, "1 hour."), (24, "24 hours."), (72, "3 days."), (50, "50 hours.")]
)
def test_how_long_a_link_lasts_is_said_as_people_say_it(hours: int, said: str):
    """Never so many seconds, nor 72 hours."""
    mail = samples.composed("choose_password", ENVELOPE, {"hours": hours})
    assert f"for {said}" in part(mail, "plain")


def test_html_escapes_values_and_plain_text_does_not():
    """A login is text in both parts."""
    mail = composed(login="Ada <Lovelace> & Co")
    assert "Ada &lt;Lovelace&gt; &amp; Co" in part(mail, "html")
    assert "Ada <Lovelace> & Co" in part(mail, "plain")


OURS = {
    *("account_number", "accounts", "attempts", "blocks_all", "changed_at", "change", "code"),
    "is_own",
    *(
        "due_at",
        "expires_on",
        "firm_number",
        "further",
        "guesses",
        "hours",
        "is_held",
        "is_moved",
        "kind",
        "minutes",
    ),
    *("knows_password", "linked_at", "may_exist", "note", "people", "since", "signed_in_at"),
    *("skips_left", "undo_until", "waits_for_review", "what", "what_next", "headline", "because"),
    *("doing", "browser", "address", "asker", "is_prepared", "token"),
}
"""Numbers, moments and sentences of our own."""
OF_COURTS = {
    *("contact", "court", "court_id", "court_says", "day", "facts", "help_desk"),
    *("login", "logins", "next_step", "reason", "role", "roles", "opening", "closing"),
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
    assert mail["From"] == f"{SITE_NAME} <no-reply@signon.example>"
    assert mail["Subject"] == "Your filing login at California Central is linked"
    assert mail["Date"] == "Mon, 02 Mar 2026 15:00:00 +0000"
    assert mail["Message-ID"] == "<abcdefghijklmnopqrstuvwxyz.0@signon.example>"
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
    """Every template but the frames and the parts is the message's whose name it has."""
    assert {path.stem for path in message.TEMPLATES.glob("*.jinja")} == set(kinds())
    for part_of in ("html", "text"):
        assert {path.stem for path in (message.TEMPLATES / part_of).iterdir()} == {
            "layout",
            "parts",
        }


@pytest.mark.parametrize("value", [None, datetime(2026, 3, 2, tzinfo=UTC)])
def test_values_that_no_type_checker_saw_are_looked_at(value: Any):
    """A row's column may be anything: what is no text fails where the mail is queued."""
    with pytest.raises(TypeError, match="login"):
        checked(replace(LINKED, login=value))


def test_a_template_uses_known_values_only():
    """A value that is not there is an error, not a blank."""

    class Wrong(LinkMade):
        subject = Spoken("{{ nonsense }}")

    with pytest.raises(jinja2.UndefinedError, match="nonsense"):
        compose(Wrong, VALUES, ENVELOPE)
