"""Numbers and dates as a language writes them. English is quick: consoles show hundreds."""

from datetime import date, datetime

from signon.words.language import ENGLISH, Language


def number(value: int, language: Language) -> str:
    """A number with its groups of digits: `1,250`."""
    if language is ENGLISH:
        return f"{value:,}"
    from babel.numbers import format_decimal

    return format_decimal(value, locale=language.locale)


def day(value: date, language: Language) -> str:
    """`Mar 2, 2026`, `2 mar 2026`."""
    if language is ENGLISH:
        return f"{value:%b} {value.day}, {value.year}"
    from babel.dates import format_date

    return format_date(value, "medium", locale=language.locale)


def clock(value: datetime, language: Language) -> str:
    """The time of day in the moment's own zone, which is said as the courts say it: `9:05 AM PST`."""
    half = "AM" if value.hour < 12 else "PM"
    if language is not ENGLISH:
        from babel.dates import get_period_names

        half = get_period_names("abbreviated", "format", language.locale)[half.lower()]
    return f"{value.hour % 12 or 12}:{value:%M} {half} {value:%Z}"
