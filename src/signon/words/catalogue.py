"""The catalogues: what each English message is in another language.

They are read from the `.po` files that people edit, once a process and when first needed: so a
fresh checkout, a wheel and an image need no step, and a command that speaks English reads none.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from signon.words.language import ENGLISH, Language

CATALOGUES = Path(__file__).with_name("catalogues")


@cache
def of(language: Language) -> NullTranslations:
    """The catalogue; English is what the code says."""
    if language is ENGLISH:
        return NullTranslations()
    # here, not above: nobody who speaks English only waits for it
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path(language).open("rb") as file:
        catalogue = read_po(file, locale=language.locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def path(language: Language) -> Path:
    """The file that people edit."""
    return CATALOGUES / f"{language.locale.partition('_')[0]}.po"
