"""A court's setting is declared once, and every place that shows it or takes it follows."""

import json
import re
from dataclasses import dataclass, fields
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, create_model

from signon.cli.courts import options, set_
from signon.courts import policy
from signon.courts.policy import SETTINGS, Policy
from signon.courts.registry import read_one
from signon.courts.setting import Kind, Setting
from signon.errors import InputError
from signon.filing.court.api.policy import answer_fields, patch_fields
from signon.filing.roles import ROLES, Role
from signon.web.json_bodies import Body, Shown
from tests.court.conftest import CourtHouse
from tests.infra.databases import ON_ONE
from tests.infra.world import World

MODELS = Path(__file__).parents[2] / "openapi" / "signon.json"


@dataclass(frozen=True, slots=True)
class OneMore(Policy):
    """What a later release may let a court say."""

    night_box: str | None = Setting(
        Kind.CHOICE,
        "The box at the door",
        "Whether papers are taken at night.",
        choices={"open": "Open all night", "shut": "Shut at five"},
        usual="shut",
    ).field
    night_roles: str | None = Setting(
        Kind.ROLES, "Who may use it", "The roles that may.", usual="training"
    ).field


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two settings are declared, and nothing else is said of them."""
    monkeypatch.setattr(policy, "Policy", OneMore)
    for one in fields(OneMore)[-2:]:
        monkeypatch.setitem(SETTINGS, one.name, one.metadata["setting"])


def schema(base: type[BaseModel], said: dict[str, Any]) -> dict[str, Any]:
    """A model of these fields, as programs read it."""
    return create_model("Said", __base__=base, **said).model_json_schema()


@pytest.mark.usefixtures("planted")
def test_one_more_setting_is_checked_and_described():
    """By its kind and choices; the models and options are made from the declaration."""
    with pytest.raises(InputError, match="night-box must be open or shut"):
        policy.changed({}, {"night_box": "ajar"})
    patch = schema(Body, patch_fields(SETTINGS))["properties"]
    said = patch["night_box"]
    assert said["anyOf"][0]["enum"] == ["open", "shut"]
    assert said["description"] == "Whether papers are taken at night."
    assert "Role" in str(patch["night_roles"])
    assert schema(Shown, answer_fields(SETTINGS))["required"][-2:] == ["night_box", "night_roles"]
    box, _ = options(SETTINGS)[-2:]
    (option,) = box.annotation.__metadata__
    assert (option.metavar, option.help) == (
        "open|shut",
        "Whether papers are taken at night. Else shut.",
    )


@ON_ONE
@pytest.mark.usefixtures("planted")
def test_one_more_setting_is_on_the_form(courthouse: CourtHouse, world: World):
    """As it is usual, then as it was sent; a role that the court has not is refused."""
    courthouse.staff("administrator")
    world.court_policy("casb", night_box="shut")
    browser = courthouse.sign_in("administrator.casb")
    opened = browser.get("/court/casb/policy").text
    assert '<option value="" selected>Shut at five</option>' in opened
    for role in Role:
        (box,) = re.findall(rf'<input id="night_roles-{role}"[^>]*>', opened)
        assert ("checked" in box) is ROLES[role].training
    form = browser.page.forms[0]
    browser.submit(form, night_box="open", night_roles="attorney")
    with world.database.reading() as unit:
        kept = read_one(unit, "casb").policy
    assert isinstance(kept, OneMore)
    assert (kept.night_box, kept.night_roles) == ("open", "attorney")
    assert '<option value="open" selected>' in browser.get("/court/casb/policy").text
    assert browser.submit(form, night_roles="juror").status_code == 400


@ON_ONE
def test_every_place_has_exactly_what_is_declared(courthouse: CourtHouse):
    """REST, the command, the console."""
    declared = list(SETTINGS)
    models = json.loads(MODELS.read_text())["components"]["schemas"]
    assert list(models["CourtPolicyPatch"]["properties"]) == declared
    assert list(models["CourtPolicy"]["properties"])[:-3] == declared
    others = {"court", "go_live_text", "not_scheduled", "as_json"}
    assert [name for name in signature(set_).parameters if name not in others] == declared
    courthouse.staff("administrator")
    page = courthouse.sign_in("administrator.casb").get("/court/casb/policy").text
    ids = set(re.findall(r'<(?:input|select|textarea|fieldset)[^>]* id="([a-z_]+)"', page))
    assert ids - {"save"} == set(declared)


def test_what_is_usual_is_one_of_the_choices():
    """Else the form could not say it."""
    for name, one in SETTINGS.items():
        assert not one.choices or one.usual in one.choices, name
