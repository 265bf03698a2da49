"""Clients as a file: exported, compared, applied, and applied again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select, update

from signon.audit.models import events
from signon.clients import importing, life, models, registration_file
from signon.clients.models import clients
from signon.clients.registry import read_client
from signon.db import Database
from signon.errors import InputError, RefusedError
from tests.clients.conftest import CALLBACK, SERVER, Register
from tests.infra.command_line import CommandLine, Done

CLIENT: dict[str, Any] = {
    "client_id": "casb-cmecf",
    "name": "CM/ECF",
    "court": "casb",
    "redirect_uris": ["http://localhost:8001/cb"],
}
KEYS = {"keys": [ECKey.generate_key("P-256", {"kid": "first"}).as_dict(private=False)]}

Import = Callable[..., Done]


@pytest.fixture(autouse=True)
def courts(database: Database) -> None:
    """All courts are loaded."""


@pytest.fixture
def apply(signon: CommandLine, tmp_path: Path) -> Import:
    """Imports clients as an operator without a terminal does."""

    def apply(*entries: object, options: tuple[str, ...] = ("--yes", "--json")) -> Done:
        document = {"signon_clients": 1, "clients": entries}
        (tmp_path / "clients.json").write_text(json.dumps(document))
        return signon("clients", "import", "clients.json", *options)

    return apply


def shown(signon: CommandLine, client_id: str = CLIENT["client_id"]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(signon("clients", "show", client_id, "--json").out)
    return found


def recorded(database: Database) -> list[tuple[str, Any]]:
    """What the audit trail says of clients, with the names of fields where it has them."""
    statement = select(events.c.event, events.c.detail).where(events.c.client_id.is_not(None))
    with database.reading() as unit:
        rows = unit.execute(statement.order_by(events.c.seq)).all()
    return [(row.event.removeprefix("clients:"), row.detail.get("fields")) for row in rows]


# ── Applied, and applied again ───────────────────────────────────────────────


def test_an_export_changes_nothing_where_it_was_made(
    signon: CommandLine, register: Register, tmp_path: Path, firm: str
):
    """Every kind of client comes back as it is; no secret is in the file."""
    signon("keys", "rotate")
    made = [
        register(),
        register(auth_method="none", refresh_grace_seconds=5),
        register(court=None, firm=firm, grants=["client_credentials"], redirect_uris=[]),
        register(auth_method="private_key_jwt", jwks=KEYS),
        register(profile="basic", scopes=["openid", "court"], trusted=True),
    ]
    signon("clients", "disable", made[1].client_id)
    signon("clients", "export", "--file", "all.json")
    text = (tmp_path / "all.json").read_text()
    assert text == signon("clients", "export").out
    assert all(client.client_secret not in text for client in made if client.client_secret)
    done = signon("clients", "import", "all.json", "--json")
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert (report["applied"], report["added"], report["changed"]) == (False, [], [])
    assert sorted(report["unchanged"]) == sorted(client.client_id for client in made)


def test_clients_are_copied_to_another_environment(signon: CommandLine, apply: Import):
    """Ids are kept, defaults are those of `create`, a secret is made and shown once."""
    done = apply(CLIENT)
    assert (done.status, done.err) == (0, "")
    (added,) = json.loads(done.out)["added"]
    assert added["client_id"] == CLIENT["client_id"]
    assert len(added["client_secret"]) == 43
    client = shown(signon)
    assert client["auth"] == "client_secret_basic"
    assert client["grants"] == ["authorization_code", "refresh_token"]
    assert "ecf" in client["scopes"]
    assert len(client["secrets"]) == 1
    again = json.loads(apply(CLIENT).out)
    assert again == {
        "applied": False, "added": [], "changed": [], "unchanged": [CLIENT["client_id"]]
    }  # fmt: skip


def test_only_what_is_named_changes(signon: CommandLine, apply: Import, database: Database):
    """The diff holds old and new value; the audit trail the names of the fields, no values."""
    apply({**CLIENT, "return_uris": ["http://localhost:8001/"]})
    change = {"client_id": CLIENT["client_id"], "name": "CM/ECF 2", "scopes": ["openid", "ecf"]}
    report = json.loads(apply(change).out)
    (changed,) = report["changed"]
    assert changed["fields"]["name"] == {"old": "CM/ECF", "new": "CM/ECF 2"}
    assert changed["fields"]["scopes"]["new"] == ["openid", "ecf"]
    assert set(changed["fields"]) == {"name", "scopes"}
    client = shown(signon)
    assert (client["name"], client["scopes"]) == ("CM/ECF 2", ["openid", "ecf"])
    assert client["return_uris"] == ["http://localhost:8001/"]
    assert recorded(database) == [
        ("client:created", None),
        ("client:changed", ["name", "scopes"]),
    ]


def test_disabling_and_enabling_by_file(signon: CommandLine, apply: Import, database: Database):
    """`disabled` is a field like others, and enabling revives nothing."""
    apply(CLIENT)
    off = {"client_id": CLIENT["client_id"], "disabled": True}
    assert json.loads(apply(off).out)["changed"][0]["fields"] == {
        "disabled": {"old": False, "new": True}
    }
    assert shown(signon)["disabled_at"] is not None
    assert json.loads(apply(CLIENT).out)["unchanged"] == [CLIENT["client_id"]]
    apply({**off, "disabled": False})
    with database.reading() as unit:
        assert unit.scalar(select(clients.c.enabled_at)) is not None
    events_of_it = ["client:created", "client:disabled", "client:enabled"]
    assert [event for event, _ in recorded(database)] == events_of_it


def test_a_changed_authentication_takes_its_secrets_along(
    signon: CommandLine, apply: Import, database: Database
):
    """Keys end the secrets for good; going back makes a new one."""
    apply(CLIENT)
    keyed = {"client_id": CLIENT["client_id"], "auth": "private_key_jwt", "jwks": KEYS}
    assert "client_secret" not in json.loads(apply(keyed).out)["changed"][0]
    assert shown(signon)["secrets"] == []
    back = {**keyed, "auth": "client_secret_post", "jwks": None}
    secret = json.loads(apply(back).out)["changed"][0]["client_secret"]
    with database.reading() as unit:
        client = read_client(unit, CLIENT["client_id"])
        assert client
        assert client.check_secret(secret, unit.now)
        assert len(unit.execute(select(models.secrets.c.digest)).all()) == 1


# ── All or nothing ───────────────────────────────────────────────────────────

GOOD = {**CLIENT, "client_id": "casb-good"}
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "name", "1 to 200 characters"),
    ({"name": 5}, "name", "valid string"),
    ({"nmae": "CM/ECF"}, "nmae", "there is no such field"),
    ({"client_secret": "hush"}, "client_secret", "there is no such field"),
    ({"court": "zzz"}, "court", "no court 'zzz'"),
    ({"court": "casb\0"}, "court", "match pattern"),
    ({"court": None, "firm": "0000000"}, "firm", "no active firm account"),
    ({"court": "casb", "firm": "0000000"}, "court", "to a court or to a firm"),
    ({"profile": "fapi2"}, "auth", "needs --auth private_key_jwt"),
    ({"auth": "private_key_jwt"}, "jwks", "needs the client's public keys"),
    ({"auth": "private_key_jwt", "jwks": {"keys": [{}]}}, "jwks", "key 1 is of another type"),
    ({"grants": ["implicit"]}, "grants", "is unknown"),
    ({"grants": "authorization_code"}, "grants", "valid list"),
    ({"scopes": ["openid", "pacers"]}, "scopes", "no scope 'pacers'"),
    ({"scopes": ["admin"]}, "scopes", "bound to neither"),
    ({"redirect_uris": []}, "redirect_uris", "at least one"),
    ({"redirect_uris": ["https://a.test/#"]}, "redirect_uris", "has a fragment"),
    ({"redirect_uris": ["https://a.test", None]}, "redirect_uris.1", "valid string"),
    ({"return_uris": ["http://a.test/"]}, "return_uris", "is http"),
    ({"backchannel_logout_uri": "ftp://a.test"}, "backchannel_logout_uri", "must be https"),
    ({"id_token_alg": "none"}, "id_token_alg", "No active key"),
    ({"refresh_grace_seconds": 11}, "refresh_grace_seconds", "0 to 10"),
    ({"refresh_grace_seconds": "5"}, "refresh_grace_seconds", "valid integer"),
    ({"trusted": "yes"}, "trusted", "valid boolean"),
]


@pytest.mark.parametrize(("given", "field", "says"), BAD)
def test_every_problem_is_named_with_its_client_and_field(
    signon: CommandLine, apply: Import, given: dict[str, Any], field: str, says: str
):
    """The rules are those of `create`; one bad client keeps the good one out too."""
    done = apply(GOOD, {**CLIENT, **given})
    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    problems = json.loads(done.out)["problems"]
    found = {problem["field"]: problem["problem"] for problem in problems}
    assert {problem["client_id"] for problem in problems} == {CLIENT["client_id"]}
    assert says in found[field]
    assert "hush" not in done.out
    assert json.loads(signon("clients", "list", "--json").out) == []


@pytest.mark.parametrize(
    ("client_id", "name"),
    [
        ("nodash", "client 1"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaa", "client 1"),
        ("-a", "client 1"),
        ("Casb-1", "client 1"),
        ("casb-" + "x" * 60, "casb-" + "x" * 59),
        (None, "client 1"),
        ("casb-\u001b[2J", "client 1"),
    ],
)
def test_an_id_is_none_of_an_account_and_safe_to_print(apply: Import, client_id: Any, name: str):
    """Imported ids are kept, so they must be such as we give."""
    done = apply({**CLIENT, "client_id": client_id})
    assert done.status == 1
    (problem,) = json.loads(done.out)["problems"]
    assert (problem["client_id"], problem["field"]) == (name, "client_id")


def test_all_problems_are_told_at_once(apply: Import):
    """As lines, each with client, field and reason."""
    bad = {**CLIENT, "name": " ", "scopes": ["pacers"], "refresh_grace_seconds": -1}
    done = apply(bad, GOOD, GOOD, "text", options=("--yes",))
    assert done.status == 1
    told = done.out.splitlines()
    assert "casb-cmecf: name: The name must have 1 to 200 characters." in told
    assert any(line.startswith("casb-cmecf: scopes: There is no scope") for line in told)
    assert any(line.startswith("casb-cmecf: refresh_grace_seconds:") for line in told)
    assert "casb-good: client_id: stands in the file twice" in told
    assert any(line.startswith("client 4: client: ") for line in told)
    assert "5 problems" in done.err


def test_a_client_stays_with_its_court(apply: Import):
    """People who signed in at one court did not sign in at another."""
    apply(CLIENT)
    done = apply({"client_id": CLIENT["client_id"], "court": "cacd"})
    assert json.loads(done.out)["problems"] == [
        {
            "client_id": CLIENT["client_id"],
            "field": "court",
            "problem": "A client stays with its court or firm: register another one there.",
        }
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON"),
        ("{" * 100_000, "is not JSON"),
        ("[]", "none of `signon clients export`"),
        ('{"clients": []}', "none of `signon clients export`"),
        ('{"signon_clients": 2, "clients": []}', "none of `signon clients export`"),
        ('{"signon_clients": 1}', 'needs a list "clients"'),
        ('{"signon_clients": 1, "clients": {}}', 'needs a list "clients"'),
        ('{"signon_clients": 1, "clients": [], "x": 1}', "nothing else"),
    ],
)
def test_what_is_no_such_file(text: str, says: str):
    """One sentence that says what is missing."""
    with pytest.raises(InputError, match=says):
        registration_file.read(text.encode())


# ── Shown before it is applied ───────────────────────────────────────────────


def test_a_dry_run_shows_and_changes_nothing(signon: CommandLine, apply: Import):
    """A new client with its fields, and + and - in lists."""
    apply(CLIENT)
    moved = {"client_id": CLIENT["client_id"], "redirect_uris": ["http://localhost:8001/new"]}
    done = apply({**moved, "trusted": True}, GOOD, options=("--dry-run",))
    assert done.status == 0
    assert "would be 1 added, 1 changed, 0 unchanged" in done.err
    assert done.out.splitlines()[:4] == [
        "~ casb-cmecf",
        "    redirect_uris: - http://localhost:8001/cb  + http://localhost:8001/new",
        "    trusted: no → yes",
        "+ casb-good",
    ]
    assert "    court: casb" in done.out
    assert shown(signon)["redirect_uris"] == CLIENT["redirect_uris"]
    assert signon("clients", "show", "casb-good").status == 1
    assert json.loads(apply(GOOD, options=("--dry-run", "--json")).out)["applied"] is False


def test_without_a_terminal_it_asks_for_yes(
    signon: CommandLine, apply: Import, monkeypatch: pytest.MonkeyPatch
):
    """Nothing is applied that nobody agreed to; what would be done is shown all the same."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    done = apply(CLIENT, options=())
    assert (done.status, "--yes" in done.err) == (1, True)
    assert "+ casb-cmecf" in done.out
    assert json.loads(signon("clients", "list", "--json").out) == []
    apply(CLIENT)
    assert apply(CLIENT, options=()).status == 0


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1)])
def test_on_a_terminal_it_asks(
    signon: CommandLine,
    apply: Import,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    status: int,
):
    """The diff, then the question; no means nothing."""
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    done = apply(CLIENT, options=())
    assert done.status == status
    assert "Change 1 clients?" in done.err
    assert signon("clients", "show", CLIENT["client_id"]).status == status


class Terminal:
    """Somebody who types one line."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self, _size: int = -1) -> str:
        return self._answer


def test_what_was_shown_is_what_is_applied(database: Database, register: Register):
    """A client that somebody changed after the diff was shown is not overwritten."""
    client_id = register().client_id
    entries = [registration_file.Entry(client_id=client_id, name="Ours")]
    with database.reading() as unit:
        plan = importing.plan(unit, entries, SERVER)
    with database.writing() as unit:
        unit.execute(update(clients).values(name="Theirs"))
    with pytest.raises(RefusedError, match="in the meantime"), database.writing() as unit:
        importing.apply(unit, entries, SERVER, shown=plan)
    with database.reading() as unit:
        assert life.show(unit, client_id)["name"] == "Theirs"


def test_one_that_cannot_be_written_undoes_all(database: Database, register: Register):
    """A client that somebody registered in the meantime takes the others back too."""
    entries = [
        registration_file.Entry(
            client_id=client_id, name="New", court="casb", redirect_uris=[CALLBACK]
        )
        for client_id in ("casb-1", "casb-2")
    ]
    with database.reading() as unit:
        plan = importing.plan(unit, entries, SERVER)
    with database.writing() as unit:
        importing.apply(unit, entries[1:], SERVER, shown=importing.plan(unit, entries[1:], SERVER))
    with pytest.raises(RefusedError), database.writing() as unit:
        importing.apply(unit, entries, SERVER, shown=plan)
    with database.reading() as unit:
        assert [row["client_id"] for row in life.all_clients(unit)] == ["casb-2"]


def test_the_example_of_the_page_can_be_imported(pytestconfig: pytest.Config):
    """docs/clients.md shows a file that is one."""
    page = (pytestconfig.rootpath / "docs" / "clients.md").read_text()
    example = page.partition("```json\n")[2].partition("```")[0]
    entries, problems = registration_file.read(example.encode())
    assert [entry.client_id for entry in entries] == ["casd-cmecf"]
    assert problems == []


def test_export_names_clients_that_do_not_exist(signon: CommandLine, register: Register):
    """Some clients, by their ids."""
    one = register().client_id
    register()
    exported = json.loads(signon("clients", "export", one).out)
    assert [entry["client_id"] for entry in exported["clients"]] == [one]
    assert signon("clients", "export", one, "casb-nobody").status == 1
    assert "cannot be written" in signon("clients", "export", "--file", "no/such/folder").err
