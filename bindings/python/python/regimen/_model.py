"""What comes back: answers, and what is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Mapping


class Status(str, Enum):
    """What to do. The first that is certain is the answer."""

    CONTRAINDICATED = "contraindicated"
    NOT_INDICATED = "not-indicated"
    STOPPED = "stopped"
    COMPLETE = "complete"
    DEFERRED = "deferred"
    UNDETERMINED = "undetermined"
    REFER = "refer"
    DUE = "due"
    OVERDUE = "overdue"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Recommendation:
    """The answer of one protocol for one patient on one day.

    The parts that are lists of dicts are described by ``docs/schema/recommendation.schema.json``.
    """

    schema: str
    """The name and version of this shape."""
    protocol: str
    """The protocol's id."""
    protocol_status: str
    """Whether the protocol is in use. The answers of a draft are not for patients."""
    title: str
    """The protocol's name for people."""
    patient: str
    """The patient's identifier, as in the record."""
    as_of: date
    """The day for which the question was asked."""
    status: Status
    """What to do."""
    not_before: date | None
    """The first permitted day of somebody who is deferred, where nothing that is open can move it."""
    no_sooner_than: date | None
    """The day before which there is certainly no treatment: not a permission."""
    no_later_than: date | None
    """The latest day that the first permitted day may then turn out to be."""
    date_depends_on: list[str]
    """The facts that the first permitted day depends on."""
    to_be_confirmed: list[dict[str, Any]]
    """What is to be asked again on the days to come that the answer gives."""
    could_become: list[Status]
    """The statuses that are still possible once the open questions are answered."""
    doubts: list[dict[str, Any]]
    """What is wrong or strange about the record and does not stop the answer."""
    reasons: list[dict[str, Any]]
    """Everything that holds against treating as usual."""
    questions: list[dict[str, Any]]
    """What is not known and could still change something, most decisive first."""
    assumptions: list[dict[str, Any]]
    """What was taken for granted because the protocol says so."""
    precautions: list[dict[str, Any]]
    """What to do differently."""
    course: dict[str, Any] | None
    """The sessions."""
    settings: list[dict[str, Any]]
    """How to set the treatment."""
    instructions: list[dict[str, Any]]
    """What to do before and after."""
    appointment: date | None
    """The first appointment on or after the first permitted day, or after `no_sooner_than`. It is no permission."""
    after_care: list[dict[str, Any]]
    """What is still to be kept after the sessions that were given, the first session first."""
    red_flags: list[dict[str, Any]]
    """Signs that need action."""
    overrides: list[dict[str, Any]]
    """Parameters that were set for this answer."""
    sources: list[dict[str, Any]]
    """The sources that were cited above."""
    labels: dict[str, Any]
    """What people read for the names above."""
    trace: dict[str, Any]
    """How the answer came about."""
    provenance: dict[str, Any]
    """What it was made from."""
    _json: str = field(repr=False)

    @classmethod
    def from_json(cls, text: str) -> Recommendation:
        """An answer that was stored as ``recommend --format json`` or ``batch --explain`` writes it."""
        given = json.loads(text, parse_float=Decimal)
        for day in ("as_of", "not_before", "no_sooner_than", "no_later_than", "appointment"):
            given[day] = date.fromisoformat(given[day]) if given.get(day) is not None else None
        given["status"] = Status(given["status"])
        given["could_become"] = [Status(status) for status in given["could_become"]]
        # Where there is nothing to say, they are left out.
        given.setdefault("to_be_confirmed", [])
        given.setdefault("after_care", [])
        given.setdefault("labels", {})
        names = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in given.items() if name in names}, _json=text)

    def to_dict(self) -> dict[str, Any]:
        """The whole answer, as ``recommend --format json`` prints it. Numbers with a decimal point are :class:`~decimal.Decimal`."""
        whole: dict[str, Any] = json.loads(self._json, parse_float=Decimal)
        return whole

    def to_json(self) -> str:
        """The same as a text, byte for byte."""
        return self._json


@dataclass(frozen=True)
class Diagnostic:
    """One mistake, or one thing worth saying."""

    code: str
    """Its stable code, as ``R502``; ``regimen explain R502`` has a page about it."""
    severity: str
    """``error``, ``warning`` or ``note``."""
    message: str
    """What is wrong."""
    help: list[str]
    """What to do."""
    file: str | None
    """The file, where it has a place."""
    line: int | None
    """The line, from 1."""
    column: int | None
    """The column, in characters, from 1."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.file is not None else ""
        return f"{place}{self.severity}[{self.code}]: {self.message}"


def diagnostics(text: str) -> list[Diagnostic]:
    """What ``check --format json`` prints."""

    def one(given: Mapping[str, Any]) -> Diagnostic:
        place: Mapping[str, Any] = given.get("place", {})
        at = (place.get("file"), place.get("line"), place.get("column"))
        return Diagnostic(given["code"], given["severity"], given["message"], list(given["help"]), *at)

    return [one(given) for given in json.loads(text)["diagnostics"]]


class RegimenError(Exception):
    """Mistakes in protocols, in a record, or in what was asked. All of them at once, in ``diagnostics``."""

    diagnostics: list[Diagnostic]
    """Each mistake; what is only doubtful stands among them."""

    def __init__(self, message: str, found: str) -> None:
        super().__init__(message, found)
        self.diagnostics = diagnostics(found)

    def __str__(self) -> str:
        return str(self.args[0])
