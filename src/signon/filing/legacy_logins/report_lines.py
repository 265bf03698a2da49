"""An import's report for people: line by line on a terminal, and as a file to work through."""

import csv
import io
from collections.abc import Iterator

from signon.filing.legacy_logins.importing import Report

MOST = 200
"""Changes that a terminal shows; the rest is counted, and told by a program's report."""


def of(report: Report) -> Iterator[str]:
    """Every bad line, every notice, and what changes, by login: what shrinks comes first."""
    for bad in report.bad_lines:
        yield f"line {bad.line}: {bad.reason}"
    for notice in report.notices:
        yield f"line {notice.line}: note: {notice.text}" if notice.line else f"note: {notice.text}"
    named = sorted(report.changes, key=lambda one: (not one.shrinks, one.what == "new"))
    for one in named[:MOST]:
        yield f"{one.login}: {'new: ' if one.what == 'new' else ''}{one.told}" + (
            " (loses rights)" if one.shrinks else ""
        )
    if len(named) > MOST:
        yield f"and {len(named) - MOST} changes more: --json names all"


def as_csv(report: Report) -> str:
    """Every bad line and notice, by line: `line,kind,reason`. No cell of the list is in it."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(["line", "kind", "reason"])
    told = [(one.line, "bad", one.reason) for one in report.bad_lines]
    told += [(one.line, "notice", one.text) for one in report.notices]
    writer.writerows(sorted(told))
    return made.getvalue()
