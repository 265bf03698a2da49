"""The console `/firm/N`, what a person answers a firm, and registering one: the pages' own rules."""

import re

from signon.accounts import directory, usernames
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.clients import secrets
from signon.firms import service_clients
from signon.web.dates import moment_in_words
from tests.firms.conftest import MakeOffice, Office, now
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World

pytestmark = ON_ONE


def enter(world: World, username: str, path: str) -> Browser:
    """A browser of somebody who signs in on the way to a page, with two factors if they have one."""
    browser = world.browser()
    browser.get(path)
    browser.sign_in(username, PASSWORD)
    if "otp" in browser.page.ids:
        browser.submit(browser.page.forms[0], otp=world.code())
        world.clock.advance(seconds=30)
    assert browser.response is not None
    return browser


def send(browser: Browser, action: str, **typed: str) -> int:
    """Send the form with that action on the page that is shown; answers the status."""
    posted = [one for one in browser.page.forms if one.method.lower() == "post"]
    form = next(one for one in posted if one.action.endswith(action))
    kept = {"csrf_token", "token", "leaves", "lines", "remark", "acknowledged"}
    form.fields = {name: value for name, value in form.fields.items() if name in kept}
    if "acknowledged" not in typed and "confirm" not in typed:
        form.fields.pop("acknowledged", None)
    return browser.submit(form, **typed).status_code


def upload(browser: Browser, action: str, content: bytes) -> int:
    """Send a file by the form with that action; answers the status."""
    form = next(one for one in browser.page.forms if one.action.endswith(action))
    fields = {"csrf_token": form.fields["csrf_token"], "acknowledged": "1"}
    sent = browser.http.post(
        form.action,
        data=fields,
        files={"file": ("people.csv", content, "text/csv")},
        headers={"sec-fetch-site": "same-origin"},
    )
    browser.response = sent
    return sent.status_code


def text(browser: Browser) -> str:
    """The page's words."""
    return " ".join(browser.page.text.split())


def test_who_comes_in(world: World, office: Office, ada: Account, bob: Account):
    """Strangers sign in first; who manages nothing finds no page; one factor is not enough."""
    at = f"/firm/{office.number}"
    stranger = world.browser()
    stranger.get(at)
    assert stranger.response is not None
    assert stranger.response.url.path == "/login"
    assert enter(world, "b.barrister", at).get(at).status_code == 404
    assert enter(world, "b.barrister", "/firm").get("/firm").status_code == 200
    office.administrate(ada)
    half = enter(world, "a.attorney", at)
    assert half.response is not None
    assert half.response.url.path == "/login/second-factor"
    own = enter(world, "firm.one", "/firm")
    assert own.response is not None
    assert (own.response.status_code, own.response.url.path) == (200, at)
    assert own.get("/firm/9999999").status_code == 404


def test_inviting_and_accepting(
    world: World, office: Office, ada: Account, make_office: MakeOffice
):
    """From the form to the mailed page to membership; then a second firm, and leaving."""
    at = f"/firm/{office.number}"
    own = enter(world, "firm.one", f"{at}/invitations/new")
    typed = {"kind": "member", "account_number": ada.number, "last_name": "attorney"}
    assert send(own, "/invitations", **typed, remark="joins us") == 400
    assert "Confirm that this person" in text(own)
    assert send(own, "/invitations", **typed, remark="joins us", acknowledged="1") == 200
    assert "on its way" in text(own)
    assert "All 1 Waiting 1" in text(own)
    office.deliver()
    url = office.mails("firm_invitation")[0]["invitation_url"].removeprefix("http://localhost:8000")
    other = world.account("cy.clerk", first_name="Cy", last_name="Clerk")
    wrong = enter(world, other.username, url)
    assert "for another account" in text(wrong)
    mine = enter(world, "a.attorney", url)
    assert "What accepting changes" in text(mine)
    made = re.search(r"/firm-invitations/(\w{26})", mine.page.forms[0].action)
    assert made
    assert send(mine, made[1], accept="1") == 200
    assert "You are a member of the firm now" in text(mine)
    assert now(world, ada).firm_number == office.number
    assert mine.get(url).status_code == 404

    second = make_office("firm.two", "Barrister LLP")
    offered = second.invite(ada)
    mine.get("/firm-invitations")
    assert "You leave Attorney & Daughters" in text(mine)
    assert send(mine, offered.id, accept="1") == 200
    assert now(world, ada).firm_number == second.number
    mine.get("/firm-invitations")
    assert send(mine, "/leave", remark="") == 400
    assert send(mine, "/leave", remark="enough") == 200
    mine.get("/account")
    assert "Your case search is inactive" in text(mine)
    assert send(mine, "/search/restore") == 200
    assert "Your case search is inactive" not in text(mine)


def test_a_prepared_account(world: World, office: Office):
    """Whoever has no account yet is led to registering, with what the firm knows filled in."""
    own = enter(world, "firm.one", f"/firm/{office.number}/invitations/new")
    typed = {"kind": "prepared", "first_name": "Nora", "last_name": "New", "email": "n@new.example"}
    assert send(own, "/invitations", **typed, remark="x", acknowledged="1") == 200
    office.deliver()
    url = office.mails("firm_invitation")[0]["invitation_url"].removeprefix("http://localhost:8000")
    nobody = world.browser()
    nobody.get(url)
    assert nobody.response is not None
    href = re.search(r'href="(/register\?[^"]+)"', nobody.response.text)
    assert href
    nobody.get(href[1].replace("&amp;", "&"))
    assert nobody.page.forms[0].fields["first_name"] == "Nora"
    assert nobody.page.forms[0].fields["email"] == "n@new.example"


def test_members_and_settings(world: World, office: Office, ada: Account, bob: Account):
    """Found, put into a cost center, removed; the rule is set; all of it stands in the activity."""
    for person in (ada, bob):
        office.join(person)
    at = f"/firm/{office.number}"
    own = enter(world, "firm.one", at)
    assert "Members 2" in text(own)
    own.get(f"{at}/settings/cost-centers")
    assert send(own, "/cost-centers", code="N Y", name="x") == 400
    assert send(own, "/cost-centers", code="NY", name="New York") == 200
    own.get(f"{at}/settings/cost-centers")
    assert send(own, "/cost-centers", code="NY", name="again") == 400
    own.get(f"{at}/settings/cost-centers/NY")
    assert send(own, "/cost-centers/NY", new_name="") == 400
    assert send(own, "/cost-centers/NY", new_name="Manhattan") == 200
    own.get(f"{at}/settings/client-codes")
    assert send(own, "/client-codes", required="1", client_code_pattern="*x") == 400
    assert send(own, "/client-codes", required="1", client_code_pattern="####") == 200
    assert office.firm.client_code_pattern == "####"
    own.get(f"{at}/settings/programs")
    assert send(own, "/settings/programs") == 200
    assert not office.firm.programs_allowed
    own.get(f"{at}/members?q=barr")
    assert bob.number in text(own)
    assert ada.number not in text(own)
    own.get(f"{at}/members/{bob.number}/cost-center")
    assert send(own, "/cost-center", cost_center="NY") == 200
    assert "Moved to cost center NY." in text(own)
    own.get(f"{at}/settings/cost-centers/NY?remove=1")
    assert send(own, "/cost-centers/NY", remove="1") == 400
    own.get(f"{at}/members?cost_center=NY")
    assert bob.number in text(own)
    own.get(f"{at}/members/{bob.number}/remove")
    assert send(own, "/remove", remark="") == 400
    assert send(own, "/remove", remark="left town") == 200
    assert own.get(f"{at}/members/{bob.number}").status_code == 404
    own.get(f"{at}/activity?about={bob.number}")
    assert "left town" in text(own)
    assert "Moved to cost center NY." in text(own)
    own.get(f"{at}/activity")
    for sentence in (
        "Cost center NY was added: New York.",
        "Cost center NY was renamed to Manhattan.",
        "Every sign-in needs a client code; its pattern is ####.",
        "Was removed from the firm.",
    ):
        assert sentence in text(own)
    own.get(f"{at}/settings/cost-centers/NY?remove=1")
    assert send(own, "/cost-centers/NY", remove="1") == 200
    assert own.get(f"{at}/members?sort=zzz&cursor=%21").status_code == 200


def test_many_with_a_preview(world: World, office: Office, ada: Account):
    """A look first, which does nothing; then what can be done is; with its progress."""
    at = f"/firm/{office.number}"
    own = enter(world, "firm.one", f"{at}/bulk/invitations")
    lines = f"account_number,last_name,remark\n{ada.number},Attorney,x\n12,Short,x\n"
    assert send(own, "/bulk/invitations", lines="a,b\n", acknowledged="1") == 400
    assert send(own, "/bulk/invitations", lines=lines, acknowledged="1") == 200
    assert "1 line can be done, 1 cannot" in text(own)
    assert office.mails("firm_invitation") == []
    assert send(own, "/bulk/invitations", lines=lines, confirm="1", acknowledged="1") == 200
    assert "1 of 2 lines were taken" in text(own)
    office.deliver()
    office.accept(ada, _latest(office))
    own.get(f"{at}/bulk/removals")
    assert send(own, "/bulk/removals", lines="account_number\n", remark="") == 400
    gone = f"account_number\n{ada.number}\n"
    assert send(own, "/bulk/removals", lines=gone, remark="closing") == 200
    assert now(world, ada).firm_number == office.number
    assert send(own, "/bulk/removals", lines=gone, remark="closing", confirm="1") == 200
    assert now(world, ada).firm_number is None


def test_a_file_of_invitations(world: World, office: Office, ada: Account):
    """Template, preview of what failed alone, and those lines to mend and send again."""
    at = f"/firm/{office.number}/bulk/invitations"
    own = enter(world, "firm.one", at)
    template = own.http.get(f"{at}/template.csv")
    assert template.text.startswith("last_name,remark,account_number,")
    good = [f"Person {one},hi,{one:07d},,," for one in range(2000001, 2000301)]
    file = "\n".join([template.text.strip(), *good, "=Short,hi,12,,,"])
    assert upload(own, "/file", file.encode("utf-16")) == 400
    assert "save it as “CSV UTF-8”" in text(own)
    assert upload(own, "/file", b"") == 400
    assert upload(own, "/file", file.encode("utf-8-sig")) == 200
    assert "300 lines can be done, 1 cannot" in text(own)
    assert "301 12 An account number has seven digits." in text(own)
    assert own.response is not None
    assert own.response.text.count("<tr") == 2
    send(own, "/refused.csv", lines=file)
    sent_back = own.response.text
    assert sent_back.splitlines()[1:] == ["'=Short,hi,12,,,,An account number has seven digits."]
    own.get(at)
    mended = sent_back.replace("'=Short,hi,12", f"Attorney,hi,{ada.number}")
    assert upload(own, "/file", mended.encode()) == 200
    assert "1 line can be done, 0 cannot" in text(own)
    assert send(own, "/bulk/invitations", lines=mended, confirm="1") == 200
    office.deliver()
    assert len(office.mails("firm_invitation")) == 1


def test_everybody_who_has_not_answered(world: World, office: Office, ada: Account, bob: Account):
    """Sent again at once, those of the last minutes apart; found by name; counted by state."""
    at = f"/firm/{office.number}/invitations"
    own = enter(world, "firm.one", at)
    assert "Send again to all who wait" not in text(own)
    office.join(ada)
    office.invite(bob)
    sent = len(office.mails("firm_invitation"))
    own.get(f"{at}/again")
    send(own, "/invitations/again")
    assert "Nobody was reminded" in text(own)
    world.clock.advance(hours=80)
    own = enter(world, "firm.one", f"{at}/again")
    assert "Send again to 1" in text(own)
    assert send(own, "/invitations/again") == 200
    assert "Everybody who has not answered is mailed once more" in text(own)
    office.deliver()
    assert len(office.mails("firm_invitation")) == sent + 1
    own.get(f"{at}?q=barr")
    assert bob.number in text(own)
    assert ada.number not in text(own)
    own.get(f"{at}?q={ada.number}")
    assert bob.number not in text(own)
    own.get(f"/firm/{office.number}/activity")
    assert "1 person was mailed again, having not answered" in text(own)


def _latest(office: Office) -> str:
    from signon.firms import invitation_list

    with office.world.database.reading() as unit:
        return invitation_list.listed(unit, office.authority())[0].id


def test_administrators_and_programs(world: World, office: Office, ada: Account):
    """Programs are made and ended; an old sign-in is asked for the password first; one remains."""
    at = f"/firm/{office.number}/administrators"
    own = enter(world, "firm.one", f"{at}/programs")
    assert send(own, "/programs", program_name="", firm_read="1") == 400
    assert send(own, "/programs", program_name="Time sheets", firm_read="1") == 200
    assert "secret" in own.page.ids
    with world.database.reading() as unit:
        (program,) = service_clients.listed(unit, office.authority())
    own.get(f"{at}/programs/{program.id}")
    assert send(own, f"/{program.id}", renew="1") == 200
    assert "secret" in own.page.ids
    own.get(f"{at}/programs/{program.id}?end=1")
    assert send(own, f"/{program.id}", end="1") == 200
    assert "Ended" in text(own)
    own.get(f"{at}/{office.number}")
    assert send(own, f"/{office.number}") == 400
    assert "last administrator" in text(own)
    office.administrate(ada)
    world.clock.advance(seconds=400)
    own.get(f"{at}/{office.number}")
    send(own, f"/{office.number}")
    assert own.response is not None
    assert own.response.url.path == "/login"
    operator = world.account("olive.operator", AccountKind.OPERATOR)
    world.enrol(operator.username)
    theirs = enter(world, operator.username, f"{at}/{office.number}")
    assert send(theirs, f"/{office.number}") == 200
    assert office.firm.own_sign_in is False
    theirs.get(f"{at}/own-sign-in")
    assert send(theirs, "/own-sign-in") == 200
    assert office.firm.own_sign_in is True


def test_several_members_at_once(world: World, office: Office, ada: Account, bob: Account):
    """Those that are ticked are moved, all or none, or led to being removed; none ticked is said."""
    for person in (ada, bob):
        office.join(person)
    at = f"/firm/{office.number}"
    own = enter(world, "firm.one", f"{at}/settings/cost-centers")
    send(own, "/cost-centers", code="NY", name="New York")
    assert own.get(f"{at}/members/cost-center").status_code == 400
    assert "Choose at least one member first" in text(own)
    own.get(f"{at}/members/cost-center?number={ada.number}&number={bob.number}")
    assert "Move 2 members" in text(own)
    assert send(own, "/cost-center", number=ada.number, cost_center="NO") == 400
    assert send(own, "/cost-center", number=ada.number, cost_center="NY") == 200
    own.get(f"{at}/members?cost_center=NY")
    assert (ada.number in text(own), bob.number in text(own)) == (True, False)
    own.get(f"{at}/bulk/removals?number={ada.number}")
    assert f"account_number {ada.number}" in text(own)


def test_the_states_of_the_members(world: World, office: Office, ada: Account, bob: Account):
    """Tabs with their numbers keep what else is asked for; a record says who cannot search."""
    at = f"/firm/{office.number}"
    own = enter(world, "firm.one", f"{at}/members")
    assert "Nobody is a member yet" in text(own)
    for person in (ada, bob):
        office.join(person)
    world.change_account(bob, search_status="inactive")
    own.get(f"{at}/members?sort=number&search_status=inactive")
    assert "All 2 Can search 1 Search inactive 1" in text(own)
    assert (ada.number in text(own), bob.number in text(own)) == (False, True)
    assert own.response is not None
    assert f'href="{at}/members?sort=number&amp;search_status=active"' in own.response.text
    own.get(f"{at}/members?q=zzz")
    assert "No member fits" in text(own)
    own.get(f"{at}/members/{bob.number}")
    assert "Cannot search right now" in text(own)
    own.get(f"{at}/members/{ada.number}")
    assert "Can search at the firm’s cost" in text(own)


def test_withdrawing_an_invitation(world: World, office: Office, ada: Account):
    """On a page of its own; the tabs count it where it stands then."""
    made = office.invite(ada)
    at = f"/firm/{office.number}/invitations"
    own = enter(world, "firm.one", f"{at}/{made.id}/withdraw")
    assert "Withdraw the invitation of" in text(own)
    assert send(own, "/withdraw") == 200
    assert "All 1 Waiting 0 Accepted 0 Declined 0 Withdrawn 1 Expired 0" in text(own)
    own.get(f"{at}?status=pending")
    assert "No invitation stands here" in text(own)


BANK = {
    "firm_name": "Bank of Towns", "first_name": "Bea", "last_name": "Banks",
    "email": "bea@bank.example", "date_of_birth": "4/28/1976", "street": "1 Main St",
    "city": "Town", "state": "CA", "postal_code": "92101", "county": "Here", "country": "US",
    "phone": "619-555-0100",
}  # fmt: skip


def test_strangers_keep_no_firm_from_registering(world: World, office: Office):
    """A link makes what the browser began with that address, whoever had it mailed."""
    owner, stranger = world.browser(), world.browser()
    for _ in range(6):
        stranger.get("/register/firm")
        assert send(stranger, "/register/firm", **{**BANK, "firm_name": "Moss Trust"}) == 200
    owner.get("/register/firm")
    assert send(owner, "/register/firm", **BANK) == 200
    mails = office.mails("registration_confirm")
    assert len(mails) == 5
    owner.get(mails[0]["confirm_url"])
    assert "Bank of Towns" in text(owner)
    assert "Moss Trust" not in text(owner)
    typed = {"username": "bank.towns", "new_password": "a long new passphrase"}
    assert send(owner, "/confirm", **typed) == 200
    assert world.find("bank.towns").firm_name == "Bank of Towns"
    owner.get(mails[1]["confirm_url"])
    assert "Moss Trust" in text(owner)


def test_a_username_that_is_held_for_somebody_makes_no_firm(
    world: World, office: Office, ada: Account
):
    """It is refused like a taken one, and the link still makes the firm under another."""
    with world.database.writing() as unit:
        usernames.hold(unit, ada.id, "bank.towns")
    browser = world.browser()
    browser.get("/register/firm")
    assert send(browser, "/register/firm", **BANK) == 200
    browser.get(office.mails("registration_confirm")[0]["confirm_url"])
    typed = {"username": "bank.towns", "new_password": "a long new passphrase"}
    assert send(browser, "/confirm", **typed) == 400
    assert "taken" in text(browser)
    with world.database.reading() as unit:
        assert directory.by_username(unit, "bank.towns") is None
    assert send(browser, "/confirm", **{**typed, "username": "bank.of.towns"}) == 200


def test_registering_a_firm(world: World, office: Office):
    """The address is proved first; the link makes a firm once; its administrator sets up a factor."""
    browser = world.browser()
    browser.get("/register/firm")
    form = BANK
    assert send(browser, "/register/firm", **{**form, "firm_name": ""}) == 400
    assert send(browser, "/register/firm", **form) == 200
    (mail,) = office.mails("registration_confirm")
    url = mail["confirm_url"].removeprefix("http://localhost:8000")
    browser.get(url)
    assert "Bank of Towns" in text(browser)
    assert (
        send(browser, "/confirm", username="firm.one", new_password="a long new passphrase") == 400
    )
    assert "taken" in text(browser)
    assert send(browser, "/confirm", username="bank.towns", new_password="short") == 400
    done = send(browser, "/confirm", username="bank.towns", new_password="a long new passphrase")
    assert done == 200
    made = world.find("bank.towns")
    assert (made.kind, made.firm_name, made.is_upgraded) == (
        AccountKind.FIRM,
        "Bank of Towns",
        True,
    )
    assert browser.get(url).status_code == 404
    browser.get("/firm")
    browser.sign_in("bank.towns", "a long new passphrase")
    browser.get(f"/firm/{made.number}")
    assert browser.response is not None
    assert browser.response.url.path == "/login/second-factor"


def test_the_first_page(world: World, office: Office, ada: Account, bob: Account):
    """What waits and until when, what changed last and about whom, which secret ends."""
    at = f"/firm/{office.number}"
    own = enter(world, "firm.one", at)
    assert "Nothing waits for you" in text(own)
    office.join(bob)
    first = office.invite(ada)
    office.service()
    own.get(at)
    assert "1 invitation waits for an answer" in text(own)
    assert f"Until {moment_in_words(first.expires_at)}" in text(own)
    assert f"Became a member. {moment_in_words(world.clock())}, by Bob" in text(own)
    assert f"about {bob.number}" in text(own)
    assert "No secret of a program of the firm ends" in text(own)
    with world.database.writing() as unit:
        secrets.rotate(unit, f"office-{office.number}-0")
    own.get(at)
    assert "The old secret of CM/ECF" in text(own)
    world.clock.advance(days=4)
    own = enter(world, "firm.one", at)
    assert "1 invitation ended without an answer" in text(own)
