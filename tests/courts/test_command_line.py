"""`signon courts` as an operator meets it."""

import json
from pathlib import Path

import pytest

from tests.infra.command_line import CommandLine


def test_load_and_show_as_json(signon: CommandLine):
    """The first load adds every court; stdout is one JSON document and stderr stays empty."""
    done = signon("courts", "load", "--json")
    assert (done.status, done.err) == (0, "")
    assert json.loads(done.out) == {
        "added": 207,
        "corrected": 0,
        "unchanged": 0,
        "kept_go_live": [],
    }
    listed = json.loads(signon("courts", "list", "--json").out)
    assert len(listed) == 207
    shown = json.loads(signon("courts", "show", "casb", "--json").out)
    assert listed[[court["id"] for court in listed].index("casb")].items() <= shown.items()
    assert shown["time_zone"] == "America/Los_Angeles"


def test_set_is_kept_by_the_next_load(signon: CommandLine):
    """A date that was set is shown, and the next load says that it kept it."""
    signon("courts", "load")
    done = signon("courts", "set", "casd", "--go-live", "2027-01-04T00:00", "--json")
    assert done.status == 0
    assert json.loads(done.out)["go_live"] == "2027-01-04T00:00:00-08:00"
    assert "casd" in signon("courts", "load").err
    assert "2027-01-04" in signon("courts", "show", "casd").out
    done = signon("courts", "set", "casd", "--not-scheduled", "--help-phone", "619-555-0100")
    assert "not_scheduled" in done.out
    assert "619-555-0100" in done.out


def test_set_says_which_of_two_times_it_took(signon: CommandLine):
    """A time that comes twice is told on stderr."""
    signon("courts", "load")
    done = signon("courts", "set", "casd", "--go-live", "2026-11-01T01:30")
    assert done.status == 0
    assert "comes twice" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "xxx"],
        ["set", "xxx", "--not-scheduled"],
        ["set", "casb", "--go-live", "soon"],
        ["set", "casb", "--go-live", "2026-03-08T02:30"],
        ["set", "casb", "--reset-url", "http://casb.example"],
        ["set", "cacd", "--roles", "attorney,trustee"],
        ["set", "casb", "--name-mismatch", "refuse"],
        ["staff", "xxx", "add", "carla", "--role", "clerk"],
        ["staff", "casb", "add", "nobody", "--role", "clerk"],
        ["staff", "casb", "remove", "nobody"],
        ["load", "there-is-no-such-file.csv"],
        ["load", "broken.csv"],
    ],
)
def test_refusal_is_one_line_and_status_1(
    signon: CommandLine, tmp_path: Path, arguments: list[str]
):
    """What cannot be done is one line on stderr, nothing on stdout, and changes nothing."""
    (tmp_path / "broken.csv").write_text("id,name,type\ncasb,Another name,bankruptcy\n")
    signon("courts", "load")
    before = signon("courts", "list", "--json").out
    done = signon("courts", *arguments)
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("signon: ")
    assert done.err.count("\n") == 1
    assert signon("courts", "list", "--json").out == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["set", "casb"],
        ["set", "casb", "--go-live", "2026-01-01", "--not-scheduled"],
        ["staff", "casb", "add", "carla"],
        ["staff", "casb", "add", "carla", "--role", "judge"],
    ],
)
def test_wrong_usage_is_status_2(signon: CommandLine, arguments: list[str]):
    """A command that says nothing, or two things at once, is wrong usage."""
    signon("courts", "load")
    assert signon("courts", *arguments).status == 2
