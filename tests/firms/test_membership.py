"""Who belongs to a firm: invited, accepted, moved, left, removed."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import select

from signon.accounts import own_data, search, status
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, SearchStatus, account_changes
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.models import rights
from signon.firms import (
    access,
    activity,
    administrators,
    answering,
    delivery,
    figures,
    invitation_list,
    invitations,
    parting,
)
from signon.firms.at_firm import AtFirm
from signon.firms.invitation_lines import asked_by, checked
from signon.firms.models import InvitationStatus
from signon.rest import Call
from signon.signin.session import AAL2
from signon.tokens.bearer import Caller
from signon.web.problems import ApiError
from tests.firms.conftest import HERE, MakeOffice, Office, asking, now
from tests.infra.databases import ON_ONE
from tests.infra.world import World


def statuses(office: Office) -> list[str]:
    """The firm's invitations' states, newest first."""
    with office.world.database.reading() as unit:
        return [one.status for one in invitation_list.listed(unit, office.authority())]


def at_once(*acts: Callable[[], None]) -> list[Exception]:
    """Do it all in threads that start together; answers what they raised."""
    raised: list[Exception] = []
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        ready.wait()
        try:
            act()
        except (RefusedError, NotFoundError, ApiError) as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_nobody_is_added_without_accepting(world: World, office: Office, ada: Account):
    """Invited by number and last name; a member only when the person says so; both are mailed."""
    made = office.invite(ada)
    assert now(world, ada).firm_number is None
    (mail,) = office.mails("firm_invitation")
    assert (mail["to"], mail["firm_number"]) == (ada.email, office.number)
    assert "Daughters" not in str(mail)
    assert "joins us" not in str(mail)
    assert "/firm-invitations?token=" in mail["invitation_url"]
    office.accept(ada, made.id)
    assert now(world, ada).firm_number == office.number
    office.deliver()
    assert [one["to"] for one in office.mails("firm_membership")] == [ada.email]
    assert [one["to"] for one in office.mails("firm_notice")] == [office.account.email]
    assert statuses(office) == ["accepted"]


@pytest.mark.parametrize("wrong", ["number", "name", "kind"])
def test_a_wrong_one_looks_like_a_right_one(world: World, office: Office, ada: Account, wrong: str):
    """It stays pending, can be sent again and withdrawn; nobody is mailed; nothing was looked up."""
    asked = office.ask(ada)
    if wrong == "number":
        number = "1000001" if ada.number != "1000001" else "1000002"
        asked = asking(account_number=number)
    if wrong == "name":
        asked = asking(last_name="Other", account_number=ada.number)
    if wrong == "kind":
        world.change_account(ada, kind=AccountKind.OPERATOR.value)
    with world.database.writing() as unit:
        made = invitations.invite(unit, office.authority(), asked)
    office.deliver()
    assert office.mails("firm_invitation") == []
    assert statuses(office) == ["pending"]
    world.clock.advance(hours=1)
    with world.database.writing() as unit:
        invitations.send_again(unit, office.authority(), made.id)
        assert answering.offers(unit, ada) == []
        invitations.withdraw(unit, office.authority(), made.id)
    assert statuses(office) == ["withdrawn"]


def test_72_hours_one_link_sent_again(world: World, office: Office, ada: Account):
    """After that it is over; sending it again begins anew, and the older link is worth nothing."""
    made = office.invite(ada)
    first = office.mails("firm_invitation")[0]["invitation_url"].partition("token=")[2]
    with world.database.writing() as unit:
        assert answering.by_token(unit, first) is not None
        with pytest.raises(RefusedError, match="wait five minutes"):
            invitations.send_again(unit, office.authority(), made.id)
        with pytest.raises(RefusedError, match="invited already"):
            invitations.invite(unit, office.authority(), office.ask(ada))
    world.clock.advance(hours=72)
    assert statuses(office) == ["expired"]
    with pytest.raises(NotFoundError):
        office.accept(ada, made.id)
    with world.database.writing() as unit:
        invitations.send_again(unit, office.authority(), made.id)
    office.deliver()
    second = office.mails("firm_invitation")[-1]["invitation_url"].partition("token=")[2]
    with world.database.reading() as unit:
        assert answering.by_token(unit, first) is None
        offer = answering.by_token(unit, second)
    assert offer is not None
    office.accept(ada, offer.id)
    with world.database.reading() as unit:
        assert answering.by_token(unit, second) is None


def test_one_that_expired_can_be_replaced(world: World, office: Office, ada: Account):
    """By another invitation of the same person."""
    first = office.invite(ada)
    world.clock.advance(hours=73)
    second = office.invite(ada)
    assert first.id != second.id
    assert statuses(office) == ["pending"]
    office.accept(ada, second.id)


@pytest.mark.parametrize("tells_firm", [True, False])
def test_declining(world: World, office: Office, ada: Account, tells_firm: bool):
    """The firm hears of it only when the person wants that; else nothing shows and nothing changes."""
    made = office.invite(ada)
    with world.database.writing() as unit:
        answering.decline(unit, ada, made.id, tells_firm=tells_firm, source=HERE)
        with pytest.raises(NotFoundError):
            answering.accept(unit, ada, made.id, leaves=None, source=HERE)
    assert statuses(office) == ["declined" if tells_firm else "pending"]
    world.clock.advance(hours=1)
    if not tells_firm:
        with world.database.writing() as unit:
            invitations.send_again(unit, office.authority(), made.id)
            with pytest.raises(RefusedError, match="invited already"):
                invitations.invite(unit, office.authority(), office.ask(ada))
        office.deliver()
        assert len(office.mails("firm_invitation")) == 1


def test_one_firm_at_a_time(world: World, make_office: MakeOffice, office: Office, ada: Account):
    """A second one is joined by leaving the first, which has to be said; every link stays."""
    right = world.right(ada)
    other = make_office("firm.two", "Barrister LLP")
    office.join(ada)
    second = other.invite(ada)
    with pytest.raises(ApiError) as refused:
        other.accept(ada, second.id)
    assert refused.value.reason == "leaves_another_firm"
    assert refused.value.members["leaves"] == office.number
    other.accept(ada, second.id, leaves=office.number)
    assert now(world, ada).firm_number == other.number
    with world.database.reading() as unit:
        there = unit.execute(select(rights).where(rights.c.id == right)).one()
        assert (there.status, there.ended_at) == ("active", None)
        assert own_data.find(unit, ada.id).search_status == SearchStatus.ACTIVE
        happened = activity.listed(unit, office.authority(), about=ada.number)
    assert {"member": "moved to another firm"} in [one.after for one in happened]


@pytest.mark.parametrize("how", ["leave", "remove"])
def test_parting_rests_the_search(world: World, office: Office, ada: Account, how: str):
    """With that reason, which the person may undo; both are mailed; the remark is kept."""
    office.join(ada)
    office.deliver()
    with world.database.writing() as unit:
        if how == "leave":
            parting.leave(unit, now(world, ada), "moving  on", source=HERE)
        else:
            parting.remove(unit, office.authority(), ada.number, "moving on")
    office.deliver()
    told = {"leave": f"You left firm {office.number}.",
            "remove": f"Firm {office.number} removed you from its members."}  # fmt: skip
    assert office.mails("firm_membership")[-1]["what"] == told[how]
    assert office.mails("firm_notice")[-1]["remark"] == "moving on"
    with world.database.writing() as unit:
        own = own_data.find(unit, ada.id)
        assert own.account.firm_number is None
        assert (own.search_status, own.search_status_reason) == ("inactive", search.LEFT_FIRM)
        assert search.may_restore(own.search_status_reason)
        search.restore(unit, own.account)
        assert own_data.find(unit, ada.id).search_status == SearchStatus.ACTIVE
        subjects = unit.execute(select(account_changes.c.subject)).scalars().all()
        assert subjects.count("firm") == 2
    with pytest.raises((RefusedError, NotFoundError)), world.database.writing() as unit:
        parting.remove(unit, office.authority(), ada.number, "again")


def test_what_an_operator_switched_off_stays_off(world: World, office: Office, ada: Account):
    """Neither joining nor leaving a firm is a way around it."""
    office.join(ada)
    with world.database.writing() as unit:
        search.switch_off(unit, ada.number, reason="unpaid", actor="system")
        parting.remove(unit, office.authority(), ada.number, "left")
        own = own_data.find(unit, ada.id)
        assert (own.search_status, own.search_status_reason) == ("inactive", "unpaid")
    office.join(ada)
    with world.database.reading() as unit:
        assert own_data.find(unit, ada.id).search_status == SearchStatus.INACTIVE


def test_joining_again_wakes_the_search(world: World, office: Office, ada: Account):
    """What rested because nobody paid is paid for again."""
    office.join(ada)
    with world.database.writing() as unit:
        parting.remove(unit, office.authority(), ada.number, "left")
    office.join(ada)
    with world.database.reading() as unit:
        own = own_data.find(unit, ada.id)
        assert (own.search_status, own.search_status_reason) == ("active", None)
        counted = figures.of(unit, office.authority())
    assert (counted.members, counted.months[-1].joined, counted.months[-1].parted) == (1, 2, 1)


def test_a_frozen_account_neither_joins_nor_leaves(world: World, office: Office, ada: Account):
    """Nothing about it is changed by whoever holds it; the firm may still let it go."""
    made = office.invite(ada)
    world.change_account(ada, frozen_at=world.clock())
    with pytest.raises(RefusedError, match="stopped"):
        office.accept(ada, made.id)


def test_a_closed_account_is_not_invited(world: World, office: Office, ada: Account):
    """The firm does not learn that it is closed."""
    with world.database.writing() as unit:
        status.disable(unit, ada.number, reason="closed", actor="system")
    office.invite(ada)
    assert office.mails("firm_invitation") == []
    assert statuses(office) == ["pending"]


def test_a_prepared_account_is_the_person_s(world: World, office: Office, ada: Account):
    """The firm names a person and an address; whoever got the mail accepts with their own account."""
    asked = asking(
        last_name="New", remark="starts in May", first_name="Nora", email="n@example.org"
    )
    with world.database.writing() as unit:
        made = invitations.invite(unit, office.authority(), asked)
    office.deliver()
    (mail,) = office.mails("firm_invitation")
    assert (mail["to"], mail["kind"]) == ("n@example.org", "prepared")
    token = mail["invitation_url"].partition("token=")[2]
    with pytest.raises(NotFoundError), world.database.writing() as unit:
        answering.accept(unit, ada, made.id, leaves=None, source=HERE)
    with world.database.writing() as unit:
        answering.accept(unit, ada, made.id, leaves=None, source=HERE, token=token)
    assert now(world, ada).firm_number == office.number


@ON_ONE
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"account_number": "123"}, "account_number"),
        ({"last_name": " "}, "last_name"),
        ({"remark": ""}, "remark"),
        ({"remark": "x" * 301}, "remark"),
    ],
)
def test_what_inviting_takes(office: Office, ada: Account, changed: dict[str, str], field: str):
    """Number, last name, a remark, and the confirmation."""
    given = asking(**{"account_number": ada.number, **changed})
    with pytest.raises(InputError) as refused:
        checked(asked_by(office.authority(), given), is_acknowledged=True)
    assert refused.value.field == field
    with pytest.raises(InputError) as unconfirmed:
        checked(asked_by(office.authority(), office.ask(ada)), is_acknowledged=False)
    assert unconfirmed.value.field == "acknowledged"


def test_two_accept_at_once(world: World, make_office: MakeOffice, office: Office, ada: Account):
    """Two invitations at the same moment: one firm is joined, the other is told of that."""
    other = make_office("firm.two")
    first, second = office.invite(ada), other.invite(ada)
    raised = at_once(lambda: office.accept(ada, first.id), lambda: other.accept(ada, second.id))
    assert len(raised) == 1
    assert now(world, ada).firm_number in {office.number, other.number}
    assert sorted([*statuses(office), *statuses(other)]) == ["accepted", "pending"]


@ON_ONE
def test_so_many_invitations_a_day(
    world: World, office: Office, ada: Account, monkeypatch: pytest.MonkeyPatch
):
    """Each may be a mail to somebody who knows nothing of it; tomorrow it goes on."""
    monkeypatch.setattr("signon.firms.changes.MOST_INVITED", 1)
    office.invite(ada)
    other = world.account("b.barrister", first_name="Bob", last_name="Barrister")
    with pytest.raises(ApiError) as refused:
        office.invite(other)
    assert (refused.value.status, refused.value.headers) == (429, {"retry-after": "32401"})
    assert len(statuses(office)) == 1
    world.clock.advance(days=1)
    office.invite(other)


def test_two_invite_at_once(world: World, office: Office, ada: Account):
    """Of the same person: one invitation is made."""

    def invite() -> None:
        with world.database.writing() as unit:
            invitations.invite(unit, office.authority(), office.ask(ada))

    assert [type(one) for one in at_once(invite, invite)] == [RefusedError]
    assert statuses(office) == [InvitationStatus.PENDING]


def calling(office: Office, by: Account) -> Caller:
    """An administrator who signed in just now, in a program of the firm."""
    scope, at = frozenset({"firm"}), office.world.clock()
    return Caller("office", None, office.account.id, scope, by, auth_time=at, acr=AAL2)


def demote(office: Office, by: Account, whom: Account) -> Callable[[], None]:
    """One administrator takes another off the list, as the REST interface does it."""
    world = office.world

    def act() -> None:
        with world.database.writing() as unit:
            caller = calling(office, by)
            authority = access.of_caller(unit, caller, office.number, locked=True)
            administrators.remove(unit, authority, whom.number)

    return act


def test_two_administrators_demote_each_other_at_once(
    world: World, office: Office, ada: Account, bob: Account
):
    """One remains."""
    office.administrate(ada)
    office.administrate(bob)
    demote(office, ada, office.account)()
    raised = at_once(demote(office, ada, bob), demote(office, bob, ada))
    assert len(raised) == 1
    with world.database.reading() as unit:
        left = administrators.listed(unit, office.authority())
    assert len(left) == 1


def test_the_last_administrator_stays(world: World, office: Office, ada: Account):
    """The firm's own sign-in may go when somebody else is there, and come back."""
    with pytest.raises(RefusedError, match="last administrator"):
        demote(office, office.account, office.account)()
    office.administrate(ada)
    with pytest.raises(RefusedError, match="your own account"):
        demote(office, office.account, office.account)()
    demote(office, ada, office.account)()
    with pytest.raises(RefusedError, match="last administrator"):
        demote(office, ada, ada)()
    with pytest.raises(NotFoundError):
        demote(office, office.account, ada)()

    with world.database.writing() as unit:
        back = administrators.restore_own_sign_in(unit, office.authority(ada))
    assert {one.account.number for one in back} == {office.number, ada.number}
    demote(office, office.account, ada)()


@ON_ONE
def test_whoever_is_frozen_only_looks(world: World, office: Office, ada: Account):
    """Every act takes the firm's lock, and with it an administrator whose account is not frozen."""
    office.administrate(ada)
    world.change_account(ada, frozen_at=world.clock())
    here = AtFirm(cast("Call", SimpleNamespace(source=HERE)), office.number)
    with world.database.writing() as unit:
        caller = calling(office, now(world, ada))
        assert here.enter(unit, caller, None).actor == ada.id
        with pytest.raises(RefusedError, match="stopped"):
            here.enter(unit, caller, invitations.INVITE)


def test_an_address_gets_so_many_invitations_a_day(world: World, office: Office, ada: Account):
    """Firms are free and send again: what is not mailed stands on the person's page."""
    for _ in range(delivery.INVITED_A_DAY + 2):
        made = office.invite(ada)
        with world.database.writing() as unit:
            invitations.withdraw(unit, office.authority(), made.id)
    assert len(office.mails("firm_invitation")) == delivery.INVITED_A_DAY
    last = office.invite(ada)
    with world.database.reading() as unit:
        assert [one.id for one in answering.offers(unit, ada)] == [last.id]
    world.clock.advance(days=1, seconds=1)
    with world.database.writing() as unit:
        invitations.send_again(unit, office.authority(), last.id)
    office.deliver()
    assert len(office.mails("firm_invitation")) == delivery.INVITED_A_DAY + 1
