"""Words in templates: `_("…{name}")`, `plural`, and `{% trans %}` where a sentence holds elements.

`_` and `plural` are those of the code: a value that waits for its reader. A `{% trans %}` block is
HTML, said at once: its text is the catalogue's, so a translation keeps its elements.
"""

from typing import Any

import jinja2
from jinja2.runtime import Context
from markupsafe import Markup

from signon.words import catalogue
from signon.words.language import current
from signon.words.sentences import _, in_language, plural, shown


def install(environment: jinja2.Environment) -> None:
    """Teach an environment to speak; before its first template is loaded."""
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension's own
    environment.globals.update(
        _=_, plural=plural, gettext=_gettext, ngettext=_ngettext, language=current
    )
    if not environment.autoescape:
        # only what is escaped asks a sentence for its words, so here they are said at once
        environment.globals.update(_=_at_once, plural=_plural_at_once)


@jinja2.pass_context
def _gettext(context: Context, message: str, /, **values: Any) -> str:
    return _filled(context, catalogue.of(current()).gettext(message), values)


@jinja2.pass_context
def _ngettext(context: Context, one: str, many: str, number: int, /, **values: Any) -> str:
    said = catalogue.of(current()).ngettext(one, many, number)
    return _filled(context, said, {"num": number, **values})


def _filled(context: Context, template: str, values: dict[str, Any]) -> str:
    as_html = bool(context.eval_ctx.autoescape)
    filled = {name: shown(value, current(), as_html=as_html) for name, value in values.items()}
    return (Markup(template) if as_html else template) % filled  # noqa: S704  # it is ours


def _at_once(message: str, /, **values: Any) -> str:
    return in_language(_(message, **values), current())


def _plural_at_once(one: str, many: str, number: int, /, **values: Any) -> str:
    return in_language(plural(one, many, number, **values), current())
