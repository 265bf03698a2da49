"""Taking an account back: everything that was disowned is undone, in one unit.

Each part looks at the changes that were disowned and at those that were not (`Undoing`). What a
court or a firm decided stays, and so does the password's end: it is never what it was before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from signon import opaque_tokens
from signon.accounts import (
    credentials,
    email_changes,
    history,
    mailed_links,
    own_data,
    programs,
    repudiation,
    sign_outs,
)
from signon.accounts.directory import Account, by_number, unknown_account
from signon.accounts.history import Change, Proof
from signon.accounts.mailed_links import Purpose
from signon.accounts.own_data import OwnData
from signon.accounts.repudiation import EMAIL
from signon.audit.events import Event
from signon.config import Settings
from signon.courts.registry import read_one
from signon.crypto import KeyRing
from signon.db import Unit
from signon.filing.agents import ending, pairs, record
from signon.filing.agents.pairs import Side
from signon.filing.linking import folding, prepared_links
from signon.filing.registrations import applying, registrations
from signon.filing.registrations.applying import Registrant
from signon.filing.registrations.registrations import State
from signon.filing.rights import notice_addresses, rights
from signon.filing.rights.rights import COURT, FOLD, LINK
from signon.firms import membership, parting
from signon.notices import mail
from signon.notices.address_removed import AddressRemoved
from signon.profile import disputes, program_rule
from signon.profile.changes import ADDRESS, FIRM, PERSON, PHONE, MeanwhileError
from signon.profile.client_code_rule import FIELDS as CLIENT_CODE
from signon.profile.disputes import DISPUTE, Choice, Dispute
from signon.recovery import starting
from signon.signin import factor_tries, factors, half_sign_ins, known_devices, recovery_codes
from signon.tokens import consents
from signon.web.visitor import Source
from signon.words.sentences import _

OWN = frozenset(
    {
        EMAIL,
        "email_verified",
        "username",
        "date_of_birth",
        "upgraded_at",
        *PERSON,
        *FIRM,
        *ADDRESS,
        *PHONE,
        *CLIENT_CODE,
    }
)
"""The account's own columns that go back to what they were."""
NOWHERE = Source()
REASON = "disputed"
TOLD = _(
    "The account was taken back: what was changed since {since} by somebody else was undone, a new "
    "password was chosen, and it was signed out everywhere."
)
AGENTS_ENDED = _("The account’s owner took it back from somebody else.")
_PURPOSES = (
    Purpose.CHOOSE_PASSWORD,
    Purpose.CONFIRM_EMAIL,
    Purpose.AGREE_EMAIL,
    Purpose.KEEP_FACTORS,
    Purpose.PROVE_LOGIN,
    Purpose.CONFIRM_NOTICES,
)
"""Links that open or change something end, wherever they were mailed to."""


@dataclass(frozen=True, slots=True)
class TakingBack:
    """What taking back works with."""

    settings: Settings
    ring: KeyRing


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is to be undone of an account: `disowned` of all that was changed since `since`."""

    means: TakingBack
    since: datetime
    disowned: tuple[Change, ...]
    others: tuple[Change, ...]
    source: Source

    def of(self, subject: str) -> list[Change]:
        """What was disowned of one subject, the latest first."""
        return [one for one in reversed(self.disowned) if one.subject == subject]

    def kept(self, subject: str, name: str) -> set[Any]:
        """What the changes of a subject that stay say under that name."""
        of_subject = [one for one in self.others if one.subject == subject]
        return {
            side[name] for one in of_subject for side in (one.before, one.after) if name in side
        }


Find = Callable[[Unit], Dispute]
"""Who disowns something, and what they may: found in every unit anew. Raises RefusedError."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it: the account is the owner's again, or it is frozen."""

    is_frozen: bool


def carry_out(
    unit: Unit,
    means: TakingBack,
    find: Find,
    ticked: Sequence[str],
    password_hash: str,
    *,
    token: str | None,
    device: str,
    source: Source,
) -> Done:
    """Look again, use the link of `token` up, and take back or freeze.

    Raises InputError, RefusedError.

    `password_hash` is empty when the account was only to be frozen.
    """
    dispute = find(unit)
    first = dispute.first(ticked)
    if not (first.only_freezes or password_hash):
        raise MeanwhileError(_("The account was changed meanwhile."), _("Open the page once more."))
    if token is not None:
        mailed_links.spend(unit, Purpose.NOT_ME, token)
    if first.only_freezes:
        account = dispute.account
        repudiation.freeze(unit, account, first.at, proof=dispute.proof, source=source)
    else:
        _take_back(unit, means, dispute, ticked, password_hash, device=device, source=source)
    return Done(first.only_freezes)


def _take_back(
    unit: Unit,
    means: TakingBack,
    dispute: Dispute,
    ticked: Sequence[str],
    password_hash: str,
    *,
    device: str,
    source: Source,
) -> None:
    """Undo what is ticked and all that came with it, and give the account the new password."""
    account = _undo_all(unit, means, dispute, dispute.first(ticked), ticked, source, None)
    credentials.replace_password(
        unit, means.ring, account, password_hash, actor=account.id, proof=dispute.proof
    )
    digest = opaque_tokens.digest(device)
    known_devices.remember(unit, account.id, digest, means.settings, with_factor=False)


def take_back_for(
    unit: Unit, means: TakingBack, number: str, change_id: str, *, actor: str
) -> Account:
    """By an operator: everything since one change of the holder's, which the history names.

    A link to choose a password is mailed to the restored address. Raises NotFoundError,
    RefusedError (`no_such_change`).
    """
    found = by_number(unit, number)
    if found is None:
        raise unknown_account(number)
    dispute = disputes.by_operator(unit, found, change_id)
    ticked = dispute.preselected()
    account = _undo_all(unit, means, dispute, dispute.first(ticked), ticked, NOWHERE, actor)
    credentials.void_password(unit, account.id)
    sign_outs.sign_out_everywhere(unit, account.id)
    starting.invite(unit, means.settings, account, actor=actor)
    return account


def _undo_all(
    unit: Unit,
    means: TakingBack,
    dispute: Dispute,
    first: Choice,
    ticked: Sequence[str],
    source: Source,
    operator: str | None,
) -> Account:
    disowned = dispute.disowned(first, ticked)
    gone = {one.id for one in disowned}
    others = [one for one in dispute.changes if one.at >= first.at and one.id not in gone]
    undoing = Undoing(means, first.at, tuple(disowned), tuple(others), source)
    own = own_data.lock(unit, dispute.account.id)
    before, after = _own_fields(own, undoing)
    changed = own_data.store(unit, own, {**after, **_LET_GO})
    dispute_id = history.record(
        unit,
        own.account.id,
        DISPUTE,
        Event.ACCOUNT_TAKEN_BACK,
        actor=operator or own.account.id,
        before=before,
        after=after,
        source=source,
        reason=REASON,
        proof=dispute.proof,
    )
    history.disown(unit, [one.id for one in disowned], dispute_id)
    for one in undoing.of(DISPUTE):
        history.disown(
            unit, [each.id for each in dispute.changes if each.disowned_by == one.id], None
        )
    for undo in UNDONE:
        undo(unit, changed.account, undoing)
    _end_what_is_under_way(unit, changed.account, undoing)
    _tell(unit, means, changed.account, undoing, dispute.proof)
    return own_data.find(unit, own.account.id).account


_LET_GO = {"frozen_at": None, "frozen_since": None, "factor_reset_due_at": None}


def _own_fields(own: OwnData, undoing: Undoing) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after: each column as it was, but for what the owner has made of it since."""
    gone = {one.id for one in undoing.disowned}
    values: dict[str, Any] = {}
    everything = sorted((*undoing.disowned, *undoing.others), key=lambda one: one.at)
    for change in everything:
        for name in OWN & set(change.before):
            values.setdefault(name, change.before[name])
        if change.id not in gone and change.subject != DISPUTE:
            values |= {name: change.after[name] for name in OWN & set(change.after)}
    values = {name: _from_text(name, value) for name, value in values.items()}
    differ = [name for name, value in values.items() if value != own.value(name)]
    return {name: own.value(name) for name in differ}, {name: values[name] for name in differ}


def _from_text(name: str, value: Any) -> Any:
    """The history keeps dates as ISO 8601 text."""
    if value is None or not isinstance(value, str):
        return value
    if name == "date_of_birth":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if name == "upgraded_at" else value


def _undo_factors(unit: Unit, account: Account, undoing: Undoing) -> None:
    """Apps and passkeys as they were; of a set of recovery codes what was used stays used."""
    kept = undoing.kept("factor", "id")
    for one in factors.of(unit, account.id).authenticators:
        if one.created_at >= undoing.since and one.id not in kept:
            factors.remove(unit, account.id, one.id)
    for authenticator_id in factors.removed_since(unit, account.id, undoing.since):
        if authenticator_id not in kept:
            factors.restore(unit, account.id, authenticator_id)
    if undoing.of("factor"):
        _undo_recovery_codes(unit, account, undoing)
    factors.note(unit, account.id)
    factor_tries.forgive(unit, account.id)


def _undo_recovery_codes(unit: Unit, account: Account, undoing: Undoing) -> None:
    own = [one.at for one in undoing.others if "recovery_codes" in one.after]
    made = recovery_codes.made_at(unit, account.id)
    if made is not None and (made < undoing.since or made in own):
        return
    recovery_codes.remove(unit, account.id)
    before = recovery_codes.set_at(unit, account.id, undoing.since)
    if wanted := max(own, default=before):
        recovery_codes.restore(unit, account.id, wanted)


def _undo_links(unit: Unit, account: Account, undoing: Undoing) -> None:
    """Links that were made end, links that were undone go on; a court's suspension stays. What
    was prepared ends, whoever did it: the owner proves it anew.
    """
    for change in undoing.of(LINK):
        if "right" in change.before:
            rights.reopen(unit, change.before["right"], actor=account.id, reason=REASON)
            continue
        right = rights.held(unit, account.id, change.after["court"])
        if right and right.id == change.after["right"] and COURT not in right.suspended_by:
            noted = {"reason": REASON, "source": undoing.source}
            rights.end(unit, right, Event.LINK_UNDONE, actor=account.id, noted=noted)
    prepared_links.close_all(unit, account.id, prepared_links.TAKEN_BACK, unit.now)


def _undo_folds(unit: Unit, account: Account, undoing: Undoing) -> None:
    """The further login alone goes, or is back, as only that was; a court's suspension stays."""
    for change in undoing.of(FOLD):
        if not (this := change.after):
            folding.bring_back(unit, account, change.before, source=undoing.source)
        elif (right := rights.held(unit, account.id, this["court"])) and right.id == this["right"]:
            folding.disown(unit, right, this["legacy_login"], source=undoing.source, reason=REASON)


def _undo_notice_addresses(unit: Unit, account: Account, undoing: Undoing) -> None:
    """Notices go where they went, unless the owner has sent them elsewhere since."""
    for change in undoing.of(notice_addresses.NOTICES):
        court_id, was = change.after["court"], change.after["notice_email"]
        right = rights.held(unit, account.id, court_id)
        if right and notice_addresses.of_account(unit, account.id, court_id) == was:
            notice_addresses.set_to(unit, right.id, change.before["notice_email"])


def _undo_registrations(unit: Unit, account: Account, undoing: Undoing) -> None:
    """What waits for the court's decision is withdrawn."""
    for change in undoing.of(applying.REGISTRATION):
        court = read_one(unit, change.after["court"])
        there = registrations.open_one(unit, account.id, court.id)
        is_it = there is not None and there.id == change.after["registration"]
        if is_it and change.after["state"] == State.PENDING:
            issuer = undoing.means.settings.issuer
            applying.withdraw(unit, Registrant(account, court, issuer, undoing.source))


def _undo_consents(unit: Unit, account: Account, undoing: Undoing) -> None:
    """Applications may see what they might before; their tokens end with the sessions."""
    for change in undoing.of(consents.CONSENT):
        before = change.before.get("scopes") or ()
        consents.set_back(unit, account.id, change.after["client"], before)


def _undo_memberships(unit: Unit, account: Account, undoing: Undoing) -> None:
    """A firm that was joined is left; one that was left has to invite again."""
    for change in undoing.of(membership.SUBJECT):
        joined = change.after.get("billing_account")
        if joined and joined != account.number and joined == account.firm_number:
            parting.leave(unit, account, "The account’s owner did not join.", source=undoing.source)
            return


def _undo_agents(unit: Unit, account: Account, undoing: Undoing) -> None:
    """Whom somebody else named, accepted or let do more files no more; naming them anew is easy."""
    for change in undoing.of(record.SUBJECT):
        pair = pairs.by_id(unit, change.after["pair"])
        sides = (pair.principal, Side.PRINCIPAL), (pair.agent, Side.AGENT)
        for side in (side for person, side in sides if person and person.id == account.id):
            ending.end_by_house(unit, pair, side, told=AGENTS_ENDED)


def _undo_programs(unit: Unit, account: Account, undoing: Undoing) -> None:
    """Programs may sign in, or may not, as before the first of it."""
    if changed := undoing.of(program_rule.SUBJECT):
        was_allowed = changed[-1].before[program_rule.SUBJECT]
        programs.allow(unit, account.id, is_allowed=was_allowed)


UNDONE: tuple[Callable[[Unit, Account, Undoing], None], ...] = (
    _undo_factors,
    _undo_links,
    _undo_folds,
    _undo_notice_addresses,
    _undo_registrations,
    _undo_consents,
    _undo_memberships,
    _undo_agents,
    _undo_programs,
)
"""What else goes back, beside the account's own columns. A feature whose acts can be disowned
notes them in the account's history and has its line here."""


def _end_what_is_under_way(unit: Unit, account: Account, undoing: Undoing) -> None:
    half_sign_ins.use_all(unit, account.id)
    email_changes.forget(unit, account.id)
    mailed_links.withdraw(unit, account.id, *_PURPOSES)
    mailed_links.withdraw_from(unit, account.id, _lost(account, undoing))


def _lost(account: Account, undoing: Undoing) -> list[str]:
    """The addresses that the account got by what was disowned."""
    got = {one.after[EMAIL] for one in undoing.disowned if EMAIL in one.after}
    return sorted(got - {account.email})


def _tell(unit: Unit, means: TakingBack, account: Account, undoing: Undoing, proof: Proof) -> None:
    told = _(TOLD, since=repudiation.in_words(undoing.since))
    repudiation.tell(unit, means.settings.issuer, account, told, proof=proof)
    for address in _lost(account, undoing):
        mail.send(unit, AddressRemoved(account.number), to=address, language=account.language)
