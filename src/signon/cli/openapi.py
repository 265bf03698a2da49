"""`signon openapi`: the description of the HTTP interface."""

import json

import typer

from signon import config
from signon.app import create_app
from signon.rest.document import describe


def openapi() -> None:
    """Print what openapi/signon.json holds; needs neither settings nor a database."""
    typer.echo(json.dumps(describe(create_app(_nowhere())), indent=2, ensure_ascii=False))


def _nowhere() -> config.Settings:
    """Settings that are good enough to wire the routes; nothing is opened or sent."""
    return config.load(
        _env_file=None,
        issuer="http://localhost",
        database_url="sqlite:///nowhere.db",
        secret_keys="A" * 43,
        smtp_url="file:nowhere",
    )
