"""RFC 3464: a report counts for the one address that the returned mail went to."""

from typing import Any

import pytest

from signon.config import Settings
from signon.crypto import KeyRing
from signon.errors import RefusedError
from signon.notices import reports
from tests.notices.reported import MAIL, WRITTEN, message_id, report

ADA = "Ada@Example.com"


@pytest.fixture
def ring(settings: Settings) -> KeyRing:
    """The house's."""
    return KeyRing(settings.key_bytes)


@pytest.mark.parametrize("headers_only", [False, True])
@pytest.mark.parametrize("final", [None, "ada@elsewhere.example"])
def test_a_mail_of_ours_that_came_back(ring: KeyRing, headers_only: bool, final: str | None):
    """With the whole mail or its headers, also when it was forwarded before."""
    raw = report(message_id(ring, ADA), ADA, headers_only=headers_only, final=final)
    found = reports.read(ring, raw)
    assert (found.address.lower(), found.written_at, found.status) == (
        ADA.lower(), WRITTEN, "5.1.1",
    )  # fmt: skip


def test_a_report_is_good_for_its_own_recipient_only(ring: KeyRing):
    """Nobody marks another's address with the Message-ID of a mail to themselves."""
    mine = message_id(ring, "mallory@example.org")
    for raw in (
        report(mine, ADA),
        report(mine, ADA, others=["grace@example.com"]),
        report(mine.replace(".17", ".18"), "mallory@example.org"),
        report(f"<{MAIL}.1.{'A' * 43}@signon.example>", ADA),
        report("<somebody-elses@mail.example>", ADA),
    ):
        with pytest.raises(RefusedError) as refused:
            reports.read(ring, raw)
        assert refused.value.reason == "not_ours"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"action": "delayed", "status": "4.4.1"}, "no_report"),
        ({"action": "relayed", "status": "2.0.0"}, "no_report"),
        ({"status": "5.7.1"}, "not_the_address"),
        ({"status": "5.6.0"}, "not_the_address"),
    ],
)
def test_what_says_nothing_about_the_address(ring: KeyRing, given: dict[str, Any], reason: str):
    """RFC 3463: a delay, and a refusal of the mail's policy or content."""
    with pytest.raises(RefusedError) as refused:
        reports.read(ring, report(message_id(ring, ADA), ADA, **given))
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: holiday\n\nI am away.\n",
        b"\xff\xfe\x00" * 99,
        b'Content-Type: multipart/report; boundary="b"\n\n--b\nContent-Type: '
        b"message/delivery-status\n\nAction: failed\n\n--b--\n",
        b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000)
        ),
    ],
)
def test_whatever_else_comes_is_no_report(ring: KeyRing, raw: bytes):
    """It ends in a refusal, however odd it is."""
    with pytest.raises(RefusedError) as refused:
        reports.read(ring, raw)
    assert refused.value.reason == "no_report"


def test_after_a_change_of_keys_reports_still_count(ring: KeyRing, settings: Settings):
    """As long as the ring holds the key of then."""
    raw = report(message_id(ring, ADA), ADA)
    newer = KeyRing([b"n" * 32, *settings.key_bytes])
    assert reports.read(newer, raw).status == "5.1.1"
