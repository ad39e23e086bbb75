"""Rows of a store: added unless there are such, whatever the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from logidsl.report.model import Finding
from logidsl.store.tables import Base


def _insert(connection: Connection, table: type[Base]) -> Any:
    module = postgresql if connection.dialect.name == "postgresql" else sqlite
    return module.insert(table)


def inserted(connection: Connection, table: type[Base], row: Mapping[str, object]) -> int | None:
    """The id of a new row; None if there is one like it."""
    statement = (
        _insert(connection, table)
        .values(**_fitting(table, row))
        .on_conflict_do_nothing()
        .returning(table.__table__.c.id)
    )
    found = connection.execute(statement).scalar_one_or_none()
    return None if found is None else int(found)


def kept(
    connection: Connection, table: type[Base], key: Mapping[str, object], more: Mapping[str, object] | None = None
) -> int:
    """The id of the row with a key, which is added if there is none."""
    columns, key = table.__table__.c, _fitting(table, key)
    chosen = select(columns.id).where(*(columns[name] == value for name, value in key.items()))
    found = connection.execute(chosen).scalar_one_or_none()
    if found is None:
        found = inserted(connection, table, {**key, **(more or {})})
    if found is None:  # another writer was faster
        found = connection.execute(chosen).scalar_one()
    return int(found)


def insert_all(connection: Connection, table: type[Base], rows: list[dict[str, object]]) -> None:
    """Add rows."""
    if rows:
        connection.execute(table.__table__.insert(), [_fitting(table, row) for row in rows])  # type: ignore[attr-defined]


def _fitting(table: type[Base], row: Mapping[str, object]) -> dict[str, object]:
    """A row whose texts every database takes: without zero characters, and no longer than their columns."""
    columns = table.__table__.c
    return {
        name: value.replace("\0", "\ufffd")[: getattr(columns[name].type, "length", None)]
        if isinstance(value, str)
        else value
        for name, value in row.items()
    }


def finding_row(finding: Finding) -> dict[str, object]:
    """The columns of a finding, on a picture or a batch."""
    return {
        "rule": finding.rule, "truth": finding.truth, "label": finding.label, "severity": finding.severity,
        "message": finding.message, "measured": finding.measured, "expected": finding.expected,
        "margin": finding.margin, "line": finding.span.line,
    }  # fmt: skip
