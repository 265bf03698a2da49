"""docs/run.md, “Back up and restore”: its commands, on both databases."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.deployment import documents, machine, processes
from tests.deployment.machine import RUN, Machine
from tests.deployment.provider import PASSWORD
from tests.infra.databases import PostgresDatabases

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.xdist_group("backup"),
]


@pytest.fixture
def there() -> Iterator[Machine]:
    """A machine with the program, settings and secrets, and no database yet."""
    with processes.folder("backup") as root:
        made = Machine(root)
        made.install_program()
        made.do_all("install -d -m 0700 /etc/signon", "install -m 0600 signon.env")
        made.do_all("install -m 0755 signon ", "(umask 077;")
        made.edit("/usr/local/sbin/signon", {})
        loopback = {r"^SIGNON_ISSUER=.*": "SIGNON_ISSUER=http://localhost:8000"}
        made.edit("/etc/signon/signon.env", loopback)
        made.path("/etc/signon/smtp_url").write_text(f"file:{root / 'mail'}\n")
        yield made


def operator(there: Machine) -> str:
    """The account that docs/run.md has people make first; answers its number."""
    create = documents.line(RUN, starting="signon accounts create")
    return str(json.loads(there.do(f"{create} --json", given=PASSWORD))["account_number"])


def test_secrets_can_be_read_by_root_only(there: Machine):
    """The commands leave no moment in which somebody else could open them."""
    for name in ("secret_keys", "database_url", "smtp_url", "signon.env"):
        assert there.path(f"/etc/signon/{name}").stat().st_mode & 0o077 == 0
    assert re.fullmatch(r"[\w-]{43}=\n", there.path("/etc/signon/secret_keys").read_text())


def test_postgresql_comes_back_from_its_dump(there: Machine, postgres_databases: PostgresDatabases):
    """Dumped, dropped, made again, restored: whole, and everybody is in it."""
    with postgres_databases.empty() as url:
        at = make_url(url)
        there.path("/etc/signon/database_url").write_text(url + "\n")
        there.environment = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(at.port),
            "PGUSER": str(at.username),
            "PGPASSWORD": str(at.password),
            "PGDATABASE": str(at.database),
        }
        there.do(documents.line(RUN, starting="signon db upgrade"))
        there.do_all("signon keys rotate", "signon courts load")
        number = operator(there)
        for variable in ("PGHOST", "PGUSER", "PGDATABASE", "PGPASSFILE"):
            assert variable in documents.line(RUN, starting="export PG")
        file = dump(there)

        restore = documents.line(RUN, starting="signon-restore")
        example = restore.split()[1]
        assert re.fullmatch(r"signon-\d{8}T\d{6}Z\.dump", Path(example).name)
        with pytest.raises(AssertionError, match=r"has \d+ tables already"):
            there.do(restore, **{example: file})

        for words in ("dropdb", "createdb"):
            command = documents.lines(RUN, starting=f"sudo -u postgres {words}")[-1]
            as_superuser = {"sudo -u postgres ": ""}
            there.do(re.sub(r" signon$", f" {at.database}", command), **as_superuser)
        there.do(restore, **{example: file})
        for words in ("signon audit verify", "signon doctor"):
            there.do(documents.line(RUN, starting=words))
        assert "opsmith01" in there.do(f"signon accounts show {number}")


def dump(there: Machine) -> str:
    """A dump beside many old ones, of which thirteen stay; answers its file."""
    folder = there.path("/var/backups/signon")
    folder.mkdir()
    for day in range(10, 30):
        (folder / f"signon-202601{day}T030000Z.dump").touch()
    (folder / "notes").touch()
    file = there.do(documents.line(RUN, starting="signon-backup")).strip()
    assert Path(file).stat().st_mode & 0o077 == 0
    left = sorted(path.name for path in folder.iterdir())
    assert left == [
        "notes",
        *(f"signon-202601{day}T030000Z.dump" for day in range(17, 30)),
        Path(file).name,
    ]
    return file


def test_sqlite_comes_back_from_its_copy(there: Machine):
    """Copied while it is in use, put back beside what the old one left lying about."""
    data = there.path("/var/lib/signon/signon.db")
    data.parent.mkdir(parents=True)
    there.path("/var/backups/signon").mkdir()
    there.path("/etc/signon/database_url").write_text(f"sqlite:///{data}\n")
    there.do(documents.line(RUN, starting="signon db upgrade"))
    number = operator(there)
    there.do(documents.line(RUN, starting="signon db backup"))

    # what a crash leaves: a file that is torn and a write-ahead log that belongs to it
    shutil.copy(data, f"{data}-wal")
    data.write_bytes(data.read_bytes()[:5000])
    there.do_all("rm -f /var/lib/signon/", "install -m 0600 /var/backups/signon/signon.db")
    there.do_all("signon db check")
    there.do(documents.line(RUN, starting="signon audit verify"))
    assert "opsmith01" in there.do(f"signon accounts show {number}")


def test_postgresqls_settings_are_taken(postgres_databases: PostgresDatabases):
    """Every line of postgresql.conf names a setting that PostgreSQL has, with a value it takes."""
    text = (machine.DEPLOY / "postgresql.conf").read_text()
    settings = dict(re.findall(r"^(\w+) = '?(.*?)'?$", text, re.MULTILINE))
    assert settings["synchronous_commit"] == "on"
    with postgres_databases.cluster.connect() as connection:
        for name, value in settings.items():
            # ALTER SYSTEM checks name and value as the server's start would; then it is taken back
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute(f"ALTER SYSTEM RESET {name}")
