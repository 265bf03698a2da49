"""A filer who may do less at a court is signed out there; one who may do more is not."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from signon.accounts.hashing import Hasher
from signon.filing.legacy_logins import importing
from signon.filing.legacy_logins.importing import Means
from signon.filing.models import legacy_logins
from signon.filing.rights import reductions
from signon.signin.models import sessions
from tests.filing.conftest import HEADER, line
from tests.infra.receiver import Receiver
from tests.infra.world import PASSWORD, World
from tests.oidc.backchannel_logout.acts import deliver, sign_in, sign_out, tokens_of, told
from tests.oidc.relying_party import RelyingParty

Load = Callable[..., None]


@pytest.fixture
def load(world: World) -> Load:
    """Imports one line into a court, as its file says."""
    means = Means(world.database, world.ring, Hasher(world.settings), 1)

    def imported(court_id: str = "casb", login: str = "aattorney", **changes: str) -> None:
        data = f"{HEADER}\r\n{line(login, **changes)}\r\n".encode()
        report = importing.run(means, court_id, data, may_shrink=lambda _: True)
        assert not report.bad_lines, report.bad_lines

    return imported


@pytest.fixture
def link(world: World, casb: RelyingParty, cacd: RelyingParty, load: Load) -> Callable[..., str]:
    """Links the person at both courts with the same right, and signs in there; the account's id."""

    def linked(role: str = "attorney;mediator", cases: str = "") -> str:
        account = world.find("a.attorney")
        # a district court writes its cases otherwise, and hears nothing of the other's anyway
        for court_id, limits in (("casb", cases), ("cacd", "")):
            load(court_id, role=role, cases=limits)
            with world.database.reading() as unit:
                of_court = legacy_logins.c.court_id == court_id
                login_id = unit.scalar(select(legacy_logins.c.id).where(of_court))
            world.right(
                account,
                court_id,
                legacy_login_id=login_id,
                roles=role.split(";"),
                cases=limits.split(";") if limits else None,
                admission="pro_hac_vice" if limits else "full",
            )
        sign_in(casb)
        sign_in(cacd)
        return account.id

    return linked


Right = dict[str, str]
TWO: Right = {"role": "attorney;mediator"}
LIMITED: Right = {"role": "attorney", "cases": "26-00001;26-00002"}
SHRINKING: list[tuple[Right, Right]] = [
    (TWO, {"role": "attorney"}),
    (TWO, {"role": "attorney;court_reporter"}),
    (TWO, {**TWO, "status": "disabled"}),
    (TWO, {**TWO, "status": "locked"}),
    ({"role": "attorney"}, LIMITED),
    (LIMITED, {**LIMITED, "cases": "26-00002"}),
    (LIMITED, {**LIMITED, "cases": "26-00002;26-00003"}),
]
GROWING: list[tuple[Right, Right]] = [
    (TWO, TWO),
    (TWO, {"role": "attorney;mediator;court_reporter"}),
    (LIMITED, {**LIMITED, "cases": "26-00001;26-00002;26-00003"}),
    (LIMITED, {"role": "attorney"}),
]


@pytest.mark.parametrize(("before", "after"), SHRINKING)
def test_rights_that_shrink_are_told_to_that_court(
    world: World,
    link: Callable[..., str],
    load: Load,
    court: Receiver,
    casb: RelyingParty,
    before: Right,
    after: Right,
):
    """With `sub` and `sid`; the other courts learn nothing, and the session goes on."""
    subject = link(**before)
    load(**after)
    assert told(world, court) == ["/casb"]
    (token,) = tokens_of(court)
    claims = casb.verified(token, "logout+jwt")
    casb.begin(prompt="none")
    again = casb.tokens().claims
    assert (claims["sub"], claims["sid"]) == (subject, again["sid"])


@pytest.mark.parametrize(("before", "after"), GROWING)
def test_rights_that_grow_are_told_to_nobody(
    world: World,
    link: Callable[..., str],
    load: Load,
    court: Receiver,
    before: Right,
    after: Right,
):
    """Nor those that stay."""
    link(**before)
    load(**after)
    assert told(world, court) == []


def test_every_session_at_that_court_is_told_of(
    world: World, casb: RelyingParty, link: Callable[..., str], load: Load, court: Receiver
):
    """Each browser's, as long as what it was given there lives: neither after a sign-out, nor
    after the grant's time.
    """
    link()
    others = [
        RelyingParty(world.browser(), world.clock, casb.client_id, casb.secret, casb.redirect_uri)
        for _ in range(2)
    ]
    sids = [sign_in(other).claims["sid"] for other in others]
    sign_out(others[0])
    sign_out(casb)
    deliver(world)
    court.requests.clear()
    load(role="attorney")
    assert told(world, court) == ["/casb"]
    (token,) = tokens_of(court)
    assert casb.verified(token, "logout+jwt")["sid"] == sids[1]
    world.clock.advance(hours=13)
    load(**LIMITED)
    assert told(world, court) == ["/casb"]


def test_a_filer_who_is_not_signed_in_is_nobodys_news(
    world: World, casb: RelyingParty, link: Callable[..., str], load: Load, court: Receiver
):
    """A court's nightly file makes no storm."""
    link()
    sign_out(casb)
    deliver(world)
    court.requests.clear()
    load(**TWO, status="disabled")
    assert told(world, court) == []


def test_what_a_session_gets_after_its_own_act_is_not_told(
    world: World, casb: RelyingParty, link: Callable[..., str], court: Receiver
):
    """Whoever put the factor off too often goes on to search; the other browsers are signed out."""
    account_id = link()
    casb.begin(prompt="none")
    other = casb.tokens().claims["sid"]
    world.clock.advance(seconds=1)
    casb.browser = world.browser()
    casb.browser.get("/login")
    casb.browser.sign_in("a.attorney", PASSWORD)
    with world.database.writing() as unit:
        own = unit.scalar(select(sessions.c.id).where(sessions.c.auth_time == unit.now))
        reductions.announce(unit, "casb", [account_id], in_session=own)
    casb.begin()
    assert casb.tokens().claims["sid"] == own
    assert told(world, court) == ["/casb"]
    (token,) = tokens_of(court)
    assert casb.verified(token, "logout+jwt")["sid"] == other
