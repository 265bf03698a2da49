"""A sentence is English text that is said in the language of its reader."""

import copy
import json
from datetime import UTC, date, datetime

import jinja2
import pytest
from markupsafe import Markup

from signon.errors import RefusedError
from signon.web.dates import day_in_words, moment_in_words
from signon.words import formats, templates
from signon.words.language import ENGLISH, SPANISH, accepted, current, speaking, tagged
from signon.words.sentences import Spoken, _, listed, plural, spoken, together

WAIT = _("There were several attempts that did not succeed.")
ESPERE = "Hubo varios intentos sin éxito."
LOGIN = "The filing login {login} is linked."


def shown(text: str) -> str:
    with speaking(SPANISH):
        return str(Markup("{}").format(text))


def test_it_is_english_text_and_spanish_on_a_page():
    """Logs, REST and commands know nothing of languages."""
    assert isinstance(WAIT, str)
    assert json.dumps([WAIT]) == '["There were several attempts that did not succeed."]'
    assert shown(WAIT) == ESPERE
    assert WAIT.said(SPANISH) == ESPERE
    assert str(Markup("{}").format(WAIT)) == str(WAIT)


def test_values_stay_apart_from_the_template():
    """So the sentence is found in the catalogue whatever they are; on a page they are escaped."""
    linked = _(LOGIN, login="<ada>")
    assert linked == "The filing login <ada> is linked."
    assert shown(linked) == "El usuario de presentación &lt;ada&gt; está vinculado."
    assert linked.said(SPANISH) == "El usuario de presentación <ada> está vinculado."
    assert "<b>ada</b>" in shown(_(LOGIN, login=Markup("<b>ada</b>")))


def test_a_sentence_within_a_sentence():
    """Both are said."""
    assert shown(_("Ask {court}.", court=_("the court’s CM/ECF help desk"))) == (
        "Pregunte a la mesa de ayuda de CM/ECF del tribunal."
    )


@pytest.mark.parametrize(
    ("number", "english", "spanish"),
    [
        (0, "0 courts.", "0 tribunales."),
        (1, "1 court.", "1 tribunal."),
        (2, "2 courts.", "2 tribunales."),
        (1250, "1,250 courts.", "1,250 tribunales."),
    ],
)
def test_plurals(number: int, english: str, spanish: str):
    """By the rule of each language, and numbers with their groups."""
    said = plural("{number} court.", "{number} courts.", number)
    assert (str(said), shown(said)) == (english, spanish)


def test_what_a_rule_refuses_with_is_said_as_a_whole():
    """Sentence and next step; one that is empty leaves no gap."""
    refused = RefusedError("x", WAIT, _("Wait, then try again."))
    assert refused.told == f"{WAIT} Wait, then try again."
    assert shown(refused.told) == f"{ESPERE} Espere y vuelva a intentarlo."
    assert together("", "a", "") == "a"
    assert shown(listed([_("Courts"), "x"])) == "Tribunales, x"


def test_it_outlives_a_copy():
    """`asdict` copies a mail's values before they are said."""
    assert copy.deepcopy(WAIT).said(SPANISH) == ESPERE


def test_dates():
    """As courts write them; in Spanish as it is written in the United States."""
    noon = datetime(2026, 3, 2, 17, 5, tzinfo=UTC)
    assert day_in_words(date(2026, 3, 2)).said(SPANISH) == "2 mar 2026"
    told = moment_in_words(noon, "America/Los_Angeles")
    assert told == "Mar 2, 2026, 9:05 AM PST"
    assert told.said(SPANISH) == "2 mar 2026, 9:05 a.m. PST"


def test_english_is_what_babel_says_too():
    """It is written without Babel, because it is quick."""
    from babel.dates import format_date
    from babel.numbers import format_decimal

    for day in (date(2026, 3, 2), date(2014, 8, 11)):
        assert formats.day(day, ENGLISH) == format_date(day, "medium", locale="en_US")
    assert formats.number(1234567, ENGLISH) == format_decimal(1234567, locale="en_US")


@pytest.mark.parametrize("escapes", [True, False])
def test_templates(escapes: bool):
    """A page's are escaped, a mail's plain part is not; values in both are said."""
    made = jinja2.Environment(autoescape=escapes)
    templates.install(made)
    source = "{{ _('Courts') }} {% trans name=_('Courts') ~ '&' %}Allow {{ name }}?{% endtrans %}"
    with speaking(SPANISH):
        told = made.from_string(source).render()
    assert told == "Tribunales ¿Permitir Tribunales" + ("&amp;?" if escapes else "&?")


def test_what_is_no_sentence_is_said_as_it_is():
    """A court's name has no translation."""
    assert Spoken("a <b>").said(SPANISH) == "a <b>"
    assert shown(Spoken("a <b>")) == "a &lt;b&gt;"
    assert shown(spoken(lambda language: f"<{language.tag}>")) == "&lt;es-US&gt;"


@pytest.mark.parametrize(
    ("field", "language"),
    [
        ("", None),
        ("fr", None),
        ("es", SPANISH),
        ("es-MX,es;q=0.9,en;q=0.8", SPANISH),
        ("fr,en;q=0.8,es;q=0.9", SPANISH),
        ("en-GB,es", ENGLISH),
        ("es;q=0", None),
        ("es;q=none,en;q=0.1", ENGLISH),
        ("," * 500 + "es", None),
    ],
)
def test_what_a_browser_likes(field: str, language: object):
    """RFC 9110 section 12.5.4; of what is not spoken here nothing is said."""
    assert accepted(field) == language


def test_tags_of_any_region():
    """Case does not matter (RFC 5646 section 2.1.1)."""
    assert [tagged(tag) for tag in ("ES-pr", "en", "esperanto", None)] == [
        SPANISH,
        ENGLISH,
        None,
        None,
    ]
    assert current() is ENGLISH
