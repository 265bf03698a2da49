"""Loading the registry: all or nothing, again and again, and never over an operator's head."""

import json

import pytest
from sqlalchemy import select

from signon.audit.models import events
from signon.courts import changes, loading, registry
from signon.courts.go_live import Announcement, announced
from signon.courts.registry import Court
from signon.courts.registry_file import RegistryFile, parse
from signon.db import Database
from signon.errors import InputError

HEAD = "id,name,type,circuit,state,time_zone"
CASB = "casb,Court of San Diego,bankruptcy,9,CA,America/Los_Angeles"
TRAIN = "casb-train,Rehearsal,bankruptcy,9,CA,America/Los_Angeles"


def _file(*lines: str, head: str = HEAD) -> RegistryFile:
    return parse("courts.csv", "\n".join([head, *lines, ""]).encode())


def _load(database: Database, file: RegistryFile) -> loading.Loaded:
    with database.writing() as unit:
        return loading.load(unit, file, actor="test")


def _all(database: Database) -> dict[str, Court]:
    with database.reading() as unit:
        return registry.read_all(unit)


def test_loading_twice_changes_nothing(wired: Database):
    """The second time every court is as it was, and says so."""
    first = _load(wired, loading.shipped())
    assert (first.added, first.corrected, first.unchanged) == (207, 0, 0)
    before = _all(wired)
    second = _load(wired, loading.shipped())
    assert (second.added, second.corrected, second.unchanged) == (0, 0, 207)
    assert _all(wired) == before


def test_operators_go_live_and_policy_stay(loaded: Database):
    """Loading takes back neither a date nor a policy that `courts set` chose."""
    with loaded.writing() as unit:
        changes.change(
            unit,
            "casd",
            actor="test",
            go_live=announced("2027-01-04"),
            values={"help_email": "help@casd.uscourts.gov"},
        )
    before = _all(loaded)["casd"]
    done = _load(loaded, loading.shipped())
    assert _all(loaded)["casd"] == before
    assert list(done.kept) == ["casd"]


def test_not_scheduled_is_a_choice_too(loaded: Database):
    """A date that an operator took away does not come back."""
    with loaded.writing() as unit:
        changes.change(unit, "casb", actor="test", go_live=Announcement(None))
    _load(loaded, loading.shipped())
    assert _all(loaded)["casb"].go_live is None


def test_choosing_the_date_of_the_registry_keeps_it(loaded: Database):
    """An operator who confirms the registry's date has chosen it: a later file does not move it."""
    with loaded.writing() as unit:
        done = changes.change(unit, "casb", actor="test", go_live=announced("2016-02-22"))
    assert list(done.fields) == ["go_live"]
    _load(loaded, _file(CASB + ",2030-01-01", head=HEAD + ",go_live"))
    assert _all(loaded)["casb"].go_live == done.court.go_live


def test_what_the_file_corrects_is_taken(loaded: Database):
    """A corrected name is taken, all other courts stay, and a date nobody set may move."""
    before = _all(loaded)
    done = _load(loaded, _file(CASB + ",2016-02-23T00:00", head=HEAD + ",go_live"))
    after = _all(loaded)
    assert (done.added, done.corrected) == (0, 1)
    assert after["casb"].name == "Court of San Diego"
    local = after["casb"].go_live_local
    assert local is not None
    assert local.isoformat() == "2016-02-23T00:00:00-08:00"
    assert {**after, "casb": before["casb"]} == before


def test_file_without_go_live_says_nothing_of_it(loaded: Database):
    """Without the column dates stay; with an empty cell the court is not scheduled."""
    before = _all(loaded)["casb"].go_live
    _load(loaded, _file(CASB))
    assert _all(loaded)["casb"].go_live == before
    _load(loaded, _file(CASB + ",", head=HEAD + ",go_live"))
    assert _all(loaded)["casb"].go_live is None


def test_rehearsal_has_an_entry_of_its_own(loaded: Database):
    """`casb-train` stands beside `casb`, with ids of its own, on the judiciary's training host."""
    _load(loaded, _file(TRAIN))
    found = _all(loaded)["casb-train"]
    assert found.cmecf_url == "https://ecf-train.casb.uscourts.gov"
    assert (found.psc_id, found.pcl_id) == ("CASB-TRAIN", "casb-train")


def test_what_is_left_out_follows_from_the_id():
    """For every court that we ship, the rules yield its PCL id, PSC id and address, or a known other."""
    head = "id,name,type,circuit,state,time_zone"
    lines = [
        f'{e.id},"{e.name}",{e.type},{e.circuit},{e.state},{e.time_zone}'
        for e in loading.shipped().entries
    ]
    derived = {entry.id: entry for entry in _file(*lines, head=head).entries}
    different = {
        entry.id
        for entry in loading.shipped().entries
        if (entry.psc_id, entry.pcl_id, entry.cmecf_url)
        != (derived[entry.id].psc_id, derived[entry.id].pcl_id, derived[entry.id].cmecf_url)
    }
    assert different == {"cadc", "cit", "jpml"}


def test_loopback_http_is_for_rehearsals():
    """A demo court may be on http://localhost; any other address must be https."""
    file = _file(CASB + ",http://localhost:8001", head=HEAD + ",cmecf_url")
    assert file.entries[0].cmecf_url == "http://localhost:8001"
    with pytest.raises(InputError, match="must be https"):
        _file(CASB + ",http://ecf.casb.uscourts.gov", head=HEAD + ",cmecf_url")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (CASB.replace("casb", "CASB"), "line 3: id must be"),
        (CASB.replace("casb", "casb-"), "line 3: id must be"),
        (CASB.replace("casb", "a" * 17), "line 3: id must be"),
        (CASB.replace("bankruptcy", "traffic"), "line 3: type must be one of"),
        (CASB.replace(",9,", ",12,"), "line 3: circuit must be one of"),
        (CASB.replace(",CA,", ",XX,"), "line 3: state must be"),
        (CASB.replace("America/Los_Angeles", "America"), "line 3: time_zone must be"),
        (CASB.replace("America/Los_Angeles", "../../etc/passwd"), "line 3: time_zone must be"),
        (CASB.replace("Court of San Diego", ""), "line 3: name must be"),
        (CASB + ",x", "line 3: has 7 columns, the header has 6"),
        (TRAIN, "line 3: id casb-train stands already on line 2"),
    ],
)
def test_bad_line_is_named(line: str, reason: str):
    """A bad line is reported with its number and why."""
    with pytest.raises(InputError, match=reason):
        _file(TRAIN, line)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://ecf.casb.uscourts.gov", "https://"),
        ("https://user@ecf.casb.uscourts.gov", "https://"),
        ("https://", "https://"),
        ("https://ecf casb", "without spaces"),
        ("https://[::1", "not a web address"),
        ("https://host:99999", "not a web address"),
        ("javascript:alert(1)", "https://"),
    ],
)
def test_bad_address_is_named(address: str, reason: str):
    """What the list links to is an address of a web server and nothing else."""
    with pytest.raises(InputError, match=reason):
        _file(f"{CASB},{address}", head=HEAD + ",cmecf_url")


def test_all_bad_lines_are_told_at_once():
    """One refusal names every problem, so that a file is mended in one go."""
    with pytest.raises(InputError) as refused:
        _file("A" + CASB, TRAIN, CASB.replace(",CA,", ",ca,"))
    first, *others = refused.value.sentence.splitlines()
    assert first == "courts.csv: 2 problems; nothing was changed."
    assert [line.split(":")[0].strip() for line in others] == ["line 2", "line 4"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "id, .* missing"),
        (b"id,name\n", "type, .* missing"),
        ((HEAD + ",golive\n").encode(), "column 7 is none of them"),
        ((HEAD + ",id\n").encode(), "twice"),
        ((HEAD + "\n").encode(), "holds no court"),
        (HEAD.encode() + b"\n\xe9", "Line 2 is not UTF-8"),
        ((HEAD + '\n"casb').encode(), "cannot be read as CSV"),
    ],
)
def test_file_that_is_none_is_refused_in_one_line(content: bytes, reason: str):
    """A file that is no registry is refused with one line."""
    with pytest.raises(InputError, match=reason) as refused:
        parse("courts.csv", content)
    assert "\n" not in refused.value.sentence


def test_file_of_a_spreadsheet_is_read():
    """A byte order mark, Windows line ends, empty lines and spaces around values do no harm."""
    content = f"\ufeff{HEAD}\r\n\r\n{CASB.replace(',', ' , ')}\r\n".encode()
    assert parse("courts.csv", content).entries[0].id == "casb"


def test_id_of_another_court_is_refused(loaded: Database):
    """Two courts never share a PSC or PCL id; the file's line is named and nothing changes."""
    before = _all(loaded)
    file = _file(TRAIN + ",AKBK", CASB + ",", head=HEAD + ",psc_id")
    with pytest.raises(InputError, match="line 2: psc_id AKBK is that of court akb"):
        _load(loaded, file)
    assert _all(loaded) == before


def test_two_courts_may_exchange_ids(loaded: Database):
    """Ids that stood the wrong way around are corrected in one go."""
    before = _all(loaded)
    lines = [
        f"{one.id},{one.name},{one.type},{one.circuit},{one.state},{one.time_zone},{other.psc_id}"
        for one, other in [
            (before["casb"], before["casd"]),
            (before["casd"], before["casb"]),
        ]
    ]
    _load(loaded, _file(*lines, head=HEAD + ",psc_id"))
    after = _all(loaded)
    assert (after["casb"].psc_id, after["casd"].psc_id) == ("CASDC", "CASBK")
    assert (after["casb"].pcl_id, after["casd"].pcl_id) == ("casdc", "casbk")


def test_loading_is_one_event(wired: Database):
    """The audit trail has one event with counts and the file's digest, and no court's data."""
    file = loading.shipped()
    _load(wired, file)
    with wired.reading() as unit:
        rows = unit.execute(select(events.c.event, events.c.actor, events.c.detail)).all()
    assert [tuple(row) for row in rows] == [
        (
            "courts:registry:loaded",
            "test",
            {"added": 207, "corrected": 0, "unchanged": 0, "sha256": file.sha256},
        )
    ]
    assert json.dumps(rows[0].detail).count("uscourts") == 0


def test_time_that_comes_twice_is_told():
    """A date in the file that the court's clock shows twice is noted with its line."""
    file = _file(CASB + ",2026-11-01T01:00", head=HEAD + ",go_live")
    assert len(file.notes) == 1
    assert file.notes[0].startswith("Line 2: 2026-11-01T01:00 comes twice")
