"""Mailing links that prove a legacy login, to the address that the court has on file for it.

**How often.** An asker's mails to one address: two at once, then one in twenty minutes; their
links live for thirty, so when no further mail goes, one that works is in the mailbox. Accounts
are free and names are chosen, so the address has measures too: an hour brings it
`OTHERS_AN_HOUR` mails for all askers who bear the login's name, and as many for all others. An account
whose verified address it is has its own measure only, so that nobody can use up the owner's; nor does
any hold up the mails that the court's help desk sends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from signon.accounts import directory, mailed_links, own_account
from signon.accounts.directory import Account
from signon.accounts.mailed_links import Purpose
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court, read_one
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import BusyError, RefusedError
from signon.filing.court import court_policy
from signon.filing.court.desk import Desk, Power
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import conditions, guesses, lost_logins, namesakes
from signon.filing.linking.folding import SECOND
from signon.limits import counters
from signon.notices import mail
from signon.notices.link_proof import LinkProof
from signon.outbox.events import Due, Handler
from signon.web.acts import Act

LASTS = timedelta(minutes=30)
AT_ONCE = 2
PAUSE = timedelta(minutes=20)
"""Between further mails; shorter than a link lives."""
HOUR = timedelta(hours=1)
OTHERS_AN_HOUR = 10
BY_STAFF_AN_HOUR = 5
OF_ASKER, BY_STAFF = "link_proof_mails", "link_proof_staff"
"""Buckets: mails to an address for one asker, and by staff for a login."""
OF_NAMESAKES, OF_STRANGERS = "link_proof_namesakes", "link_proof_strangers"
"""Buckets: mails to an address for all who bear the login's name, and for all others."""
NO_ADDRESS = "no_address_on_file"
MOST = 20
"""Logins in one mail."""


@dataclass(frozen=True, slots=True)
class ProofWanted:
    """Who gets to use a link, and where it leads back to.

    An `account` of None: whoever is signed in and reads the mail; the court's staff had it sent.
    """

    court: Court
    account: Account | None
    client_id: str | None = None
    return_to: str | None = None
    second: bool = False


class ProofMails:
    """The outbox's handler for what was asked."""

    def __init__(self, issuer: str, ring: KeyRing, database: Database) -> None:
        self._issuer = issuer
        self._ring = ring
        self._database = database

    def handlers(self) -> dict[str, Handler]:
        """By kind of outbox event."""
        return {lost_logins.KIND: self.answer}

    async def answer(self, due: Due) -> None:
        """Look and mail, in one unit; done twice, it mails twice."""
        await self._database.write(answer, self._issuer, self._ring, due.payload)


def answer(unit: Unit, issuer: str, ring: KeyRing, payload: Mapping[str, Any]) -> None:
    """Mail a link for each login that was meant; none, and nothing goes out."""
    typed = ring.open(bytes.fromhex(payload["typed"]), lost_logins.TYPED).decode()
    account = directory.by_id(unit, payload["account"])
    if account is None or not account.is_active or account.frozen_at:
        return
    court = read_one(unit, payload["court"])
    second = bool(payload.get(SECOND))
    asked = ProofWanted(court, account, payload["client"], payload["return_to"], second)
    by_address: dict[str, list[LegacyLogin]] = {}
    for login in (one for one in _meant(unit, court, typed) if one.email):
        by_address.setdefault(login.email.casefold(), []).append(login)
    for logins in by_address.values():
        if _may_mail(unit, ring, account, logins):
            _mail(unit, issuer, asked, logins, because=payload["asked"])


def send_for_staff(unit: Unit, desk: Desk, login_id: str) -> LegacyLogin:
    """Have a link mailed to the login's owner; the court's staff never see it.

    Whoever reads that mail and is signed in may use it, once. Raises RefusedError (`not_found`,
    `own_account`, `login_taken`, `login_disabled`, …), BusyError after several within an hour.
    """
    court = desk.court
    login = legacy_logins.by_id(unit, login_id)
    if login is None or login.court_id != court.id:
        raise legacy_logins.unknown_login()
    if desk.is_own_login(login.holder, login.email):
        raise own_account.refused()
    if refusal := conditions.refuse_login(login, court, None):
        raise RefusedError(refusal.reason, f"{refusal.sentence} No link was sent.")
    if not login.email:
        raise RefusedError(
            NO_ADDRESS,
            "The court's list has no e-mail address for this login, so no link was sent.",
            "Import a line with the address, then send the link.",
        )
    found = counters.hit(unit, BY_STAFF, _key(unit.ring, login.id), window=HOUR)
    if found.count > BY_STAFF_AN_HOUR:
        assert found.ends_at is not None
        wait = max(1, round((found.ends_at - unit.now).total_seconds()))
        raise BusyError(
            f"{BY_STAFF_AN_HOUR} links were mailed for this login within an hour. The last ones "
            "work for thirty minutes each: ask its owner to look into the mailbox.",
            retry_after=wait,
        )
    issuer = desk.settings.issuer
    _mail(unit, issuer, ProofWanted(court, None), [login], because="staff", actor=desk.actor)
    return login


SEND = Act(
    "mailed",
    send_for_staff,
    needs=Power.MAIL_PROOFS,
    done="A link that proves the login is on its way to the address on file. You never see it.",
)


def _meant(unit: Unit, court: Court, typed: str) -> Sequence[LegacyLogin]:
    """The login of that name, and those with that address."""
    named = legacy_logins.by_login(unit, court.id, typed)
    found = {named.id: named} if named else {}
    if "@" in typed:
        found |= {one.id: one for one in legacy_logins.at_email(unit, court.id, typed)}
    return list(found.values())


def _may_mail(unit: Unit, ring: KeyRing, account: Account, logins: Sequence[LegacyLogin]) -> bool:
    address = logins[0].email.casefold()
    own = _key(ring, f"{account.id} {address}")
    sent = counters.hit(unit, OF_ASKER, own, window=HOUR)
    if sent.blocked_until:
        counters.take_back(unit, OF_ASKER, own)
        return False
    if not guesses.is_own(unit, account, logins[0]):
        is_namesake = any(namesakes.is_namesake(unit, account, one) for one in logins)
        bucket = OF_NAMESAKES if is_namesake else OF_STRANGERS
        together = counters.hit(unit, bucket, _key(ring, address), window=HOUR)
        if together.count > OTHERS_AN_HOUR:
            return False
    if sent.count >= AT_ONCE:
        counters.block(unit, OF_ASKER, own, until=unit.now + PAUSE)
    return True


def _mail(
    unit: Unit,
    issuer: str,
    asked: ProofWanted,
    logins: Sequence[LegacyLogin],
    *,
    because: str,
    actor: str = trail.SYSTEM,
) -> None:
    court, account = asked.court, asked.account
    entries = [_entry(unit, issuer, asked, login) for login in logins[:MOST]]
    letter = LinkProof(
        court=court.name,
        asker=account.number if account else "",
        logins=entries,
        further=len(logins[MOST:]),
        minutes=int(LASTS.total_seconds()) // 60,
        help_desk=court_policy.help_desk(court),
    )
    mail.send(unit, letter, to=logins[0].email)
    for login in logins[:MOST]:
        trail.record(
            unit,
            Event.LINK_PROOF_MAILED,
            actor=actor,
            account_id=account.id if account else None,
            court_id=court.id,
            legacy_login=login.id,
            asked=because,
        )


def _entry(unit: Unit, issuer: str, asked: ProofWanted, login: LegacyLogin) -> list[str]:
    """Login, whose it is, and its link, or why there is none."""
    if refusal := conditions.refuse_login(login, asked.court, None):
        return [login.login, login.name, "", f"{refusal.sentence} {refusal.next_step}"]
    token = mailed_links.issue(
        unit,
        Purpose.PROVE_LOGIN,
        email=login.email,
        lasts=LASTS,
        account_id=asked.account.id if asked.account else None,
        payload={
            "court": asked.court.id,
            "login": login.id,
            "version": login.proof_version,
            "client": asked.client_id,
            "return_to": asked.return_to,
            SECOND: asked.second,
        },
    )
    url = f"{issuer}/courts/{asked.court.id}/link/proof?token={token}"
    return [login.login, login.name, url, ""]


def _key(ring: KeyRing, counted: str) -> bytes:
    return ring.mac(OF_ASKER, counted.encode())
