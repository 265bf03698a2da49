"""Whoever acts is proved in the unit that acts: whatever ends a session between looking and
acting comes in time, at every form of a signed-in person.

Each form is sent while something happens just before one of its writing units. Nothing may be
written then; sent undisturbed, the same form writes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pyotp
import pytest
from sqlalchemy import select, update

from signon.accounts import search, sign_outs, status
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, accounts
from signon.app import wire
from signon.config import Settings
from signon.courts import staff
from signon.courts.staff import StaffRole
from signon.db import Database, Unit, metadata
from signon.firms import delivery, invitations
from signon.firms.access import ActedAs, Authority
from signon.firms.directory import by_id
from signon.firms.invitation_lines import NewInvitation
from signon.firms.models import administrators
from signon.signin import own_sessions
from signon.signin.models import sessions
from signon.signin.session import AAL2
from signon.web.visitor import Source
from tests.infra.browser import ACCEPT, Browser, Form
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty

HERE = Source()
NEW = "Seven7quiet!lanterns"
Seen = dict[str, list[str]]
Sent = tuple[Form, dict[str, str]]


@dataclass
class House:
    """A provider with people in every place, where something can happen before a writing unit."""

    world: World
    before: Callable[[Unit], None] | None = None
    at: int = 0
    writes: int = 0
    then: Seen = field(default_factory=dict)
    location: str = ""

    def note_write(self) -> None:
        """A unit is about to write; at the chosen one something happens first."""
        self.writes += 1
        if self.before is None or self.writes != self.at:
            return
        self.world.clock.advance(seconds=1)
        with self.world.database.writing() as unit:
            self.before(unit)
        self.then = self.rows()

    def rows(self) -> Seen:
        """Everything that is kept, but for the journeys that lead through a sign-in, and what a
        form that is sent twice is answered.
        """
        apart = {"journeys", "idempotent_answers"}
        kept = [table for table in metadata.sorted_tables if table.name not in apart]
        with self.world.database.reading() as unit:
            return {
                table.name: sorted(repr(tuple(row)) for row in unit.execute(select(table)))
                for table in kept
            }

    def sign_in(self, username: str) -> Browser:
        """A browser in which somebody has just signed in, with two factors."""
        browser = self.world.browser()
        browser.get("/login")
        browser.sign_in(username, PASSWORD)
        if "otp" in browser.page.ids:
            # a code counts once
            self.world.clock.advance(seconds=30)
            browser.submit(browser.page.forms[0], otp=self.world.code())
        account = self.world.find(username)
        with self.world.database.writing() as unit:
            unit.execute(
                update(sessions).where(sessions.c.account_id == account.id).values(acr=AAL2)
            )
        return browser

    def send(self, browser: Browser, sent: Sent, at: int, before: Callable[[Unit], None]) -> bool:
        """Send a form; answers whether it came to that writing unit."""
        form, typed = sent
        assert browser.response is not None
        self.writes, self.at, self.before = 0, at, before
        answer = browser.http.post(
            urljoin(str(browser.response.url), form.action),
            data={**form.fields, **typed},
            headers={"accept": ACCEPT, "sec-fetch-site": "same-origin"},
            follow_redirects=False,
        )
        self.before = None
        self.location = answer.headers.get("location", "")
        assert answer.status_code < 500, answer.text
        return self.writes >= at

    def mailed(self, message: str) -> dict[str, Any]:
        """The values of the last mail of a kind."""
        values: dict[str, Any] = [
            one for one in self.world.queued("mail") if one["message"] == message
        ][-1]["values"]
        return values


@pytest.fixture
def house(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """People in every place; `casb` is live."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    strict = {"password_policy": "pacer", "filer_second_factor": "required"}
    world = World.make(settings.model_copy(update=strict), wire(database), clock)
    made = House(world)
    world.go_live("casb", clock())
    world.account("a.attorney")
    write = Database.write

    async def disturbed(self: Database, rule: Any, /, *args: Any, **kwargs: Any) -> Any:
        # what a repeat is answered belongs to nobody's session
        if getattr(rule, "__module__", "") != "signon.web.repeats":
            made.note_write()
        return await write(self, rule, *args, **kwargs)

    monkeypatch.setattr(Database, "write", disturbed)
    with world.http:
        yield made


# ── What can happen between looking and acting ───────────────────────────────


def _signed_out(house: House, account: Account) -> Callable[[Unit], None]:
    return lambda unit: sign_outs.sign_out_everywhere(unit, account.id)


def _ended(house: House, account: Account) -> Callable[[Unit], None]:
    def end(unit: Unit) -> None:
        own_sessions.end_others(unit, account, None, house.world.settings, source=HERE)

    return end


def _disabled(house: House, account: Account) -> Callable[[Unit], None]:
    def disable(unit: Unit) -> None:
        status.disable(unit, account.number, reason="It was stolen.", actor="system")

    return disable


# ── The forms ────────────────────────────────────────────────────────────────


def _form(browser: Browser, path: str, action: str = "", **typed: str) -> Sent:
    """The form of a page that goes to that address."""
    browser.get(path)
    assert browser.response is not None
    assert browser.response.status_code == 200, (path, browser.page.text)
    wanted = action or urlsplit(path).path
    found = [one for one in browser.page.forms if urlsplit(one.action).path == wanted]
    assert found, (path, [one.action for one in browser.page.forms])
    return found[0], typed


def _at(path: str, action: str = "", **typed: str) -> Callable[[House, Browser], Sent]:
    return lambda _house, browser: _form(browser, path, action, **typed)


def _confirmed(house: House, browser: Browser, addition: str) -> None:
    """As far as the mailed code leads."""
    browser.submit(_form(browser, "/account/factors", "/account/factors/add")[0], add=addition)
    code = house.mailed("factor_code")["code"]
    browser.submit(browser.page.forms[0], mail_code=code)


def _mail_code(house: House, browser: Browser) -> Sent:
    return _form(browser, "/account/factors", "/account/factors/add", add="app")


def _confirm(house: House, browser: Browser) -> Sent:
    browser.submit(_form(browser, "/account/factors", "/account/factors/add")[0], add="app")
    return browser.page.forms[0], {"mail_code": house.mailed("factor_code")["code"]}


def _app(house: House, browser: Browser) -> Sent:
    _confirmed(house, browser, "app")
    assert browser.response is not None
    key = re.search(r'class="key"[^>]*>([A-Z2-7 ]+)<', browser.response.text)
    assert key
    now = int(house.world.clock().timestamp()) // 30
    code = pyotp.TOTP(key[1].replace(" ", "")).generate_otp(now)
    return browser.page.forms[0], {"nickname": "Phone", "otp": str(code)}


def _passkey(house: House, browser: Browser) -> Sent:
    """What is sent is none: that the step is used up shows that the rule ran."""
    _confirmed(house, browser, "passkey")
    return browser.page.forms[0], {"nickname": "Key", "credential": "{}"}


def _codes(house: House, browser: Browser) -> Sent:
    _confirmed(house, browser, "recovery_codes")
    return browser.page.forms[0], {}


def _removal(house: House, browser: Browser) -> Sent:
    return _form(browser, "/account/factors", "/account/factors/remove")


def _rename(house: House, browser: Browser) -> Sent:
    return _form(browser, "/account/factors", "/account/factors/rename", nickname="Old phone")


def _others(house: House, browser: Browser) -> Sent:
    house.sign_in("a.attorney")
    return _form(browser, "/account/security", "/account/sessions/end-others")


def _one_session(house: House, browser: Browser) -> Sent:
    house.sign_in("a.attorney")
    return _form(browser, "/account/security", "/account/sessions/end")


def _application(house: House, browser: Browser) -> Sent:
    party = _party(house, browser)
    party.begin()
    if "allow" in browser.page.ids:
        browser.submit(browser.page.forms[0], allow="1")
    party.tokens()
    return _form(browser, "/account/apps", "/account/applications/withdraw")


def _consent(house: House, browser: Browser) -> Sent:
    _party(house, browser).begin()
    assert "allow" in browser.page.ids
    return browser.page.forms[0], {"allow": "1"}


def _party(house: House, browser: Browser) -> RelyingParty:
    callback = "https://docketwatch.example/callback"
    if not hasattr(house, "secret"):
        given = {"court_id": None, "scopes": ["openid", "email"], "redirect_uris": [callback]}
        vars(house)["secret"] = house.world.client("docket-watch", **given)
    secret = vars(house)["secret"]
    clock = house.world.clock
    return RelyingParty(browser, clock, "docket-watch", secret, callback, "openid email")


def _client_code(house: House, browser: Browser) -> Sent:
    return _form(browser, "/login/client-code", client_code="4711")


def _redaction(house: House, browser: Browser) -> Sent:
    browser.confirms_redaction = False
    return _form(browser, "/login/redaction", redaction="1")


def _put_off(house: House, browser: Browser) -> Sent:
    with house.world.database.writing() as unit:
        unit.execute(update(sessions).values(acr="http://idmanagement.gov/ns/assurance/aal/1"))
    return _form(browser, "/login/second-factor", skip="1")


def _proof(house: House, browser: Browser) -> Sent:
    browser.get("/courts/casb/link")
    return browser.page.forms[0], {"ecf_login": "jdoe", "ecf_password": PASSWORD}


def _link(house: House, browser: Browser) -> Sent:
    form, typed = _proof(house, browser)
    browser.submit(form, **typed)
    return browser.page.forms[0], {}


def _lost(house: House, browser: Browser) -> Sent:
    browser.get("/courts/casb/link")
    assert browser.response is not None
    handle = urlsplit(str(browser.response.url)).query
    return _form(browser, f"/courts/casb/link/lost?{handle}", known="jdoe")


def _registration(house: House, browser: Browser) -> Sent:
    form, _ = _form(browser, "/courts/casb/register", "/courts/casb/register/what")
    return form, {"registration": "non_attorney.limited_creditor"}


def _upgrade(house: House, browser: Browser) -> Sent:
    browser.get("/upgrade")
    who = {"first_name": "Lena", "last_name": "Legacy", "email": "l@example.org"}
    born = {"date_of_birth": "1970-01-02", "birth_month": "1", "birth_day": "2"}
    more = {"birth_year": "1970", "user_type": "attorney"}
    return browser.page.forms[0], {**who, **born, **more}


def _offer(house: House, browser: Browser) -> Sent:
    browser.get("/firm-invitations")
    (form, *_) = [one for one in browser.page.forms if "/firm-invitations/" in one.action]
    return form, {"accept": "1"}


def _firm_page(house: House, browser: Browser) -> Sent:
    number = house.world.find("firm.one").number
    at = f"/firm/{number}/settings/cost-centers"
    return _form(browser, at, at, code="NEW", name="New")


def _operator(house: House, browser: Browser) -> Sent:
    number = house.world.find("a.attorney").number
    at = f"/operators/accounts/{number}/sign-out"
    return _form(browser, at, at)


# ── Whom they need ───────────────────────────────────────────────────────────


def _nothing(house: House) -> None:
    """`a.attorney` is there already."""


def _factor(house: House) -> None:
    house.world.enrol("a.attorney")


def _right(house: House) -> None:
    house.world.right(house.world.find("a.attorney"))


def _linked(house: House) -> None:
    house.world.legacy_logins("casb", ["jdoe"])
    with house.world.database.reading() as unit:
        login_id = unit.scalar(select(metadata.tables["legacy_logins"].c.id))
    house.world.right(house.world.find("a.attorney"), legacy_login_id=login_id, login="jdoe")


def _login(house: House) -> None:
    house.world.legacy_logins("casb", ["jdoe"])


def _old_password(house: House) -> None:
    ago = house.world.clock().replace(year=2025)
    house.world.change_account(house.world.find("a.attorney"), password_changed_at=ago)


def _legacy(house: House) -> None:
    house.world.change_account(house.world.find("a.attorney"), upgraded_at=None)


def _clerk(house: House) -> None:
    house.world.account("court.clerk")
    with house.world.database.writing() as unit:
        staff.add(unit, "casb", "a.attorney", StaffRole.ADMINISTRATOR, actor="system")


def _resting(house: House) -> None:
    account = house.world.find("a.attorney")
    house.world.change_account(
        account, search_status="inactive", search_status_reason=search.UNUSED
    )


def _reset(house: House) -> None:
    house.world.enrol("a.attorney")
    account = house.world.find("a.attorney")
    house.world.change_account(account, factor_reset_due_at=house.world.clock())


def _firm(house: House) -> Account:
    return house.world.account("firm.one", AccountKind.FIRM, firm_name="Attorney & Daughters")


def _invited(house: House) -> None:
    firm, person = _firm(house), house.world.find("a.attorney")
    with house.world.database.writing() as unit:
        authority = Authority(by_id(unit, firm.id), firm.id, ActedAs.ADMINISTRATOR)
        wanted = NewInvitation(
            last_name="Attorney", remark="joins", account_number=person.number, acknowledged=True
        )
        made = invitations.invite(unit, authority, wanted)
    with house.world.database.writing() as unit:
        delivery.deliver(unit, house.world.settings, [made.id])


def _member(house: House) -> None:
    firm = _firm(house)
    house.world.change_account(house.world.find("a.attorney"), firm_number=firm.number)


def _manager(house: House) -> None:
    firm, person = _firm(house), house.world.find("a.attorney")
    values = {"firm_id": firm.id, "account_id": person.id, "added_at": house.world.clock()}
    with house.world.database.writing() as unit:
        unit.execute(administrators.insert(), values)


def _olive(house: House) -> None:
    house.world.account("olive.operator", AccountKind.OPERATOR)


@dataclass(frozen=True)
class Case:
    """A form, whom it needs, and who sends it."""

    name: str
    sent: Callable[[House, Browser], Sent]
    needs: Callable[[House], object] = _nothing
    who: str = "a.attorney"


PASSWORDS = {"current_password": PASSWORD, "password": NEW}
POSTAL = {"street": "325 West F Street", "city": "San Diego", "state": "CA",
          "postal_code": "92101", "county": "San Diego", "country": "US"}  # fmt: skip
FACTORS: Sequence[Case] = (
    Case("mail-code", _mail_code),
    Case("confirm", _confirm),
    Case("app", _app),
    Case("passkey", _passkey),
    Case("recovery-codes", _codes),
    Case("remove", _removal, _factor),
    Case("rename", _rename, _factor),
)
CASES: Sequence[Case] = (
    *FACTORS,
    Case("password", _at("/account/password", **PASSWORDS)),
    Case("put-off-password", _at("/account/password", "/account/password/skip"), _old_password),
    Case("name", _at("/account/name", first_name="Eve", last_name="Evil")),
    Case("address", _at("/account/address", **POSTAL)),
    Case("phone", _at("/account/phone", phone="+16195550100")),
    Case("email", _at("/account/email", email="eve@example.net")),
    Case("username", _at("/account/username", username="eve.evil")),
    Case("client-code-rule", _at("/account/client-code", client_code_required="1")),
    Case("end-session", _one_session),
    Case("end-others", _others),
    Case("withdraw", _application),
    Case("search", _at("/account", "/account/search/restore"), _resting),
    Case("consent", _consent),
    Case("client-code", _client_code),
    Case("redaction", _redaction, _right),
    Case("put-off-factor", _put_off, _right),
    Case("prove-login", _proof, _login),
    Case("link", _link, _login),
    Case("lost-login", _lost, _login),
    Case("undo-link", _at("/courts/casb/link/undo"), _linked),
    Case("register", _registration),
    Case("upgrade", _upgrade, _legacy),
    Case("accept-offer", _offer, _invited),
    Case("leave-firm", _at("/firm-invitations", "/firm-invitations/leave", remark="bye"), _member),
    Case("court-staff", _at("/court/casb/staff", username="court.clerk", role="clerk"), _clerk),
    Case("firm-cost-center", _firm_page, _manager),
    Case("operator", _operator, _olive, "olive.operator"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_sign_out_everywhere_comes_in_time(house: House, case: Case):
    """Before any of its units, however many they are, a form writes nothing any more."""
    case.needs(house)
    account = house.world.find(case.who)
    before: Seen = {}
    for at in range(1, 5):
        browser = house.sign_in(case.who)
        sent = case.sent(house, browser)
        before = house.rows()
        if not house.send(browser, sent, at, _signed_out(house, account)):
            break
        assert _differing(house.then, house.rows()) == [], at
    assert at > 1, "it has no writing unit"
    assert _differing(before, house.rows()), "undisturbed it must write"


@pytest.mark.parametrize("happens", [_ended, _disabled])
def test_so_does_whatever_else_ends_a_session(
    house: House, happens: Callable[[House, Account], Callable[[Unit], None]]
):
    """One session by its owner, or the account by an operator; the way leads to the sign-in."""
    browser = house.sign_in("a.attorney")
    sent = _app(house, browser)
    assert house.send(browser, sent, 1, happens(house, house.world.find("a.attorney")))
    assert _differing(house.then, house.rows()) == []
    assert house.location.startswith("/login?journey=")


ANYBODY = {"/login/passkey/options"}
"""Forms whose writing has nothing to do with a session."""


@ON_ONE
def test_no_form_writes_for_whoever_was_signed_out(house: House):
    """Every form of every page, also those that come later, sent with nothing in it."""
    _right(house)
    _clerk(house)
    _manager(house)
    account = house.world.find("a.attorney")
    browser, came = house.sign_in("a.attorney"), set()
    named = {"court": "casb", "firm": house.world.find("firm.one").number}
    for path in _forms(house):
        if path in ANYBODY:
            continue
        action = re.sub(r"{(\w+)}", lambda found: named.get(found[1], "x"), path)
        token = _form(browser, "/logout")[0].fields["csrf_token"]
        sent: Sent = (Form(action, "post", {"csrf_token": token}), {})
        if house.send(browser, sent, 1, _signed_out(house, account)):
            came.add(path)
            assert _differing(house.then, house.rows()) == [], path
        if path == "/logout" or path in came:
            browser = house.sign_in("a.attorney")
    assert len(came) > 50, came


def _forms(house: House) -> list[str]:
    app: Any = house.world.http.app
    posts = [
        route.path for route in app.routes if "POST" in (getattr(route, "methods", None) or ())
    ]
    return sorted(path for path in posts if not path.startswith(("/api/", "/oauth2/")))


FREE = {"audit_events", "audit_origins", "audit_unsealed", "outbox", "limit_counters"}
"""What a refusal may leave behind."""
STOPPED = (*FACTORS, *(case for case in CASES if case.name in {
    "password", "name", "address", "phone", "email", "username", "client-code-rule", "search",
    "prove-login", "link", "undo-link", "register", "upgrade", "accept-offer", "leave-firm",
    "court-staff", "firm-cost-center", "operator",
}))  # fmt: skip


@pytest.mark.parametrize("case", STOPPED, ids=lambda case: case.name)
def test_a_freeze_comes_in_time(house: House, case: Case):
    """Whoever holds a frozen account changes nothing with it, neither it nor anything else."""
    case.needs(house)
    account = house.world.find(case.who)
    browser = house.sign_in(case.who)
    sent = case.sent(house, browser)

    def freeze(unit: Unit) -> None:
        unit.execute(update(accounts).where(accounts.c.id == account.id).values(frozen_at=unit.now))

    assert house.send(browser, sent, 1, freeze)
    assert set(_differing(house.then, house.rows())) <= FREE


FRESH = [case for case in CASES if case.name in {"app", "passkey", "recovery-codes", "remove",
         "rename", "mail-code", "confirm", "email", "username", "undo-link"}]  # fmt: skip
"""What needs a sign-in of just now."""


@pytest.mark.parametrize("case", FRESH, ids=lambda case: case.name)
def test_a_sign_in_that_grew_old_comes_in_time(house: House, case: Case):
    """The page has looked; the unit that acts asks again how long ago the sign-in was."""
    case.needs(house)
    account = house.world.find(case.who)
    # whatever was signed in before the account was there is worth nothing anyway
    house.world.clock.advance(hours=2)
    browser = house.sign_in(case.who)
    sent = case.sent(house, browser)
    long_ago = house.world.clock() - timedelta(hours=1)

    def grow_old(unit: Unit) -> None:
        mine = sessions.c.account_id == account.id
        unit.execute(update(sessions).where(mine).values(auth_time=long_ago))

    assert house.send(browser, sent, 1, grow_old)
    assert set(_differing(house.then, house.rows())) <= FREE


def _differing(one: Seen, other: Seen) -> list[str]:
    return [name for name in one if one[name] != other[name]]
