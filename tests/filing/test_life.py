"""The life of a right: suspended, restored, unlinked, undone, reviewed; its history, who hears."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from signon.accounts.models import accounts
from signon.errors import InputError, NotFoundError, RefusedError, SignonError
from signon.filing.court import court_policy
from signon.filing.court.desk import EVERY, Desk
from signon.filing.linking import name_reviews, names
from signon.filing.linking.linking import Linked
from signon.filing.models import rights as table
from signon.filing.rights import filing_status, reductions, rights, suspension, unlinking
from signon.filing.rights.rights import Right
from signon.outbox.models import outbox
from signon.signin.session import Session
from tests.filing.conftest import ORIGIN, Browse, House, line
from tests.filing.test_link_pages import fields, told
from tests.infra.refusals import caught


def desk(house: House, court: str = "casb") -> Desk:
    """A clerk's desk."""
    return Desk(house.court(court), "clerk", EVERY, house.settings)


def at_desk(house: House, rule: Callable[..., Any], number: str, *given: str) -> Any:
    """A clerk's act."""
    where = desk(house)
    with house.database.writing() as unit:
        return rule(unit, where, number, *given)


def accept(house: House) -> Callable[..., Any]:
    """A clerk's act that needs the settings."""
    return name_reviews.accept


@caught
def undo(house: House, session: Session, court: str = "casb") -> Right:
    """The person's own act."""
    with house.database.writing() as unit:
        return unlinking.undo(unit, session.account, house.court(court), source=ORIGIN)


def filer(house: House, username: str = "jane.doe1", login: str = "jdoe") -> Session:
    """Somebody who has linked."""
    house.load("casb", line(login))
    session = house.fresh(username)
    house.link(session, "casb", login)
    return session


def claims(house: House, session: Session) -> dict[str, Any]:
    """What a token says now."""
    with house.database.reading() as unit:
        return filing_status.find(unit, session.account.id, house.court("casb")).claims()


def reduced(house: House) -> int:
    """How often courts were told that rights shrank."""
    return len([row for row in house.rows(outbox) if row.kind == reductions.REDUCED])


def reason(refused: pytest.ExceptionInfo[RefusedError]) -> str:
    """Why."""
    return refused.value.reason


def test_suspended_and_restored(house: House):
    """At once nothing may be filed; courts hear of less and never of more; mails say why."""
    session = filer(house)
    number = session.account.number
    at_desk(house, suspension.suspend, number, " Fees  unpaid ")
    seen = claims(house, session)
    assert (seen["ecf_status"], seen["ecf_roles"], seen["ecf_permissions"]) == ("suspended", [], [])
    assert reduced(house) == 1
    with pytest.raises(RefusedError) as refused:
        at_desk(house, suspension.suspend, number, "again")
    assert reason(refused) == suspension.ALREADY
    with pytest.raises(InputError):
        at_desk(house, suspension.suspend, number, " ")
    at_desk(house, suspension.restore, number)
    assert claims(house, session)["ecf_status"] == "active"
    assert reduced(house) == 1
    with pytest.raises(RefusedError) as refused:
        at_desk(house, suspension.restore, number)
    assert reason(refused) == suspension.NOT_SUSPENDED
    said = [one["values"] for one in house.mails() if one["message"] == "filing_right"]
    assert [one["reason"] for one in said] == ["Fees unpaid", ""]
    with house.database.reading() as unit:
        kept = rights.history(unit, session.account.id, "casb")
    assert len(kept) == 3
    assert "Fees" not in repr([row.detail for row in house.audited("filing:right:suspended")])


def test_the_list_takes_back_only_what_the_list_suspended(house: House):
    """A clerk's suspension outlives an import that calls the login active, and the reverse."""
    session = filer(house)
    at_desk(house, suspension.suspend, session.account.number, "Fees unpaid")
    house.load("casb", line("jdoe"))
    assert claims(house, session)["ecf_status"] == "suspended"
    at_desk(house, suspension.restore, session.account.number)
    house.load("casb", line("jdoe", status="locked"), may_shrink=lambda _: True)
    assert claims(house, session)["ecf_status"] == "suspended"
    house.load("casb", line("jdoe"))
    assert claims(house, session)["ecf_status"] == "active"


def test_unlinked_by_the_court(house: House):
    """The right has ended, its history stays, and the login is linked again only with proof."""
    session = filer(house)
    at_desk(house, unlinking.unlink, session.account.number, "Wrong person")
    assert claims(house, session)["ecf_status"] == "not_linked"
    assert reduced(house) == 1
    with pytest.raises(NotFoundError):
        at_desk(house, unlinking.unlink, session.account.number, "Wrong person")
    other = house.fresh("right.person")
    assert house.link(other, "casb", "jdoe") == Linked("jdoe", ("attorney",))
    assert [row.ended_at is None for row in house.rows(table)].count(True) == 1
    [event] = house.audited("filing:right:unlinked")
    assert (event.actor, event.account_id) == ("clerk", session.account.id)


def test_a_fresh_link_is_undone_by_the_person(house: House):
    """Within a day; after it, or when suspended, only by the court."""
    session = filer(house)
    ended = undo(house, session)
    assert isinstance(ended, Right)
    assert claims(house, session)["ecf_status"] == "not_linked"
    assert reduced(house) == 1
    again = undo(house, session)
    assert isinstance(again, RefusedError)
    assert again.reason == unlinking.NOTHING_TO_UNDO
    house.link(session, "casb", "jdoe")
    at_desk(house, suspension.suspend, session.account.number, "Fees unpaid")
    kept = undo(house, session)
    assert isinstance(kept, RefusedError)
    assert kept.reason == unlinking.SUSPENDED
    at_desk(house, suspension.restore, session.account.number)
    house.clock.advance(seconds=24 * 3600)
    late = undo(house, house.session(house.sign_in(session.account)))
    assert isinstance(late, RefusedError)
    assert late.reason == unlinking.TOO_LATE
    assert [row.reason for row in house.audited("filing:right:refused")] == [
        unlinking.NOTHING_TO_UNDO,
        unlinking.SUSPENDED,
        unlinking.TOO_LATE,
    ]
    assert claims(house, session)["ecf_status"] == "active"


def test_undo_and_suspension_at_the_same_moment(house: House):
    """Whoever comes second sees what the first did: no right that nobody suspended is left."""
    session = filer(house)
    answers: list[object] = []

    def answer(act: Callable[[], object]) -> None:
        try:
            answers.append(act())
        except SignonError as error:
            answers.append(error)

    acts = (
        lambda: undo(house, session),
        lambda: at_desk(house, suspension.suspend, session.account.number, "Fees unpaid"),
    )
    threads = [threading.Thread(target=answer, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    [row] = house.rows(table)
    refused = [one for one in answers if isinstance(one, RefusedError)]
    assert len(refused) == 1
    assert (row.ended_at is None) == (row.status == "suspended")


def test_a_disabled_account_files_nothing_and_gets_its_rights_back(house: House):
    """The right stays as it is; signing in, and so every token, is what ends."""
    session = filer(house)
    with house.database.writing() as unit:
        unit.execute(update(accounts).values(status="disabled"))
    at_desk(house, suspension.suspend, session.account.number, "Left the bar")
    with house.database.writing() as unit:
        unit.execute(update(accounts).values(status="active"))
    assert claims(house, session)["ecf_status"] == "suspended"


@pytest.mark.parametrize(
    ("account", "login", "alike"),
    [
        (("Jane", "Doe"), ("JANE", "DOE"), True),
        (("José", "García-López"), ("Jose", "Garcia Lopez"), True),
        (("Jane Q.", "Doe"), ("J.", "Doe, Jr."), True),
        (("Sean", "O’Brien"), ("Sean", "O'Brien"), True),
        (("Jane", "Doe"), ("John", "Doe"), False),
        (("Jane", "Doe"), ("Jane", "Roe"), False),
        ((None, "Doe"), ("Jane", "Doe"), False),
    ],
)
def test_names_that_are_alike(account: tuple[Any, str], login: tuple[str, str], alike: bool):
    """Accents, initials, hyphens and suffixes are no other name; another first or last name is."""
    assert names.are_alike(*account, *login) is alike


def test_another_name_waits_for_the_court_that_wants_it(house: House, browse: Browse):
    """By policy the link gives nothing until the court accepts it; refused, it never was."""
    house.load("casb", line("rroe", first_name="Robert", last_name="Roe"))
    with house.database.writing() as unit:
        court_policy.change(unit, "casb", actor="system", values={"name_mismatch": "review"})
    token = house.sign_in(house.account())
    session = house.session(token)
    journey = house.proved(session, "casb", "rroe")
    page = browse(token).get(f"/courts/casb/link/confirm?journey={journey}")
    assert "The court looks at the link before" in told(page.text)
    made = house.confirm(session, "casb", journey)
    assert made == Linked("rroe", ("attorney",), waits_for_review=True)
    seen = claims(house, session)
    assert (seen["ecf_status"], seen["ecf_roles"]) == ("pending", [])
    at_desk(house, name_reviews.reject, session.account.number, "Not you")
    assert claims(house, session)["ecf_status"] == "not_linked"
    assert reduced(house) == 0
    house.link(session, "casb", "rroe")
    at_desk(house, accept(house), session.account.number)
    assert claims(house, session)["ecf_roles"] == ["attorney"]
    with pytest.raises(RefusedError) as refused:
        at_desk(house, accept(house), session.account.number)
    assert reason(refused) == name_reviews.NOT_WAITING


def test_other_names_are_shown_and_linked_where_the_court_says_nothing(
    house: House, browse: Browse
):
    """The page warns; the person decides."""
    house.load("casb", line("rroe", first_name="Robert", last_name="Roe"))
    token = house.sign_in(house.account())
    journey = house.proved(house.session(token), "casb", "rroe")
    page = browse(token).get(f"/courts/casb/link/confirm?journey={journey}")
    assert "The names differ" in told(page.text)
    assert house.confirm(house.session(token), "casb", journey) == Linked("rroe", ("attorney",))


def test_the_undo_page(house: House, browse: Browse):
    """Asks, does it once, says so; without a link, or a sign-in of just now, nothing happens."""
    house.load("casb", line("jdoe"))
    account = house.account()
    token = house.sign_in(account)
    browser = browse(token)
    path = "/courts/casb/link/undo"
    assert browser.get(path).status_code == 403
    house.link(house.session(token), "casb", "jdoe")
    page = browser.get(path)
    assert "jdoe" in page.text
    done = browser.post(path, data=fields(page.text))
    assert (done.status_code, done.headers["location"]) == (303, f"{path}/done")
    assert "The link is undone" in browser.get(f"{path}/done").text
    house.clock.advance(seconds=16)  # later than a double click
    assert "Nothing was undone" in browser.post(path, data=fields(page.text)).text
    house.link(house.session(token), "casb", "jdoe")
    house.clock.advance(seconds=301)
    assert browser.get(path).headers["location"].startswith("/login?journey=")
    assert [row.ended_at for row in house.rows(table)].count(None) == 1
