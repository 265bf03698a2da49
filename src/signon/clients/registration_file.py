"""Clients as a JSON file that can be applied again and again: its form, written and read.

The file names clients by their ids, which are kept, so that one environment can be copied to
another. It holds no secret. A field that is not named stays as it is, or takes its default.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from signon.clients.application import FIELDS, Application
from signon.clients.life import Record
from signon.errors import InputError

VERSION = 1
MAX_BYTES = 16 * 1024 * 1024
_ID = re.compile(r"[a-z0-9][a-z0-9._~]*(-[a-z0-9._~-]*)")
"""With a dash, which no account's id has: no client can pass for a person (RFC 9700 4.15)."""


def _client_id(value: str) -> str:
    if len(value) > 64 or not _ID.fullmatch(value):
        raise ValueError("must be 3 to 64 small letters, digits and -._~, with a dash among them")
    return value


class Entry(BaseModel):
    """One client of the file, under the names that `clients show` gives its fields."""

    model_config = ConfigDict(extra="forbid", strict=True)

    client_id: Annotated[str, AfterValidator(_client_id)]
    name: str = ""
    court: Annotated[str, Field(pattern="^[A-Za-z0-9]{1,16}$")] | None = None
    firm: Annotated[str, Field(pattern="^[0-9]{7}$")] | None = None
    profile: str = "standard"
    auth: str = "client_secret_basic"
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    grants: list[str] = Field(default_factory=list)
    scopes: list[str] = Field(default_factory=list)
    redirect_uris: list[str] = Field(default_factory=list)
    post_logout_redirect_uris: list[str] = Field(default_factory=list)
    return_uris: list[str] = Field(default_factory=list)
    backchannel_logout_uri: str | None = None
    id_token_alg: str | None = None
    refresh_grace_seconds: int = 0
    trusted: bool = False
    claims_in_id_token: bool = False
    cso_tokens: bool = False
    disabled: bool = False

    def applied_to(self, base: Application) -> Application:
        """What the file asks for: the base with the fields that the file names."""
        named = {field: getattr(self, field) for field in self.model_fields_set & {*FIELDS}}
        values = {FIELDS[field]: _frozen(value) for field, value in named.items()}
        return replace(base, **values)

    def is_disabled(self, *, otherwise: bool) -> bool:
        """Whether it shall be disabled."""
        return self.disabled if "disabled" in self.model_fields_set else otherwise


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps the file from being applied: at which client, in which field, and why."""

    client_id: str
    field: str
    problem: str


def write(records: Sequence[Record]) -> str:
    """The file over clients as `life.show` gives them."""
    entries = [
        {
            "client_id": record["client_id"],
            **{field: record[field] for field in FIELDS},
            "disabled": record["disabled_at"] is not None,
        }
        for record in records
    ]
    document = {"signon_clients": VERSION, "clients": entries}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def read(data: bytes) -> tuple[list[Entry], list[Problem]]:
    """The entries that can be read, and what is wrong with the others.

    Raises InputError: it is not such a file at all.
    """
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for number, found in enumerate(_list(data), 1):
        try:
            entry = Entry.model_validate(found)
        except ValidationError as error:
            problems += _problems(_name(found, number), error)
            continue
        if entry.client_id in entries:
            problems.append(Problem(entry.client_id, "client_id", "stands in the file twice"))
        entries[entry.client_id] = entry
    return list(entries.values()), problems


def _list(data: bytes) -> list[object]:
    if len(data) > MAX_BYTES:
        raise InputError(f"The file is larger than {MAX_BYTES // 1024 // 1024} MiB: split it.")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError("The file is not JSON.") from error
    if not isinstance(document, dict) or document.get("signon_clients") != VERSION:
        raise InputError(
            f'The file is none of `signon clients export`: it needs "signon_clients": {VERSION}.'
        )
    clients = document.get("clients")
    if not isinstance(clients, list) or set(document) != {"signon_clients", "clients"}:
        raise InputError('The file needs a list "clients", and nothing else.')
    return clients


def _name(found: object, number: int) -> str:
    """What to call a client that cannot be read: by its id, or by its place."""
    client_id = found.get("client_id") if isinstance(found, Mapping) else None
    is_named = isinstance(client_id, str) and _ID.fullmatch(client_id)
    return str(client_id)[:64] if is_named else f"client {number}"


def _problems(client: str, error: ValidationError) -> list[Problem]:
    """Pydantic's findings in our words; never the value, where a secret may have been put."""
    problems = []
    for found in error.errors(include_url=False, include_input=False, include_context=False):
        field = ".".join(ascii(part)[:64].strip("'") for part in found["loc"]) or "client"
        if found["type"] == "extra_forbidden":
            told = "there is no such field"
        else:
            told = found["msg"].removeprefix("Value error, ")
        problems.append(Problem(client, field, told[:1].lower() + told[1:]))
    return problems


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
