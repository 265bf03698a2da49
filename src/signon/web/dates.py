"""Dates as people read them: `Mar 2, 2026` and `Mar 2, 2026, 9:05 AM PST`, one form everywhere.

A moment is shown in the zone of the page: the court's on a court's pages, the person's on their
own (`zone` in the page's context), else in UTC, and the zone is said. The language is the reader's.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import jinja2
from jinja2.runtime import Context
from markupsafe import Markup

from signon.words import formats
from signon.words.sentences import Spoken, spoken


@jinja2.pass_context
def day(context: Context, value: date) -> Markup:
    """A day; of a moment the day by the page's clock."""
    return day_in(value, context.get("zone"))


def day_in(value: date, zone: str | None = None) -> Markup:
    """A day, with the machine's form beside it; of a moment the day in `zone`, else in its own."""
    value = _by_clock(value, zone)
    return _time(value, day_in_words(value))


@jinja2.pass_context
def moment(context: Context, value: datetime, zone: str | None = None) -> Markup:
    """A moment by the clock of `zone`, else of the page's."""
    return moment_in(value, zone or context.get("zone"))


def moment_in(value: datetime, zone: str | None) -> Markup:
    """A moment by the clock of an IANA zone, in UTC without one."""
    return _time(value, moment_in_words(value, zone))


def day_in_words(value: date, zone: str | None = None) -> Spoken:
    """The same as text."""
    value = _by_clock(value, zone)
    return spoken(lambda language: formats.day(value, language))


def moment_in_words(value: datetime, zone: str | None = None) -> Spoken:
    """The same as text."""
    local = value.astimezone(ZoneInfo(zone) if zone else UTC)
    return spoken(
        lambda language: f"{formats.day(local, language)}, {formats.clock(local, language)}"
    )


def _by_clock(value: date, zone: str | None) -> date:
    if zone and isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone))
    return value


def _time(value: date, shown: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), shown)
