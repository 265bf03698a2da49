"""`signon ecf`: one report, one line when refused, one question when rights would shrink."""

import io
import json
import sys
from pathlib import Path

import pytest

from signon.cli import terminal
from signon.filing.legacy_logins import legacy_logins as legacy
from signon.filing.models import legacy_logins, rights
from tests.filing.conftest import DES, HEADER, STRONG, House, line
from tests.infra.command_line import CommandLine


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A court's file with a weak and a strong password."""
    path = tmp_path / "filers.csv"
    write(path, line("jdoe"), line("rroe", DES, role="pro_se", cases="20-01234"))
    return path


def write(path: Path, *lines: str) -> None:
    """Write lines under the usual header."""
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")


class Terminal(io.StringIO):
    """Somebody at a keyboard who has typed this."""

    def isatty(self) -> bool:
        return True


def test_import_and_list(house: House, signon: CommandLine, file: Path):
    """A report of counts, then the logins without a hash."""
    done = signon("ecf", "import", "casb", str(file), "--json")
    assert (done.status, done.err) == (0, "")
    report = json.loads(done.out)
    assert (report["court"], report["lines"], report["added"]) == ("casb", 2, 2)
    assert (report["passwords_wrapped"], report["bad_lines"]) == (1, [])
    listed = signon("ecf", "list", "casb", "--json")
    assert [row["login"] for row in json.loads(listed.out)] == ["jdoe", "rroe"]
    assert json.loads(listed.out)[1]["cases"] == ["20-01234"]
    shown = signon("ecf", "list", "casb").out
    assert "jdoe" in shown
    for output in (listed.out, shown):
        assert "argon2" not in output
        assert DES not in output


def test_a_list_is_read_part_by_part(
    house: House, signon: CommandLine, file: Path, monkeypatch: pytest.MonkeyPatch
):
    """Every login once, in the order of their names, and a heading once."""
    write(file, *(line(f"l{number}") for number in range(7)))
    signon("ecf", "import", "casb", str(file), "--json")
    monkeypatch.setattr(legacy, "PART", 2)
    monkeypatch.setattr(terminal, "TOGETHER", 3)
    listed = json.loads(signon("ecf", "list", "casb", "--json").out)
    assert [row["login"] for row in listed] == [f"l{number}" for number in range(7)]
    assert len(signon("ecf", "list", "casb").out.splitlines()) == 8


def test_a_broken_file_is_one_line_and_every_bad_line(
    house: House, signon: CommandLine, file: Path
):
    """Numbers and reasons on stdout, one line on stderr, exit status 1, nothing changed."""
    write(file, line("a"), line("b", role="judge"), line("c", "secret-notation"), line("a"))
    done = signon("ecf", "import", "casb", str(file))
    assert done.status == 1
    assert done.err.count("\n") == 1
    assert "3 of 4 lines cannot be imported" in done.err
    for number in (3, 4, 5):
        assert f"line {number}: " in done.out
    assert "secret-notation" not in done.out + done.err
    report = json.loads(signon("ecf", "import", "casb", str(file), "--json").out)
    assert [bad["line"] for bad in report["bad_lines"]] == [3, 4, 5]
    assert not house.rows(legacy_logins)


def test_dry_run(house: House, signon: CommandLine, file: Path):
    """It says what would happen, and it does not."""
    done = signon("ecf", "import", "casb", str(file), "--dry-run", "--json")
    assert (done.status, json.loads(done.out)["added"]) == (0, 2)
    assert not house.rows(legacy_logins)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere", "filers.csv"), "There is no court 'nowhere'"),
        (("casb", "none.csv"), "none.csv cannot be read"),
        (("casb", "header.csv"), "must name the columns"),
    ],
)
def test_refused_in_one_line(
    house: House, signon: CommandLine, file: Path, arguments: tuple[str, str], words: str
):
    """Unknown court, unreadable file, another header."""
    (file.parent / "header.csv").write_text("a;b\n")
    done = signon("ecf", "import", *arguments)
    assert (done.status, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert words in done.err


def test_shrinking_rights_are_asked_for(
    house: House, signon: CommandLine, file: Path, monkeypatch: pytest.MonkeyPatch
):
    """No terminal: exit 1; a terminal: the answer decides; --yes: not asked."""
    signon("ecf", "import", "casb", str(file))
    house.load("casb", line("jdoe", STRONG))
    house.link(house.fresh(), "casb", "jdoe")
    write(file, line("jdoe", status="disabled"))

    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    refused = signon("ecf", "import", "casb", str(file))
    assert refused.status == 1
    assert "--yes" in refused.err
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    refused = signon("ecf", "import", "casb", str(file))
    assert refused.status == 1
    assert "jdoe: attorney (active" in refused.err
    assert house.rows(rights)[0].status == "active"

    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    done = signon("ecf", "import", "casb", str(file), "--json")
    assert (done.status, json.loads(done.out)["rights_shrunk"]) == (0, 1)
    assert house.rows(rights)[0].status == "suspended"

    write(file, line("jdoe", role="interested_party", status="disabled"))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert signon("ecf", "import", "casb", str(file), "--yes").status == 0
    assert house.rows(rights)[0].roles == ["interested_party"]
