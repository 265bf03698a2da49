"""How long 100,000 accounts, or legacy logins, take to import, and what memory that needs.

`.venv/bin/python -m tests.bench.importing [--accounts 100000] [--logins] [--sqlite]`
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

from argon2 import PasswordHasher

from signon.app import wire
from signon.courts import loading
from signon.db import Database
from tests.infra import postgres
from tests.infra.databases import PostgresDatabases, SqliteDatabases

SIZES = (0.1, 1.0)
"""Shares of the accounts: memory is flat when a tenth of them needs as much."""


def main() -> None:
    """Print what each size took, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--logins", action="store_true", help="legacy logins of one court")
    parser.add_argument("--sqlite", action="store_true")
    asked = parser.parse_args()
    write = logins_written if asked.logins else written
    command = ["ecf", "import", "casb"] if asked.logins else ["accounts", "import"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        databases = (
            SqliteDatabases(folder)
            if asked.sqlite
            else PostgresDatabases(stack.enter_context(postgres.running()))
        )
        for share in SIZES:
            url = (
                databases.copied(folder / f"{share}.db")
                if isinstance(databases, SqliteDatabases)
                else databases.restored()
            )
            if asked.logins:
                with closing(Database(url)) as database:
                    load_courts(database)
            file = write(folder, int(asked.accounts * share))
            print(json.dumps(measured(url, file, folder, command)))


def load_courts(database: Database) -> None:
    """The registry that is shipped."""
    with wire(database).writing() as unit:
        loading.load(unit, loading.shipped(), actor="system")


def logins_written(folder: Path, logins: int) -> Path:
    """A court's file of so many filers, whose hashes are strong ones."""
    strong = PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1).hash("a password")
    path = folder / f"{logins}-logins.csv"
    with path.open("w") as file:
        file.write("login,password_hash,first_name,last_name,bar_id,email,role,status,cases\n")
        for number in range(logins):
            file.write(
                f'filer{number:07},"{strong}",Pat,Filer{number},CA{number},'
                f"filer{number}@example.org,attorney,active,\n"
            )
    return path


def written(folder: Path, accounts: int) -> Path:
    """A file of so many accounts, whose hashes are strong ones and are stored as they are."""
    strong = PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1).hash("a password")
    path = folder / f"{accounts}.csv"
    with path.open("w") as file:
        file.write("username,email,kind,first_name,last_name,date_of_birth,created_on,")
        file.write("phone,street,city,state,postal_code,county,country,password_hash\n")
        for number in range(accounts):
            file.write(
                f"person.{number:07},person{number}@example.org,individual,Pat,Person{number},"
                f"1970-01-02,2016-05-04,+12025550100,1 Court Street,Springfield,IL,62701,"
                f'Sangamon,US,"{strong}"\n'
            )
    return path


def measured(url: str, file: Path, folder: Path, command: list[str]) -> dict[str, object]:
    """Seconds and peak memory of one import in a process of its own."""
    key = base64.urlsafe_b64encode(bytes(32)).decode()
    settings = {
        "SIGNON_ISSUER": "http://localhost:8000",
        "SIGNON_DATABASE_URL": url,
        "SIGNON_SECRET_KEYS": key,
        "SIGNON_SMTP_URL": f"file:{folder / 'mail'}",
    }
    began = time.monotonic()
    called = [sys.executable, "-m", "signon", *command, str(file), "--json"]
    with closing(open(os.devnull)) as nothing:  # noqa: PTH123 - a handle for the process
        process = subprocess.Popen(
            called,
            env={**os.environ, **settings},
            cwd=folder,
            stdin=nothing,
            stdout=subprocess.PIPE,
            text=True,
        )
        out = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
    report = json.loads(out)
    return {
        "added": report["added"],
        "status": os.waitstatus_to_exitcode(status),
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mib": round(usage.ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
