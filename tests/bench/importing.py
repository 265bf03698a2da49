"""How long 100,000 accounts take to import on PostgreSQL, and what memory that needs.

`.venv/bin/python -m tests.bench.importing [--accounts 100000]`
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from argon2 import PasswordHasher

from tests.infra import postgres
from tests.infra.databases import PostgresDatabases

SIZES = (0.1, 1.0)
"""Shares of the accounts: memory is flat when a tenth of them needs as much."""


def main() -> None:
    """Print what each size took, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    asked = parser.parse_args()
    with postgres.running() as cluster, tempfile.TemporaryDirectory() as folder:
        databases = PostgresDatabases(cluster)
        for share in SIZES:
            url = databases.restored()
            file = written(Path(folder), int(asked.accounts * share))
            print(json.dumps(measured(url, file, Path(folder))))


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


def measured(url: str, file: Path, folder: Path) -> dict[str, object]:
    """Seconds and peak memory of one import in a process of its own."""
    key = base64.urlsafe_b64encode(bytes(32)).decode()
    settings = {
        "SIGNON_ISSUER": "http://localhost:8000",
        "SIGNON_DATABASE_URL": url,
        "SIGNON_SECRET_KEYS": key,
        "SIGNON_SMTP_URL": f"file:{folder / 'mail'}",
    }
    began = time.monotonic()
    command = [sys.executable, "-m", "signon", "accounts", "import", str(file), "--json"]
    with closing(open(os.devnull)) as nothing:  # noqa: PTH123 - a handle for the process
        process = subprocess.Popen(
            command,
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
        "accounts": report["added"],
        "status": os.waitstatus_to_exitcode(status),
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mib": round(usage.ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
