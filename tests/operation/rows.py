"""Rows with nothing in them but what a test is about."""

import secrets
from datetime import date
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, LargeBinary, Table, insert

from signon.db import Unit


def add(unit: Unit, table: Table, **given: Any) -> dict[str, Any]:
    """Insert a row; what is not given is filled by its type, foreign keys with new parents, if the
    database knows no default.
    """
    values = {
        column.name: given[column.name] if column.name in given else _filled(unit, column)
        for column in table.c
        if column.name in given or not (column.nullable or column.server_default)
    }
    unit.execute(insert(table), values)
    return values


def _filled(unit: Unit, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        return add(unit, key.column.table)[key.column.name]
    match column.type:
        case Boolean():
            return False
        case Integer():
            return 0
        case LargeBinary():
            return secrets.token_bytes(32)
        case DateTime():
            return unit.now
        case Date():
            return date(2020, 1, 1)
        case JSON():
            return []
    return secrets.token_hex(6)[: getattr(column.type, "length", None)]
