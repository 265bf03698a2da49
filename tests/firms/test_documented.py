"""`docs/firms.md`: what it tells people to type works, word for word."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from signon.accounts.models import AccountKind
from tests.firms.conftest import FIRM_SCOPES
from tests.infra.served import Databases

DOCUMENT = Path(__file__).parents[2] / "docs" / "firms.md"


def block(language: str) -> str:
    """The document's one block of a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    return str(found)


@pytest.mark.timeout(120)
def test_the_examples_run(served_databases: Databases, tmp_path: Path):
    """By curl and by Python, against a provider that serves; the member is gone in the end."""
    with served_databases.serving("sqlite", tmp_path, workers=1) as served:
        firm = served.account("firm.one", AccountKind.FIRM)
        member = served.account()
        served.change_account(
            member, firm_number=firm.number, firm_joined_at=served.database.clock()
        )
        secret = served.client(
            "office", court_id=None, firm_id=firm.id, grants=["client_credentials"],
            scopes=list(FIRM_SCOPES),
        )  # fmt: skip
        environment = {
            "PATH": os.environ["PATH"],
            "SIGNON": served.settings.issuer,
            "FIRM": firm.number,
            "CLIENT_ID": "office",
            "CLIENT_SECRET": secret or "",
        }

        def run(*command: str) -> str:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr + done.stdout + served.log
            return done.stdout

        said = run("sh", "-euc", block("sh"))
        assert f"{member.number},individual,Ada,," in said
        assert '"status":"pending"' in said
        assert '"refused":1' in said
        assert '"subject":"client_codes"' in said
        said = run(sys.executable, "-c", block("python"))
        assert "1 removed" in said
        assert "1234567 Doe until" in said
        assert served.find("a.attorney").firm_number is None
