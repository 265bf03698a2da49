"""docs/courts.md, the clerk's office: every example is sent as it stands there."""

import json
import re
from pathlib import Path

from signon.filing.models import legacy_logins
from tests.court.conftest import CourtHouse
from tests.court.test_registering import CREDITOR, Filer
from tests.infra.databases import ON_ONE
from tests.infra.world import World

DOCUMENT = Path(__file__).parents[2] / "docs" / "courts.md"
CALL = re.compile(
    r"^(GET|POST|PUT|PATCH|DELETE) /api/v1(\S+)\n(?:(\{.*\})\n)?→ (\d+)$", re.MULTILINE
)


@ON_ONE
def test_every_example_of_the_clerks_office(world: World, courthouse: CourtHouse):
    """In their order, with a filer and a login in place of the names that stand for them."""
    filer = world.account()
    world.right(filer)
    world.legacy_logins("casb", ["jdoe"])
    with world.database.reading() as unit:
        login_id = unit.scalar(legacy_logins.select().with_only_columns(legacy_logins.c.id))
    world.account("c.creditor")
    waiting = Filer(world, "c.creditor").submit(CREDITOR, organization="Bank")
    courthouse.person("new.clerk")
    program = courthouse.service()
    blocks = re.findall(r"```http\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    sent = 0
    for method, path, body, status in CALL.findall("\n".join(blocks)):
        named = path.replace("1234567", filer.number).replace("LOGIN_ID", str(login_id))
        named = named.replace("REGISTRATION_ID", waiting)
        given = {"json": json.loads(body.replace("1234567", filer.number))} if body else {}
        answer = program.call(method, named, **given)
        assert answer.status_code == int(status), (method, path, answer.text)
        if path.endswith("/unlink"):
            world.right(filer)
        sent += 1
    assert sent == "\n".join(blocks).count("→")
