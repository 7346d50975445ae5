"""What is asked, as the Rust part takes it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Mapping, Union

Value = Union[bool, int, float, Decimal, str]
"""What a parameter can be set to: ``True``, ``42``, ``"21 days"``."""


def day(value: date | str) -> str:
    """A day as it is written."""
    if isinstance(value, datetime):
        raise TypeError("a day has no time: which day a moment is depends on the zone, so say value.date()")
    return value.isoformat() if isinstance(value, date) else value


def settings(values: Mapping[str, Value] | None) -> list[str]:
    """Parameters as they stand on the command line."""

    def written(value: Value) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)

    return [f"{name}={written(value)}" for name, value in (values or {}).items()]
