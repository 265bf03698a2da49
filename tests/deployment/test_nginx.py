"""docs/run.md and docs/examples/deploy: nginx with TLS before two instances on PostgreSQL.

Installed by the document's commands, into a folder that stands for the machine's root. Two hosts
of two sites, signon.test and court.test, so that browsers treat them as they treat real ones.
"""

import json
import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import httpx2
import psycopg
import pytest
from sqlalchemy import select

from signon.audit.models import origins
from signon.db import Database
from tests.deployment import court_site, documents, load, machine, processes
from tests.deployment.court_site import CourtSite
from tests.deployment.hosts import Certificate, Hosts
from tests.deployment.machine import Machine
from tests.deployment.provider import PASSWORD
from tests.infra import forked
from tests.infra.databases import PostgresDatabases
from tests.infra.drills import by_chance, often

SIGNON, COURT = "https://signon.test", "https://court.test"
UNIT = "/etc/systemd/system/signon@.service"
ENOUGH = {"POST /oauth2/token": 15, "GET /oauth2/userinfo": 15, "POST /login": 3}
"""What is done between one blow and the next, so that it means something."""
PATIENT_SECONDS = 120
FLOWS = 300
"""Requests at least, through a rolling restart."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    # One nginx and one database serve all; the tests must meet in one worker.
    pytest.mark.xdist_group("nginx"),
]

# What Debian's nginx.conf does around conf.d, for an instance of our own.
SERVER = """
daemon off;
worker_processes 2;
pid {root}/nginx.pid;
error_log {root}/nginx-error.log;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    include {root}/etc/nginx/conf.d/*.conf;
}}
"""
COURT_SERVER = """
server {{
    listen 127.0.0.1:{port} ssl http2;
    server_name court.test;
    ssl_certificate {certificate.certificate};
    ssl_certificate_key {certificate.key};
    access_log off;
    location / {{ proxy_pass http://127.0.0.1:{court}; proxy_set_header Host $host; }}
}}
"""


@dataclass
class Deployment:
    """Everything that runs, and how to reach it."""

    machine: Machine
    certificate: Certificate
    port: int
    plain_port: int
    instances: tuple[int, int]
    court: CourtSite

    def client(self, **more: Any) -> httpx2.Client:
        """A client that finds both hosts."""
        return httpx2.Client(transport=Hosts(self.certificate, self.port), timeout=20, **more)

    def start(self, port: int, *, by_program: bool = False) -> Any:
        """Run the unit's instance for a port, as systemd would; by its program, or from the nursery."""
        command, environment = machine.unit(self.machine, UNIT, str(port))
        kept = {name: value for name, value in os.environ.items() if name[:7] != "SIGNON_"}
        return processes.running(
            command,
            self.machine.root / f"signon-{port}.log",
            ready=lambda: is_ready(port),
            environment={**kept, **environment, "TMPDIR": str(self.machine.root)},
            cwd=self.machine.root,
            launch=subprocess.Popen if by_program else forked.launch,
        )

    def sign_in(self) -> dict[str, Any]:
        """The tokens of somebody who signs in at the court."""
        tally = load.Tally()
        with self.client() as browser:
            tokens = load.sign_in(tally, self.court, browser, "ada.attorney")
        assert tokens is not None, tally.failed
        return tokens


def is_ready(port: int) -> bool:
    """Whether an instance says that people may be sent to it."""
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx2.HTTPError:
        return False


@pytest.fixture(scope="module")
def nginx() -> str:
    """Nginx's program."""
    return processes.program("nginx", package="nginx")


@pytest.fixture(scope="module")
def deployment(nginx: str, postgres_databases: PostgresDatabases) -> Iterator[Deployment]:
    """nginx, two hosts and a database; the tests start the instances."""
    with ExitStack() as stack:
        root = stack.enter_context(processes.folder("nginx"))
        url = stack.enter_context(postgres_databases.empty())
        port, plain_port, *instances = processes.free_ports(4)
        certificate = Certificate.make(root, ["signon.test", "court.test"])
        there = Machine(root)
        install(there, url)
        court = CourtSite(COURT, SIGNON, *register(there), http=httpx2.Client())
        be_patient(url)
        made = Deployment(there, certificate, port, plain_port, (instances[0], instances[1]), court)
        court.http.close()
        court.http = stack.enter_context(made.client())
        court_port = stack.enter_context(court_site.serving(court))
        configure(made, court_port)
        conf = root / "nginx.conf"
        subprocess.run([nginx, "-t", "-q", "-c", str(conf)], check=True)
        stack.enter_context(
            processes.running(
                [nginx, "-c", str(conf)],
                root / "nginx-error.log",
                ready=lambda: processes.listens(port),
            )
        )
        yield made


@pytest.fixture(scope="module")
def two_instances(deployment: Deployment) -> Iterator[list[Any]]:
    """Both instances, running; what they run as."""
    with ExitStack() as stack:
        first, second = deployment.instances
        yield [
            stack.enter_context(deployment.start(first, by_program=True)),
            stack.enter_context(deployment.start(second)),
        ]


def install(there: Machine, url: str) -> None:
    """docs/run.md from the settings to the first run."""
    there.install_program()
    there.do_all("install -d -m 0700 /etc/signon", "install -m 0600 signon.env")
    there.do_all("install -m 0755 signon ", "install -m 0644 signon@.service")
    there.do_all("install -m 0644 nginx.conf", "(umask 077;")
    there.path("/etc/signon/database_url").write_text(url + "\n")
    there.edit("/usr/local/sbin/signon", {})
    there.edit(
        "/etc/signon/signon.env",
        {
            r"^SIGNON_ISSUER=.*": f"SIGNON_ISSUER={SIGNON}",
            r"^SIGNON_HASHING_THREADS=.*": "SIGNON_ARGON2_MEMORY_KIB=8\nSIGNON_ARGON2_TIME=1\n"
            "SIGNON_FILER_SECOND_FACTOR=offered",
        },
    )
    there.do_all("signon db upgrade", "signon keys rotate", "signon courts load")
    there.do(documents.line(machine.RUN, starting="signon accounts create"), given=PASSWORD)
    there.do(
        "signon accounts create --kind individual --username ada.attorney --email a@example.org "
        "--first-name Ada --last-name Attorney --date-of-birth 1970-01-02 --password-stdin",
        given=PASSWORD,
    )


def register(there: Machine) -> tuple[str, str]:
    """The court's client: its id and secret."""
    made = json.loads(
        there.do(
            f"signon clients create --court casb --name Court --redirect-uri {COURT}/callback "
            f"--post-logout-redirect-uri {COURT}/goodbye --refresh-grace-seconds 10 --json"
        )
    )
    return made["client_id"], made["client_secret"]


def be_patient(url: str) -> None:
    """On a busy machine a lost answer is missed later than ten seconds after it was given."""
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        connection.execute("UPDATE clients SET refresh_grace_seconds = %s", (PATIENT_SECONDS,))


def configure(made: Deployment, court_port: int) -> None:
    """What an operator writes into nginx.conf, and a server around it."""
    root = made.machine.root
    (root / "var/log/nginx").mkdir(parents=True)
    made.machine.edit(
        "/etc/nginx/conf.d/signon.conf",
        {
            r"127\.0\.0\.1:8001": f"127.0.0.1:{made.instances[0]}",
            r"127\.0\.0\.1:8002": f"127.0.0.1:{made.instances[1]}",
            r"listen 443": f"listen 127.0.0.1:{made.port}",
            r"listen 80": f"listen 127.0.0.1:{made.plain_port}",
            r"signon\.example": "signon.test",
            r"\S*/etc/ssl/signon/fullchain\.pem": str(made.certificate.certificate),
            r"\S*/etc/ssl/signon/key\.pem": str(made.certificate.key),
        },
    )
    (root / "etc/nginx/conf.d/court.conf").write_text(
        COURT_SERVER.format(port=made.port, certificate=made.certificate, court=court_port)
    )
    (root / "nginx.conf").write_text(SERVER.format(root=root))


# ── TLS and hosts ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("version", "suite", "is_taken"),
    [
        (ssl.TLSVersion.TLSv1_3, None, True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256", True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-GCM-SHA384", True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA256", False),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-CHACHA20-POLY1305", False),
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0", False),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_tls_is_todays(
    deployment: Deployment, version: ssl.TLSVersion, suite: str | None, is_taken: bool
):
    """TLS 1.3, and of 1.2 forward secrecy with GCM only."""
    context = deployment.certificate.context()
    context.minimum_version = context.maximum_version = version
    if suite:
        context.set_ciphers(suite)
    assert shakes_hands(deployment, context, "signon.test") == is_taken


def test_another_host_gets_no_certificate(deployment: Deployment):
    """Whoever asks for a name that is not ours is not told ours."""
    context = deployment.certificate.context()
    context.check_hostname = False
    assert shakes_hands(deployment, context, "signon.test")
    assert not shakes_hands(deployment, context, "evil.test")


def shakes_hands(deployment: Deployment, context: ssl.SSLContext, name: str) -> bool:
    """Whether a TLS connection comes about."""
    with socket.create_connection(("127.0.0.1", deployment.port)) as plain:
        try:
            context.wrap_socket(plain, server_hostname=name).close()
        except (ssl.SSLError, ConnectionResetError):
            return False
    return True


def test_plain_http_only_shows_the_way(deployment: Deployment):
    """A person is sent to https; a program that sends secrets in the clear learns of its mistake."""
    with httpx2.Client(base_url=f"http://127.0.0.1:{deployment.plain_port}") as plain:
        assert plain.get("/").headers["location"] == f"{SIGNON}/"
        assert plain.post("/oauth2/token", data={"client_secret": "x"}).status_code == 404


HOSTILE = {
    "x-forwarded-host": "evil.test",
    "x-forwarded-proto": "http",
    "x-forwarded-port": "81",
    "x-forwarded-for": "203.0.113.9",
    "x-real-ip": "203.0.113.9",
    "forwarded": "for=203.0.113.9;host=evil.test;proto=http",
    "x-original-url": "/metrics",
}


def test_hostile_headers_change_nothing(deployment: Deployment, two_instances: list[Any]):
    """Issuer, redirects and cookies come from the settings, the address from the proxy alone."""
    path = "/.well-known/openid-configuration"
    with deployment.client(base_url=SIGNON) as http:
        honest = http.get(path)
        assert honest.json()["issuer"] == SIGNON
        assert http.get(path, headers=HOSTILE).content == honest.content
        begun = http.get(deployment.court.authorization(), headers=HOSTILE)
        assert begun.status_code == 303
        assert begun.headers["location"].startswith("/login?journey=")
        login = http.get(begun.headers["location"], headers=HOSTILE)
        assert "evil" not in login.text + str(login.headers)
        assert all("__Host-" in cookie for cookie in login.headers.get_list("set-cookie"))
        assert http.get("/metrics", headers=HOSTILE).status_code == 404
        assert http.get(path, headers={"host": "evil.test"}).status_code == 421

    # an instance itself, as somebody on the machine might reach it
    direct = f"http://127.0.0.1:{deployment.instances[0]}{path}"
    evil = httpx2.get(direct, headers={**HOSTILE, "host": "evil.test"})
    assert evil.content == honest.content


def test_a_forged_address_is_not_believed(deployment: Deployment, two_instances: list[Any]):
    """The address in the audit trail is the one that nginx saw, not the one that somebody wrote."""
    elsewhere = Hosts(deployment.certificate, deployment.port, local_address="127.0.0.2")
    with httpx2.Client(transport=elsewhere, headers=HOSTILE, timeout=20) as browser:
        assert load.sign_in(load.Tally(), deployment.court, browser, "ada.attorney")
    database = Database(deployment.machine.path("/etc/signon/database_url").read_text().strip())
    with database.reading() as unit:
        seen = set(unit.execute(select(origins.c.address)).scalars())
    database.close()
    assert "127.0.0.2" in seen
    assert "203.0.113.9" not in seen


# ── A browser ────────────────────────────────────────────────────────────────


def test_a_browser_walks_through_two_sites(
    deployment: Deployment, two_instances: list[Any], chromium: str
):
    """Sign-in may end at another origin, cookies are the host's own, logout works by POST."""
    from playwright.sync_api import sync_playwright

    rules = ",".join(
        f"MAP {host}:443 127.0.0.1:{deployment.port}" for host in ("signon.test", "court.test")
    )
    arguments = [
        f"--host-resolver-rules={rules}",
        f"--ignore-certificate-errors-spki-list={deployment.certificate.key_digest}",
        "--no-sandbox",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        context = browser.new_context()
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))

        page.goto(COURT)
        page.click("#sign-in")
        page.wait_for_url(f"{SIGNON}/login?journey=*")
        page.fill("#username", "ada.attorney")
        page.fill("#password", PASSWORD)
        # the answer to this post leads to the court's origin: its page's form-action allows it
        page.click("#login")
        page.wait_for_url(f"{COURT}/")
        assert "ecf" in page.inner_text("#scope")

        cookies = {cookie["name"]: cookie for cookie in context.cookies()}
        ours = {name: c for name, c in cookies.items() if c["domain"] == "signon.test"}
        assert set(ours) == {"__Host-signon_session", "__Host-signon_device"}
        for cookie in ours.values():
            assert cookie["secure"]
            assert cookie["httpOnly"]
            assert (cookie["path"], cookie["sameSite"]) == ("/", "Lax")

        # a post from another site, which brings no Lax cookie, and still ends the session
        with page.expect_request(f"{SIGNON}/oauth2/end_session") as posted:
            page.click("#leave")
        page.wait_for_url(f"{COURT}/goodbye?state=left")
        assert posted.value.method == "POST"
        assert "cookie" not in posted.value.all_headers()
        assert "Goodbye" in page.inner_text("h1")

        page.goto(deployment.court.authorization())
        assert page.url.startswith(f"{SIGNON}/login?journey=")
        assert not [text for text in complaints if "Security Policy" in text], complaints
        browser.close()


# ── Killing under load ───────────────────────────────────────────────────────


def test_what_is_killed_costs_no_more_than_a_retry(
    deployment: Deployment, two_instances: list[Any]
):
    """First a whole instance, then a worker of the only one that is left; then the first returns."""
    first, second = two_instances
    with working(deployment) as tally:
        tally.wait_for(ENOUGH)
        os.killpg(first.pid, signal.SIGKILL)
        tally.wait_for(ENOUGH)
        victim = workers(second.pid)[0]
        os.kill(victim, signal.SIGKILL)
        tally.wait_for(ENOUGH)
        with deployment.start(deployment.instances[0]):
            tally.wait_for(ENOUGH)
    assert tally.failed == [], tally
    # the instance made itself whole again
    assert eventually(lambda: len(workers(second.pid)) == 2)
    assert victim not in workers(second.pid)


@by_chance
def test_rolling_restarts_lose_no_request(deployment: Deployment, two_instances: list[Any]):
    """Each instance ended and begun again, then one reloaded (in a drill both); nobody tries twice."""
    with ExitStack() as stack:
        running = [
            # the test before may have killed it
            one if one.poll() is None else stack.enter_context(deployment.start(port))
            for one, port in zip(two_instances, deployment.instances, strict=True)
        ]
        with working(deployment) as tally:
            tally.wait_for(ENOUGH)
            for place in (0, 1) * often(1):
                running[place].send_signal(signal.SIGTERM)
                assert running[place].wait(60) == 0
                tally.wait_for(ENOUGH)
                running[place] = stack.enter_context(deployment.start(deployment.instances[place]))
                tally.wait_for(ENOUGH)
            for one in running[: often(1)]:
                one.send_signal(signal.SIGHUP)
            tally.wait_for(ENOUGH)
        assert (tally.repeated, tally.failed) == ([], []), tally
        assert sum(tally.done.values()) >= FLOWS


def working(deployment: Deployment) -> Any:
    """Token refreshes, UserInfo and sign-ins, two of each at a time."""
    works = []
    for _pair in (1, 2):
        tokens, http = deployment.sign_in(), deployment.court.http
        works += [
            load.refreshing(deployment.court, http, tokens),
            load.asking_userinfo(deployment.court, http, tokens),
            load.signing_in(deployment.court, deployment.client, "ada.attorney"),
        ]
    return load.at_work(*works)


def workers(pid: int) -> list[int]:
    """The worker processes of an instance."""
    return processes.children(pid)


def eventually(holds: Callable[[], bool], seconds: float = 120) -> bool:
    """Whether something comes true in time."""
    ends = monotonic() + seconds
    while not (held := holds()) and monotonic() < ends:
        sleep(0.2)
    return held
