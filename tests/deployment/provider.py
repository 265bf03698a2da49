"""A provider as it is run for real: made by its command line, served by processes of its own."""

import base64
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.infra import forked

PROGRAM = Path(sys.executable).with_name("signon")
PASSWORD = "correct horse battery staple"
"""Everybody's."""
LEGACY_PASSWORD = "old Secret 1"


@dataclass
class Provider:
    """Its settings, and how commands are given to it."""

    issuer: str
    database_url: str
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What an operator sets."""
        kept = {name: value for name, value in os.environ.items() if name[:7] != "SIGNON_"}
        return {
            **kept,
            "SIGNON_ISSUER": self.issuer,
            "SIGNON_DATABASE_URL": self.database_url,
            "SIGNON_SECRET_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode(),
            "SIGNON_SMTP_URL": f"file:{self.folder / 'mail'}",
            "SIGNON_ARGON2_MEMORY_KIB": "8",
            "SIGNON_ARGON2_TIME": "1",
            "SIGNON_FILER_SECOND_FACTOR": "offered",
            **self.settings,
        }

    def command(self, *arguments: str, given: str = "") -> str:
        """Run `signon …` and answer what it printed; fails when it does."""
        done = forked.run(*arguments, typed=given, env=self.environment, cwd=self.folder)
        assert done.returncode == 0, f"signon {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def asked(self, *arguments: str, given: str = "") -> Any:
        """The same with `--json`."""
        return json.loads(self.command(*arguments, "--json", given=given))

    def is_ready(self) -> bool:
        """Whether the server at a loopback issuer says that people may be sent to it."""
        try:
            return httpx2.get(f"{self.issuer}/readyz", timeout=5).status_code == 200
        except httpx2.HTTPError:
            return False

    def prepare(self, court: str) -> None:
        """Keys, courts, and one court that went live long ago."""
        self.command("keys", "rotate")
        self.command("courts", "load")
        self.command("courts", "set", court, "--go-live", "2020-03-02T00:00")

    def account(self, username: str, first_name: str = "Ada", last_name: str = "Attorney") -> str:
        """A person with an upgraded account; answers the account number."""
        made = self.asked(
            *("accounts", "create", "--kind", "individual", "--username", username),
            *("--email", f"{username}@example.org", "--date-of-birth", "1970-01-02"),
            *("--first-name", first_name, "--last-name", last_name, "--password-stdin"),
            given=PASSWORD,
        )
        return str(made["account_number"])

    def legacy_logins(self, court: str, *lines: Sequence[str]) -> None:
        """Import a court's logins: of each the login and its roles, separated by `;`."""
        from argon2 import PasswordHasher

        # strong enough to be kept as it is, as quick as that gets
        hashed = PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1).hash(LEGACY_PASSWORD)
        header = "login,password_hash,first_name,last_name,bar_id,email,role,status,cases"
        rows = [
            f'{login},"{hashed}",Ada,Attorney,CA1,a@x.org,{roles},active,' for login, roles in lines
        ]
        file = self.folder / f"{court}.csv"
        file.write_text("\n".join([header, *rows]), encoding="utf-8")
        self.command("ecf", "import", court, str(file), "--yes")
