"""Every mail to a person is written in Spanish too, and one to a console's people is not."""

import pytest

from signon.config import SITE_NAME
from signon.notices.message import compose, kinds
from signon.words.language import ENGLISH, SPANISH
from tests.notices.samples import values_of
from tests.notices.test_message import ENVELOPE
from tests.words.pseudo import outside, speak_in_marks

CONSOLES = {"account_frozen", "account_held", "firm_notice", "staff_request"}


def test_who_is_written_to_in_english_only():
    """Those who work in a console, which is in English."""
    assert {name for name, kind in kinds().items() if not kind.is_translated} == CONSOLES


@pytest.mark.parametrize("name", sorted({*kinds()} - CONSOLES))
def test_a_mail_in_spanish(name: str):
    """Both parts, and a header that says so."""
    mail = compose(kinds()[name], values_of(name), ENVELOPE, SPANISH)
    assert mail["Content-Language"] == "es-US"
    plain, html = (part.get_content() for part in mail.iter_parts())
    assert "Recibe este correo porque" in " ".join(plain.split())
    assert '<html lang="es-US">' in html
    assert compose(kinds()[name], values_of(name), ENVELOPE, ENGLISH)["Content-Language"] == "en-US"


@pytest.mark.parametrize("name", sorted({*kinds()} - CONSOLES))
def test_no_sentence_is_forgotten(name: str, monkeypatch: pytest.MonkeyPatch):
    """With a catalogue that marks what it says, nothing but values stands outside of the marks."""
    speak_in_marks(monkeypatch)
    mail = compose(kinds()[name], values_of(name), ENVELOPE, SPANISH)
    plain = next(mail.iter_parts()).get_content()
    rest = " ".join(outside(f"{mail['Subject']} {plain}").split())
    for value in sorted(_texts(values_of(name)), key=len, reverse=True):
        rest = rest.replace(" ".join(value.split()), "")
    assert [word for word in rest.replace(SITE_NAME, "").split() if word.isalpha()] == []


def _texts(values: object) -> list[str]:
    if isinstance(values, dict):
        return [text for value in values.values() for text in _texts(value)]
    if isinstance(values, list):
        return [text for value in values for text in _texts(value)]
    return [str(values)]
