"""docs/examples/court-apache: Apache with mod_auth_openidc in front of Perl, as a court runs it.

Installed by the commands of its README, into a folder that stands for the machine's root.
"""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest

from tests.deployment import documents, processes
from tests.deployment.provider import LEGACY_PASSWORD, PASSWORD, PROGRAM, Provider
from tests.infra import forked
from tests.infra.browser import ACCEPT, Page
from tests.infra.databases import SqliteDatabases
from tests.infra.postgres import RunAs

EXAMPLE = documents.EXAMPLES / "court-apache"
README = EXAMPLE / "README.md"
MODULES = Path("/usr/lib/apache2/modules")
COURT = "casb"
COURT_HOST = "https://ecf.casb.uscourts.gov"
RIGHTS_SECONDS = 1
FILERS = {
    "aattorney": "attorney",
    "ccreditor": "limited_creditor",
    "ttrustee": "attorney;trustee",
    "hheader": "interested_party",
    "mmany": "attorney",
    "lleaver": "attorney",
    "eelsewhere": "attorney",
    "rrenewed": "attorney",
    "ddisabled": "attorney",
}
"""The court's legacy logins, with their roles."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    # One Apache and one provider serve all; the tests must meet in one worker.
    pytest.mark.xdist_group("court_apache"),
]

# What Debian's apache2.conf does around a site, for an instance of our own.
SERVER = """
ServerRoot {root}/etc/apache2
ServerName localhost
PidFile {root}/apache.pid
DefaultRuntimeDir {root}
ErrorLog {root}/error.log
CustomLog {root}/access.log "%h \\"%r\\" %>s"
LogLevel warn auth_openidc:warn
ScriptSock {root}/cgid.sock
{load_modules}
TypesConfig /etc/mime.types
StartServers 1
ThreadsPerChild 16
ServerLimit 2
MaxRequestWorkers 32
<Directory />
  Require all denied
</Directory>
"""
BASE_MODULES = ("mpm_event", "authz_core", "authn_core", "authz_user", "alias", "dir", "mime", "env",
                "socache_shmcb")  # fmt: skip


@dataclass
class Machine:
    """A court's machine: its files, its address and the provider it trusts."""

    root: Path
    address: str
    provider: Provider
    registered: dict[str, str] = field(default_factory=dict)

    def command(self, words: list[str]) -> None:
        """Run a command of the README with the machine's root under `root`."""
        rooted = [re.sub(r"^(?=/(etc|usr|var)/)", str(self.root), word) for word in words]
        subprocess.run(rooted, check=True, cwd=EXAMPLE)

    @property
    def errors(self) -> str:
        """Apache's error log."""
        return (self.root / "error.log").read_text()

    @property
    def times_told(self) -> int:
        """How often the provider told Apache by back channel that a session has ended."""
        told = '"POST /signon/callback?logout=backchannel HTTP/1.1" 200'
        return (self.root / "access.log").read_text().count(told)


class Person:
    """Somebody's browser, at the court and at the provider alike."""

    def __init__(self, court: str, issuer: str) -> None:
        self.court = court
        self.issuer = issuer
        self.http = httpx2.Client(headers={"accept": ACCEPT}, timeout=20)
        self.response = httpx2.Response(204)
        self.seen: list[str] = []

    def get(self, address: str) -> "Person":
        """Open an address and follow where it leads."""
        return self._follow("GET", address)

    def submit(self, form: int = 0, **typed: str) -> "Person":
        """Send a form of the page that is shown."""
        chosen = self.page.forms[form]
        address = urljoin(str(self.response.url), chosen.action)
        return self._follow("POST", address, data={**chosen.fields, **typed})

    def click(self, text: str) -> "Person":
        """Follow a link by its text."""
        found = re.search(rf'<a[^>]*href="([^"]+)"[^>]*>\s*{re.escape(text)}\s*</a>', self.html)
        assert found, f"no link {text!r} in {self.html}"
        return self.get(urljoin(str(self.response.url), found[1].replace("&amp;", "&")))

    def sign_in(self, username: str) -> "Person":
        """Open the court and answer the sign-in page."""
        self.menu()
        assert "password" in self.page.ids, self.html
        return self.submit(username=username, password=PASSWORD)

    def menu(self) -> "Person":
        """Open the court's first page."""
        return self.get(f"{self.court}/cgi-bin/menu.pl")

    def may_file(self, category: str) -> bool:
        """Whether the script that takes documents would take this one."""
        self.get(f"{self.court}/cgi-bin/file.pl?{category}")
        is_taken = self.response.status_code == 200 and len(self.seen) == 1
        assert is_taken == ("<h1>File a document</h1>" in self.html)
        return is_taken

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return Page(self.html)

    @property
    def html(self) -> str:
        """Its source."""
        return self.response.text

    @property
    def address(self) -> str:
        """Where it is."""
        return str(self.response.url)

    @property
    def menus(self) -> list[str]:
        """The headings of the court's menus."""
        return re.findall(r"<h2>(.*?)</h2>", self.html)

    def _confirm_redaction(self) -> "Person":
        """Go on past the notice, if it is shown, as every filer does."""
        if self.response.url.path != "/login/redaction":
            return self
        seen = self.seen
        self.submit(redaction="1")
        self.seen = seen + self.seen
        return self

    def _follow(self, method: str, address: str, **more: Any) -> "Person":
        self.seen = []
        headers = {"sec-fetch-site": "same-origin"} if method == "POST" else {}
        for _hop in range(15):
            self.seen.append(address)
            self.response = self.http.request(method, address, headers=headers, **more)
            if not self.response.is_redirect:
                return self._confirm_redaction()
            address = urljoin(address, self.response.headers["location"])
            method, more, headers = "GET", {}, {}
        raise AssertionError(f"a redirect loop: {self.seen}")


NewPerson = Callable[[], Person]
MakeFiler = Callable[[str], Person]


@pytest.fixture(scope="module")
def apache() -> str:
    """Apache's program; the module lies beside it."""
    path = processes.program("apache2", package="apache2-bin libapache2-mod-auth-openidc")
    if not (MODULES / "mod_auth_openidc.so").exists():
        pytest.skip("no mod_auth_openidc (apt-get install libapache2-mod-auth-openidc)")
    return path


@pytest.fixture(scope="module")
def machine(apache: str, sqlite_databases: SqliteDatabases) -> Iterator[Machine]:
    """A court installed and registered by the README's commands, and its provider, both serving."""
    with processes.folder("court") as root:
        court_port, provider_port = processes.free_ports(2)
        data = root / "provider"
        data.mkdir()
        provider = Provider(
            f"http://localhost:{provider_port}",
            sqlite_databases.copied(data / "signon.db"),
            data,
            # a session's tokens are due for a refresh three seconds after they came
            {"SIGNON_ACCESS_TOKEN_SECONDS": "63"},
        )
        provider.prepare(COURT)
        provider.legacy_logins(COURT, *FILERS.items())
        machine = Machine(root, f"http://localhost:{court_port}", provider)
        install(machine)
        machine.registered.update(register(machine))
        configure(machine)
        with (
            processes.running(
                [str(PROGRAM), "serve", "--port", str(provider_port)],
                data / "log",
                ready=provider.is_ready,
                environment=provider.environment,
                cwd=data,
                launch=forked.launch,
            ),
            processes.running(
                [apache, "-f", str(root / "httpd.conf"), "-DFOREGROUND"],
                root / "stderr.log",
                ready=lambda: processes.listens(court_port),
                run_as=give_away(root),
            ),
        ):
            yield machine


@pytest.fixture
def person(machine: Machine) -> Iterator[NewPerson]:
    """Makes browsers."""
    with ExitStack() as browsers:

        def make() -> Person:
            made = Person(machine.address, machine.provider.issuer)
            browsers.enter_context(made.http)
            return made

        yield make


@pytest.fixture
def filer(machine: Machine, person: NewPerson) -> MakeFiler:
    """Makes somebody with an account, links a legacy login to it, and ends at the court's menu."""

    def make(login: str) -> Person:
        machine.provider.account(f"{login}.of.casb")
        filer = person().sign_in(f"{login}.of.casb")
        filer.click("Link a CM/ECF account to my PACER account")
        filer.submit(ecf_login=login, ecf_password=LEGACY_PASSWORD)
        filer.submit()
        return filer.click("Return to the court")

    return make


def install(machine: Machine) -> None:
    """The `install` lines of the README."""
    (machine.root / "etc/apache2/sites-available").mkdir(parents=True)
    for command in documents.commands(README, starting="install "):
        machine.command(command)


def register(machine: Machine) -> dict[str, str]:
    """The README's `signon clients create`, for this machine's address."""
    _program, *words = documents.command(README, starting="signon clients create")
    here = [word.replace(COURT_HOST, machine.address) for word in words]
    return machine.provider.asked(*here)


def configure(machine: Machine) -> None:
    """What a court writes into settings.conf, and a server around the site."""
    settings = machine.root / "etc/apache2/signon/settings.conf"
    own = {
        "SIGNON_ISSUER": machine.provider.issuer,
        "COURT": COURT,
        "COURT_URL": machine.address,
        "COURT_SCRIPTS": str(machine.root / "usr/lib/cgi-bin/ecf"),
        "COURT_PAGES": str(machine.root / "var/www/ecf"),
        "CLIENT_ID": machine.registered["client_id"],
        "CLIENT_SECRET": machine.registered["client_secret"],
        "COOKIE_KEY": os.urandom(16).hex(),
        "RIGHTS_SECONDS": str(RIGHTS_SECONDS),
    }
    changes = {rf"^Define {name} .*$": f"Define {name} {value}" for name, value in own.items()}
    settings.write_text(documents.rewritten(settings.read_text(), changes))
    port = urlsplit(machine.address).port
    site = f"""
Listen 127.0.0.1:{port}
Listen [::1]:{port}
Include signon/settings.conf
<VirtualHost *:{port}>
  Include signon/signon.conf
</VirtualHost>
"""
    (machine.root / "httpd.conf").write_text(server(machine.root) + site)


def server(root: Path) -> str:
    """The server around a site, with the modules that the README enables."""
    _program, *enabled = documents.command(README, starting="a2enmod ")
    loads = [
        f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in [*BASE_MODULES, *enabled]
    ]
    return SERVER.format(root=root, load_modules="\n".join(loads))


def give_away(root: Path) -> RunAs:
    """Apache runs as nobody here, so all of its machine is nobody's; the provider's stays ours."""
    run_as: RunAs = {}
    for part in ("etc", "usr", "var"):
        run_as = processes.hand_over(root / part)
    root.chmod(0o777)
    return run_as


def eventually(holds: Callable[[], bool], seconds: float = 50) -> bool:
    """Whether something comes true in time."""
    ends = monotonic() + seconds
    while not (held := holds()) and monotonic() < ends:
        sleep(0.2)
    return held


# ── The journey ──────────────────────────────────────────────────────────────


def test_the_whole_site_with_tls_is_sound(apache: str, machine: Machine, tmp_path: Path):
    """court.conf, which the other tests do not serve, is read by Apache without complaint."""
    key, certificate = tmp_path / "key.pem", tmp_path / "fullchain.pem"
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    request += ["-nodes", "-days", "2", "-subj", "/CN=court.test", "-keyout", str(key)]
    subprocess.run([*request, "-out", str(certificate)], check=True, capture_output=True)
    site = machine.root / "etc/apache2/sites-available/court.conf"
    changes = {
        r"/etc/ssl/court/fullchain\.pem": str(certificate),
        r"/etc/ssl/court/key\.pem": str(key),
    }
    whole = server(machine.root) + documents.rewritten(site.read_text(), changes)
    (tmp_path / "httpd.conf").write_text(whole)
    done = subprocess.run(
        [apache, "-t", "-f", str(tmp_path / "httpd.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Syntax OK" in done.stderr


def test_a_person_signs_in_links_and_files(machine: Machine, person: NewPerson):
    """PACER menu only; linking at the provider; back with the filing menus of the linked role."""
    machine.provider.account("ada.attorney")
    ada = person().sign_in("ada.attorney")
    assert ada.address == f"{machine.address}/cgi-bin/menu.pl"
    assert ada.menus == ["PACER", "Utilities"]
    assert "Ada Attorney" in ada.html
    assert not ada.may_file("all_documents")

    ada.menu().click("Link a CM/ECF account to my PACER account")
    assert ada.address.startswith(f"{machine.provider.issuer}/courts/casb/link")
    ada.submit(ecf_login="aattorney", ecf_password=LEGACY_PASSWORD)
    ada.submit()
    ada.click("Return to the court")

    assert ada.seen[0] == f"{machine.address}/linked"
    assert ada.address == f"{machine.address}/cgi-bin/menu.pl"
    assert ada.menus == ["PACER", "Bankruptcy", "Utilities"]
    assert "Link a CM/ECF" not in ada.html
    assert ada.may_file("all_documents")
    assert not ada.may_file("transcripts")


def test_rights_follow_the_court_without_a_new_sign_in(machine: Machine, filer: MakeFiler):
    """What the court's import gives or takes shows on the next page after RIGHTS_SECONDS."""
    creditor = filer("ccreditor")
    assert creditor.menus == ["PACER", "Claims", "Notices", "Utilities"]

    machine.provider.legacy_logins(COURT, ("ccreditor", "limited_creditor;course_provider"))
    assert eventually(lambda: "Certificates" in creditor.menu().menus)
    assert creditor.seen == [f"{machine.address}/cgi-bin/menu.pl"]

    machine.provider.legacy_logins(COURT, ("ccreditor", "limited_creditor"))
    assert eventually(lambda: not creditor.may_file("course_certificates"))


def test_roles_decide_about_menus_too(filer: MakeFiler):
    """`ecf_roles` is a list joined by commas: the trustee's menu is for trustees."""
    assert filer("ttrustee").menus == [
        "PACER", "Bankruptcy", "Trustee", "Utilities"
    ]  # fmt: skip


def test_claims_cannot_be_sent_along(machine: Machine, filer: MakeFiler):
    """Claims reach the scripts by the environment only; no request header poses as one."""
    hal = filer("hheader")
    for name in ("OIDC_CLAIM_ecf_permissions", "OIDC-CLAIM-ecf-permissions"):
        hal.http.headers[name] = "all_documents"
    assert not hal.may_file("all_documents")
    assert hal.may_file("notice_requests")


def test_only_scripts_can_be_asked_for(machine: Machine, person: NewPerson):
    """The module beside the scripts is not run and not shown."""
    seen = person().get(f"{machine.address}/cgi-bin/SignOn.pm")
    assert seen.response.status_code == 403


def test_pages_that_open_at_once_keep_the_session(machine: Machine, filer: MakeFiler):
    """Eight pages refresh the same tokens at the same moment; all are shown, and so is the next."""
    many = filer("mmany")
    together = Barrier(8)

    def open_page(_number: int) -> int:
        together.wait()
        answer = many.http.get(f"{machine.address}/cgi-bin/menu.pl", follow_redirects=False)
        return answer.status_code

    with ThreadPoolExecutor(8) as tabs:
        for _again in range(3):
            sleep(3)  # now the tokens are due
            assert list(tabs.map(open_page, range(8))) == [200] * 8
    assert "Bankruptcy" in many.menu().menus
    assert len(many.seen) == 1


def test_logging_out_ends_both_sessions(machine: Machine, filer: MakeFiler):
    """The court's session, then the provider's, then the court's own page."""
    leaver, told_before = filer("lleaver"), machine.times_told
    leaver.click("Log out")
    assert leaver.address == f"{machine.address}/signed-out.html"
    assert any("/oauth2/end_session?" in address for address in leaver.seen)
    leaver.menu()
    assert leaver.address.startswith(f"{machine.provider.issuer}/login")
    # the back channel says it too, and not while the next test counts
    assert eventually(lambda: machine.times_told == told_before + 1)


def test_signing_out_elsewhere_ends_the_courts_session(machine: Machine, filer: MakeFiler):
    """Back-channel logout: the provider tells Apache, whose next page is the sign-in page."""
    elsewhere = filer("eelsewhere")
    told_before = machine.times_told
    elsewhere.get(f"{machine.provider.issuer}/logout")
    elsewhere.submit()
    assert eventually(lambda: machine.times_told == told_before + 1)

    before = machine.errors
    elsewhere.menu()
    assert elsewhere.address.startswith(f"{machine.provider.issuer}/login")
    # had the session still been there, it would have ended by a refused refresh
    assert machine.errors == before


def test_back_channel_logout_also_ends_a_session_that_was_renewed(
    machine: Machine, filer: MakeFiler
):
    """After /linked the court's session is another one, and still the one that ends."""
    renewed = filer("rrenewed").click("Refresh my rights")
    assert "Bankruptcy" in renewed.menus
    told_before = machine.times_told
    renewed.get(f"{machine.provider.issuer}/logout")
    renewed.submit()
    assert eventually(lambda: machine.times_told == told_before + 1)
    before = machine.errors
    assert renewed.menu().address.startswith(machine.provider.issuer)
    assert machine.errors == before


def test_a_disabled_account_may_do_nothing(machine: Machine, filer: MakeFiler):
    """At the latest when UserInfo refuses, no right is left."""
    disabled = filer("ddisabled")
    number = re.search(r"PACER account (\d{7})", disabled.html)
    assert number
    machine.provider.command("accounts", "disable", number[1], "--reason", "left the bar")
    assert eventually(lambda: not disabled.may_file("all_documents"))
