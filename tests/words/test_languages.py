"""In which language a page is, and a mail."""

from urllib.parse import urlencode

import httpx2
import pytest

from signon.accounts import repudiation
from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF
from signon.accounts.models import AccountKind
from signon.words.sentences import _
from tests.infra.browser import Browser
from tests.infra.world import PASSWORD, World

SPANISH = {"accept": "text/html", "accept-language": "es-MX,es;q=0.9,en;q=0.5"}
ENGLISH = {"accept": "text/html", "accept-language": "en-US"}
COOKIE = "signon_language"


def language(answer: httpx2.Response) -> str:
    """The page's, which header and page say alike."""
    told = answer.headers["content-language"]
    assert f'<html lang="{told}">' in answer.text
    assert ("Iniciar sesión" in answer.text) == (told == "es-US")
    return str(told)


def authorize(**more: str) -> str:
    """An authorization request of the court."""
    asked = {
        "client_id": "casb-cmecf",
        "redirect_uri": "https://ecf.casb.test/callback",
        "response_type": "code",
        "scope": "openid",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    return "/oauth2/authorize?" + urlencode({**asked, **more})


def queued(world: World) -> list[str]:
    """The languages of the mails that were sent."""
    return [one["language"] for one in world.queued("mail")]


def test_what_the_browser_likes(world: World):
    """Nobody chose anything; a cache must not give one reader's page to another."""
    spanish = world.http.get("/login", headers=SPANISH)
    assert language(spanish) == "es-US"
    assert language(world.http.get("/login", headers=ENGLISH)) == "en-US"
    assert spanish.headers["vary"] == "Accept-Language, Cookie"
    assert COOKIE not in spanish.headers.get("set-cookie", "")


def test_the_link_is_remembered(world: World):
    """It leads to the same page in the other language, and back."""
    page = world.http.get("/login?journey=abc&switch=1", headers=ENGLISH)
    link = "/login?journey=abc&amp;switch=1&amp;lang=es-US"
    assert f'href="{link}"' in page.text
    chosen = world.http.get(link.replace("&amp;", "&"), headers=ENGLISH)
    assert f"{COOKIE}=es-US" in chosen.headers["set-cookie"]
    assert chosen.headers["content-language"] == "es-US"
    assert "lang=en-US" in chosen.text
    assert language(world.http.get("/login", headers=ENGLISH)) == "es-US"
    assert language(world.http.get("/login?lang=en", headers=SPANISH)) == "en-US"
    assert language(world.http.get("/login", headers=SPANISH)) == "en-US"


def test_the_link_is_remembered_on_a_way(world: World):
    """The address may lead elsewhere at once, as that of a form's answer does."""
    for path in ("/account", "/courts/cacd/link", "/courts/cacd/register", "/upgrade"):
        world.http.cookies.clear()
        address = f"{path}?lang=es-US"
        sent_on = world.http.get(address, headers=ENGLISH, follow_redirects=False)
        assert sent_on.status_code == 303, path
        assert f"{COOKIE}=es-US" in sent_on.headers.get("set-cookie", ""), path
    assert language(world.http.get(sent_on.headers["location"], headers=ENGLISH)) == "es-US"


def test_a_link_repeats_nothing_of_a_stranger(world: World):
    """Only what says which page it is, and no address."""
    page = world.http.get("/login?to=https%3A%2F%2Fevil.example&journey=abc", headers=ENGLISH)
    assert "evil" not in page.text
    assert "/login?journey=abc&amp;lang=es-US" in page.text


@pytest.mark.parametrize("wished", ["es", "fr-CA es-MX en", "ES"])
def test_what_the_client_wishes_goes_with_the_journey(world: World, wished: str):
    """OpenID Connect Core section 3.1.2.1: the first that we speak, over what the browser likes."""
    browser = world.browser()
    browser.http.headers["accept-language"] = "en-US"
    page = browser.get(authorize(ui_locales=wished))
    assert language(page) == "es-US"
    wrong = browser.sign_in("a.attorney", "not that")
    assert language(wrong) == "es-US"
    assert "El nombre de usuario o la contraseña no es correcto." in wrong.text
    assert language(browser.get("/login")) == "en-US"


@pytest.mark.parametrize("wished", ["fr de", "", "\u00e9"])
def test_a_wish_that_cannot_be_met_is_no_error(world: World, wished: str):
    """The browser's own language holds."""
    browser = world.browser()
    browser.http.headers["accept-language"] = "es"
    assert language(browser.get(authorize(ui_locales=wished))) == "es-US"


def test_who_has_chosen_is_asked_by_no_client(world: World):
    """A cookie of their own says more than a court does."""
    browser = world.browser()
    browser.get("/login?lang=en-US")
    assert language(browser.get(authorize(ui_locales="es"))) == "en-US"
    assert language(browser.get(authorize(ui_locales="es"))) == "en-US"


@pytest.mark.parametrize("value", ["fr", "", "x" * 200, "<b>"])
def test_a_cookie_that_is_none_of_ours(world: World, value: str):
    """It counts as none."""
    headers = {**ENGLISH, "cookie": f"{COOKIE}={value}"}
    assert language(world.http.get("/login", headers=headers)) == "en-US"


def test_discovery_names_the_languages(world: World):
    """OpenID Connect Discovery section 3."""
    told = world.http.get("/.well-known/openid-configuration").json()
    assert told["ui_locales_supported"] == ["en-US", "es-US"]


def test_programs_are_answered_in_english(world: World):
    """A problem's words do not change with a browser's language."""
    headers = {**SPANISH, "accept": "application/json"}
    told = world.http.get("/nowhere", headers=headers).json()
    assert told["title"] == "There is no such page"
    page = world.http.get("/nowhere", headers=SPANISH)
    assert "Esa página no existe" in page.text


def test_a_console_is_in_english(world: World):
    """With the language of the page said, and no way to another one."""
    world.account(
        "an.operator", AccountKind.OPERATOR, first_name=None, last_name=None, date_of_birth=None
    )
    world.enrol("an.operator")
    browser = world.browser()
    browser.http.headers["accept-language"] = "es"
    browser.get("/operators")
    browser.sign_in("an.operator", PASSWORD)
    page = browser.submit(browser.page.forms[0], otp=world.code())
    assert page.url.path == "/operators", page.text
    assert page.headers["content-language"] == "en-US"
    assert '<html lang="en-US">' in page.text
    assert "lang=es-US" not in page.text
    assert "Sign out" in page.text


def test_a_refused_value_is_refused_in_spanish(world: World):
    """What a rule says is said by the page, in the summary and at the field."""
    browser = world.browser()
    browser.http.headers["accept-language"] = "es"
    browser.get("/login")
    page = browser.submit(browser.page.forms[0])
    assert page.text.count("Escriba su nombre de usuario.") == 2
    assert "Hay un problema" in page.text


# ── Mails ────────────────────────────────────────────────────────────────────


def sign_in(world: World, accepts: str) -> Browser:
    browser = world.browser()
    browser.http.headers["accept-language"] = accepts
    browser.get("/login")
    browser.sign_in("a.attorney", PASSWORD)
    return browser


def test_they_are_written_to_as_they_signed_in_last(world: World, ada: Account):
    """Whoever's act it is that the mail tells of."""
    assert world.find(ada.username).language is None
    sign_in(world, "es")
    assert world.find(ada.username).locale == "es-US"
    with world.database.writing() as unit:
        account = world.find(ada.username)
        told = _("The username was changed.")
        repudiation.tell(unit, "https://signon.example", account, told, proof=NO_PROOF)
    sent = world.queued("mail")[-1]
    assert sent["language"] == "es-US"
    assert sent["values"]["change"] == "Se cambió el nombre de usuario."
    sign_in(world, "en")
    assert world.find(ada.username).locale == "en-US"


def test_who_is_not_known_is_written_to_in_the_language_of_the_page(world: World):
    """Registering, the mail comes before the account."""
    browser = world.browser()
    browser.http.headers["accept-language"] = "es"
    browser.get("/forgot-username")
    browser.submit(browser.page.forms[0], email="nobody@example.org")
    assert all(one == "es-US" for one in queued(world))
