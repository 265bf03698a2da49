"""The pages of the consoles and of registering for e-filing, looked at like all others."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import arriving, looking, states
from tests.browser.efiling import desk, register
from tests.browser.enrolling import (
    PASSWORD,
)
from tests.browser.firms import invite, join_firm, offer_firm, to_firm
from tests.browser.looking import Look
from tests.browser.states import STATES, shows
from tests.browser.walking import (
    expect_heading,
    fill_in,
    go_on,
    mailed_link,
)
from tests.demo.running import Running

# ── The operators' console ───────────────────────────────────────────────────


@shows("operators.html")
def console_overview(page: Page, demo: Running) -> None:
    """How the service stands, with both charts."""
    console(page, demo)
    page.goto(f"{demo.address('signon')}/operators")
    expect(page.get_by_role("img")).to_have_count(2)
    for summary in page.locator("summary").all():
        summary.click()


@shows("operators_found.html")
def console(page: Page, demo: Running) -> None:
    """Accounts that hold a word."""
    arriving.take_over(page, demo, "operator")
    page.goto(f"{demo.address('signon')}/operators")
    if page.locator("#login").count():
        person = demo.person("operator")
        fill_in(page, username=person["username"], password=person["password"])
        page.locator("#login").click()
        go_on(page, person)
        expect(page.locator("#q")).to_be_visible()
        arriving.keep(page, demo, "operator")
    fill_in(page, q="cas")
    page.locator("#search").click()
    expect(page.get_by_role("table")).to_be_visible()


@shows("operators_account.html")
def console_with_an_account(page: Page, demo: Running) -> None:
    """Whether it can sign in, what happened, what can be done."""
    console(page, demo)
    page.goto(f"{demo.address('signon')}/operators?q=" + demo.person("pro_se")["account_number"])
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.locator("#verdict")).to_have_text("This account can sign in")


@shows("operators_act.html")
def console_with_an_act_that_is_refused(page: Page, demo: Running) -> None:
    """An act that needs a reason, without one."""
    console_with_an_account(page, demo)
    page.locator("#disable").click()
    page.locator("#disable").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("operators_courts.html")
def console_courts(page: Page, demo: Running) -> None:
    """Those of a city."""
    console(page, demo)
    page.goto(f"{demo.address('signon')}/operators/courts?q=san+diego")
    expect(page.get_by_role("table")).to_be_visible()


@shows("operators_clients.html")
def console_clients(page: Page, demo: Running) -> None:
    """The demo courts' and others."""
    console(page, demo)
    page.goto(f"{demo.address('signon')}/operators/clients")
    expect(page.get_by_role("table").first).to_be_visible()


@shows("operators_client.html")
def console_client_that_was_refused(page: Page, demo: Running) -> None:
    """Its registration, and the last request that was refused."""
    client = demo.description["clients"][0]["client_id"]
    page.goto(
        f"{demo.address('signon')}/oauth2/authorize?client_id={client}&redirect_uri=http://x.y"
    )
    console(page, demo)
    at = f"{demo.address('signon')}/operators/clients/{client}"
    for _ in range(20):
        page.goto(at)
        if page.get_by_role("table").count():
            break
        page.wait_for_timeout(500)  # refusals are stored every two seconds
    expect(page.get_by_role("table")).to_be_visible()


@shows("operators_activity.html")
def console_activity(page: Page, demo: Running) -> None:
    """The trail in words."""
    console(page, demo)
    page.goto(f"{demo.address('signon')}/operators/activity?days=1")
    expect(page.get_by_role("table")).to_be_visible()


@shows("operators_health.html")
def console_health(page: Page, demo: Running) -> None:
    """How the service stands, in small pictures, each with its table."""
    console(page, demo)
    page.goto(f"{demo.address('signon')}/operators/health")
    expect(page.get_by_role("img", name="Sessions", exact=True)).to_be_visible()


@shows("operators_components.html")
def components(page: Page, demo: Running) -> None:
    """Every component in its states."""
    console(page, demo)
    page.goto(f"{demo.address('signon')}/operators/components")
    expect_heading(page, "Components")


# ── A firm's console ─────────────────────────────────────────────────────────


@shows("firm_overview.html")
def firm_in_figures(page: Page, demo: Running) -> None:
    """The chart and its numbers."""
    to_firm(page, demo)
    expect(page.get_by_role("img", name="Members and invitations")).to_be_visible()
    page.locator("summary").click()


@shows("firm_invitations.html")
def firm_invitations(page: Page, demo: Running) -> None:
    """One that waits."""
    invite(page, demo, demo.person("unlinked_attorney")["account_number"], "Nobody")
    to_firm(page, demo, "invitations")
    expect(page.get_by_role("table")).to_be_visible()


@shows("firm_invite.html")
def firm_invitation_with_nothing(page: Page, demo: Running) -> None:
    """A form with nothing in it."""
    to_firm(page, demo, "invitations/new")
    page.locator("#send").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("firm_bulk.html")
def firm_bulk_preview(page: Page, demo: Running) -> None:
    """Lines that can be done and lines that cannot."""
    to_firm(page, demo, "bulk/invitations")
    fill_in(page, lines="account_number,last_name,remark\n1000001,One,x\n12,Two,x\n")
    page.locator("#acknowledged").check()
    page.locator("#check").click()
    expect(page.locator("#confirm")).to_be_visible()


@shows("firm_settings.html")
def firm_settings(page: Page, demo: Running) -> None:
    """A cost center."""
    to_firm(page, demo, "settings")
    if not page.get_by_role("link", name="LOOK").count():
        to_firm(page, demo, "settings/cost-centers")
        fill_in(page, code="LOOK", name="Looked at")
        page.locator("#add").click()
    expect(page.get_by_role("table")).to_contain_text("LOOK")


@shows("firm_cost_center.html")
def firm_cost_center_without_a_code(page: Page, demo: Running) -> None:
    """A new one with nothing typed."""
    to_firm(page, demo, "settings/cost-centers")
    page.locator("#add").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("firm_client_codes.html")
def firm_client_codes_with_a_bad_pattern(page: Page, demo: Running) -> None:
    """A pattern that is none."""
    to_firm(page, demo, "settings/client-codes")
    fill_in(page, client_code_pattern="*x")
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("firm_member_programs.html")
def firm_member_programs_forbidden(page: Page, demo: Running) -> None:
    """The rule was just set, and is set back for whoever comes next."""
    to_firm(page, demo, "settings/programs")
    page.locator("#allowed").set_checked(False)
    page.locator("#save").click()
    expect(page.get_by_text("The rule is set.")).to_be_visible()


@shows("firm_administrators.html")
def firm_administrators_with_a_new_program(page: Page, demo: Running) -> None:
    """A secret that is shown once."""
    to_firm(page, demo, "administrators/programs")
    fill_in(page, program_name="Time sheets")
    page.locator("#firm_read").check()
    page.locator("#create").click()
    expect(page.locator("#secret")).to_be_visible()


@shows("firm_program.html")
def firm_program_without_a_name(page: Page, demo: Running) -> None:
    """A new one with nothing typed."""
    to_firm(page, demo, "administrators/programs")
    page.locator("#create").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("firm_activity.html")
def firm_activity(page: Page, demo: Running) -> None:
    """What happened."""
    firm_settings(page, demo)
    to_firm(page, demo, "activity")
    expect(page.get_by_role("table")).to_contain_text("LOOK")


@shows("firm_members.html")
def firm_members(page: Page, demo: Running) -> None:
    """Found by the beginning of a name."""
    join_firm(page, demo, "joan.looker")
    to_firm(page, demo, "members?q=weir")
    expect(page.get_by_role("table")).to_be_visible()


@shows("firm_member.html")
def firm_member(page: Page, demo: Running) -> None:
    """Whether they can search, and what happened."""
    firm_members(page, demo)
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.locator("#verdict")).to_be_visible()


@shows("firm_act.html")
def firm_member_not_removed(page: Page, demo: Running) -> None:
    """Without a remark nobody is."""
    firm_member(page, demo)
    page.get_by_role("link", name="Remove from the firm").click()
    page.locator("#remove").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("firm_offers.html")
def firm_offers(page: Page, demo: Running) -> None:
    """What accepting changes."""
    email = offer_firm(page, demo, "otto.looker")
    page.goto(mailed_link(page, demo, email, "invites you"))
    fill_in(page, username="otto.looker", password=PASSWORD)
    page.locator("#login").click()
    expect(page.locator("#accept")).to_be_visible()


@shows("register_firm.html")
def register_firm_with_nothing(page: Page, demo: Running) -> None:
    """Every field has its own problem."""
    page.goto(f"{demo.address('signon')}/register/firm")
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("api_reference.html")
def rest_reference(page: Page, demo: Running) -> None:
    """The first of its calls: all are alike, and there are more than an eye takes in at once."""
    page.goto(f"{demo.address('signon')}/api/v1/reference")
    expect_heading(page, "REST reference")
    page.evaluate(
        "document.querySelectorAll('main article').forEach((one, i) => i < 12 || one.remove())"
    )


# ── A court's console ────────────────────────────────────────────────────────


@shows("court_staff.html")
def staff_of_a_court(page: Page, demo: Running) -> None:
    """Who works there, and a role that nobody can be given."""
    desk(page, demo, "staff")
    page.locator("#give").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_staff_remove.html")
def staff_of_a_court_to_be_removed(page: Page, demo: Running) -> None:
    """What happens."""
    desk(page, demo, "staff")
    page.get_by_role("link", name="Remove").first.click()
    expect(page.locator("#remove")).to_be_visible()


@shows("client_invitations.html")
def programs_of_a_court(page: Page, demo: Running) -> None:
    """One that may register itself, with the token that is shown once."""
    desk(page, demo, "invitations/new")
    fill_in(page, hosts="localhost")
    page.locator("#invite").click()
    expect(page.locator("#token")).to_be_visible()


@shows("client_invite.html")
def program_of_a_court_to_be_invited(page: Page, demo: Running) -> None:
    """A host that is another's."""
    desk(page, demo, "invitations/new")
    fill_in(page, hosts="evil.test")
    page.locator("#invite").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("client_invitation_withdraw.html")
def invitation_of_a_program_to_be_withdrawn(page: Page, demo: Running) -> None:
    """What happens."""
    programs_of_a_court(page, demo)
    page.get_by_role("link", name="Withdraw").first.click()
    expect(page.locator("#withdraw")).to_be_visible()


@shows("court_policy.html")
def policy_of_a_court(page: Page, demo: Running) -> None:
    """A phone number that is none."""
    desk(page, demo, "policy")
    fill_in(page, help_phone="ring me")
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_requests.html")
def requests_at_a_court(page: Page, demo: Running) -> None:
    """Nothing waits for a second member."""
    desk(page, demo, "requests")


@shows("court_activity.html")
def activity_at_a_court(page: Page, demo: Running) -> None:
    """What happened."""
    desk(page, demo, "activity")


@shows("court_registrations.html")
def registrations_at_a_court(page: Page, demo: Running) -> None:
    """What waits."""
    register(page, demo, "waiting.creditor", until="status")
    page.context.clear_cookies()
    desk(page, demo, "registrations")
    expect(page.get_by_role("link", name="Ines Weir").first).to_be_visible()


@shows("court_registrations.html")
def registrations_that_nobody_sent(page: Page, demo: Running) -> None:
    """A state with nothing in it, and what will stand there."""
    desk(page, demo, "registrations?state=rejected")


@shows("court_registration.html")
def registration_that_can_be_decided(page: Page, demo: Running) -> None:
    """What it waits for, its papers, and the ways on."""
    registrations_at_a_court(page, demo)
    page.get_by_role("link", name="Ines Weir").first.click()
    expect(page.get_by_role("link", name="Approve")).to_be_visible()


@shows("court_approve.html")
def registration_approved_without_a_role(page: Page, demo: Running) -> None:
    """The form, with what is asked for beside it."""
    registration_that_can_be_decided(page, demo)
    page.get_by_role("link", name="Approve").click()
    for box in page.get_by_role("checkbox", checked=True).all():
        box.uncheck()
    page.locator("#approve").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_return.html")
def registration_returned_without_a_reason(page: Page, demo: Running) -> None:
    """What happens, and the reason that is missing."""
    registration_that_can_be_decided(page, demo)
    page.get_by_role("link", name="Return for correction").click()
    page.locator("#return").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_reject.html")
def registration_rejected_without_a_reason(page: Page, demo: Running) -> None:
    """The same for good."""
    registration_that_can_be_decided(page, demo)
    page.get_by_role("link", name="Reject").click()
    page.locator("#reject").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_overview.html")
def overview_of_a_court(page: Page, demo: Running) -> None:
    """What waits, and the chart with its numbers."""
    registrations_at_a_court(page, demo)
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("img", name="Registrations sent")).to_be_visible()
    page.get_by_text("The numbers as a table").click()
    expect(page.get_by_role("columnheader", name="Week of")).to_be_visible()


@shows("court_cutover.html")
def cutover_of_a_court(page: Page, demo: Running) -> None:
    """Numbers, the picture, what the court has to do."""
    desk(page, demo, "cutover")
    expect(page.get_by_role("heading", name="What your court has to do")).to_be_visible()


@shows("court_cutover.html")
def cutover_that_is_ahead(page: Page, demo: Running) -> None:
    """Days that are left."""
    desk(page, demo, "cutover")
    clerk = demo.person("court_staff")["username"]
    demo.command("courts", "staff", "casd", "add", clerk, "--role", "administrator")
    page.goto(f"{demo.address('signon')}/court/casd/cutover")
    expect(page.get_by_text("days left")).to_be_visible()


@shows("court_cutover_logins.html")
def who_is_ready_at_a_court(page: Page, demo: Running) -> None:
    """Old logins by how ready they are."""
    desk(page, demo, "cutover/logins")
    expect(page.get_by_role("row").nth(1)).to_be_visible()


@shows("court_cutover_mails.html")
def mails_of_a_rehearsal(page: Page, demo: Running) -> None:
    """What somebody invented would have been mailed."""
    desk(page, demo, "cutover")
    if "casb-train" not in demo.command("courts", "list"):
        demo.command("courts", "rehearse", "casb", "--people", "8", "--go-live", "+2d")
    page.goto(f"{demo.address('signon')}/forgot-password")
    fill_in(page, username="casb-train-0001")
    page.locator("#send").click()
    expect_heading(page, "Check your mail")
    for _ in range(40):
        page.goto(f"{demo.address('signon')}/court/casb-train/cutover/mails")
        if page.get_by_role("row").count():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_role("row").nth(1)).to_be_visible()


@shows("court_cutover_mail.html")
def one_mail_of_a_rehearsal(page: Page, demo: Running) -> None:
    """Its words and its link."""
    mails_of_a_rehearsal(page, demo)
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page.locator("pre").get_by_role("link").first).to_be_visible()


@shows("court_waves.html")
def reminders_of_a_court(page: Page, demo: Running) -> None:
    """The usual waves of a court with a day, one of them with words to be tried."""
    desk(page, demo, "cutover")
    username = demo.person("court_staff")["username"]
    demo.command("courts", "staff", "casd", "add", username, "--role", "clerk")
    demo.command("courts", "waves", "casd", "plan")
    page.goto(f"{demo.address('signon')}/court/casd/cutover/waves")
    expect(page.get_by_role("row").nth(1)).to_be_visible()


@shows("court_wave_new.html")
def reminders_planned_with_a_foreign_address(page: Page, demo: Running) -> None:
    """What a court may not say."""
    reminders_of_a_court(page, demo)
    page.get_by_role("link", name="Plan more").click()
    fill_in(page, days_before="21", opening="See evil.com for all of it.")
    page.locator("#plan").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_wave.html")
def one_reminder(page: Page, demo: Running) -> None:
    """How it reads, and its form."""
    reminders_of_a_court(page, demo)
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page.locator("#mail")).to_contain_text("Be ready to file on")


@shows("court_filers.html")
def filers_of_a_court(page: Page, demo: Running) -> None:
    """Everybody who files there."""
    desk(page, demo, "filers")
    expect(page.get_by_role("row").nth(1)).to_be_visible()


@shows("court_filer.html")
def one_filer(page: Page, demo: Running) -> None:
    """Whether they can file, what they hold, and what happened."""
    filers_of_a_court(page, demo)
    page.get_by_role("row").nth(1).get_by_role("link").click()
    page.get_by_text("Every change of them").click()
    expect(page.get_by_role("link", name="Suspend the filing rights")).to_be_visible()


@shows("court_filer_act.html")
def one_filer_suspended_without_a_reason(page: Page, demo: Running) -> None:
    """What happens, and the reason that is missing."""
    one_filer(page, demo)
    page.get_by_role("link", name="Suspend the filing rights").click()
    page.locator("#suspend").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_filer_roles.html")
def one_filer_with_a_case_that_is_none(page: Page, demo: Running) -> None:
    """All roles that the court gives, and a case number that cannot be."""
    one_filer(page, demo)
    page.get_by_role("link", name="Change roles, cases and conditions").click()
    fill_in(page, cases="not a case")
    page.locator("#change").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_agents.html")
def filing_agents_at_a_court(page: Page, demo: Running) -> None:
    """Who files for whom."""
    desk(page, demo, "agents")
    expect(page.get_by_role("table")).to_be_visible()


@shows("court_agent.html")
def one_filing_agent_at_a_court(page: Page, demo: Running) -> None:
    """Both people, the bounds, when the agent acted; no reason was given."""
    filing_agents_at_a_court(page, demo)
    row = page.get_by_role("row").filter(has_text="In force").first
    row.get_by_role("link").click()
    page.locator("#end").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_certificates.html")
def certificates_of_a_court(page: Page, demo: Running) -> None:
    """One that was recorded, and the ways to record more."""
    lines_of_certificates(page, demo)
    desk(page, demo, "certificates")
    expect(page.get_by_role("link", name="Withdraw").first).to_be_visible()


@shows("court_certificate_lines.html")
def lines_of_certificates(page: Page, demo: Running) -> None:
    """Lines that were reported."""
    filers_of_a_court(page, demo)
    number = page.get_by_role("row").nth(1).get_by_role("cell").nth(0).inner_text()
    desk(page, demo, "certificates/list")
    lines = f"account_number,role,certified_on\n{number},mediator,2026-01-05\n1,judge,x"
    fill_in(page, lines=lines)
    page.locator("#record_list").click()
    expect(page.get_by_role("table")).to_be_visible()


@shows("court_certificate_new.html")
def certificate_with_nothing(page: Page, demo: Running) -> None:
    """The form for one, sent empty."""
    desk(page, demo, "certificates/record")
    page.locator("#record").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_certificate_withdraw.html")
def certificate_withdrawn_without_a_reason(page: Page, demo: Running) -> None:
    """What happens, and the reason that is missing."""
    certificates_of_a_court(page, demo)
    page.get_by_role("link", name="Withdraw").first.click()
    page.locator("#withdraw").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_logins.html")
def logins_of_a_court(page: Page, demo: Running) -> None:
    """Whose proof may be mailed."""
    desk(page, demo, "logins")
    expect_heading(page, "Legacy logins")


@shows("court_login.html")
def one_login_of_a_court(page: Page, demo: Running) -> None:
    """Whether it can be linked, and what was tried with it."""
    logins_of_a_court(page, demo)
    page.get_by_role("row").nth(1).get_by_role("link").first.click()
    expect(page.locator("#happened-heading")).to_be_visible()


@shows("court_find.html")
def somebody_who_calls(page: Page, demo: Running) -> None:
    """Found among the court's people and old logins, and what was tried."""
    desk(page, demo, "find")
    fill_in(page, q="a")
    page.locator("#find").click()
    expect(page.get_by_role("alert")).to_be_focused()
    fill_in(page, q="lena")
    page.locator("#find").click()
    expect(page.get_by_role("table").first).to_be_visible()
    expect(page.locator("#attempts-heading")).to_be_visible()


@shows("court_import.html")
def list_of_a_court_that_is_looked_at(page: Page, demo: Running) -> None:
    """Figures, lines to look at, and changes by login."""
    desk(page, demo, "logins/import")
    page.locator("#list").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    page.locator("#send").click()
    expect(page.get_by_text("Nothing has been changed yet")).to_be_visible()


@shows("court_filer_terms.html")
def one_filer_with_a_last_day_that_is_past(page: Page, demo: Running) -> None:
    """Admission and last day."""
    filers_of_a_court(page, demo)
    page.get_by_role("row").nth(1).get_by_role("link").click()
    page.get_by_role("link", name="Admission and last day").click()
    fill_in(page, last_day="2020-01-31")
    page.locator("#set").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("court_import_progress.html")
def list_that_takes_long(page: Page, demo: Running) -> None:
    """More old hashes than somebody waits for: how far it is, or that it is done."""
    head, *_rest = LIST.splitlines()
    many = [f"zzold{n:03},abpbCocLh43.I,Zoe,Zed,,,attorney,active" for n in range(201)]
    desk(page, demo, "logins/import")
    for _ in range(2):
        page.locator("#list").set_input_files(
            {"name": "old.csv", "mimeType": "text/csv", "buffer": "\n".join([head, *many]).encode()}
        )
        page.locator("#send").click()
    expect(page.get_by_text("old.csv, sent")).to_be_visible()


LIST = """login,password_hash,first_name,last_name,bar_id,email,role,status
newfiler,,Pat,Person,1,pat@court.example;pat@home.example,Attorney,Active
nomail,{SSHA}jjI516Ik/dNf/s9SZgNQy+6Jy38wMTIzNDU2Nw==,Robin,Roe,2,,attorney,active
"""
"""As a court sends it: without a password, without an address, with two."""


# ── Registering for e-filing ─────────────────────────────────────────────────


@shows("efile_what.html")
def registering_at_a_court(page: Page, demo: Running) -> None:
    """What for, and who needs no registration at all."""
    register(page, demo, "drafting.creditor", until="what")
    page.locator("#registration").select_option("")
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("efile_step.html")
def registering_as_an_attorney(page: Page, demo: Running) -> None:
    """Bars, sponsor and cases, with nothing typed."""
    register(page, demo, "drafting.creditor", until="what")
    page.locator("#registration").select_option("pro_hac_vice")
    page.locator("#continue").click()
    page.locator("#continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("efile_documents.html")
def registering_with_a_document_that_is_none(page: Page, demo: Running) -> None:
    """No file was chosen."""
    register(page, demo, "papers.creditor", until="documents")
    page.locator("#add").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("efile_check.html")
def registering_without_a_tick(page: Page, demo: Running) -> None:
    """Everything once more, and what must be acknowledged."""
    register(page, demo, "checking.creditor", until="check")
    page.locator("#send").click()
    expect(page.get_by_role("alert")).to_be_focused()


@shows("efile_status.html")
def registration_that_waits(page: Page, demo: Running) -> None:
    """Sent."""
    register(page, demo, "waiting.creditor", until="status")


@pytest.mark.parametrize("state", states.telling(__name__))
def test_nothing_is_wrong_with(demo: Running, kept_page: Page, look: Look, state: str):
    """No finding of axe at 320 px, and nothing cut off."""
    STATES[state].come(kept_page, demo)
    look(kept_page, f"page-{state}")


def test_every_component_is_readable_in_the_dark(demo: Running, kept_page: Page):
    """What all pages are made of, looked at closely."""
    components(kept_page, demo)
    looking.closely(kept_page, "components")
