"""What every REST operation keeps to, shown by operations that a test declares."""

import threading
from typing import Annotated, Any

import pytest
from fastapi import Query
from sqlalchemy import func, select
from starlette.responses import Response

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, AccountStatus
from signon.app import prunable
from signon.audit import trail
from signon.audit.events import Event
from signon.audit.models import events
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.rest import DONE, Answer, Call, Caller, Operations, router
from signon.rest.at import At, SomeAct
from signon.rest.parameters import IfMatch, Paged
from signon.tokens.models import revoked_access_tokens
from signon.web import preconditions
from signon.web.acts import Act
from signon.web.json_bodies import LIMIT, Body, Shown
from signon.web.paging import Page
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.profile.conftest import AllowProgram, Program

own = router("Notes", "account")
firms = router("Notes", "firm:read")


class Noted(Body):
    text: str
    count: int = 1


class Numbers(Shown):
    numbers: list[int]


def _numbers(unit: Unit, caller: Caller, page: Page) -> Answer:
    after = int(page.after or 0)
    rows = list(range(after + 1, 8))[: page.look_ahead]
    shown, cursor = page.cut(rows, str)
    return Answer(Numbers(numbers=shown), next_cursor=cursor)


def _note(unit: Unit, caller: Caller, noted: Noted, if_match: str | None) -> Answer:
    preconditions.require_match(if_match, '"one"', is_needed=noted.text == "versioned")
    match noted.text:
        case "refused":
            raise RefusedError("not_today", "Not today.")
        case "unknown":
            raise NotFoundError("There is no such note.")
        case "long":
            raise InputError("The text is too long.", field="text")
        case "fresh":
            caller.require_fresh(unit.now, 300)
    trail.record(unit, Event.PASSWORD_CHANGED, actor=caller.actor, account_id=caller.actor)
    return Answer(Numbers(numbers=[noted.count]), status=201, etag='"one"', location="/notes/1")


class Anywhere(At[Caller]):
    """For whoever has a token that opens it."""

    def enter(self, unit: Unit, caller: Caller, act: SomeAct[Caller] | None) -> Caller:
        return caller


def _told(answer: Answer) -> Answer:
    return answer


NOTE = Act("note", _note)
DROP = Act("drop", lambda unit, caller: DONE)


@own.get("/notes")
async def list_numbers(call: Call, asked: Annotated[Paged, Query()]) -> Response:
    return await Anywhere(call).read(_numbers, asked.page)


@own.post("/notes")
async def add_note(call: Call, sent: Noted, if_match: IfMatch = None) -> Response:
    return await Anywhere(call).do(NOTE, _told, sent, if_match)


@own.delete("/notes", status_code=204)
async def drop_note(call: Call) -> Response:
    return await Anywhere(call).do(DROP, _told)


@firms.get("/firm-notes", status_code=204)
async def firms_only(call: Call) -> Response:
    return await Anywhere(call).read(lambda unit, caller: DONE)


@pytest.fixture(autouse=True)
def notes(world: World) -> None:
    """A few operations at the served provider."""
    app: Any = world.http.app
    app.router.routes.append(Operations([own, firms]))


def _problem(answer: Any, status: int, reason: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    assert found["type"] == f"urn:signon:problem:{reason}"
    assert found["status"] == status
    return found


def _notes_taken(world: World) -> int:
    with world.database.reading() as unit:
        count = select(func.count()).where(events.c.event == Event.PASSWORD_CHANGED)
        return unit.scalar(count) or 0


def test_an_operation_asks_for_nothing_that_no_call_is_read_for():
    """It would be described and never given."""

    async def loose(call: Call, q: str) -> Response:
        raise AssertionError(call, q)

    async def nobody(number: str) -> Response:
        raise AssertionError(number)

    for function, path in ((loose, "/loose"), (nobody, "/nobody/{number}")):
        with pytest.raises(TypeError, match="may take a Call"):
            router("Notes", "account").get(path)(function)


@ON_ONE
def test_a_bearer_token_is_needed(world: World, program: Program):
    """RFC 6750 section 3: a bare challenge without a token, `invalid_token` with a bad one; and a
    token in the query is none.
    """
    http = world.browser().http
    answer = http.get("/api/v1/notes", headers={"accept": "text/html"})
    _problem(answer, 401, "token-needed")
    assert answer.headers["www-authenticate"] == 'Bearer, DPoP algs="ES256 PS256 Ed25519 EdDSA"'
    answer = http.get(f"/api/v1/notes?access_token={program.tokens.access_token}")
    _problem(answer, 401, "token-needed")
    answer = http.get("/api/v1/notes", headers={"authorization": "Bearer a.b.c"})
    _problem(answer, 401, "invalid-token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@ON_ONE
def test_the_token_must_be_for_the_rest_interface(person: Account, allow: AllowProgram):
    """A token for UserInfo is for another resource (RFC 9068 section 4), an ID token is none."""
    other = allow("reader", scopes=["openid"], scope="openid")
    answer = other.call("GET", "/notes")
    _problem(answer, 401, "invalid-token")
    id_token = other.tokens.body["id_token"]
    answer = other.call("GET", "/notes", headers={"authorization": f"Bearer {id_token}"})
    _problem(answer, 401, "invalid-token")


@ON_ONE
def test_the_scope_must_open_the_operation(program: Program):
    """RFC 6750 section 3.1: 403, and the challenge names the scope."""
    answer = program.call("GET", "/firm-notes")
    _problem(answer, 403, "insufficient-scope")
    assert 'scope="firm:read"' in answer.headers["www-authenticate"]


def test_a_token_dies_with_what_it_stands_on(
    world: World, person: Account, program: Program, allow: AllowProgram
):
    """Expired, revoked by its `jti`, its grant ended, its client or its account disabled."""
    assert program.call("GET", "/notes").status_code == 200
    second = allow("second")
    third = allow("third")
    claims = second.tokens.access_claims
    with world.database.writing() as unit:
        row = {"jti": claims["jti"], "expires_at": world.clock()}
        unit.execute(revoked_access_tokens.insert(), row)
    _problem(second.call("GET", "/notes"), 401, "invalid-token")
    third.party.at("revocation_endpoint", token=third.tokens.refresh_token)
    _problem(third.call("GET", "/notes"), 401, "invalid-token")
    world.change_account(person, status=AccountStatus.DISABLED.value)
    _problem(program.call("GET", "/notes"), 401, "invalid-token")
    world.change_account(person, status=AccountStatus.ACTIVE.value)
    assert program.call("GET", "/notes").status_code == 200
    world.clock.advance(seconds=301)
    _problem(program.call("GET", "/notes"), 401, "invalid-token")


def test_a_clients_own_token_is_guarded_too(world: World, person: Account):
    """Client credentials: no person, but the client must stand."""
    firm = world.account("the.firm", AccountKind.FIRM)
    secret = world.client("firm-books", court_id=None, firm_id=firm.id, grants=["client_credentials"],
                          scopes=["firm:read"], redirect_uris=[])  # fmt: skip
    http = world.browser().http
    body = {"grant_type": "client_credentials", "scope": "firm:read"}
    token = http.post("/oauth2/token", data=body, auth=("firm-books", secret or "")).json()
    headers = {"authorization": f"Bearer {token['access_token']}"}
    assert http.get("/api/v1/firm-notes", headers=headers).status_code == 204
    _problem(http.get("/api/v1/me", headers=headers), 403, "insufficient-scope")


def test_a_list_pages_by_cursor(program: Program):
    """`Link: rel="next"` goes on after the last one shown, until there is no more."""
    seen, address = [], "/notes?limit=3"
    while address:
        answer = program.call("GET", address)
        assert answer.headers["cache-control"] == "no-store"
        seen.append(answer.json()["numbers"])
        link = answer.links.get("next", {}).get("url", "")
        address = link.removeprefix("http://localhost:8000/api/v1")
    assert seen == [[1, 2, 3], [4, 5, 6], [7]]
    for query, field in [("limit=0", "limit"), ("limit=x", "limit"), ("cursor=_", "cursor")]:
        found = _problem(program.call("GET", f"/notes?{query}"), 422, "invalid")
        assert found["errors"][0]["field"] == field
    assert _problem(program.call("GET", "/notes?order=up"), 422, "invalid")["errors"]


def test_a_parameter_counts_once_and_when_it_says_something(program: Program):
    """Of a repeated one the first, an empty one is omitted (RFC 6749 section 3.1)."""
    for query in ("limit=3&limit=x", "limit=3&cursor=", "limit=+3"):
        assert program.call("GET", f"/notes?{query}").json()["numbers"] == [1, 2, 3], query
    assert len(program.call("GET", "/notes?limit=").json()["numbers"]) == 7


def test_a_refusal_repeats_nothing_of_what_was_sent(program: Program):
    """Neither of a parameter nor of a body, whoever says no."""
    assert "hunter2" not in program.call("GET", "/notes?limit=hunter2").text
    for body in ({"text": 5, "hunter2": 1}, {"text": "a", "count": "hunter2"}):
        answer = program.call("POST", "/notes", json=body)
        assert _problem(answer, 422, "invalid")["errors"]
        assert "hunter2" not in answer.text.replace('"field": "hunter2"', "")


def test_an_operation_is_found_by_its_address(program: Program):
    """HEAD is GET without a body; another method is refused with all that the address has."""
    answer = program.call("HEAD", "/notes")
    assert (answer.status_code, answer.content) == (200, b"")
    assert program.call("GET", "/notes/").status_code == 404
    assert program.call("GET", "/notes/1").status_code == 404
    refused = program.call("POST", "/me/sessions/x")
    assert (refused.status_code, refused.headers["allow"]) == (405, "DELETE")


BODIES = [
    ('{"text": "a", "more": 1}', 422, "more"),
    ('{"text": 5}', 422, "text"),
    ("{}", 422, "text"),
    ('{"text": "a\\u0000"}', 422, None),
    ("[1]", 422, None),
    ("{", 400, None),
    ('{"text": "\\ud800"}', 400, None),
]
"""A body, the answer to it, and the field that is named."""


@ON_ONE
def test_a_body_holds_what_is_declared(program: Program):
    """Unknown fields, other types and what is missing: 422 by field, and nothing is echoed."""
    for body, status, field in BODIES:
        answer = program.call(
            "POST", "/notes", content=body, headers={"content-type": "application/json"}
        )
        found = _problem(answer, status, "invalid" if status == 422 else "not-json")
        if status == 422:
            assert [one["field"] for one in found["errors"]] == [field]


@ON_ONE
def test_a_body_is_json_and_not_too_large(program: Program):
    """415 for anything else, 413 over 1 MiB."""
    answer = program.call("POST", "/notes", data={"text": "a"})
    _problem(answer, 415, "not-json")
    large = '{"text": "' + "a" * LIMIT + '"}'
    answer = program.call(
        "POST", "/notes", content=large, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413


@ON_ONE
def test_what_a_rule_says_becomes_a_problem(program: Program):
    """Its reason is the stable type; unknown and foreign things are 404."""
    for text, status, reason in [
        ("refused", 409, "not-today"),
        ("unknown", 404, "not-found"),
        ("long", 422, "invalid"),
    ]:
        _problem(program.call("POST", "/notes", json={"text": text}), status, reason)
    assert program.call("GET", "/nothing", headers={"accept": "text/html"}).status_code == 404
    answer = program.call("PUT", "/notes", json={})
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "DELETE"}


def test_versions_are_compared(program: Program):
    """428 where a version must be named, 412 when it is another one, `*` is any."""
    body = {"text": "versioned"}
    _problem(program.call("POST", "/notes", json=body), 428, "precondition-required")
    stale = program.call("POST", "/notes", json=body, headers={"if-match": '"two"'})
    _problem(stale, 412, "changed-meanwhile")
    for named in ('"one"', '"two", "one"', "*"):
        answer = program.call("POST", "/notes", json=body, headers={"if-match": named})
        assert answer.status_code == 201
        assert answer.headers["etag"] == '"one"'


@ON_ONE
def test_a_stale_sign_in_is_asked_for_again(world: World, program: Program):
    """RFC 9470: 401 with the `max_age` to ask for."""
    assert program.call("POST", "/notes", json={"text": "fresh"}).status_code == 201
    world.clock.advance(seconds=301)
    program.tokens = program.party.checked(
        program.party.refresh(program.tokens.refresh_token), nonce=None
    )
    answer = program.call("POST", "/notes", json={"text": "fresh"})
    _problem(answer, 401, "insufficient-user-authentication")
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'max_age="300"' in challenge


def test_a_repeated_call_is_done_once(world: World, program: Program):
    """Same key, same request: the stored answer, with its headers; nothing happens again."""
    headers = {"idempotency-key": "first"}
    body = {"text": "a", "count": 5}
    answers = [program.call("POST", "/notes", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["location"] == "/notes/1"
    assert _notes_taken(world) == 1
    other = program.call("POST", "/notes", json={"text": "b"}, headers=headers)
    _problem(other, 422, "idempotency-key-reused")
    spoilt = program.call("POST", "/notes", json=body, headers={"idempotency-key": "a" * 256})
    _problem(spoilt, 400, "bad-idempotency-key")


def test_a_refused_call_has_claimed_nothing(world: World, program: Program):
    """Its unit was rolled back, so the key is free for what is right."""
    headers = {"idempotency-key": "first"}
    refused = program.call("POST", "/notes", json={"text": "refused"}, headers=headers)
    _problem(refused, 409, "not-today")
    assert program.call("POST", "/notes", json={"text": "a"}, headers=headers).status_code == 201


def test_a_key_is_the_callers_own_and_ends(world: World, program: Program, allow: AllowProgram):
    """Another client's same key is another key; after a day it may be used anew."""
    headers = {"idempotency-key": "first"}
    assert program.call("POST", "/notes", json={"text": "a"}, headers=headers).status_code == 201
    other = allow("second")
    assert other.call("POST", "/notes", json={"text": "b"}, headers=headers).status_code == 201
    world.clock.advance(hours=23)
    with world.database.writing() as unit:
        # what was kept for forms that are sent twice lasts for seconds
        prunable(world.settings)["idempotent_answers"](unit, 10)
        assert prunable(world.settings)["idempotent_answers"](unit, 10) == 0
    world.clock.advance(hours=2)
    with world.database.writing() as unit:
        assert prunable(world.settings)["idempotent_answers"](unit, 10) == 2


def test_of_calls_at_once_with_one_key_one_is_done(world: World, program: Program):
    """The others wait for it and get its answer."""
    headers = {"idempotency-key": "first"}
    statuses: list[int] = []

    def send() -> None:
        answer = program.call("POST", "/notes", json={"text": "a"}, headers=headers)
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 4
    assert _notes_taken(world) == 1
