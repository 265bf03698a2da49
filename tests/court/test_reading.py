"""What a reading at a court's desk asks the database: the token, and what was asked for."""

from tests.court.conftest import CourtHouse
from tests.infra.asked import asked
from tests.infra.databases import ON_ONE

CASB = "/courts/casb"


@ON_ONE
def test_a_reading_asks_for_the_token_and_for_what_is_read(courthouse: CourtHouse):
    """One statement proves the token; the court is known, but its policy is told as it is now."""
    service = courthouse.service()
    service.call("GET", f"{CASB}/policy")
    for path, wanted in (
        ("policy", "courts.registry._one"),
        ("activity", "audit.activity._of_court"),
        ("filers", "filing.filers.filer_lists._before"),
    ):
        with asked() as statements:
            assert service.call("GET", f"{CASB}/{path}").status_code == 200
        assert statements == ["tokens.bearer._find_client", wanted]


@ON_ONE
def test_a_policy_that_was_changed_here_is_known_at_once(courthouse: CourtHouse):
    """Whoever changes it by REST has it read anew, once."""
    service = courthouse.service()
    service.call("GET", f"{CASB}/activity")
    assert service.call("PATCH", f"{CASB}/policy", json={"roles": None}).status_code == 200
    reads = []
    for _ in range(2):
        with asked() as statements:
            service.call("GET", f"{CASB}/activity")
        reads.append("courts.registry._all" in statements)
    assert reads == [True, False]
