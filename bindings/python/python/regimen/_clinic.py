"""One record, one answer."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from os import PathLike, fspath
from typing import Any, Mapping, NamedTuple

from . import _regimen
from ._asked import Value, day, settings
from ._model import Diagnostic, Recommendation, diagnostics


class Protocol(NamedTuple):
    """A protocol of a clinic."""

    id: str
    """What it is asked by."""
    version: str
    """Its version."""
    title: str
    """Its name for people."""


class Clinic:
    """The protocols and the dictionary of a clinic's folder, or one protocol.

    >>> clinic = Clinic.load("protocols")
    >>> answer = clinic.recommend({"patient": "P-1", "recorded": "2026-03-02", "facts": {}}, "2026-03-02", protocol="glycolic-peel")
    >>> answer.status
    <Status.UNDETERMINED: 'undetermined'>
    """

    def __init__(self, path: str | PathLike[str], *, lang: str | None = None) -> None:
        self._clinic = _regimen.Clinic(fspath(path), lang)

    @classmethod
    def load(cls, path: str | PathLike[str], *, lang: str | None = None) -> Clinic:
        """Reads a clinic's folder, a protocol's folder in one, or a protocol's file.

        ``lang`` is the language of texts and labels, as ``"de"``.

        :raises RegimenError: with every mistake in every file.
        """
        return cls(path, lang=lang)

    @property
    def protocols(self) -> list[Protocol]:
        """The protocols, by id."""
        return [Protocol(*one) for one in self._clinic.protocols]

    def recommend(
        self,
        record: str | Mapping[str, Any],
        as_of: date | str,
        *,
        protocol: str | None = None,
        explain: str = "rules",
        set: Mapping[str, Value] | None = None,
        toml: bool = False,
    ) -> Recommendation:
        """The answer of one protocol to a record on a day.

        ``record`` is a text in JSON (or in TOML, with ``toml=True``), or the same as a dict, in which days may be dates and ``None`` stands
        for whatever was not recorded. ``explain`` says how much of the reasoning the trace holds: ``"verdict"``, ``"rules"`` or ``"full"``.
        ``set`` sets parameters, within their ranges. A clinic of several protocols has to be told which ``protocol`` is asked.

        :raises RegimenError: with every mistake in the record; or where the protocol is not in force on that day, or retired.
        """
        return Recommendation.from_json(
            self._clinic.recommend(self._asked(protocol), _record(record), toml, day(as_of), explain, settings(set))
        )

    def check(self, as_of: date | str | None = None) -> list[Diagnostic]:
        """What is suspicious in the protocols: what ``regimen check`` says of them, without their cases and translations.

        ``as_of`` is the day against which review dates are checked; today, if nothing is said.
        """
        return diagnostics(self._clinic.check(day(date.today() if as_of is None else as_of)))

    def _asked(self, protocol: str | None) -> str:
        ids = [one.id for one in self.protocols]
        if protocol is not None:
            return protocol
        if len(ids) != 1:
            raise ValueError(f"`protocol` has to say which is asked: {', '.join(ids) or 'there is none'}")
        return ids[0]


def _record(record: str | Mapping[str, Any]) -> str:
    if isinstance(record, str):
        return record

    def written(value: object) -> Any:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, Mapping):
            return dict(value)
        # Written with as few digits as tell it from others, which for a measured number are those that it has.
        if isinstance(value, Decimal) and Decimal(repr(float(value))) == value:
            return float(value)
        raise TypeError(f"a record cannot hold {value!r}")

    # What is no number is none in JSON either.
    return json.dumps(record, default=written, ensure_ascii=False, allow_nan=False)
