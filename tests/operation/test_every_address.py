"""Every address of the application, asked by who may be there, for what no text column can hold.

No path, query, cursor, header or form makes a fault of ours, on either database. What varies is
made by Hypothesis and dealt out to every route, so that a route that is added is asked too.
"""

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from starlette.routing import Route

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.app import wire
from signon.config import Settings
from signon.courts import staff
from signon.courts.staff import StaffRole
from signon.db import Database
from signon.opaque_tokens import new_token
from signon.rest.routing import RestRoute
from signon.signin import session as sessions
from signon.signin.session import AAL2
from signon.texts import is_keepable
from signon.web.csrf import form_token
from signon.web.problems import BASE
from signon.web.site import TEMPLATES
from signon.web.visitor import Source
from tests.firms.conftest import FIRM_SCOPES, service, signed_in
from tests.infra.clock import FrozenClock
from tests.infra.drills import by_chance, often
from tests.infra.raw import RawAnswer, RawRequest, send
from tests.infra.world import World

FORM = b"application/x-www-form-urlencoded"
UNTOUCHED = ("/static", "/livez", "/readyz", "/metrics")
"""Addresses that have tests of their own and no database behind them."""


def cursor(key: str) -> str:
    """As the REST interface writes it."""
    return base64.urlsafe_b64encode(key.encode("utf-8", "surrogatepass")).decode().rstrip("=")


KEYS = [
    *("\0", "a\0b", "\ud800", "9" * 19, "9" * 5000, "²", "0", "-1"),
    *("1000001 \0", "2026-03-02T15:00:00+00:00 \0", "2026-03-02T15:00:00 x"),
    *("0001-01-01T00:00:00+23:59 x", "9999-12-31T23:59:59-23:59 x", "1000001 0001-01-01T00:00+23"),
]
"""What a cursor may claim to go on after."""
ODD = [
    *KEYS,
    *map(cursor, KEYS),
    *("..", "%", "%00", "%ed%a0%80", "\r\nSet-Cookie: a=b", "[" * 900, "1e999", "NaN", "x" * 3000),
    *('{"sub":"\\u0000"}', '{"id_token":{"sub":{"value":"\\ud800"}}}', "{}", "null", "٣"),
]
DEALT = st.tuples(st.permutations(ODD), st.lists(st.text(max_size=20), max_size=20))
HEADERS: Sequence[tuple[bytes, bytes]] = (
    (b"x-forwarded-for", b'"[::ffff:192.0.2.1%eth0]:1", \x00'),
    (b"user-agent", b"\x00\xff\xed\xa0\x80"),
    (b"if-match", b'"\x00", \xff'),
    (b"if-none-match", b"\x00"),
    (b"idempotency-key", b"\x00"),
    (b"idempotency-key", b"\xff" * 300),
    (b"accept", b"text/html;q=\x00"),
    (b"content-type", b"application/json; charset=\x00"),
    (b"content-type", b"multipart/form-data; boundary=x; charset=utf-7"),
    (b"content-type", b"multipart/form-data; boundary=x; charset=idna"),
    (b"origin", b"https://\x00"),
    (b"authorization", b"Basic " + base64.b64encode(b"a%00:b%ED%A0%80")),
    (b"authorization", b"Bearer \x00.\xff.a"),
    (
        b"cookie",
        b'signon_session="\\000' + b"x" * 42 + b'"; signon_device="' + b"\\000" * 43 + b'"',
    ),
)
BODIES = (
    b"", b"{", b"[" * 5000, b'{"reason":"\\u0000"}', b'{"a":"\\ud800"}', b'{"first_name":"\\u0000"}',
    b"\xff\xfe", b"[]", b'{"version":99999999999999999999}', b"null",
)  # fmt: skip
FILES = (
    b'--x\r\ncontent-disposition: form-data; name="csrf_token"\r\n\r\nTOKEN\r\n'
    b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n+2AA-\x00\r\n'
    b'--x\r\ncontent-disposition: form-data; name="document"; filename="\x00\xff"\r\n\r\n%PDF-\r\n'
    b"--x--\r\n"
)
FIELDS = sorted(
    {
        name
        for page in (one for folder in TEMPLATES for one in folder.glob("*.html"))
        for name in re.findall(r'(?:name="|field\("|text_field\(")([a-z_]+)"', page.read_text())
    }
    | {"cursor", "limit", "before", "after", "version", "about", "sort", "bulk", "credential"}
)
"""What forms and queries of ours are called."""


@dataclass
class Asker:
    """Asks as whoever may be at an address."""

    world: World
    people: dict[str, Account]
    bearers: dict[str, str]
    there: dict[str, str]
    device: str = field(default_factory=new_token)
    _sessions: dict[str, str] = field(default_factory=dict)

    def ask(self, request: RawRequest) -> RawAnswer:
        """The answer, which is no fault of ours."""
        answer = send(self.world.http, request)
        assert answer.status < 500, (request, answer.body[:300])
        assert b"Traceback" not in answer.body
        return answer

    def headers(self, path: str) -> tuple[tuple[bytes, bytes], ...]:
        """What lets somebody in."""
        if path.startswith(BASE):
            part = path.removeprefix(BASE).split("/")[1]
            return ((b"authorization", f"Bearer {self.bearers[part]}".encode()),)
        cookies = f"signon_device={self.device}; signon_session={self._session(path)}"
        return ((b"cookie", cookies.encode()), (b"accept", b"text/html"))

    @property
    def form_token(self) -> str:
        """What makes a form one of ours."""
        return form_token(self.world.ring, self.device)

    def _session(self, path: str) -> str:
        """A session that lives: many a form ends it."""
        who = next((name for name in self.people if path.startswith(name)), "")
        settings = self.world.settings
        with self.world.database.writing() as unit:
            found = sessions.current(unit, self._sessions.get(who), settings)
            if found is None:
                account = self.people[who]
                how = {"settings": settings, "previous": None, "source": Source(), "acr": AAL2}
                self._sessions[who] = sessions.start(unit, account, **how)  # type: ignore[arg-type]
        return self._sessions[who]


@pytest.fixture
def world(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A served provider at a live court that counts no calls."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    many = settings.model_copy(update={"api_requests_per_minute": 1_000_000})
    made = World.make(many, wire(database), clock)
    made.go_live("casb", clock())
    with made.http:
        yield made


@pytest.fixture
def asker(world: World) -> Asker:
    """Everybody who may be somewhere."""
    person, firm = world.account(), world.account("firm.one", AccountKind.FIRM)
    operator = world.account("olive.operator", AccountKind.OPERATOR)
    clerk = world.account("clerk.casb")
    with world.database.writing() as unit:
        staff.add(unit, "casb", "clerk.casb", StaffRole.ADMINISTRATOR, actor="system")
    world.right(person)
    own = signed_in(world, "watch", "a.attorney", "openid account", scopes=["openid", "account"])
    firms = service(world, "office", " ".join(FIRM_SCOPES), firm_id=firm.id, scopes=[*FIRM_SCOPES])
    court = service(world, "casb-service", "court", court_id="casb", scopes=["court"])
    admin = service(world, "operations", "admin", scopes=["admin"])
    people = {"/court/": clerk, "/operators": operator, "/firm/": firm, "/firm": firm, "": person}
    bearers = {
        "me": own.token,
        "firms": firms.token,
        "courts": court.token,
        **dict.fromkeys(("accounts", "clients", "keys", "activity"), admin.token),
        "client-invitations": admin.token,
    }
    there = {"court": "casb", "firm": firm.number, "number": person.number, "act": "disable",
             "account_number": person.number, "username": "clerk.casb", "version": "x",
             "client_id": "office"}  # fmt: skip
    return Asker(world, people, bearers | {"reference": admin.token}, there)


def routes(world: World) -> list[tuple[str, Route]]:
    """Every method of every address."""
    listed = (getattr(one, "routes", [one]) for one in world.http.app.routes)  # type: ignore[attr-defined]
    found = [route for some in listed for route in some if isinstance(route, Route)]
    assert len(found) > 250
    asked = [one for one in found if not one.path.startswith(UNTOUCHED)]
    # what changes something comes last
    pairs = [(method, one) for one in asked for method in (one.methods or set()) - {"HEAD"}]
    return sorted(pairs, key=lambda pair: (pair[0] != "GET", pair[1].path, pair[0]))


def filled(route: Route, there: dict[str, str], **odd: str) -> str:
    """The route's path with something in every place."""
    return re.sub(r"\{(\w+)\}", lambda m: odd.get(m[1], there.get(m[1], "x" * 26)), route.path)


def requests(
    asker: Asker, method: str, route: Route, deal: Callable[[], str]
) -> Iterator[RawRequest]:
    """What is asked of one address: an odd thing in each place of the path, then everywhere else."""
    path = filled(route, asker.there)
    headers = asker.headers(path)
    if method == "GET":
        for name in route.param_convertors:
            yield RawRequest(method, filled(route, asker.there, **{name: deal()}), headers=headers)
        for query in queries(route, deal):
            yield RawRequest(method, path, query, headers)
    else:
        yield RawRequest(method, path, b"", headers, body(asker, route, deal))
    odd = HEADERS[len(deal()) % len(HEADERS)]
    sent = FILES.replace(b"TOKEN", asker.form_token.encode()) if b"boundary" in odd[1] else b"a=%00"
    yield RawRequest(method, path, headers=(*headers, odd), body=sent)


def queries(route: Route, deal: Callable[[], str]) -> Iterator[bytes]:
    """Each parameter of an operation by itself; of a page its place in a list, and all others."""
    if isinstance(route, RestRoute):
        alone = sorted(route.known_query)
    else:
        alone = ["cursor"]
        # what cannot be kept is refused before anything else is looked at
        others = [(name, deal()) for name in FIELDS if name not in {"cursor", "limit"}]
        yield encoded([(name, odd[:60]) for name, odd in others[:90] if is_keepable(odd)])
    for name in alone:
        yield encoded([(name, deal()[:6000])])


def body(asker: Asker, route: Route, deal: Callable[[], str]) -> bytes:
    """A form of ours with odd things in it, or a JSON body that is none."""
    if isinstance(route, RestRoute):
        return BODIES[len(deal()) % len(BODIES)]
    pairs = [(name, deal()) for name in FIELDS if name != "csrf_token"]
    kept = [(name, odd) for name, odd in pairs[:95] if is_keepable(odd)]
    return encoded([("csrf_token", asker.form_token), *kept])


def encoded(pairs: Sequence[tuple[str, str]]) -> bytes:
    return urlencode(pairs, errors="surrogatepass").encode()


@by_chance
@pytest.mark.timeout(240)
def test_no_address_has_a_fault(asker: Asker):
    """Whatever is in its path, query, cursor, headers or form."""

    @hypothesis(
        max_examples=often(1),
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(dealt=DEALT)
    def everywhere(dealt: tuple[list[str], list[str]]) -> None:
        turns = cycle([*dealt[0], *dealt[1]])
        for method, route in routes(asker.world):
            for request in requests(asker, method, route, lambda: next(turns)):
                is_plain = all(name != b"content-type" for name, _ in request.headers)
                kind = b"application/json" if request.path.startswith(BASE) else FORM
                with_form = (*request.headers, (b"content-type", kind))
                asker.ask(
                    RawRequest(
                        request.method,
                        request.path,
                        request.query,
                        with_form if is_plain else request.headers,
                        request.body,
                    )
                )

    everywhere()
