"""Two old logins of one person at one court: each proved, one right."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from signon.accounts import history
from signon.accounts.directory import by_username
from signon.courts import changes
from signon.courts.registry import read_one
from signon.courts.staff import StaffRole
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court import waiting
from signon.filing.court.desk import POWERS, Desk
from signon.filing.filers import filer_lists
from signon.filing.filers.filer_lists import Search
from signon.filing.legacy_logins import import_changes, importing
from signon.filing.linking import folding
from signon.filing.models import folded_logins, legacy_logins, rights
from signon.filing.rights import filing_status
from signon.filing.rights.rights import FOLD
from signon.profile import taking_back
from signon.profile.taking_back import TakingBack
from tests.filing.conftest import PASSWORD, Browse, House, argon2, line
from tests.filing.test_link_pages import FORM, confirm_redaction, fields, told
from tests.infra.databases import ON_ONE


def prove(browser: TestClient, login: str, *, second: bool = True) -> str:
    """Log in by its password; answers the address of the page that asks whose it is."""
    set_out = browser.get(FORM, params={"second": "1"} if second else {})
    page = browser.get(set_out.headers["location"])
    typed = {"ecf_login": login, "ecf_password": PASSWORD}
    answer = browser.post(FORM, data={**fields(page.text), **typed})
    assert answer.status_code == 303, told(answer.text)
    return answer.headers["location"]


def confirm(browser: TestClient, address: str) -> Any:
    form = fields(browser.get(address).text)
    return browser.post(f"{FORM}/confirm", data=form)


def link_both(house: House, browse: Browse, *lines: str) -> tuple[TestClient, str]:
    """Link `jdoe`, then prove `jdoe2` as a second one and confirm; answers the last page's address."""
    house.load("casb", *lines)
    browser = browse(house.sign_in(house.account()))
    first = prove(browser, "jdoe", second=False)
    confirm(browser, first)
    confirm_redaction(browser, first)
    second = prove(browser, "jdoe2")
    confirm(browser, second)
    return browser, second


def claims(house: House, username: str = "jane.doe1") -> dict[str, Any]:
    with house.database.reading() as unit:
        account = by_username(unit, username)
        assert account is not None
        return filing_status.find(unit, account.id, read_one(unit, "casb")).claims()


def test_two_logins_become_one_right(house: House, browse: Browse):
    """Roles united; the first stays `ecf_login`, the other is listed and can be linked nowhere."""
    browser, second = link_both(
        house, browse, line("jdoe"), line("jdoe2", role="trustee", email="second@court.example.com")
    )
    found = claims(house)
    assert (found["ecf_login"], found["ecf_other_logins"]) == ("jdoe", ["jdoe2"])
    assert found["ecf_roles"] == ["attorney", "trustee"]
    assert len(house.rows(rights)) == 1
    assert "Your filing login is linked" in browser.get(second).text
    other = browse(house.sign_in(house.account("xavier.other")))
    set_out = other.get(other.get(FORM).headers["location"])
    typed = {"ecf_login": "jdoe2", "ecf_password": PASSWORD}
    refused = other.post(FORM, data={**fields(set_out.text), **typed})
    assert "already linked to another PACER account" in told(refused.text)


def test_the_way_to_it_is_said(house: House, browse: Browse):
    """Without saying so nothing is folded: whoever comes by the court's own link is told."""
    house.load("casb", line("jdoe"), line("jdoe2"))
    browser = browse(house.sign_in(house.account()))
    first = prove(browser, "jdoe", second=False)
    confirm(browser, first)
    page = browser.get(browser.get(FORM).headers["location"])
    assert page.status_code == 403
    assert "I have a second login here" in page.text
    assert f'href="{FORM}?second=1"' in page.text


def test_the_court_may_look_first(house: House, browse: Browse):
    """Until then the right goes on as it was; the clerk accepts it, and its roles come."""
    with house.database.writing() as unit:
        changes.change(unit, "casb", values={"second_login": "review"}, actor="system")
    browser, second = link_both(house, browse, line("jdoe"), line("jdoe2", role="trustee"))
    assert "looks at further logins first" in browser.get(second).text
    found = claims(house)
    assert (found["ecf_status"], found["ecf_roles"]) == ("active", ["attorney"])
    assert "ecf_other_logins" not in found
    (row,) = house.rows(folded_logins)
    assert row.accepted_at is None


def test_cases_that_do_not_go_together_are_refused(house: House, browse: Browse):
    """One for named cases and one for all: no one right says both."""
    house.load("casb", line("jdoe"), line("jdoe2"))
    with house.database.writing() as unit:
        named = update(legacy_logins).where(legacy_logins.c.login == "jdoe2")
        unit.execute(named.values(cases=["26-00001"], roles=["pro_se"]))
    browser = browse(house.sign_in(house.account()))
    first = prove(browser, "jdoe", second=False)
    confirm(browser, first)
    confirm_redaction(browser, first)
    page = confirm(browser, prove(browser, "jdoe2"))
    assert "limited to cases in different ways" in told(page.text)
    assert claims(house)["ecf_roles"] == ["attorney"]
    assert house.rows(folded_logins) == []


def test_the_list_goes_on_counting_both(house: House, browse: Browse):
    """An import of both changes nothing; one that closes the second takes its roles away."""
    both = (line("jdoe"), line("jdoe2", role="trustee"))
    link_both(house, browse, *both)
    house.load("casb", *both)
    assert claims(house)["ecf_roles"] == ["attorney", "trustee"]
    house.load(
        "casb",
        line("jdoe"),
        line("jdoe2", role="trustee", status="disabled"),
        may_shrink=lambda _: True,
    )
    assert claims(house)["ecf_roles"] == ["attorney"]


def undo(browser: TestClient) -> str:
    page = browser.get(f"{FORM}/undo")
    done = browser.post(f"{FORM}/undo", data=fields(page.text))
    return told(browser.get(done.headers["location"]).text)


def test_the_last_is_undone_first(house: House, browse: Browse):
    """The folded login alone: what only it gave ends, the right goes on, and it is free again."""
    browser, _ = link_both(house, browse, line("jdoe"), line("jdoe2", role="trustee"))
    assert "Your other login" in undo(browser)
    assert claims(house)["ecf_roles"] == ["attorney"]
    assert "ecf_other_logins" not in claims(house)
    assert house.rows(folded_logins) == []
    confirm(browser, prove(browser, "jdoe2"))
    assert claims(house)["ecf_roles"] == ["attorney", "trustee"]


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [("attorney", "us_trustee", ["attorney"]), ("trustee", "trustee", ["attorney", "trustee"])],
)
def test_what_the_list_gives_each_by_then_is_what_goes(
    house: House, browse: Browse, first: str, second: str, left: list[str]
):
    """The court has sent another list since: a role of the further login alone ends with it."""
    browser, _ = link_both(house, browse, line("jdoe"), line("jdoe2", role="trustee"))
    roles = f"attorney;{first}" if first != "attorney" else first
    house.load(
        "casb", line("jdoe", role=roles), line("jdoe2", role=second), may_shrink=lambda _: True
    )
    undo(browser)
    assert claims(house)["ecf_roles"] == left


def test_a_folding_is_disowned_by_itself(house: House, browse: Browse):
    """“This was not me” about it takes the folded login back, and leaves the link."""
    house.load("casb", line("jdoe"), line("jdoe2", role="trustee"))
    browser = browse(house.sign_in(house.account()))
    first = prove(browser, "jdoe", second=False)
    confirm(browser, first)
    confirm_redaction(browser, first)
    house.clock.advance(seconds=60)
    confirm(browser, prove(browser, "jdoe2"))
    with house.database.writing() as unit:
        account = by_username(unit, "jane.doe1")
        assert account is not None
        (fold,) = [one for one in history.changes(unit, account.id) if one.subject == FOLD]
        means = TakingBack(house.settings, house.ring)
        taking_back.take_back_for(unit, means, account.number, fold.id, actor="operator")
    assert claims(house)["ecf_status"] == "active"
    assert claims(house)["ecf_roles"] == ["attorney"]
    assert claims(house)["ecf_login"] == "jdoe"
    assert house.rows(folded_logins) == []


@pytest.mark.parametrize("mode", ["fold", "review"])
def test_a_folding_that_a_stranger_took_back_is_brought_back(
    house: House, browse: Browse, mode: str
):
    """As it stood: in force, or waiting for the court."""
    with house.database.writing() as unit:
        changes.change(unit, "casb", values={"second_login": mode}, actor="system")
    browser, _ = link_both(house, browse, line("jdoe"), line("jdoe2", role="trustee"))
    before = claims(house)
    house.clock.advance(seconds=60)
    undo(browser)
    assert house.rows(folded_logins) == []
    disown_the_undoing(house)
    assert claims(house) == before
    [row] = house.rows(folded_logins)
    assert (row.accepted_at is None) == (mode == "review")


@ON_ONE
def test_what_is_another_s_by_now_stays_theirs(house: House, browse: Browse):
    """The rest of the account is taken back all the same."""
    browser, _ = link_both(house, browse, line("jdoe"), line("jdoe2", role="trustee"))
    house.clock.advance(seconds=60)
    undo(browser)
    other = browse(house.sign_in(house.account("xavier.other")))
    confirm(other, prove(other, "jdoe2", second=False))
    disown_the_undoing(house)
    assert claims(house, "xavier.other")["ecf_login"] == "jdoe2"
    assert claims(house)["ecf_roles"] == ["attorney"]
    assert house.rows(folded_logins) == []


def disown_the_undoing(house: House) -> None:
    """An operator takes the account back for its owner: it was not them who undid the folding."""
    with house.database.writing() as unit:
        account = by_username(unit, "jane.doe1")
        assert account is not None
        [undone] = [one for one in history.changes(unit, account.id) if one.before.get("right")]
        means = TakingBack(house.settings, house.ring)
        taking_back.take_back_for(unit, means, account.number, undone.id, actor="operator")


def test_what_ends_sets_both_free(house: House, browse: Browse):
    """Undoing the link too ends the right; either login can be proved again."""
    browser, _ = link_both(house, browse, line("jdoe"), line("jdoe2"))
    undo(browser)
    assert "files nothing" in undo(browser)
    assert claims(house)["ecf_status"] == "not_linked"
    assert house.rows(folded_logins) == []
    confirm(browser, prove(browser, "jdoe2", second=False))
    assert claims(house)["ecf_login"] == "jdoe2"


def test_of_two_who_fold_one_login_one_has_it(house: House, browse: Browse):
    """The constraint decides the race."""
    house.load("casb", line("jdoe"), line("other1"), line("both"))
    browsers = []
    for username, login in (("jane.doe1", "jdoe"), ("xavier.other", "other1")):
        browser = browse(house.sign_in(house.account(username)))
        first = prove(browser, login, second=False)
        confirm(browser, first)
        confirm_redaction(browser, first)
        browsers.append((browser, prove(browser, "both")))
    forms = [(one, fields(one.get(at).text)) for one, at in browsers]

    def press(number: int) -> int:
        browser, form = forms[number]
        return browser.post(f"{FORM}/confirm", data=form).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(press, range(2)))
    assert answers == [303, 403]
    assert len(house.rows(folded_logins)) == 1
    listed = [claims(house, name).get("ecf_other_logins") for name in ("jane.doe1", "xavier.other")]
    assert sorted(map(str, listed)) == ["None", "['both']"]


@pytest.mark.parametrize("act", ["accept", "reject"])
def test_a_clerk_decides_once(house: House, browse: Browse, act: str):
    """Accepted, its roles are the right's; refused, the login is free; twice is refused."""
    with house.database.writing() as unit:
        changes.change(unit, "casb", values={"second_login": "review"}, actor="system")
    link_both(house, browse, line("jdoe"), line("jdoe2", role="trustee"))
    with house.database.reading() as unit:
        account = by_username(unit, "jane.doe1")
    assert account is not None
    number = account.number
    with house.database.writing() as unit:
        role = StaffRole.CLERK
        desk = Desk(read_one(unit, "casb"), "the.clerk", POWERS[role], house.settings, role, None)
        assert waiting.at(unit, "casb").filers == 1
        listed = filer_lists.find(unit, desk.court, Search(status="pending"))
        assert [one.row.account.number for one in listed] == [number]
        _decide(unit, desk, number, act)
        assert waiting.at(unit, "casb").filers == 0
    roles = claims(house)["ecf_roles"]
    assert roles == (["attorney", "trustee"] if act == "accept" else ["attorney"])
    assert len(house.rows(folded_logins)) == (1 if act == "accept" else 0)
    with pytest.raises(RefusedError) as refused, house.database.writing() as unit:
        _decide(unit, desk, number, act)
    assert refused.value.reason == folding.NOT_WAITING


def _decide(unit: Unit, desk: Desk, number: str, act: str) -> None:
    if act == "accept":
        folding.accept(unit, desk, number)
    else:
        folding.reject(unit, desk, number, "It is somebody else’s.")


def test_a_filer_is_found_by_either_login(house: House, browse: Browse):
    """By the whole login, as the clerk types it."""
    link_both(house, browse, line("jdoe"), line("jdoe2"))
    with house.database.reading() as unit:
        court = read_one(unit, "casb")
        found = [filer_lists.find(unit, court, Search(words=one)) for one in ("jdoe", "jdoe2")]
    assert [len(one) for one in found] == [1, 1]


# ── What a list makes of it ──────────────────────────────────────────────────


def test_a_list_with_the_further_login_alone_changes_the_right(house: House, browse: Browse):
    """What it gave goes and what it gives comes, though the first login is not in the file."""
    link_both(house, browse, line("jdoe"), line("jdoe2", role="trustee"))
    report = house.load(
        "casb", line("jdoe2", role="trustee", status="locked"), may_shrink=lambda _: True
    )
    assert (claims(house)["ecf_roles"], report.rights_changed) == (["attorney"], 1)
    assert [one.login for one in report.changes if one.what == "right"] == ["jdoe"]
    assert claims(house)["ecf_status"] == "active"
    house.load("casb", line("jdoe2", role="us_trustee"))
    assert claims(house)["ecf_roles"] == ["attorney", "us_trustee"]


def test_a_role_that_the_court_took_by_hand_stays_away(house: House, browse: Browse):
    """Unless the first login's line goes over it."""
    both = (line("jdoe"), line("jdoe2", role="trustee"))
    link_both(house, browse, *both)
    with house.database.writing() as unit:
        unit.execute(update(rights).values(roles=["attorney"]))
    house.load("casb", *both)
    assert claims(house)["ecf_roles"] == ["attorney"]
    house.load("casb", line("jdoe", override="yes"), both[1])
    assert claims(house)["ecf_roles"] == ["attorney", "trustee"]


def test_the_cases_of_both_stay_united(house: House, browse: Browse):
    """A list that says the same changes nothing; one that limits the second alone or not at all is
    refused, or narrows: it never widens what the first may do.
    """
    first = line("jdoe", role="pro_se", cases="26-00001")
    link_both(house, browse, first, line("jdoe2", role="pro_se", cases="26-00002"))
    assert claims(house)["ecf_cases"] == ["26-00001", "26-00002"]
    report = house.load("casb", first, line("jdoe2", role="pro_se", cases="26-00002"))
    assert report.rights_changed == 0
    report = house.load("casb", line("jdoe2", role="trustee"), may_shrink=lambda _: True)
    assert import_changes.TOGETHER in report.bad_lines[0].reason
    assert claims(house)["ecf_cases"] == ["26-00001", "26-00002"]
    gone = line("jdoe2", role="trustee", status="disabled")
    house.load("casb", gone, may_shrink=lambda _: True)
    assert claims(house)["ecf_cases"] == ["26-00001"]


def test_what_waits_gives_nothing_by_a_list(house: House, browse: Browse):
    """Nor does a list prove it: the clerk decides."""
    with house.database.writing() as unit:
        changes.change(unit, "casb", values={"second_login": "review"}, actor="system")
    both = (line("jdoe"), line("jdoe2", role="trustee"))
    link_both(house, browse, *both)
    assert house.load("casb", line("jdoe", override="yes"), both[1]).rights_changed == 0
    assert claims(house)["ecf_roles"] == ["attorney"]


def test_nobody_imports_their_own_further_login(house: House, browse: Browse):
    """It is theirs like the first; and its password proves nothing any more."""
    link_both(house, browse, line("jdoe"), line("jdoe2"))
    [right] = house.rows(rights)
    mine = right.account_id
    report = house.load("casb", line("jdoe2"), is_own=lambda holder, _: holder == mine)
    assert [one.reason for one in report.bad_lines] == [importing.OWN_LINE]
    before = sorted(row.password for row in house.rows(legacy_logins))
    house.load("casb", line("jdoe2", argon2("another one")))
    assert sorted(row.password for row in house.rows(legacy_logins)) == before
