"""Twenty at once: answers and withdrawals of one pair leave one consistent state, on both databases."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from signon.errors import BusyError, RefusedError
from signon.filing.agents import answering, record
from signon.filing.agents.models import acting_choices
from signon.filing.agents.pairs import LASTS, Pair, PairState
from tests.filing.agents.conftest import Agency


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """What each answered; they start together."""
    ready, answers = threading.Barrier(len(acts)), list[object]()

    def run(act: Callable[[], object]) -> None:
        ready.wait()
        answer: object = None
        while answer is None:
            with suppress(BusyError):
                answer = act()
        answers.append(answer)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_twenty_accepts_and_withdrawals(agency: Agency):
    """Each kind succeeds once at most; the end is what counts, and history and events agree."""
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    acts: list[Callable[[], object]] = []
    for _ in range(10):
        acts += [lambda: agency.accept(named), lambda: agency.end(agency.attorney, named)]
    answers = at_once(acts)
    done = [one for one in answers if isinstance(one, Pair)]
    refused = {one.reason for one in answers if isinstance(one, RefusedError)}
    assert len(answers) == 20
    assert refused <= {"offer_over", "pair_over"}
    found = agency.pair(named.id)
    accepted = sum(one.kept is PairState.ACTIVE for one in done)
    assert [one.kept for one in done].count(PairState.ENDED) == 1
    assert accepted == found.is_accepted
    assert (found.kept, found.ended_by) == (PairState.ENDED, "principal")
    with agency.database.reading() as unit:
        steps = record.history(unit, named.id)
    states = Counter((one.after or {}).get("state") for one in steps)
    assert states == {None: 1, "ended": 1} | ({"active": 1} if accepted else {})


def test_twenty_accepts_make_one(agency: Agency):
    """And one mail to either side."""
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    answers = at_once([lambda: agency.accept(named)] * 20)
    assert sum(isinstance(one, Pair) for one in answers) == 1
    told = [one for one in agency.mailed(agency.attorney) if "is now" in one]
    assert len(told) == 1


def test_naming_twenty_times_names_once(agency: Agency):
    answers = at_once([lambda: agency.name(agency.attorney)] * 12)
    assert sum(isinstance(one, Pair) for one in answers) == 1


def test_choosing_while_it_is_withdrawn(agency: Agency):
    """However it comes: nobody acts in the end, and each session has one choice at most."""
    made = agency.active(agency.attorney)
    found = [agency.sign_in()[1] for _ in range(5)]
    acts: list[Callable[[], object]] = [lambda: agency.end(agency.attorney, made)]
    for session in found:
        acts += [lambda session=session: agency.choose(session, made)] * 3  # type: ignore[misc]  # bound now
    at_once(acts)
    for session in found:
        assert agency.acting(session).chosen is None
    with agency.database.reading() as unit:
        rows = unit.execute(acting_choices.select()).all()
    per_session = Counter(row.session_id for row in rows)
    assert all(count == 1 for count in per_session.values())


def test_what_came_between_the_look_and_the_answer(agency: Agency):
    """The statement that accepts looks once more: at the bounds that were read, and at a silent no."""
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    agency.bound(agency.attorney, named, may_pay=True)

    def accepts(version: int) -> int:
        with agency.database.writing() as unit:
            before = unit.now - LASTS
            return answering._accept(unit, named.id, agency.agent.id, version, unit.now, before)

    assert accepts(named.version) == 0
    agency.decline(named)
    assert accepts(named.version + 1) == 0
    assert agency.pair(named.id).kept is PairState.OFFERED
