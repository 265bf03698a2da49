"""Pages of what begins so, on both databases."""

from collections.abc import Mapping, Sequence
from contextlib import closing

import pytest

from signon.app import wire
from signon.db import Database, Unit
from signon.errors import InputError
from signon.searching import entries, ranges, words
from signon.searching.entries import Entry
from signon.searching.ranges import Source


@pytest.fixture
def unit(database_url: str):
    """A unit with forty people, of whom each second is a Pat, and two are twice the same word."""
    with closing(wire(Database(database_url))) as database, database.writing() as unit:
        for number in range(40):
            first = "Pat" if number % 2 else f"Ann{number}"
            _put(unit, f"s{number:02}", first, f"Smith{number}")
        _put(unit, "twice1", "Owen", "Owen")
        _put(unit, "twice2", "Owens", "Owen")
        yield unit


def _put(unit: Unit, subject: str, first: str, last: str) -> None:
    entries.put(unit, (Entry("names", key, subject) for key in words.turns(first, last)))


def _found(unit: Unit, typed: str, *, limit: int = 7, without: str = "-") -> list[str]:
    """All pages of it."""

    def load(ids: Sequence[str]) -> Mapping[str, str]:
        return {one: one for one in ids if one != without}

    found: list[str] = []
    source = Source("names", words.beginnings(typed), load)
    after = ""
    while page := ranges.page(unit, [source], after=after, limit=limit):
        found += [one.row for one in page]
        after = page[-1].after
    return found


def test_pages_hold_everybody_once(unit: Unit):
    """However many have the word, and in whatever order it was typed."""
    pats = [f"s{number:02}" for number in range(1, 40, 2)]
    for typed in ("pat", "pat smith", "smith pat"):
        assert sorted(_found(unit, typed)) == pats
    assert sorted(_found(unit, "owen")) == ["twice1", "twice2"]
    assert _found(unit, "mith") == []
    assert sorted(_found(unit, "pat", without="s01")) == pats[1:]


def test_words_that_do_not_follow_each_other(unit: Unit):
    """The last of two surnames is left out, and the middle name."""
    _put(unit, "ana", "Ana María", "García López")
    source = ranges.named("names", "García, Ana", lambda ids: {one: one for one in ids})
    assert [one.row for one in ranges.page(unit, source, after="", limit=5)] == ["ana"]
    nobody = ranges.named("names", "García, Eva", lambda ids: {one: one for one in ids})
    assert ranges.page(unit, nobody, after="", limit=5) == []


def test_the_first_place_that_knows_anything_answers(unit: Unit):
    """Names come before logins."""
    entries.put(unit, [Entry("logins", "smithy", "s99"), Entry("logins", "zorro", "s98")])

    def load(ids: Sequence[str]) -> Mapping[str, str]:
        return {one: one for one in ids}

    def found(typed: str) -> list[str]:
        sources = [Source("names", words.beginnings(typed), load), Source("logins", [typed], load)]
        return [one.row for one in ranges.page(unit, sources, after="", limit=3)]

    assert found("zorro") == ["s98"]
    assert len(found("smith")) == 3
    assert "s99" not in found("smith")


def test_a_walk_is_bounded(unit: Unit, monkeypatch: pytest.MonkeyPatch):
    """Whoever looks for few among many types more."""
    monkeypatch.setattr(ranges, "MOST", 10)
    monkeypatch.setattr(ranges, "WALKED", 10)
    with pytest.raises(InputError, match="type more"):
        ranges.page(unit, [Source("names", ["smith"], lambda _: {})], after="", limit=5)
    with pytest.raises(InputError, match="type more"):
        ranges.subjects(unit, "names", ["smith"])
    with pytest.raises(InputError, match="another list"):
        ranges.page(unit, [Source("names", ["smith"], lambda _: {})], after="x", limit=5)


def test_another_name_takes_the_place_of_the_old_one(unit: Unit):
    """Everywhere that the subject is found by its name, and nowhere else."""
    entries.copy(unit, "s00", "names", "names@casb")
    entries.put(unit, [Entry("logins", "ann0", "s00")])
    entries.renew(unit, "s00", {"names": words.turns("Zoe", "Zorn")})
    there = {(one.place, one.key) for one in entries._of(unit, "s00")}
    assert there == {
        ("names", "zoe zorn"), ("names", "zorn zoe"), ("names@casb", "zoe zorn"),
        ("names@casb", "zorn zoe"), ("logins", "ann0"),
    }  # fmt: skip


@pytest.mark.parametrize("number", ["-1", "1", "x", "9" * 5000])
def test_a_place_of_another_list_is_refused(unit: Unit, number: str):
    """Somebody has written it by hand, in as many digits as an address holds."""
    source = Source("names", ["pat"], lambda ids: {one: one for one in ids})
    after = ranges.BETWEEN.join((number, "pat", ""))
    with pytest.raises(InputError, match="another list"):
        ranges.page(unit, [source], after=after, limit=1)


def test_a_place_before_the_beginning_is_refused(unit: Unit):
    """What comes then does not begin as somebody has typed."""
    source = Source("names", ["pat"], lambda ids: {one: one for one in ids})
    with pytest.raises(InputError, match="another list"):
        ranges.page(unit, [source], after=ranges.BETWEEN.join(("0", "a", "")), limit=1)
