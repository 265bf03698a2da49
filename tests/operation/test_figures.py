"""What `/metrics` serves is what the documents, the alerts and the dashboard speak of."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import yaml  # type: ignore[import-untyped]  # it brings no types
from prometheus_client.parser import text_string_to_metric_families as parsed

from signon.db import Database
from signon.outbox.models import outbox
from tests.deployment import documents
from tests.infra.databases import KINDS
from tests.operation.rows import add
from tests.operation.test_serving import START_SECONDS, Start, served, start

__all__ = ["start"]

OPERATIONS = (documents.ROOT / "docs" / "operations.md").read_text()
OBSERVED = documents.EXAMPLES / "observability"
METRIC = re.compile(r"\b(signon_[a-z_]+)(?:\{([^}]*)\})?")
MATCH = re.compile(r'(\w+)(=~|=)"([^"]*)"')
BY = re.compile(r"\bby \(([^)]*)\)")
OF_PROMETHEUS = {"le", "instance"}
Figures = Mapping[str, list[Mapping[str, str]]]
"""The labels of each sample, by the metric's name as it is told."""


def alerts() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((OBSERVED / "alerts.yaml").read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((OBSERVED / "dashboard.json").read_text())["panels"]
    return found


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in alerts())
    yield from (target["expr"] for panel in panels() for target in panel["targets"])


def test_alerts_lead_on():
    """Each has a sentence, and a place in docs/operations.md, which says what to do about it."""
    assert len({rule["alert"] for rule in alerts()}) == len(alerts()) >= 8
    headings = {
        re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-")
        for one in re.findall(r"^##+ (.+)$", OPERATIONS, re.MULTILINE)
    }
    for rule in alerts():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        page, _, heading = rule["annotations"]["runbook_url"].partition("#")
        assert page == "docs/operations.md"
        assert heading in headings, rule["alert"]
        assert f"`{rule['alert']}`" in OPERATIONS, rule["alert"]


def test_every_panel_has_its_place():
    places = {(one["gridPos"]["x"], one["gridPos"]["y"]) for one in panels()}
    assert len(places) == len({one["id"] for one in panels()}) == len(panels()) >= 12


@pytest.mark.parametrize("database_url", KINDS[-1:], indirect=True)
def test_what_is_spoken_of_is_served(start: Start, with_keys: Database):
    """By two workers who have done something of everything: documents and server name the same
    figures with the same labels; rules and panels none that is not served.
    """
    figures = _figures(start, with_keys)
    table = OPERATIONS.partition("## What is counted")[2].partition("\n## ")[0]
    told = {
        name: labels for name, labels in METRIC.findall(table) if labels or f"`{name}{{" in table
    }
    assert set(told) == set(figures)
    for name, labels in told.items():
        served_labels = {label for sample in figures[name] for label in sample} - {"le"}
        assert served_labels == set(filter(None, labels.split(","))), name
    for expression in expressions():
        _require_served(expression, figures)


def _require_served(expression: str, figures: Figures) -> None:
    assert expression.count("(") == expression.count(")")
    has = set(OF_PROMETHEUS)
    for name, selector in METRIC.findall(expression):
        samples = figures[re.sub(r"_(bucket|total)$", "", name)]
        has |= {label for sample in samples for label in sample}
        for label, how, value in MATCH.findall(selector):
            found = {sample[label] for sample in samples}
            assert how == "=~" or value in found, expression
    grouped = {label for some in BY.findall(expression) for label in some.split(", ")}
    assert grouped <= has, expression


def _figures(start: Start, database: Database) -> Figures:
    now = datetime.now(UTC)  # noqa: TID251 - the server's own time
    with database.writing() as unit:
        later = {"due_at": now + timedelta(days=1), "created_at": now, "done_at": None}
        for due in ({}, {"due_at": now}):
            add(unit, outbox, kind="mail", failed_at=None, sealed=None, **later | due)
    with served(start, "--workers", "2", SIGNON_DATABASE_POOL="1") as server:
        wrong = {"loginId": "nobody", "password": "wrong"}
        for _ in range(8):
            httpx2.post(f"{server.url}/services/cso-auth", json=wrong)
        httpx2.post(
            f"{server.url}/oauth2/token",
            auth=("nobody", "wrong"),
            data={"grant_type": "client_credentials"},
        )
        wanted = set(re.findall(r"^\| `(signon_\w+)", OPERATIONS, re.MULTILINE))
        deadline = time.monotonic() + START_SECONDS / 2
        while True:
            text = httpx2.get(f"{server.url}/metrics").text
            found: dict[str, list[Mapping[str, str]]] = {
                one.name: [each.labels for each in one.samples] for one in parsed(text)
            }
            found = {name: labels for name, labels in found.items() if labels}
            if wanted <= set(found) or time.monotonic() > deadline:
                return found
            time.sleep(0.3)
