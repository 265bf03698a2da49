"""A court checks its own part of the record without trusting us."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit.records import KEYS, fill, seal
from tests.court.conftest import Caller, CourtHouse
from tests.infra.world import World

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "audit" / "check_record.py"


@pytest.fixture
def clerk(courthouse: CourtHouse) -> Caller:
    """The court's own program."""
    return courthouse.service()


def check(folder: Path, answer: object, *kept: str) -> subprocess.CompletedProcess[str]:
    """Run the script that courts are given."""
    (folder / "answer.json").write_text(json.dumps(answer))
    line = [sys.executable, str(SCRIPT), KEYS.verifiers()[0], "answer.json", *kept]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)


def test_a_court_checks_its_events(world: World, clerk: Caller, tmp_path: Path):
    """All that it is shown is in the tree, which goes on from what it has kept."""
    sizes: list[int] = []
    for number in (3, 5, 1, 2):
        fill(world.database, number)
        seal(world.database)
        since = f"&since={sizes[-1]}" if sizes else ""
        answer = clerk.call("GET", f"/courts/casb/audit?limit=2{since}")
        assert answer.status_code == 200
        done = check(tmp_path, answer.json(), "kept")
        assert (done.returncode, done.stderr) == (0, "")
        shown = [json.loads(line) for line in done.stdout.splitlines()]
        assert [one[7] for one in shown] == ["casb", "casb"]
        assert (tmp_path / "kept").read_text() == answer.json()["checkpoint"]
        sizes.append(int(answer.json()["checkpoint"].split("\n")[1]))
    following = clerk.call("GET", "/courts/casb/audit?limit=100").json()["events"]
    assert [one["seq"] for one in following] == sorted(
        (one["seq"] for one in following), reverse=True
    )
    assert len(following) >= 11


def test_what_was_forged_does_not_pass(world: World, clerk: Caller, tmp_path: Path):
    """An event, its place, its proof, the checkpoint, the consistency proof."""
    fill(world.database, 5)
    old = seal(world.database)
    fill(world.database, 3)
    seal(world.database)
    size = int(old.split("\n")[1])
    answer = clerk.call("GET", f"/courts/casb/audit?since={size}").json()
    (tmp_path / "kept").write_text(old)
    assert check(tmp_path, answer).returncode == 0
    one = answer["events"][0]
    forged = [
        {"events": [one | {"leaf": one["leaf"].replace("asked", "given")}]},
        {"events": [one | {"place": one["place"] - 1}]},
        {"events": [one | {"place": 10**6}]},
        {"events": [one | {"proof": one["proof"][:-1]}]},
        {"events": [one | {"proof": [*one["proof"], one["proof"][0]]}]},
        {"checkpoint": answer["checkpoint"].replace("\n", "\n1", 1)},
        {"consistency": answer["consistency"][:-1]},
        {"consistency": [one["proof"][0], *answer["consistency"][1:]]},
    ]
    for change in forged:
        assert check(tmp_path, answer | change, "kept").returncode != 0, change
        assert (tmp_path / "kept").read_text() == old
    assert check(tmp_path, answer, "kept").returncode == 0


def test_a_court_sees_its_own_sealed_events_only(
    world: World, clerk: Caller, courthouse: CourtHouse
):
    """Not those of another court, nor what waits for its second, nor who signed in."""
    fill(world.database, 1)
    note = seal(world.database)
    size = int(note.split("\n")[1])
    fill(world.database, 1)
    shown = clerk.call("GET", "/courts/casb/audit").json()
    assert all(one["place"] < size for one in shown["events"])
    assert '"casb"' in shown["events"][0]["leaf"]
    assert "signin:" not in str(shown["events"])
    other = courthouse.service("cacd").call("GET", "/courts/casb/audit")
    assert other.status_code == 404


def test_a_size_that_never_was_is_refused(world: World, clerk: Caller):
    """Larger than the tree: somebody's checkpoint is not of this record."""
    fill(world.database, 1)
    seal(world.database)
    refused = clerk.call("GET", "/courts/casb/audit?since=99999")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "since"


def test_the_newest_checkpoint_is_for_everybody(world: World):
    """Who keeps it, sees whether the record was cut."""
    assert world.browser().get("/audit/checkpoint").status_code == 404
    fill(world.database, 1)
    note = seal(world.database)
    assert world.browser().get("/audit/checkpoint").text == note
