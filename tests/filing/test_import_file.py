"""A court's file is read to its end, and every bad line says why without a word of its hash."""

import pytest

from signon.courts.registry import CourtType
from signon.errors import InputError
from signon.filing.cases import EXAMPLES, MAX_CASES, is_case_number
from signon.filing.legacy_logins import import_file
from signon.filing.legacy_logins.import_file import ImportFile
from tests.filing.conftest import HEADER, STRONG, line

BANKRUPTCY = CourtType.BANKRUPTCY


def read(*lines: str, court: CourtType = BANKRUPTCY) -> ImportFile:
    """Lines under the usual header."""
    return import_file.read("\n".join([HEADER, *lines]).encode(), court)


def test_a_good_line_is_read_whole():
    """Every column has its place; roles and cases are separated by semicolons."""
    [found] = read(
        line("JDoe", role="mediator; attorney", cases="", status="Locked", bar_id="", first_name="")
    ).lines
    assert (found.number, found.key, found.login) == (2, "jdoe", "JDoe")
    assert (found.roles, found.cases, found.status) == (("attorney", "mediator"), None, "locked")
    assert (found.bar_id, found.first_name, found.password_hash) == (None, "", STRONG)
    assert STRONG not in repr(found)


def test_cases_limit_a_login():
    """Cases are kept as the court wrote them, once each."""
    [found] = read(line("a", cases="20-01234; 3:20-bk-01234;20-01234")).lines
    assert found.cases == ("20-01234", "3:20-bk-01234")


def test_byte_order_mark_empty_lines_and_other_order_are_no_matter():
    """What spreadsheets make of a CSV file is still that file."""
    data = "\ufeffstatus,role,email,bar_id,last_name,first_name,password_hash,login\r\n\r\n"
    data += f'active,attorney,a@b.example.com,,Doe,Jane,"{STRONG}",jdoe\r\n,,,,,,,\r\n'
    found = import_file.read(data.encode(), BANKRUPTCY)
    assert [one.login for one in found.lines] == ["jdoe"]
    assert not found.bad


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"login": ""}, "login missing"),
        ({"login": "a" * 65}, "login too long"),
        ({"last_name": ""}, "last_name missing"),
        ({"email": "nobody"}, "email is not an e-mail address"),
        ({"override": "perhaps"}, "override must be yes or no"),
        ({"role": "judge"}, "unknown role: at this court it may be attorney, trustee"),
        ({"role": ""}, "unknown role"),
        ({"role": "attorney;judge"}, "unknown role"),
        ({"status": "asleep"}, "status must be active, disabled or locked"),
        ({"role": "pro_se"}, "role pro_se needs at least one case number"),
        ({"role": "trustee", "cases": "20-01234"}, "role trustee is not limited to cases"),
        ({"cases": "20-01234;soon"}, "case number 2 is not like"),
        ({"cases": ";".join(f"20-{n}" for n in range(MAX_CASES + 1))}, "more than 200 cases"),
        ({"bar_id": "a\x07b"}, "holds a control character"),
        ({"first_name": "Pay at evil.com"}, "first_name looks like it holds an internet"),
        ({"last_name": "a\u202eb"}, "last_name has characters that cannot be seen"),
    ],
)
def test_a_bad_line_says_why(changes: dict[str, str], reason: str):
    """Each rule has its own reason, and the file's other lines are still read."""
    found = read(line("good"), line(**{"login": "bad", **changes}), line("other"))
    assert [one.login for one in found.lines] == ["good", "other"]
    [bad] = found.bad
    assert bad.line == 3
    assert reason in bad.reason


def test_a_role_that_the_courts_type_does_not_have_cannot_be_imported():
    """There is no trustee at a district court, and the reason says so."""
    [bad] = read(line("a", role="trustee"), court=CourtType.DISTRICT).bad
    assert bad.reason == "role trustee does not exist at a district court"
    assert not read(line("a", role="trustee")).bad


def test_all_reasons_of_a_line_are_told_at_once():
    """Nobody has to import again to learn the second mistake."""
    [bad] = read(line("a", status="x", role="y", email="z")).bad
    assert all(name in bad.reason for name in ("status", "role", "email"))


def test_a_login_twice_is_a_bad_line_in_any_case():
    """The second one is bad and names the first."""
    found = read(line("JDoe"), line("other"), line("jdoe"))
    [bad] = found.bad
    assert (bad.line, bad.reason) == (4, "the login stands in line 2 already")


def test_what_is_no_csv_is_a_bad_line_of_its_own():
    """Wrong quotation marks and numbers of columns are told with their line."""
    found = read('a,"b"c,d', "a,b", line("good"), 'x,"open')
    assert [(bad.line, bad.reason.partition(":")[0]) for bad in found.bad] == [
        (2, "cannot be read as CSV"),
        (3, "has 2 columns, the header has 10"),
        (5, "cannot be read as CSV"),
    ]


def test_a_line_that_is_not_utf_8_is_a_bad_line_where_others_are():
    """One broken line does not make another encoding of the whole file."""
    data = f"{HEADER}\n{line('good', last_name='Núñez')}\n".encode()
    [bad] = import_file.read(data + line("x", last_name="Núñez").encode("cp1252"), BANKRUPTCY).bad
    assert (bad.line, bad.reason) == (3, "is not UTF-8")


def test_no_reason_repeats_a_cell():
    """With shifted columns any cell may be the hash."""
    for column in ("email", "role", "status", "cases", "bar_id", "first_name"):
        for bad in read(line("a", **{column: STRONG.replace(",", "")})).bad:
            assert "argon2" not in bad.reason


@pytest.mark.parametrize(
    "header",
    ["", "login;password_hash", HEADER.replace("email", "mail"), HEADER + ",login"],
)
def test_another_header_is_refused(header: str):
    """The header is the file's promise; without it no column means anything."""
    with pytest.raises(InputError, match=r"must name the columns login,password_hash"):
        import_file.read((header + "\n" + line("a")).encode(), BANKRUPTCY)


def test_an_empty_file_is_refused():
    """Nothing is not a court's list."""
    with pytest.raises(InputError, match="must name the columns"):
        import_file.read(b"", BANKRUPTCY)


def test_line_numbers_count_lines_not_records():
    """A cell over two lines moves what follows; the editor shows the same number."""
    found = read(line("a", bar_id='"x\ny"'), line("b", role="z"))
    assert [(bad.line, bad.reason[:7]) for bad in found.bad] == [(2, "holds a"), (4, "unknown")]


@pytest.mark.parametrize(
    ("court", "numbers"),
    [
        (CourtType.DISTRICT, "3:20-cv-01234 3:20-cv-01234-ABC-DEF 2:19-cr-00123-JLS-2 MDL-2741"),
        (CourtType.BANKRUPTCY, "20-01234 3:20-bk-01234 20-ap-90012 20-01234-LA7"),
        (CourtType.APPELLATE, "20-55123 2020-1234 20-1234-cv"),
        (CourtType.BANKRUPTCY_APPELLATE_PANEL, "NV-20-1234 20-012"),
        (CourtType.NATIONAL, "1:20-vv-00001 20-00012 MDL2741"),
    ],
)
def test_case_numbers_of_all_courts_are_known(court: CourtType, numbers: str):
    """District, bankruptcy, adversary, appeals, panels, multidistrict; each example is one."""
    assert is_case_number(EXAMPLES[court], court)
    for number in numbers.split():
        assert is_case_number(number, court), number


@pytest.mark.parametrize(
    ("court", "number"),
    [
        (CourtType.DISTRICT, "20-01234"),
        (CourtType.BANKRUPTCY, "NV-20-1234"),
        (CourtType.APPELLATE, "3:20-cv-01234"),
        (CourtType.BANKRUPTCY_APPELLATE_PANEL, "MDL No. 2741"),
    ],
)
def test_another_courts_number_is_none_of_this_one(court: CourtType, number: str):
    """The form depends on the type of court."""
    assert not is_case_number(number, court)


@pytest.mark.parametrize(
    "number", ["", "1234", "soon", "20-", "20-01234;", "x" * 50, "3:20-cv", "20 01234"]
)
def test_garbage_is_no_case_number(number: str):
    """What no court could have given."""
    assert not any(is_case_number(number, court) for court in CourtType)
