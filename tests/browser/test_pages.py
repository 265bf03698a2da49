"""The way to every page there is, and a look at each part of a page; `make look` looks at all.

Those of the consoles are in `test_console_pages`.
"""

import base64
import hashlib
import sqlite3
from contextlib import closing
from importlib import import_module
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looking, states, walking
from tests.browser.arriving import sign_in, sign_in_as
from tests.browser.enrolling import (
    APP,
    CODES,
    PASSKEY,
    PASSWORD,
    add_app,
    confirm_by_mail,
    make_person,
    to_factors,
)
from tests.browser.looking import Look
from tests.browser.registering import open_mail, to_step, type_in
from tests.browser.states import FOLDERS, STATES, shows
from tests.browser.walking import (
    command,
    expect_heading,
    fill_in,
    go_on,
    mail_comes_back,
    mailed_link,
    mails_to,
    make_legacy,
    to_linking,
)
from tests.demo.running import Running
from tests.infra.authenticator import app_of

PARTS = {
    "base.html",
    "task.html",
    "console.html",
    "console_home.html",
    "components.html",
    "forms.html",
    "account_frame.html",
    "account_notices.html",
    "account_macros.html",
    "operators_console.html",
    "privacy_text.html",
    "accessibility_text.html",
    "upgrade_step.html",
    "wave_form.html",
    "efile_frame.html",
    "registration_history.html",
    "checklist.html",
    "whom_to_ask.html",
    "court_console.html",
    "court_decision.html",
    "operators_macros.html",
    "firm_console.html",
    "firm_macros.html",
    "court_help.html",
    "demo_frame.html",
    "court_base.html",
    "agent_bounds.html",
    "agent_log.html",
}
"""Templates that are no page by themselves."""
ENGLISH_ONLY = {"form_post.html"}
"""Of the provider's pages that are no console: what sends itself before anybody reads it."""

# ── Signing in ───────────────────────────────────────────────────────────────


@shows("login.html")
def login_of_a_stranger(page: Page, demo: Running) -> None:
    """Nobody sent this person."""
    page.goto(f"{demo.address('signon')}/login")


@shows("login.html")
def login_with_nothing_typed(page: Page, demo: Running) -> None:
    """Both fields have their own problem."""
    page.goto(f"{demo.address('cacd')}/login")
    page.locator("#login").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("login.html")
def login_too_often(page: Page, demo: Running) -> None:
    """A wait after several wrong passwords for one name."""
    page.goto(f"{demo.address('signon')}/login")
    for _ in range(6):
        fill_in(page, username="guessed.name", password="wrong every single time")
        page.locator("#login").click()
    expect(page.get_by_text("then try again").first).to_be_visible()


@shows("login.html")
def login_to_confirm(page: Page, demo: Running) -> None:
    """The client wants the password again."""
    sign_in(page, demo, "reader", "casb")
    page.goto(authorize(demo, "casb", prompt="login"))
    expect_heading(page, "Confirm your password")


@shows("login.html")
def login_at_a_court_that_is_not_live(page: Page, demo: Running) -> None:
    """The page says from when on, and where to file until then."""
    page.goto(authorize(demo, "casd", client_id=client_of(demo, "--court", "casd")))
    expect(page.get_by_text("You cannot file with this sign-in yet")).to_be_visible()


@shows("home.html")
def signed_in(page: Page, demo: Running) -> None:
    """Somebody comes to the sign-in page without need."""
    sign_in(page, demo, "reader", "casb")
    page.goto(f"{demo.address('signon')}/login")
    expect_heading(page, "Welcome")


@shows("logout.html")
def sign_out_question(page: Page, demo: Running) -> None:
    """Asked by the provider's own link."""
    sign_in(page, demo, "reader", "casb")
    page.goto(f"{demo.address('signon')}/logout")
    expect(page.locator("#logout")).to_be_visible()


@shows("logout.html")
def sign_out_question_from_a_court(page: Page, demo: Running) -> None:
    """Asked by a court without an ID token."""
    sign_in(page, demo, "reader", "casb")
    client = demo.description["clients"][0]["client_id"]
    page.goto(f"{demo.address('signon')}/oauth2/end_session?client_id={client}")
    expect(page.locator("#logout")).to_be_visible()


@shows("signed_out.html")
def signed_out(page: Page, demo: Running) -> None:
    """Signed out at the provider itself."""
    sign_out_question(page, demo)
    page.locator("#logout").click()
    expect_heading(page, "You are signed out")


@shows("welcome.html")
def provider_front(page: Page, demo: Running) -> None:
    """Where nobody needs to start."""
    page.goto(demo.address("signon"))


@shows("promise.html")
def privacy(page: Page, demo: Running) -> None:
    """What we say where the operator says nothing else."""
    page.goto(f"{demo.address('signon')}/privacy")


@shows("promise.html")
def accessibility(page: Page, demo: Running) -> None:
    """The same."""
    page.goto(f"{demo.address('signon')}/accessibility")


@shows("help.html")
def provider_help(page: Page, demo: Running) -> None:
    """For everybody."""
    page.goto(f"{demo.address('signon')}/help")


@shows("message.html")
def firm_account_at_a_court(page: Page, demo: Running) -> None:
    """A firm's account is told what it is for."""
    person = demo.person("firm")
    page.goto(f"{demo.address('casb')}/login")
    fill_in(page, username=person["username"], password=person["password"])
    page.locator("#login").click()
    go_on(page, person)
    expect(page.locator("main")).to_contain_text("firm")


@shows("cookies.html")
def browser_without_cookies(page: Page, demo: Running) -> None:
    """The form comes back without the cookie that went out with it."""
    page.goto(f"{demo.address('signon')}/login")
    page.context.clear_cookies()
    page.locator("#login").click()
    expect_heading(page, "Your browser does not keep cookies")


@shows("expired.html")
def form_of_an_earlier_visit(page: Page, demo: Running) -> None:
    """The browser has got another cookie since."""
    page.goto(f"{demo.address('signon')}/login")
    page.context.clear_cookies()
    page.context.new_page().goto(f"{demo.address('signon')}/login")
    page.locator("#login").click()
    expect_heading(page, "This page has expired")


@shows("expired.html")
def journey_that_is_over(page: Page, demo: Running) -> None:
    """Nobody knows any more where it led."""
    page.goto(f"{demo.address('signon')}/login?journey=abcdefghijklmnopqrstuvwxyz")
    expect_heading(page, "This page has expired")


@shows("consent.html")
def consent(page: Page, demo: Running) -> None:
    """A client that belongs to no court asks for data."""
    sign_in(page, demo, "reader", "casb")
    page.goto(authorize(demo, "casb", client_id=client_of(demo), scope="openid profile email"))
    expect(page.locator("#allow")).to_be_visible()


@shows("form_post.html")
def answer_by_form(page: Page, demo: Running) -> None:
    """A form that sends itself; 204 keeps the browser on it, as if there were no scripts."""
    sign_in(page, demo, "reader", "casb")
    page.route("**/callback", lambda route: route.fulfill(status=204))
    page.goto(authorize(demo, "casb", response_mode="form_post"), wait_until="commit")
    expect_heading(page, "Going on to")


# ── Recovery ─────────────────────────────────────────────────────────────────


@shows("forgot_password.html")
def forgot_password(page: Page, demo: Running) -> None:
    """From the sign-in page."""
    page.goto(f"{demo.address('signon')}/login")
    page.get_by_role("link", name="Forgot your password?").click()
    expect_heading(page, "Forgot your password?")


@shows("forgot_username.html")
def forgot_username_with_nothing_typed(page: Page, demo: Running) -> None:
    """The field has its problem."""
    page.goto(f"{demo.address('signon')}/forgot-username")
    page.locator("#send").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("choose_password.html")
def choosing_a_password_that_will_not_do(page: Page, demo: Running) -> None:
    """The page of a mailed link, with a password that is too short."""
    page.goto(f"{demo.address('signon')}/forgot-password")
    fill_in(page, username="carla.stone@court.example")
    page.locator("#send").click()
    expect_heading(page, "Check your mail")
    page.goto(mailed_link(page, demo, "carla.stone@court.example", "new password"))
    fill_in(page, new_password="short")
    page.locator("#choose").click()
    expect(page.get_by_role("alert")).to_be_focused()


# ── Registering ──────────────────────────────────────────────────────────────


@shows("register_about.html")
def registering(page: Page, demo: Running) -> None:
    """From the sign-in page."""
    page.goto(f"{demo.address('signon')}/login")
    page.get_by_role("link", name="Create an account").click()
    expect_heading(page, "Create an account")


@shows("register_about.html")
def registering_with_nothing_typed(page: Page, demo: Running) -> None:
    """Every field has its own problem."""
    registering(page, demo)
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("register_about.html")
def registering_that_was_begun_before(page: Page, demo: Running) -> None:
    """The page offers to go on."""
    to_step(page, demo, "address")
    page.goto(f"{demo.address('signon')}/register")
    expect(page.get_by_text("You began a registration")).to_be_visible()


@shows("register_address.html")
def registering_an_address_that_will_not_do(page: Page, demo: Running) -> None:
    """Country and state do not agree, and the rest is missing."""
    to_step(page, demo, "address")
    fill_in(page, state="Bavaria")
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("register_sign_in.html")
def registering_a_password(page: Page, demo: Running) -> None:
    """What is wrong is said while it is typed, and after."""
    to_step(page, demo, "sign-in")
    fill_in(page, username="nora", new_password="short")
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()
    fill_in(page, new_password="aaaaaaaaaaaaaaaa")
    expect(page.locator("#new_password-state")).to_contain_text("Not met")


@shows("register_check.html")
def registering_to_check(page: Page, demo: Running) -> None:
    """Everything once more."""
    to_step(page, demo, "check")


@shows("register_mail.html")
def registering_by_mail(page: Page, demo: Running) -> None:
    """Sent again."""
    to_step(page, demo, "mail")
    page.locator("#again").click()
    expect(page.get_by_text("We send the mail again")).to_be_visible()


@shows("register_confirm.html")
def registering_with_a_username_that_is_taken(page: Page, demo: Running) -> None:
    """Behind the link, another one is asked for."""
    taken = demo.person("trustee")["username"]
    person = to_step(
        page, demo, "mail", lambda page, person: type_in(page, person | {"username": taken})
    )
    page.goto(mailed_link(page, demo, person["email"], "Confirm your address"))
    expect(page.get_by_role("alert")).to_be_focused()


@shows("register_done.html")
def registered(page: Page, demo: Running) -> None:
    """The account is open."""
    open_mail(page, demo, to_step(page, demo, "mail"))
    page.locator("#confirm").click()
    expect_heading(page, "Your account is open")


@shows("register_done.html")
def registered_and_held(page: Page, demo: Running) -> None:
    """The address has a tag."""
    email = "nora+held@newcomers.example"
    to_step(page, demo, "mail", lambda page, person: type_in(page, person | {"email": email}))
    page.goto(mailed_link(page, demo, email, "Confirm your address"))
    page.locator("#confirm").click()
    expect_heading(page, "Your registration is being reviewed")


# ── Linking ──────────────────────────────────────────────────────────────────


@shows("link.html")
def linking(page: Page, demo: Running) -> None:
    """The legacy login is asked for."""
    sign_in(page, demo, "reader", "casb")
    to_linking(page, demo, "casb")


@shows("link.html")
def linking_with_nothing_typed(page: Page, demo: Running) -> None:
    """Both fields have their own problem."""
    linking(page, demo)
    page.locator("#link").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("link_confirm.html")
def whose_login(page: Page, demo: Running) -> None:
    """Before it is linked, the person sees whose it is."""
    linking(page, demo)
    fill_in(page, ecf_login="hbishop", ecf_password="Lantern-2009")
    page.locator("#link").click()
    expect_heading(page, "Is this your filing login?")


@shows("link_lost.html")
def linking_without_the_password(page: Page, demo: Running) -> None:
    """A mail in place of the password."""
    linking(page, demo)
    page.get_by_role("link", name="I do not know my ECF login or password").click()
    expect_heading(page, "You do not know your CM/ECF login or password")


@shows("link_lost_sent.html")
def a_proof_is_mailed(page: Page, demo: Running) -> None:
    """The same page for every input."""
    linking_without_the_password(page, demo)
    fill_in(page, known="hbishop")
    page.locator("#send").click()
    expect_heading(page, "Check your mail")


@shows("link_proof.html")
def a_mailed_proof(page: Page, demo: Running) -> None:
    """What the link in the mail opens."""
    a_proof_is_mailed(page, demo)
    page.goto(mailed_link(page, demo, "hal.bishop@bishop.example", "Link your filing login"))
    expect_heading(page, "Prove your filing login")


@shows("ready.html")
def ready_in_general(page: Page, demo: Running) -> None:
    """What anybody needs."""
    page.goto(f"{demo.address('signon')}/courts/casb/ready")
    expect_heading(page, "Can I file at")


@shows("ready.html")
def ready_oneself(page: Page, demo: Running) -> None:
    """One's own list."""
    sign_in(page, demo, "reader", "casb")
    ready_in_general(page, demo)
    expect(page.get_by_role("link", name="Link a filing login")).to_be_visible()


@shows("link_done.html")
def linked(page: Page, demo: Running) -> None:
    """After it is linked."""
    whose_login(page, demo)
    page.locator("#confirm").click()
    expect_heading(page, "Redaction rules")
    page.locator("#redaction").check()
    page.locator("#continue").click()
    expect_heading(page, "Your filing login is linked")


@shows("link_undo.html")
def undoing_a_link(page: Page, demo: Running) -> None:
    """For a day; what an earlier state linked will do."""
    sign_in(page, demo, "reader", "casb")
    address = f"{demo.address('signon')}/courts/casb/link/undo"
    page.goto(address)
    if page.get_by_text("There is nothing to undo.").count():
        linked(page, demo)
        page.goto(address)
    expect_heading(page, "Undo the link of a filing login")


@shows("link_refused.html")
def linking_where_it_is_not_live(page: Page, demo: Running) -> None:
    """The page says that there is no day."""
    page.goto(f"{demo.address('signon')}/courts/akd/link")
    expect_heading(page, "Your filing login was not linked")


@shows("link_ready.html")
def prepared(page: Page, demo: Running) -> None:
    """Before the day: proved, and ready; an earlier state may have done it."""
    sign_in(page, demo, "reader", "casb")
    page.goto(f"{demo.address('signon')}/courts/casd/link")
    if page.locator("#ecf_login").count():
        make_login(demo, "casd", "rplain", "Rhea", "Plain")
        fill_in(page, ecf_login="rplain", ecf_password="secret99")
        page.locator("#link").click()
        page.locator("#confirm").click()
    expect_heading(page, "Ready: on")


@shows("reminded.html")
def reminded(page: Page, demo: Running) -> None:
    """Where a reminder leads whoever is not signed in."""
    page.goto(f"{demo.address('signon')}/courts/casd/begin/{'a' * 43}")
    expect_heading(page, "Get ready to file")


@shows("reminders_end.html")
def reminders_to_end(page: Page, demo: Running) -> None:
    """Where its other link leads, before the button."""
    token = "e" * 43
    digest = hashlib.sha256(token.encode()).digest()
    wave = ("endingwave", "canb", 7, "[]", "", "", "2026-01-01", "2026-01-01")
    with closing(sqlite3.connect(demo.folder / "signon.db", timeout=30)) as opened, opened:
        opened.execute(
            "INSERT OR IGNORE INTO cutover_waves (id, court_id, days_before, states, opening, "
            "closing, planned_at, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            wave,
        )
        opened.execute(
            "INSERT OR IGNORE INTO cutover_wave_mails (wave_id, address, digest) VALUES (?, ?, ?)",
            (wave[0], "ending@court.example", digest),
        )
    page.goto(f"{demo.address('signon')}/courts/canb/reminders/{token}")
    expect_heading(page, "End the reminders of this court?")


@shows("link_confirm.html")
def whose_login_is_prepared(page: Page, demo: Running) -> None:
    """What becomes of it, and when; an earlier preparation is undone."""
    prepared(page, demo)
    page.get_by_role("link", name="Undo it").click()
    expect_heading(page, "Undo the link of a filing login")
    page.locator("#undo").click()
    page.goto(f"{demo.address('signon')}/courts/casd/link")
    fill_in(page, ecf_login="rplain", ecf_password="secret99")
    page.locator("#link").click()
    expect_heading(page, "Is this your filing login?")


def make_login(demo: Running, court: str, login: str, first_name: str, last_name: str) -> None:
    """A legacy login whose password is `secret99`, in DES crypt as old courts keep it."""
    file = demo.folder / f"{court}-{login}.csv"
    file.write_text(
        "login,password_hash,first_name,last_name,bar_id,email,role,status,cases\n"
        f"{login},abpbCocLh43.I,{first_name},{last_name},,{login}@court.example,attorney,active,\n"
    )
    demo.command("ecf", "import", court, str(file))


@shows("link_refused.html")
def linking_twice(page: Page, demo: Running) -> None:
    """One login for each account and court."""
    sign_in(page, demo, "linked_attorney", "casb")
    page.goto(f"{demo.address('signon')}/courts/casb/link")
    expect_heading(page, "Your filing login was not linked")


@shows("link_refused.html")
def linking_with_a_legacy_account(page: Page, demo: Running) -> None:
    """The upgrade is offered."""
    sign_in_as(page, demo, "la1002", make_legacy(demo, "la1002"))
    page.goto(f"{demo.address('signon')}/courts/casb/link")
    expect(page.get_by_role("link", name="Upgrade my account")).to_be_visible()


# ── Upgrading ────────────────────────────────────────────────────────────────


@shows("upgrade_person.html")
def upgrade_person(page: Page, demo: Running) -> None:
    """Who it belongs to; with a date that is none."""
    sign_in_as(page, demo, "la1002", make_legacy(demo, "la1002"))
    page.goto(f"{demo.address('signon')}/upgrade/person")
    page.locator("#date_of_birth").fill("4.3.61")
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("upgrade_address.html")
def upgrade_address(page: Page, demo: Running) -> None:
    """Where the holder can be reached."""
    sign_in_as(page, demo, "la1002", make_legacy(demo, "la1002"))
    page.goto(f"{demo.address('signon')}/upgrade/person")
    page.locator("#user_type").select_option("attorney")
    page.locator("#continue").click()
    expect_heading(page, "Your address")


@shows("upgrade_security.html")
def upgrade_security(page: Page, demo: Running) -> None:
    """A new username and password, both wrong."""
    upgrade_address(page, demo)
    fill_in(page, street="1 Pier", city="Astoria", state="OR", postal_code="97103")
    fill_in(page, county="Clatsop", phone="503-555-0177")
    page.locator("#continue").click()
    expect_heading(page, "Username and password")
    fill_in(page, username="la1002", new_password="too short")
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("upgrade_confirm.html")
def upgrade_confirm(page: Page, demo: Running) -> None:
    """Everything at one glance."""
    upgrade_security(page, demo)
    password = "a tall mast in the morning fog"
    fill_in(page, username="lou.alder2", new_password=password)
    page.locator("#continue").click()
    expect_heading(page, "Check and confirm")


@shows("upgrade_done.html")
def upgrade_done(page: Page, demo: Running) -> None:
    """Done; the last of these states, because there is no way back."""
    upgrade_confirm(page, demo)
    page.locator("#confirm").click()
    expect_heading(page, "Your account is upgraded")


@shows("upgrade_firm.html")
def upgrade_firm(page: Page, demo: Running) -> None:
    """What a firm is asked."""
    password = make_legacy(demo, "lf1003", "--kind", "firm", "--firm-name", "Alder LLP")
    walking.sign_in_as(page, demo, "lf1003", password, ends="Your account needs a second factor")
    page.goto(f"{demo.address('signon')}/upgrade")
    expect(page.locator("#county")).to_be_visible()


@shows("message.html")
def upgrade_of_a_shared_account(page: Page, demo: Running) -> None:
    """Why not, and what to do instead."""
    person = demo.person("shared")
    sign_in_as(page, demo, person["username"], person["password"])
    page.goto(f"{demo.address('signon')}/upgrade")
    expect_heading(page, "A shared account cannot be upgraded")


@shows("home.html")
def signed_in_with_a_legacy_account(page: Page, demo: Running) -> None:
    """The upgrade is offered."""
    sign_in_as(page, demo, "la1007", make_legacy(demo, "la1007"))


# ── One's own account ────────────────────────────────────────────────────────


def to_account(page: Page, demo: Running, path: str = "") -> None:
    """Somebody who works at a court, at a page of their account."""
    person = demo.person("reader")
    sign_in_as(page, demo, person["username"], person["password"])
    page.goto(f"{demo.address('signon')}/account{path}")


@shows("account.html")
def account_of_a_filer(page: Page, demo: Running) -> None:
    """Who the person is."""
    sign_in(page, demo, "trustee", "casb")
    page.goto(f"{demo.address('signon')}/account")
    expect_heading(page, "Your account")


@shows("home.html")
def home_of_a_filer(page: Page, demo: Running) -> None:
    """What to do, the court as a card, security, what happened."""
    sign_in(page, demo, "trustee", "casb")
    page.goto(demo.address("signon"))
    expect(page.get_by_role("heading", name="Your courts")).to_be_visible()


@shows("account_agents.html")
def agents_of_a_trustee(page: Page, demo: Running) -> None:
    """Who files for them, and what each may."""
    sign_in(page, demo, "trustee", "casb")
    page.goto(f"{demo.address('signon')}/account/agents")
    expect(page.get_by_role("link", name="Fay Ackerman").first).to_be_visible()


@shows("account_agents.html")
def principals_of_an_agent(page: Page, demo: Running) -> None:
    """For whom they file."""
    at_the_court_as_an_agent(page, demo)
    page.goto(f"{demo.address('signon')}/account/agents")
    expect(page.get_by_role("link", name="Lena Marsh").first).to_be_visible()


@shows("account_agent.html")
def one_agent_of_a_trustee(page: Page, demo: Running) -> None:
    """How it stands, the bounds, the end, and when they acted."""
    agents_of_a_trustee(page, demo)
    page.get_by_role("link", name="Fay Ackerman").first.click()
    expect(page.get_by_role("heading", name="Status")).to_be_visible()


@shows("account_agent_new.html")
def naming_an_agent(page: Page, demo: Running) -> None:
    """The number is missing."""
    agents_of_a_trustee(page, demo)
    page.get_by_role("link", name="Name an agent").click()
    page.locator("#name").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("acting_for.html")
def at_the_court_as_an_agent(page: Page, demo: Running) -> None:
    """Two to choose from, on the way to the court."""
    person = demo.person("filing_agent")
    page.goto(f"{demo.address('casb')}/login")
    fill_in(page, username=person["username"], password=person["password"])
    page.locator("#login").click()
    go_on(page, person)
    expect_heading(page, "For whom do you file?")


@shows("acting_for.html")
def an_agent_who_chose(page: Page, demo: Running) -> None:
    """It is said on every page."""
    at_the_court_as_an_agent(page, demo)
    page.get_by_role("radio", name="Lena Marsh").check()
    page.locator("#continue").click()
    page.get_by_role("link", name="Change").click()
    expect(
        page.get_by_text("Filing for Lena Marsh at the United States Bankruptcy Court")
    ).to_be_visible()


@shows("acting_for.html")
def acting_for_nobody(page: Page, demo: Running) -> None:
    """Whoever is nobody's agent."""
    sign_in(page, demo, "trustee", "casb")
    page.goto(f"{demo.address('signon')}/courts/casb/acting-for")


@shows("account_courts.html")
def account_courts_of_a_filer(page: Page, demo: Running) -> None:
    """The right, and what more there is about it."""
    sign_in(page, demo, "trustee", "casb")
    page.goto(f"{demo.address('signon')}/account/courts")


@shows("account_security.html")
def account_security_of_a_filer(page: Page, demo: Running) -> None:
    """How they sign in, and where."""
    sign_in(page, demo, "trustee", "casb")
    page.goto(f"{demo.address('signon')}/account/security")


@shows("account_security.html")
def account_security_with_a_program(page: Page, demo: Running) -> None:
    """A program is signed in, at an address."""
    person = demo.person("reader")
    who = {"loginId": person["username"], "password": person["password"]}
    sent = {**who, "redactFlag": "1"}  # other states may have made a filer of them
    answer = page.request.post(f"{demo.address('signon')}/services/cso-auth", data=sent).json()
    assert answer["nextGenCSO"], answer
    sign_in_as(page, demo, person["username"], person["password"])
    page.goto(f"{demo.address('signon')}/account/security")
    expect(page.get_by_text("A program at").first).to_be_visible()


@shows("account_apps.html")
def account_apps_of_a_filer(page: Page, demo: Running) -> None:
    """The court that they signed in to."""
    sign_in(page, demo, "trustee", "casb")
    page.goto(f"{demo.address('signon')}/account/apps")


@shows("account_security.html")
def account_with_an_address_to_confirm(page: Page, demo: Running) -> None:
    """A new e-mail address has not answered yet."""
    to_account(page, demo, "/email")
    fill_in(page, email="staff@new.example")
    page.locator("#save").click()
    expect(page.get_by_text("is not in use yet")).to_be_visible()


@shows("account.html")
def account_to_upgrade(page: Page, demo: Running) -> None:
    """Nothing may be changed before."""
    sign_in_as(page, demo, "la1007", make_legacy(demo, "la1007"))
    page.goto(f"{demo.address('signon')}/account")
    expect(page.get_by_role("link", name="Upgrade my account")).to_be_visible()


@shows("account_activity.html")
def account_activity(page: Page, demo: Running) -> None:
    """Everything that happened."""
    to_account(page, demo, "/activity")


@shows("account_name.html")
def account_name_that_is_missing(page: Page, demo: Running) -> None:
    """A field with its problem."""
    to_account(page, demo, "/name")
    fill_in(page, last_name="")
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("account_address.html")
def account_address_that_is_missing(page: Page, demo: Running) -> None:
    """Every field has its problem."""
    to_account(page, demo, "/address")
    fill_in(page, street="", city="", country="US")
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("account_client_code.html")
def account_client_code(page: Page, demo: Running) -> None:
    """A pattern that is none."""
    to_account(page, demo, "/client-code")
    fill_in(page, client_code_pattern="#* #")
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("client_code.html")
def client_code_that_does_not_fit(page: Page, demo: Running) -> None:
    """A rule of one's own, and a code that was mistyped."""
    make_person(demo, "coded.reader")
    sign_in_as(page, demo, "coded.reader", PASSWORD)
    page.goto(f"{demo.address('signon')}/account/client-code")
    page.locator("#client_code_required").check()
    fill_in(page, client_code_pattern="####.A*")
    page.locator("#save").click()
    expect_heading(page, "Security")
    page.context.clear_cookies()
    walking.sign_in_as(page, demo, "coded.reader", PASSWORD, ends="Client code")
    fill_in(page, client_code="smith")
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("account_phone.html")
def account_phone(page: Page, demo: Running) -> None:
    """One field."""
    to_account(page, demo, "/phone")


@shows("account_email.html")
def account_email_that_is_none(page: Page, demo: Running) -> None:
    """What was typed stays."""
    to_account(page, demo, "/email")
    fill_in(page, email="nobody")
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("account_username.html")
def account_username(page: Page, demo: Running) -> None:
    """The present one stands above."""
    to_account(page, demo, "/username")


@shows("account_password.html")
def account_password_that_is_not_taken(page: Page, demo: Running) -> None:
    """Both fields have their problem."""
    to_account(page, demo, "/password")
    page.locator("#password").fill("short")
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("account_mailed_link.html")
def account_address_to_agree(page: Page, demo: Running) -> None:
    """Two buttons; a visit only looks."""
    email = make_person(demo, "agree.looker")
    sign_in_as(page, demo, "agree.looker", PASSWORD)
    page.goto(f"{demo.address('signon')}/account/email")
    fill_in(page, email="agree.looker@new.example")
    page.locator("#save").click()
    expect_heading(page, "Security")
    page.goto(mailed_link(page, demo, email, "Another e-mail address was asked for"))
    expect(page.locator("#confirm")).to_be_visible()
    expect(page.locator("#stop")).to_be_visible()


@shows("account_dispute.html")
def account_to_take_back(page: Page, demo: Running) -> None:
    """What was changed, to be ticked."""
    to_account(page, demo, "/phone")
    fill_in(page, phone="619-555-0181")
    page.locator("#save").click()
    expect_heading(page, "Your account")
    mail = (demo.person("reader")["email"], "Your PACER account was changed")
    page.goto(mailed_link(page, demo, *mail))


@shows("account_dispute.html")
def account_taken_back_with_a_bad_password(page: Page, demo: Running) -> None:
    """What was changed is ticked; the new password has its problem."""
    account_to_take_back(page, demo)
    fill_in(page, new_password="short")
    page.locator("#take_back").click()
    expect(page.get_by_role("alert")).to_be_focused()


# ── The provider's other pages ───────────────────────────────────────────────


@shows("courts.html")
def some_courts(page: Page, demo: Running) -> None:
    """A search that finds a few."""
    page.goto(f"{demo.address('signon')}/courts?q=california&status=live")


@shows("courts.html")
def no_courts(page: Page, demo: Running) -> None:
    """A search that finds none."""
    page.goto(f"{demo.address('signon')}/courts?q=atlantis")


@shows("court_public.html")
def court_that_is_live(page: Page, demo: Running) -> None:
    """Three steps, who may register, and a help desk."""
    page.goto(f"{demo.address('signon')}/courts/casb")


@shows("court_public.html")
def court_that_says_nothing(page: Page, demo: Running) -> None:
    """Not scheduled, and without a help desk."""
    page.goto(f"{demo.address('signon')}/courts/akd")


@shows("error.html")
def no_such_page(page: Page, demo: Running) -> None:
    """An address that was never there."""
    page.goto(f"{demo.address('signon')}/nowhere")


@shows("error.html")
def a_request_that_cannot_be_used(page: Page, demo: Running) -> None:
    """An unknown client: shown here, because nobody may be sent anywhere."""
    page.goto(authorize(demo, "casb", client_id="nobody"))


# ── The demonstration's own ──────────────────────────────────────────────────


@shows("front.html")
def court_front(page: Page, demo: Running) -> None:
    """A court as strangers see it."""
    page.goto(demo.address("cacd"))


@shows("main_menu.html")
def menu_of_a_trustee(page: Page, demo: Running) -> None:
    """Three filing menus and PACER's."""
    sign_in(page, demo, "trustee", "casb")


@shows("main_menu.html")
def menu_of_a_creditor(page: Page, demo: Running) -> None:
    """Claims and requests."""
    sign_in(page, demo, "limited_creditor", "casb")


@shows("main_menu.html")
def menu_of_one_case(page: Page, demo: Running) -> None:
    """Limited to one case."""
    sign_in(page, demo, "pro_se", "cacd")


@shows("query.html")
def query(page: Page, demo: Running) -> None:
    """Cases and a receipt."""
    sign_in(page, demo, "shared", "casb")
    page.goto(f"{demo.address('casb')}/query")


@shows("query.html")
def query_of_an_operator(page: Page, demo: Running) -> None:
    """An account that may not search."""
    sign_in(page, demo, "operator", "casb")
    page.goto(f"{demo.address('casb')}/query")


@shows("docket.html")
def docket(page: Page, demo: Running) -> None:
    """An invented case's, as scrapers read it."""
    sign_in(page, demo, "linked_attorney", "cacd")
    page.goto(f"{demo.address('cacd')}/cgi-bin/DktRpt.pl?22600417")


@shows("reports.html")
def reports(page: Page, demo: Running) -> None:
    """The latest entries."""
    sign_in(page, demo, "shared", "cacd")
    page.goto(f"{demo.address('cacd')}/reports")


@shows("utilities.html")
def utilities(page: Page, demo: Running) -> None:
    """With the entry for linking."""
    sign_in(page, demo, "reader", "cacd")
    page.goto(f"{demo.address('cacd')}/utilities")


@shows("utilities.html")
def utilities_after_linking(page: Page, demo: Running) -> None:
    """With the login that is linked."""
    sign_in(page, demo, "trustee", "casb")
    page.goto(f"{demo.address('casb')}/utilities")


@shows("whoami.html")
def who_am_i(page: Page, demo: Running) -> None:
    """All claims."""
    sign_in(page, demo, "pro_se", "cacd")
    page.goto(f"{demo.address('cacd')}/whoami")


@shows("file.html")
def filing(page: Page, demo: Running) -> None:
    """A case number is asked for, and missing."""
    sign_in(page, demo, "trustee", "casb")
    page.goto(f"{demo.address('casb')}/file/trustee/assets")
    page.locator("#file").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("file.html")
def filing_in_one_case(page: Page, demo: Running) -> None:
    """A choice instead of a field."""
    sign_in(page, demo, "pro_se", "cacd")
    page.goto(f"{demo.address('cacd')}/file/civil/motion")


@shows("filed.html")
def filed(page: Page, demo: Running) -> None:
    """As far as the demonstration goes."""
    filing_in_one_case(page, demo)
    page.locator("#case").select_option("2:26-cv-00417")
    page.locator("#file").click()
    expect(page.get_by_text("The demonstration ends here")).to_be_visible()


@shows("may_not_file.html")
def filing_beyond_ones_rights(page: Page, demo: Running) -> None:
    """An address that the menu does not offer."""
    sign_in(page, demo, "limited_creditor", "casb")
    page.goto(f"{demo.address('casb')}/file/bankruptcy/motion")


@shows("ended.html")
def ended(page: Page, demo: Running) -> None:
    """Signed out elsewhere."""
    sign_in(page, demo, "reader", "cacd")
    page.goto(f"{demo.address('signon')}/logout")
    page.locator("#logout").click()
    page.goto(f"{demo.address('cacd')}/query")
    expect_heading(page, "Your sign-in has ended")


@shows("not_signed_in.html")
def not_signed_in(page: Page, demo: Running) -> None:
    """Cancelled."""
    page.goto(f"{demo.address('casb')}/login")
    page.locator("#cancel").click()
    expect_heading(page, "You did not sign in")


@shows("sign_in_again.html")
def old_answer(page: Page, demo: Running) -> None:
    """An answer that belongs to no sign-in of this browser."""
    page.goto(f"{demo.address('casb')}/login")
    page.goto(f"{demo.address('casb')}/callback?state=old&code=old")


@shows("no_cookie.html")
def answer_without_cookie(page: Page, demo: Running) -> None:
    """A browser that keeps no cookies comes back."""
    page.goto(f"{demo.address('casb')}/callback?state=old&code=old")


@shows("demo_error.html")
def court_error(page: Page, demo: Running) -> None:
    """No such page at a court."""
    page.goto(f"{demo.address('casb')}/nowhere")


@shows("mailbox.html")
def mailbox(page: Page, demo: Running) -> None:
    """Every mail."""
    mails_to(page, demo, "petra.sole@home.example", least=1)
    page.goto(demo.address("mailbox"))


@shows("mail.html")
def mail(page: Page, demo: Running) -> None:
    """One mail."""
    mailbox(page, demo)
    page.locator("tbody a").first.click()


# ── Second factors ───────────────────────────────────────────────────────────


@shows("account_factors.html")
def factors_with_an_app(page: Page, demo: Running) -> None:
    """One app, no recovery codes."""
    add_app(page, demo, to_factors(page, demo, "app.looker"))
    page.get_by_text("Rename or remove").click()


@shows("account_factor_confirm.html")
def factor_confirm_wrong(page: Page, demo: Running) -> None:
    """Not the code of the mail."""
    to_factors(page, demo, "new.looker")
    page.locator("#add_codes").click()
    fill_in(page, mail_code="12")
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("account_factor_app.html")
def factor_app(page: Page, demo: Running) -> None:
    """The QR code and the key."""
    email = to_factors(page, demo, "qr.looker")
    page.locator("#add_app").click()
    confirm_by_mail(page, demo, email, APP)
    expect_heading(page, "Add an authenticator app")


@shows("account_factor_passkey.html")
def factor_passkey(page: Page, demo: Running) -> None:
    """A name for the passkey."""
    email = to_factors(page, demo, "key.looker")
    page.locator("#add_passkey").click()
    confirm_by_mail(page, demo, email, PASSKEY)
    expect(page.locator("#nickname")).to_be_visible()


@shows("account_recovery_codes.html")
def recovery_codes_shown(page: Page, demo: Running) -> None:
    """The ten."""
    email = to_factors(page, demo, "code.looker")
    page.locator("#add_codes").click()
    confirm_by_mail(page, demo, email, CODES)
    page.locator("#continue").click()
    expect_heading(page, "Your recovery codes")


@shows("login_mfa.html")
def second_step_wrong(page: Page, demo: Running) -> None:
    """Not the app's code."""
    person = demo.person("court_staff")
    page.goto(f"{demo.address('casb')}/login")
    fill_in(page, username=person["username"], password=person["password"])
    page.locator("#login").click()
    fill_in(page, otp="000000")
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


def lost(page: Page, demo: Running, username: str) -> None:
    """Somebody with an app, at the page for whoever has no code at hand."""
    email = to_factors(page, demo, username)
    add_app(page, demo, email)
    page.context.clear_cookies()
    page.goto(f"{demo.address('signon')}/login")
    fill_in(page, username=username, password=PASSWORD)
    page.locator("#login").click()
    page.get_by_role("link", name="What to do").click()
    expect_heading(page, "No code at hand?")


@shows("login_mfa_lost.html")
def no_code_at_hand(page: Page, demo: Running) -> None:
    """What is left, and the removal of all."""
    lost(page, demo, "lost.looker")


@shows("login_mfa_lost.html")
def no_code_without_the_tick(page: Page, demo: Running) -> None:
    """It has to be said."""
    lost(page, demo, "lost.forgetter")
    page.locator("#ask_removal").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("login_mfa_lost.html")
def removal_that_waits(page: Page, demo: Running) -> None:
    """When they go."""
    lost(page, demo, "lost.waiter")
    page.locator("#lost").check()
    page.locator("#ask_removal").click()
    expect(page.get_by_text("Your second factors will be removed")).to_be_visible()


@shows("account_spare.html")
def one_more_way_in(page: Page, demo: Running) -> None:
    """After the first app."""
    email = to_factors(page, demo, "spare.looker")
    page.locator("#add_app").click()
    confirm_by_mail(page, demo, email, APP)
    secret = "".join(page.locator("code.key").inner_text().split())
    fill_in(page, nickname="My phone", otp=app_of(secret).code())
    page.locator("#continue").click()
    expect_heading(page, "One more way in, before you need it")


@shows("second_factor_due.html")
def second_factor_due(page: Page, demo: Running) -> None:
    """The client wants two factors."""
    make_person(demo, "due.looker")
    page.goto(authorize(demo, "casb", acr_values="http://idmanagement.gov/ns/assurance/aal/2"))
    fill_in(page, username="due.looker", password=PASSWORD)
    page.locator("#login").click()
    expect_heading(page, "Your account needs a second factor")


@shows("redaction.html")
def redaction_not_ticked(page: Page, demo: Running) -> None:
    """Without the tick nothing goes on."""
    person = demo.person("trustee")
    page.goto(f"{demo.address('casb')}/login")
    fill_in(page, username=person["username"], password=person["password"])
    page.locator("#login").click()
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("account_court_notices.html")
def where_notices_go(page: Page, demo: Running) -> None:
    """Of a court where the person files, with an address that is none."""
    sign_in(page, demo, "linked_attorney", "casb")
    page.goto(f"{demo.address('signon')}/account/courts/casb/notices")
    fill_in(page, notice_email="docket at firm")
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("address_fails.html")
def mail_does_not_arrive(page: Page, demo: Running) -> None:
    """The address's server has sent a mail back."""
    email = make_person(demo, "lost.mailbox")
    page.goto(f"{demo.address('signon')}/forgot-password")
    fill_in(page, username="lost.mailbox")
    page.locator("#send").click()
    expect_heading(page, "Check your mail")
    mail_comes_back(page, demo, email)
    page.goto(f"{demo.address('signon')}/login")
    fill_in(page, username="lost.mailbox", password=PASSWORD)
    page.locator("#login").click()
    expect_heading(page, "Mail does not reach you")


@pytest.mark.parametrize("state", states.telling(__name__))
def test_nothing_is_wrong_with(demo: Running, kept_page: Page, look: Look, state: str):
    """No finding of axe at 320 px, and nothing cut off."""
    STATES[state].come(kept_page, demo)
    look(kept_page, f"page-{state}")


@pytest.mark.parametrize("state", ["registering_with_nothing_typed", "home_of_a_filer"])
def test_spanish_is_as_good_as_english(demo: Running, kept_page: Page, state: str):
    """Longer words, and another language said."""
    STATES[state].come(kept_page, demo)
    looking.in_spanish(kept_page, state)


def is_said_in_spanish(page: Page, demo: Running, state: str) -> bool:
    """Whether a state of these is to be had in Spanish."""
    is_ours = page.url.startswith(demo.address("signon"))
    return is_ours and STATES[state].template not in ENGLISH_ONLY and state in states.of(__name__)


def test_every_court_s_name_fits_a_phone(demo: Running, page: Page):
    """All of them, at 320 px; axe sees rows like theirs in the state `some_courts`."""
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"{demo.address('signon')}/courts")
    assert page.locator("tbody tr").count() > 190
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_every_template_is_looked_at():
    """A new page needs a line here, so that nobody forgets to look at it."""
    import_module("tests.browser.test_console_pages")
    templates = {path.name for folder in FOLDERS for path in folder.glob("*.html")}
    assert {state.template for state in STATES.values()} == templates - PARTS


def test_a_mail_s_html_is_readable_too(demo: Running, page: Page, look: Look):
    """It stands in a sandbox without scripts, so axe looks at a copy of it."""
    newest = mails_to(page, demo, "petra.sole@home.example", least=1)[0]
    page.goto(f"{demo.address('mailbox')}/messages/{newest['id']}/html")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("about:blank")
    page.set_content(newest["html"])
    look(page, "mail-html")


@pytest.mark.parametrize("eye", [looking.once, looking.closely])
def test_the_eye_sees(page: Page, eye: Look):
    """Grey on grey and an unnamed field are found, or the other tests say nothing."""
    page.set_content('<html lang="en"><title>t</title><main><h1>h</h1><input></main></html>')
    with pytest.raises(AssertionError, match="label"):
        eye(page, "eye-label")
    page.set_content(
        '<html lang="en"><title>t</title><main><h1>h</h1>'
        '<p style="color:#999;background:#888">grey</p></main></html>'
    )
    with pytest.raises(AssertionError, match="color-contrast"):
        eye(page, "eye-contrast")
    page.set_content(
        '<html lang="en"><title>t</title><main><h1>h</h1><p style="width:330px">w</p></main></html>'
    )
    with pytest.raises(AssertionError, match="px too wide"):
        eye(page, "eye-width")


def test_each_part_of_a_page_is_looked_at():
    """By fewer states than there are templates."""
    looked_at = {STATES[state].template for state in states.telling(__name__)}
    everything = {STATES[state].template for state in states.of(__name__)}
    assert len(looked_at) < len(everything)
    shown, there = (set().union(*map(states.parts, some)) for some in (looked_at, everything))
    assert shown == there


def authorize(demo: Running, court: str, *, client_id: str | None = None, **more: str) -> str:
    """An authorization request of a court, as its address."""
    clients = {client["court"]: client for client in demo.description["clients"]}
    challenge = hashlib.sha256(b"v" * 64).digest()
    asked = {
        "client_id": client_id or clients[court]["client_id"],
        "redirect_uri": f"{demo.address('casb')}/callback",
        "response_type": "code",
        "scope": "openid ecf",
        "state": "state",
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
        **more,
    }
    return f"{demo.address('signon')}/oauth2/authorize?{urlencode(asked)}"


def client_of(demo: Running, *options: str) -> str:
    """A client that an operator registers while the demonstration runs."""
    callback = f"{demo.address('casb')}/callback"
    made = command(
        demo, "clients", "create", "--name", "Docket Reader", "--redirect-uri", callback, *options
    )
    return made.split()[1]
