"""The registry of CM/ECF courts that the package ships, checked against itself and against courts-db."""

import csv
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import courts_db
import pytest

REGISTRY = Path(__file__).parents[2] / "src" / "signon" / "courts" / "data" / "courts.csv"

COLUMNS = [
    "id",
    "psc_id",
    "pcl_id",
    "name",
    "type",
    "circuit",
    "state",
    "time_zone",
    "cmecf_url",
    "go_live",
    "courts_db_id",
]

# 28 U.S.C. 41: the states and territories of each circuit.
STATES_OF_CIRCUIT = {
    "1": "MA ME NH PR RI",
    "2": "CT NY VT",
    "3": "DE NJ PA VI",
    "4": "MD NC SC VA WV",
    "5": "LA MS TX",
    "6": "KY MI OH TN",
    "7": "IL IN WI",
    "8": "AR IA MN MO ND NE SD",
    "9": "AK AZ CA GU HI ID MP MT NV OR WA",
    "10": "CO KS NM OK UT WY",
    "11": "AL FL GA",
    "dc": "DC",
}
CIRCUIT_OF_STATE = {
    state: circuit for circuit, states in STATES_OF_CIRCUIT.items() for state in states.split()
}

# Ids that no rule yields.
PCL_EXCEPTIONS = {
    "cadc": "dcca",
    "cafc": "cafc",
    "cit": "citdc",
    "cofc": "cofc",
    "jpml": "jpmldc",
}

# A bankruptcy appellate panel's cases are kept in its circuit's CM/ECF.
HOST_EXCEPTIONS = {
    "bap1": "ecf.ca1.uscourts.gov",
    "bap9": "ecf.ca9.uscourts.gov",
    "bap10": "ecf.ca10.uscourts.gov",
}

# courts-db has no `azb` and no `cofc`, and its `neb` is the Supreme Court of Nebraska.
COURTS_DB_IDS = {"azb": "arb", "cofc": "uscfc", "neb": "nebraskab"}

# courts-db lists the District of New Jersey as it was from 1789 to 1801 only.
ENDED_IN_COURTS_DB = {"njd"}

# courts-db puts Vermont in the First Circuit; it is in the Second.
WRONG_CIRCUIT_IN_COURTS_DB = {"vtb", "vtd"}

DIRECTIONS = {
    "N": "Northern",
    "S": "Southern",
    "E": "Eastern",
    "W": "Western",
    "M": "Middle",
    "C": "Central",
}


def _rows() -> list[dict[str, str]]:
    with REGISTRY.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = _rows()
COURTS_DB: dict[str, dict[str, Any]] = {court["id"]: court for court in courts_db.courts}

TRIAL_COURTS = [row for row in ROWS if row["type"] in {"district", "bankruptcy"}]
OTHER_COURTS = [row for row in ROWS if row["type"] not in {"district", "bankruptcy"}]


def _counterpart(row: dict[str, str]) -> dict[str, Any]:
    return COURTS_DB[row["courts_db_id"] or row["id"]]


def _sits(court: dict[str, Any]) -> bool:
    return not court["dates"] or any(not period["end"] for period in court["dates"])


def _direction(name: str) -> str | None:
    """`Southern` of `..., S.D. California`, `... Southern District of ...` and `..., Oklahoma Southern`."""
    name = name.replace("Northern Mariana Islands", "")
    if short := re.search(r"\b([NSEWMC])\.D\.", name):
        return DIRECTIONS[short[1]]
    full = re.search(r"\b(" + "|".join(DIRECTIONS.values()) + r")\b", name)
    return full[1] if full else None


def _place(name: str) -> str:
    """`California` of `... for the Southern District of California`; `Guam` of `District Court of Guam`."""
    if name.endswith("for the District of Columbia"):
        return "District of Columbia"
    place = re.sub(r".* District of |^District Court (of|for) ", "", name)
    return place.removeprefix("the ").removesuffix(", Bankruptcy Division")


def test_columns_are_exactly_the_agreed_ones() -> None:
    """The file has the agreed columns in the agreed order, and every row fills every one."""
    with REGISTRY.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == COLUMNS
    assert {len(line) for line in lines} == {len(COLUMNS)}


def test_file_is_plain() -> None:
    """The file is ASCII with Unix line ends and no value is padded with spaces."""
    content = REGISTRY.read_bytes()
    assert content.isascii()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert not content.endswith(b"\n\n")
    assert all(value == value.strip() for row in ROWS for value in row.values())


def test_rows_are_in_order_of_id() -> None:
    """Rows stand in the order of their ids, so that a change is easy to review."""
    assert [row["id"] for row in ROWS] == sorted(row["id"] for row in ROWS)


@pytest.mark.parametrize("column", ["id", "psc_id", "pcl_id", "name"])
def test_names_of_courts_are_unique(column: str) -> None:
    """No two courts share an id of any kind or a name, whatever the case of the letters."""
    counts = Counter(row[column].casefold() for row in ROWS)
    assert [value for value, count in counts.items() if count > 1] == []


def test_number_of_courts_by_type() -> None:
    """There are 94 district and 94 bankruptcy courts, 13 courts of appeals, three panels and three national courts."""
    assert Counter(row["type"] for row in ROWS) == {
        "district": 94,
        "bankruptcy": 94,
        "appellate": 13,
        "bankruptcy_appellate_panel": 3,
        "national": 3,
    }


def test_every_district_has_both_courts() -> None:
    """Every judicial district has a district and a bankruptcy court, in one state, circuit and time zone."""
    seats = {
        type_: {
            row["id"][:-1]: (row["circuit"], row["state"], row["time_zone"])
            for row in ROWS
            if row["type"] == type_
        }
        for type_ in ("district", "bankruptcy")
    }
    assert seats["district"] == seats["bankruptcy"]


def test_id_tells_the_type() -> None:
    """The id's form and the type agree: `..d`, `..b`, `ca..`, `bap..`, and three names."""
    forms = {
        "district": r"[a-z]{2,3}d",
        "bankruptcy": r"[a-z]{2,3}b",
        "appellate": r"ca(\d{1,2}|dc|fc)",
        "bankruptcy_appellate_panel": r"bap\d{1,2}",
        "national": r"cit|cofc|jpml",
    }
    assert [row["id"] for row in ROWS if not re.fullmatch(forms[row["type"]], row["id"])] == []


def test_pcl_ids_follow_the_scheme() -> None:
    """The PCL id follows from the CM/ECF id: `casd` is `casdc`, `casb` is `casbk`, `ca9` is `09ca`; five are exceptions."""

    def expected(id_: str) -> str:
        if numbered := re.fullmatch(r"(ca|bap)(\d+)", id_):
            return f"{int(numbered[2]):02}{numbered[1]}"
        return PCL_EXCEPTIONS.get(id_) or id_[:-1] + {"d": "dc", "b": "bk"}[id_[-1]]

    assert {row["id"]: row["pcl_id"] for row in ROWS} == {
        row["id"]: expected(row["id"]) for row in ROWS
    }
    assert max(len(row["pcl_id"]) for row in ROWS) <= 6


def test_psc_ids_are_pcl_ids_in_capitals() -> None:
    """The PSC id is the PCL id in capital letters."""
    assert [row["psc_id"] for row in ROWS] == [row["pcl_id"].upper() for row in ROWS]


def test_state_and_circuit_of_trial_courts() -> None:
    """A trial court's state is the head of its id and lies in the circuit that the law puts it in."""
    for row in TRIAL_COURTS:
        expected = "MP" if row["id"].startswith("nmi") else row["id"][:2].upper()
        assert (row["id"], row["state"]) == (row["id"], expected)
        assert (row["id"], row["circuit"]) == (row["id"], CIRCUIT_OF_STATE[row["state"]])


def test_state_and_circuit_of_the_other_courts() -> None:
    """Other courts have no state; their circuit is their number, `dc` or `federal`, and only the panel on multidistrict litigation has none."""
    special = {"cadc": "dc", "cafc": "federal", "cit": "federal", "cofc": "federal", "jpml": ""}
    for row in OTHER_COURTS:
        expected = special.get(row["id"], re.sub(r"\D", "", row["id"]))
        assert (row["id"], row["state"], row["circuit"]) == (row["id"], "", expected)


def test_every_state_has_a_court() -> None:
    """Every state, the District of Columbia and the four territories with a federal court appear."""
    assert {row["state"] for row in ROWS} - {""} == set(CIRCUIT_OF_STATE)
    assert len(CIRCUIT_OF_STATE) == 50 + 1 + 4


def test_name_has_the_form_of_its_type() -> None:
    """Names are written in the judiciary's formal form, one form for each type."""
    forms = {
        "district": r"United States District Court for the .*District of .+|District Court (of|for) .+",
        "bankruptcy": r"United States Bankruptcy Court for the .*District of .+"
        r"|District Court (of|for) .+, Bankruptcy Division",
        "appellate": r"United States Court of Appeals for the .+ Circuit",
        "bankruptcy_appellate_panel": r"United States Bankruptcy Appellate Panel of the .+ Circuit",
        "national": r"United States (Court of (International Trade|Federal Claims)"
        r"|Judicial Panel on Multidistrict Litigation)",
    }
    assert [row["name"] for row in ROWS if not re.fullmatch(forms[row["type"]], row["name"])] == []


def test_name_tells_the_district_of_the_id() -> None:
    """The name's direction is the third letter of an id that has one, and only then."""
    for row in TRIAL_COURTS:
        middle = "" if row["id"].startswith("nmi") else row["id"][2:-1]
        expected = DIRECTIONS[middle.upper()] if middle else None
        assert (row["id"], _direction(row["name"])) == (row["id"], expected)


@pytest.mark.parametrize("time_zone", sorted({row["time_zone"] for row in ROWS}))
def test_time_zone_loads(time_zone: str) -> None:
    """Every time zone is a geographical one that Python knows."""
    assert re.fullmatch(r"(America|Pacific)/[A-Za-z_/]+", time_zone)
    assert ZoneInfo(time_zone).key == time_zone


@pytest.mark.parametrize(
    ("id_", "summer", "winter"),
    [
        ("akd", -8, -9),
        ("azb", -7, -7),
        ("casb", -7, -8),
        ("flnd", -4, -5),
        ("gud", 10, 10),
        ("hid", -10, -10),
        ("idb", -6, -7),
        ("innd", -4, -5),
        ("kywd", -4, -5),
        ("miwb", -4, -5),
        ("ndd", -5, -6),
        ("nmid", 10, 10),
        ("prd", -4, -4),
        ("sdd", -5, -6),
        ("tned", -4, -5),
        ("tnmd", -5, -6),
        ("txwd", -5, -6),
        ("vid", -4, -4),
        ("ca9", -7, -8),
    ],
)
def test_clock_at_the_seat(id_: str, summer: int, winter: int) -> None:
    """The zone is that of the clerk's main office, also where a state or district spans two."""
    zone = ZoneInfo(next(row["time_zone"] for row in ROWS if row["id"] == id_))
    for month, hours in ((7, summer), (1, winter)):
        offset = datetime(2024, month, 15, tzinfo=zone).utcoffset()
        assert offset is not None
        assert offset.total_seconds() == hours * 3600


def test_cmecf_address_follows_the_host_rule() -> None:
    """The address is `https://ecf.<id>.uscourts.gov`, but for panels, which are on their circuit's host."""
    assert {row["id"]: row["cmecf_url"] for row in ROWS} == {
        row["id"]: f"https://{HOST_EXCEPTIONS.get(row['id'], 'ecf.' + row['id'] + '.uscourts.gov')}"
        for row in ROWS
    }


def test_go_live_dates() -> None:
    """Dates are local midnights: the published day, or the first day of a published month, or the last day of a longer period."""
    expected = {
        # month published
        "ca2": "2014-10-01",
        "ca9": "2014-10-01",
        # fiscal year 2015 published (it ended on 30 September)
        "akb": "2015-09-30",
        "ksd": "2015-09-30",
        "orb": "2015-09-30",
        # autumn 2015 published
        "flnd": "2015-11-30",
        "mnd": "2015-11-30",
        "njb": "2015-11-30",
        # day published
        "casb": "2016-02-22",
        "wawb": "2019-02-04",
        "moed": "2019-06-03",
        "pamb": "2020-01-13",
        "cacd": "2020-02-18",
        "casd": "2020-03-02",
        "mssb": "2020-04-26",
        "deb": "2021-02-12",
        "idb": "2021-03-08",
        "idd": "2021-03-15",
        "ilcd": "2021-05-17",
        "azb": "2021-06-28",
        "innd": "2021-11-08",
        "nvb": "2021-11-15",
        "mdd": "2022-02-14",
    }
    found = {row["id"]: row["go_live"] for row in ROWS if row["go_live"]}
    assert found == {id_: f"{day}T00:00" for id_, day in expected.items()}
    assert all(datetime.fromisoformat(value).tzinfo is None for value in found.values())


def test_courts_db_id_is_given_only_where_it_differs() -> None:
    """Three courts have another id in courts-db; every other one has the same."""
    assert {row["id"]: row["courts_db_id"] for row in ROWS if row["courts_db_id"]} == COURTS_DB_IDS


def test_every_court_is_in_courts_db() -> None:
    """courts-db knows every court as a federal one that still sits, but for one known gap."""
    for row in ROWS:
        assert _counterpart(row)["system"] == "federal", row["id"]
    assert {row["id"] for row in ROWS if not _sits(_counterpart(row))} == ENDED_IN_COURTS_DB


def test_trial_courts_are_the_same_in_courts_db() -> None:
    """courts-db has the same direction, place and kind of court under the id."""
    for row in TRIAL_COURTS:
        counterpart = _counterpart(row)
        is_bankruptcy = row["type"] == "bankruptcy"
        location = counterpart["location"].replace("Washington D.C.", "District of Columbia")
        assert _direction(counterpart["name"]) == _direction(row["name"]), row["id"]
        assert _place(row["name"]) in counterpart["name"], row["id"]
        assert _place(row["name"]) == location, row["id"]
        assert (counterpart["type"] == "bankruptcy") == is_bankruptcy, row["id"]
        assert counterpart["citation_string"].startswith("Bankr") == is_bankruptcy, row["id"]


def test_other_courts_are_the_same_in_courts_db() -> None:
    """courts-db has the same name under the id, apart from how it writes the first words."""

    def plain(name: str) -> str:
        name = name.strip().casefold().removeprefix("united states ")
        return name.replace("district of columbia", "d.c.")

    for row in OTHER_COURTS:
        assert plain(_counterpart(row)["name"]) == plain(row["name"]), row["id"]


def test_circuit_is_the_same_in_courts_db() -> None:
    """Where courts-db names the circuit it is the same, but for one known error."""
    named = [(row, _counterpart(row).get("federal_circuit")) for row in ROWS]
    different = {
        row["id"]
        for row, circuit in named
        if circuit is not None and str(circuit) != row["circuit"]
    }
    assert different == WRONG_CIRCUIT_IN_COURTS_DB


def test_no_court_of_courts_db_is_missing() -> None:
    """Every sitting federal court that courts-db places on a host of the judiciary is in the registry."""
    hosted = {
        court["id"]
        for court in COURTS_DB.values()
        if court["system"] == "federal"
        and ".uscourts.gov" in (court.get("court_url") or "")
        and _sits(court)
    }
    assert len(hosted) > 190
    assert hosted - {row["courts_db_id"] or row["id"] for row in ROWS} == set()
