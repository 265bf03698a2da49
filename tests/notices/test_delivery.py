"""Mail on its way: queued with the change, delivered to a real server, retried, given up."""

import asyncio
import email
import email.policy
import time
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from signon.config import Settings
from signon.db import Database, Unit
from signon.notices import mail as notices
from signon.notices import smtp
from signon.notices.delivery import Mailer, post_for
from signon.notices.reports import Failed
from signon.notices.smtp import DeliveryError, Server
from signon.outbox import events
from signon.outbox.models import outbox
from tests.infra.clock import FrozenClock
from tests.notices import mail_server
from tests.notices.mail_server import MailServer
from tests.notices.test_message import LINKED, VALUES

Mailing = Callable[[str], Settings]


def send(database: Database, to: str = "ada@example.com") -> None:
    with database.writing() as unit:
        notices.send(unit, LINKED, to=to)


def deliver(database: Database, settings: Settings) -> int:
    async def once() -> int:
        mailer = Mailer(settings)
        try:
            return await events.deliver_due(database, {notices.KIND: mailer.deliver})
        finally:
            mailer.close()

    return asyncio.run(once())


def rows(database: Database):
    with database.reading() as unit:
        return unit.execute(select(*outbox.c).order_by(outbox.c.created_at)).all()


def parsed(content: bytes | str | None) -> EmailMessage:
    assert isinstance(content, bytes)
    return email.message_from_bytes(content, policy=email.policy.default)


@pytest.fixture
def to_server(mailing: Mailing, mail: MailServer) -> Settings:
    """Settings that hand mail to the test's server."""
    return mailing(f"smtp://127.0.0.1:{mail.port}")


# ── Queued with the change ───────────────────────────────────────────────────


def test_a_rolled_back_change_sends_nothing(database: Database, to_server: Settings):
    """Mail tells of what was committed."""

    def change(unit: Unit):
        notices.send(unit, LINKED, to="ada@example.com")
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(database.write(change))
    assert deliver(database, to_server) == 0


@pytest.mark.parametrize(
    ("to", "changes", "error"),
    [
        ("ada", {}, ValueError),
        ("ada@example.com", {"login": None}, TypeError),
        ("ada@example.com", {"court": "a\nBcc: b@c.de"}, ValueError),
    ],
)
def test_what_could_never_be_sent_is_not_queued(
    database: Database, to: str, changes: dict[str, Any], error: type[Exception]
):
    """A mistake shows where it is made, and takes the unit with it."""
    with pytest.raises(error), database.writing() as unit:
        notices.send(unit, replace(LINKED, **changes), to=to)
    assert rows(database) == []


# ── SMTP ─────────────────────────────────────────────────────────────────────


def test_it_arrives_with_both_parts(database: Database, to_server: Settings, mail: MailServer):
    """From, to and both parts reach the server."""
    send(database)
    assert deliver(database, to_server) == 1
    (envelope,) = mail.arrived
    assert envelope.mail_from == "no-reply@localhost"
    assert envelope.rcpt_tos == ["ada@example.com"]
    found = parsed(envelope.content)
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert found["Message-ID"].startswith(f"<{rows(database)[0].id}.")


def test_what_was_delivered_is_not_delivered_again(
    database: Database, to_server: Settings, mail: MailServer, clock: FrozenClock
):
    """Neither at once nor when its lease is over; and the person's data leave the outbox."""
    send(database)
    assert deliver(database, to_server) == 1
    clock.advance(days=1)
    assert deliver(database, to_server) == 0
    assert len(mail.arrived) == 1
    assert (rows(database)[0].payload, rows(database)[0].sealed) == ({}, None)


def test_a_server_that_is_down_gets_it_later(
    database: Database, mailing: Mailing, clock: FrozenClock
):
    """The mail waits, not before its time is it tried again, and then it arrives once."""
    server = MailServer()
    with mail_server.running(server):
        pass  # it has its port now, and is gone
    settings = mailing(f"smtp://127.0.0.1:{server.port}")
    send(database)
    assert deliver(database, settings) == 0
    with mail_server.running(server):
        assert deliver(database, settings) == 0, "its wait is not over"
        clock.advance(seconds=events.FIRST_WAIT.total_seconds())
        assert deliver(database, settings) == 1
    assert len(server.arrived) == 1


def test_waits_grow_and_end(database: Database, mailing: Mailing, clock: FrozenClock):
    """5 s, 10 s, 20 s … at most an hour; after the last attempt it is given up."""
    send(database)
    settings = mailing("smtp://127.0.0.1:1")
    waits = []
    for _ in range(events.MAX_ATTEMPTS):
        assert rows(database)[0].failed_at is None
        deliver(database, settings)
        waits.append((rows(database)[0].due_at - clock.now).total_seconds())
        clock.set(rows(database)[0].due_at)
    assert waits[:4] == [5, 10, 20, 40]
    assert max(waits) == 3600
    assert rows(database)[0].failed_at is not None
    assert deliver(database, settings) == 0
    assert sum(waits) > 40 * 3600, "a mail server may be away for a night and a day"


@pytest.mark.parametrize("where", ["at_recipient", "at_data"])
def test_a_permanent_refusal_is_given_up_at_once(
    database: Database, to_server: Settings, mail: MailServer, where: str
):
    """RFC 5321 4.2.1: trying a 5yz again is a nuisance to everybody."""
    setattr(mail, where, "550 5.1.1 <ada@example.com> no such user")
    send(database)
    deliver(database, to_server)
    (row,) = rows(database)
    assert (row.failed_at is not None, row.attempts) == (True, 1)
    assert "550" in row.last_error
    assert "ada@" not in row.last_error, "the server's words repeat the address"


@pytest.mark.parametrize("where", ["at_recipient", "at_data"])
def test_a_passing_refusal_is_tried_again(
    database: Database, to_server: Settings, mail: MailServer, where: str, clock: FrozenClock
):
    """4yz: greylisting, a full disk."""
    setattr(mail, where, "451 4.7.1 come back")
    send(database)
    deliver(database, to_server)
    assert rows(database)[0].failed_at is None
    setattr(mail, where, "250 OK")
    clock.advance(seconds=10)
    assert deliver(database, to_server) == 1


def test_one_bad_mail_does_not_stop_the_others(
    database: Database, mailing: Mailing, mail: MailServer, monkeypatch: pytest.MonkeyPatch
):
    """Each delivery stands for itself."""
    send(database, "first@example.com")
    send(database, "second@example.com")
    hand_over = Server.hand_over

    def first_fails(self: Server, composed: EmailMessage, *, sender: str, to: str, greeting: str):
        if to.startswith("first"):
            raise OSError("cable cut")
        hand_over(self, composed, sender=sender, to=to, greeting=greeting)

    monkeypatch.setattr(Server, "hand_over", first_fails)
    assert deliver(database, mailing(f"smtp://127.0.0.1:{mail.port}")) == 1


def test_a_slow_server_does_not_stop_the_loop(
    database: Database, to_server: Settings, mail: MailServer
):
    """People are answered while a mail server thinks."""
    mail.slow_seconds = 0.5
    send(database)

    async def watched() -> float:
        mailer, longest, before = Mailer(to_server), 0.0, time.perf_counter()
        delivery = asyncio.create_task(events.deliver_due(database, {notices.KIND: mailer.deliver}))
        while not delivery.done():
            await asyncio.sleep(0.01)
            now = time.perf_counter()
            longest, before = max(longest, now - before), now
        assert await delivery == 1
        mailer.close()
        return longest

    assert asyncio.run(watched()) < 0.3


@pytest.mark.parametrize("temper", ["silent", "busy", "hangs up"])
def test_a_server_in_a_bad_temper_gets_it_later(
    database: Database,
    mailing: Mailing,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    temper: str,
):
    """It accepts and says nothing, or 421, or hangs up amid the mail; then it is well, and has it once."""
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.3)
    server = MailServer()
    with mail_server.in_bad_temper(temper) as server.port:
        send(database)
        assert deliver(database, mailing(f"smtp://127.0.0.1:{server.port}")) == 0
    [row] = rows(database)
    assert (row.failed_at, row.attempts) == (None, 1)
    assert row.due_at == clock.now + events.FIRST_WAIT
    clock.advance(seconds=events.FIRST_WAIT.total_seconds())
    with mail_server.running(server):
        assert deliver(database, mailing(f"smtp://127.0.0.1:{server.port}")) == 1
    assert len(server.arrived) == 1


# ── TLS and passwords ────────────────────────────────────────────────────────

TLS_OPTION = {"smtp": "tls_context", "smtps": "ssl_context"}


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_tls_is_used_where_it_is_offered(
    database: Database, mailing: Mailing, tmp_path: Path, scheme: str
):
    """STARTTLS over `smtp`, TLS from the first byte over `smtps`."""
    options = {TLS_OPTION[scheme]: mail_server.tls_context(tmp_path)}
    with mail_server.running(MailServer(), **options) as server:
        send(database)
        assert deliver(database, mailing(f"{scheme}://localhost:{server.port}")) == 1
    assert server.encrypted == [True]


def test_another_machine_gets_nothing_without_tls(mail: MailServer, monkeypatch):
    """The rule looks at the host's name, so the name is all that this test changes."""
    monkeypatch.setattr("signon.notices.smtp.is_loopback", lambda _host: False)
    server = Server("127.0.0.1", mail.port, tls=False, user="ada", password="s3cret/")
    with pytest.raises(DeliveryError, match="STARTTLS"):
        server.check(greeting="localhost")
    assert mail.logins == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_another_machine_must_prove_its_name(tmp_path: Path, monkeypatch, scheme: str):
    """A certificate of nobody's authority is none."""
    monkeypatch.setattr("signon.notices.smtp.is_loopback", lambda _host: False)
    options = {TLS_OPTION[scheme]: mail_server.tls_context(tmp_path)}
    with mail_server.running(MailServer(), **options) as server:
        machine = Server("localhost", server.port, tls=scheme == "smtps", user=None, password=None)
        with pytest.raises(DeliveryError, match="certificate"):
            machine.check(greeting="localhost")


def test_user_and_password_come_from_the_address(mailing: Mailing):
    """Percent-encoded, so that any character may be in them."""
    server = MailServer()
    options = {"authenticator": server.authenticate, "auth_require_tls": False}
    with mail_server.running(server, **options):
        post_for(mailing(f"smtp://ada%40x:s3cret%2F@127.0.0.1:{server.port}")).check()
        with pytest.raises(DeliveryError, match="refuses the user or password") as refused:
            post_for(mailing(f"smtp://ada:wr0ng@127.0.0.1:{server.port}")).check()
    assert server.logins[0] == (b"ada@x", b"s3cret/")
    assert "wr0ng" not in str(refused.value)


def test_a_server_shows_no_password():
    """Whoever prints it."""
    assert "s3cret" not in repr(Server.from_url("smtps://ada:s3cret@mail.example"))


def test_ports_are_the_usual_ones():
    """25, and 465 for TLS from the first byte."""
    assert Server.from_url("smtp://mail.example").port == 25
    assert Server.from_url("smtps://mail.example").port == 465
    assert Server.from_url("smtp://mail.example:2525").port == 2525


# ── Into a folder ────────────────────────────────────────────────────────────


def test_a_folder_gets_whole_files_in_order_of_time(
    database: Database, settings: Settings, tmp_path: Path, clock: FrozenClock
):
    """The demo's mailbox reads them; a half-written file is never seen."""
    for to in ("first@example.com", "second@example.com"):
        send(database, to)
        clock.advance(seconds=1)
    assert deliver(database, settings) == 2
    files = sorted((tmp_path / "mail").iterdir())
    assert [parsed(file.read_bytes())["To"] for file in files] == [
        "first@example.com",
        "second@example.com",
    ]
    assert all(file.suffix == ".eml" for file in files)


def test_a_repeated_delivery_is_the_same_file(
    database: Database, settings: Settings, tmp_path: Path, clock: FrozenClock
):
    """The process died after the mail was handed over and before that was written down."""
    send(database)
    with database.writing() as unit:
        assert len(events.lease(unit)) == 1
    clock.advance(seconds=61)
    deliver(database, settings)
    first = [file.read_bytes() for file in (tmp_path / "mail").iterdir()]
    with database.writing() as unit:
        unit.execute(outbox.update().values(done_at=None, due_at=clock.now, payload=_payload()))
    deliver(database, settings)
    assert [file.read_bytes() for file in (tmp_path / "mail").iterdir()] == first


def test_a_folder_that_cannot_be_written_is_found(mailing: Mailing, tmp_path: Path):
    """By `doctor`, before a mail is lost."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DeliveryError, match="folder"):
        post_for(mailing(f"file:{tmp_path / 'file' / 'mail'}")).check()
    post_for(mailing(f"file:{tmp_path / 'mail'}")).check()
    assert not (tmp_path / "mail").exists(), "looking makes nothing"


def _payload() -> dict[str, object]:
    return {"to": "ada@example.com", "message": "link_made", "values": VALUES}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("550 5.1.1 no such user", ["5.1.1"]),
        ("550 no", [None]),
        ("554 5.7.1 we do not like you", []),
        ("450 4.2.1 later", []),
    ],
)
def test_an_address_that_is_refused_for_good_is_told(
    database: Database, to_server: Settings, mail: MailServer, answer: str, told: list[str | None]
):
    """Once, with the status; not what passes, nor what is about our mail."""
    mail.at_recipient = answer
    found: list[Failed] = []

    async def refused(failed: Failed) -> None:
        found.append(failed)

    async def once() -> None:
        mailer = Mailer(to_server, refused=refused)
        try:
            await events.deliver_due(database, {notices.KIND: mailer.deliver})
        finally:
            mailer.close()

    send(database)
    asyncio.run(once())
    assert [one.status for one in found] == told
    assert {one.address for one in found} <= {"ada@example.com"}
