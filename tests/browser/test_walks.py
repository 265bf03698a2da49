"""Six journeys with the keyboard alone, each page of them read as a screen reader reads it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import registering
from tests.browser.conftest import NewPage
from tests.browser.efiling import go_through
from tests.browser.keyboard import Walker
from tests.browser.walking import command, hand_over, mailed_link, sign_in_as
from tests.demo.running import Running
from tests.infra.authenticator import app_of

PASSWORD = "a lantern for the long pier"
LEGACY = ("wkeys", "Pier-2014")


def test_signing_in_at_a_court_with_a_second_factor(demo: Running, page: Page):
    """From the court's front page to its menu, with an error on each form, and out again."""
    person = demo.person("court_staff")
    walker = Walker(page)
    walker.opens(demo.address("casb"), "Electronic case files")
    walker.presses("link", "Skip to the main content", within=1)
    walker.reaches("link", "Log in to CM/ECF", within=1)
    walker.presses("link", "Log in to CM/ECF")
    walker.hears("Sign in")
    assert walker.focused().name == "Username"
    walker.presses("button", "Sign in")
    walker.hears("Sign in")
    walker.hears_errors("username", "password")
    walker.types("Username", person["username"])
    walker.types("Password", person["password"])
    walker.presses("textbox", "Password")
    walker.hears("Enter your code")
    assert walker.focused().name == "Code"
    walker.types("Code", "12")
    walker.presses("button", "Continue", "Space")
    walker.hears("Enter your code")
    walker.hears_errors("otp")
    walker.types("Code", app_of(person["totp_secret"]).code())
    walker.presses("button", "Continue")
    walker.hears("Main menu")
    walker.presses("link", "Utilities")
    walker.hears("Utilities")
    walker.presses("button", "Log out")
    walker.hears("Electronic case files")


def test_registering_by_mail(demo: Running, new_page: NewPage):
    """On a phone's width, from the first field to the first sign-in."""
    person = registering.somebody()
    walker = Walker(new_page(viewport={"width": 320, "height": 800}))
    walker.opens(f"{demo.address('signon')}/login", "Sign in")
    walker.presses("link", "Create an account")
    walker.hears("Create an account")
    walker.types("First name (optional)", person["first_name"])
    walker.types("E-mail address", person["email"])
    walker.types("Date of birth", person["date_of_birth"])
    walker.presses("button", "Continue")
    walker.hears("Create an account")
    walker.hears_errors("last_name")
    walker.types("Last name", person["last_name"])
    walker.presses("textbox", "Last name")
    walker.hears("Your address")
    walker.types("Street address", person["street"])
    walker.types("City", person["city"])
    walker.types("State", person["state"])
    walker.types("ZIP or postal code", person["postal_code"])
    walker.types("County or parish", person["county"])
    walker.types("Phone", person["phone"])
    walker.presses("button", "Continue")
    walker.hears("Choose a username and a password")
    walker.types("Username", person["username"])
    walker.types("Password", "short")
    walker.presses("button", "Continue")
    walker.hears("Choose a username and a password")
    walker.hears_errors("new_password")
    walker.types("Password", registering.PASSWORD)
    walker.presses("button", "Continue")
    walker.hears("Check what you entered")
    walker.presses("link", "Change the address")
    walker.hears("Your address")
    walker.presses("button", "Continue")
    walker.hears("Check what you entered")
    walker.presses("button", "Everything is right", "Space")
    walker.hears("Open the link in your mail")
    mailed = mailed_link(walker.page, demo, person["email"], "Confirm your address")
    walker.opens(mailed, "Open your PACER account")
    walker.presses("button", "Open the account")
    walker.hears("Your account is open")
    walker.presses("link", "Sign in")
    walker.hears("Sign in")
    walker.types("Username", person["username"])
    walker.types("Password", registering.PASSWORD)
    walker.presses("button", "Sign in")
    walker.hears("Welcome")


def test_linking_a_legacy_login_and_undoing_it(demo: Running, page: Page, tmp_path: Path):
    """From the court's menu to its filing menus, and back within the day."""
    _make(demo, "walks.links", "Wanda", "Keys")
    hand_over(demo, tmp_path / "logins.csv", *LEGACY, "Wanda", "Keys")
    walker = Walker(page)
    walker.opens(f"{demo.address('casb')}/login", "Sign in")
    walker.types("Username", "walks.links")
    walker.types("Password", PASSWORD)
    walker.presses("button", "Sign in")
    walker.hears("Main menu")
    walker.presses("link", "Utilities")
    walker.hears("Utilities")
    walker.presses("link", "Link a CM/ECF account to my PACER account")
    walker.hears("Link your legacy CM/ECF login")
    walker.presses("button", "Continue")
    walker.hears("Link your legacy CM/ECF login")
    walker.hears_errors("ecf_login", "ecf_password")
    walker.types("Legacy CM/ECF login", LEGACY[0])
    walker.types("Legacy CM/ECF password", LEGACY[1])
    walker.presses("button", "Continue")
    walker.hears("Is this your filing login?")
    walker.presses("button", "Yes, link this login")
    walker.hears("Redaction rules")
    walker.presses("button", "Continue")
    walker.hears("Redaction rules")
    walker.hears_errors("redaction")
    walker.ticks("checkbox", "I have read the redaction rules and will comply with them.")
    walker.presses("button", "Continue")
    walker.hears("Your filing login is linked")
    walker.presses("link", "Undo the link")
    walker.hears("Undo the link of a filing login")
    walker.presses("link", "Keep it")
    walker.hears("Courts")
    court = "United States Bankruptcy Court for the Southern District of California"
    walker.presses("link", f"Undo the link at {court}")
    walker.hears("Undo the link of a filing login")
    walker.presses("button", "Undo the link")
    walker.hears("The link is undone")


def test_a_forgotten_password_in_spanish(demo: Running, page: Page):
    """The language is chosen by the keyboard too, and heard on each page after it."""
    email = _make(demo, "walks.forgets", "Flora", "Keys")
    walker = Walker(page)
    walker.opens(f"{demo.address('signon')}/login", "Sign in")
    walker.presses("link", "Español")
    walker.language = "es-US"
    walker.hears("Iniciar sesión")
    walker.presses("link", "¿Olvidó su contraseña?")
    walker.hears("¿Olvidó su contraseña?")
    walker.presses("textbox", "Nombre de usuario o dirección de correo electrónico")
    walker.hears("¿Olvidó su contraseña?")
    walker.hears_errors("username")
    walker.types("Nombre de usuario o dirección de correo electrónico", "walks.forgets")
    walker.presses("textbox", "Nombre de usuario o dirección de correo electrónico")
    walker.hears("Revise su correo")
    walker.opens(mailed_link(page, demo, email, "new password"), "Elegir una contraseña nueva")
    assert walker.focused().name == "Contraseña nueva"
    walker.types("Contraseña nueva", "an orchard in November rain")
    walker.reaches("textbox", "Nombre de usuario", key="Shift+Tab")
    walker.presses("button", "Cambiar mi contraseña")
    walker.hears("Se cambió su contraseña")
    walker.presses("link", "Iniciar sesión")
    walker.hears("Iniciar sesión")


def test_a_clerk_decides_a_registration(demo: Running, new_page: NewPage):
    """Finds it in the queue, looks at returning it, and approves it."""
    _applies(new_page(), demo)
    person = demo.person("court_staff")
    walker = Walker(new_page())
    walker.opens(f"{demo.address('signon')}/court/casb/registrations", "Sign in")
    walker.types("Username", person["username"])
    walker.types("Password", person["password"])
    walker.presses("button", "Sign in")
    walker.hears("Enter your code")
    walker.types("Code", app_of(person["totp_secret"]).code())
    walker.presses("textbox", "Code")
    walker.hears("Registrations")
    walker.types("Name, username or account number", "Carol Keys", role="searchbox")
    walker.presses("button", "Search")
    walker.hears("Registrations")
    walker.presses("link", "Carol Keys")
    walker.hears("Carol Keys")
    walker.presses("link", "Return for correction")
    walker.hears("Return Carol Keys’s registration")
    walker.presses("button", "Return for correction")
    walker.hears("Return Carol Keys’s registration")
    walker.hears_errors("return_message")
    walker.presses("link", "Decide later")
    walker.hears("Carol Keys")
    walker.presses("link", "Approve")
    walker.hears("Approve Carol Keys")
    walker.types("Conditions (optional)", "Claims of the harbor branch only")
    walker.presses("button", "Approve", "Space")
    walker.hears("Carol Keys")
    expect(walker.page.locator("main")).to_contain_text("The registration is approved")


def test_an_agent_chooses_for_whom(demo: Running, page: Page):
    """On the way to the court, and again from there."""
    person = demo.person("filing_agent")
    walker = Walker(page)
    walker.opens(f"{demo.address('casb')}/login", "Sign in")
    walker.types("Username", person["username"])
    walker.types("Password", person["password"])
    walker.presses("button", "Sign in")
    walker.hears("Redaction rules")
    walker.ticks("checkbox", "I have read the redaction rules and will comply with them.")
    walker.presses("button", "Continue")
    walker.hears("For whom do you file?")
    walker.presses("button", "Continue")
    walker.hears("For whom do you file?")
    walker.hears_errors("pair")
    walker.chooses("Tessa Quill")
    walker.presses("button", "Continue")
    walker.hears("Main menu")
    walker.presses("link", "Change")
    walker.hears("For whom do you file?")
    walker.chooses("Lena Marsh")
    walker.presses("button", "Save this choice")
    walker.hears("For whom do you file?")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("<h3>x</h3>", "h3 'x' after h1"),
        ("<h1>x</h1>", "resolved to 2 elements"),
        ("<section aria-label=x></section>" * 2, "landmarks alike: region 'x'"),
        ("<nav></nav><nav aria-label=x></nav>", "landmarks alike: navigation ''"),
        ("<button></button>", "button without a name"),
        ("<a href=a:a>x</a><a href=b:b>x</a>", "links alike that lead apart: 'x'"),
    ],
)
def test_the_ear_hears(page: Page, part: str, said: str):
    """What is wrong on a page of that part alone, or the walks say nothing."""
    with pytest.raises(AssertionError, match=re.escape(said)):
        Walker(page).shows(f"<header></header><main><h1>h</h1>{part}</main>", "h")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("<button style=outline:0>x</button>", "nothing shows the focus"),
        ("<button>x</button><div style=position:fixed;inset:0></div>", "something lies over"),
        (
            "<div style=position:relative;top:9em><button>y</button></div><button>x</button>",
            "up to",
        ),
        ("<button tabindex=-1>x</button>", "is not reached"),
    ],
)
def test_the_hand_feels(page: Page, part: str, said: str):
    """A control that cannot be seen, is out of order or is out of reach."""
    walker = Walker(page)
    walker.shows(f"<header></header><main><h1>h</h1>{part}</main>", "h")
    with pytest.raises(AssertionError, match=said):
        walker.reaches("button", "x")


def test_the_ear_misses_what_is_not_said(page: Page):
    """A page that does not say that it is another one, nor in which language it is."""
    walker = Walker(page)
    walker.shows("<header></header><main><h1>h</h1></main>", "h")
    with pytest.raises(AssertionError, match="again the title"):
        walker.hears("h")
    walker.language = "es-US"
    page.evaluate("document.title = 'h again'")
    with pytest.raises(AssertionError, match="in en-US"):
        walker.hears("h")


def _make(demo: Running, username: str, first_name: str, last_name: str) -> str:
    """An individual; answers the e-mail address."""
    email = f"{username}@home.example"
    named = ("--first-name", first_name, "--last-name", last_name)
    made = ("--username", username, "--email", email, "--date-of-birth", "1979-05-06")
    kind = ("accounts", "create", "--kind", "individual", "--password-stdin")
    command(demo, *kind, *named, *made, typed=PASSWORD)
    return email


def _applies(page: Page, demo: Running) -> None:
    """Somebody sends a registration to casb."""
    _make(demo, "walks.applies", "Carol", "Keys")
    sign_in_as(page, demo, "walks.applies", PASSWORD)
    page.goto(f"{demo.address('signon')}/courts/casb/register")
    page.locator("#registration").select_option("non_attorney.limited_creditor")
    page.locator("#continue").click()
    go_through(page, "status")
