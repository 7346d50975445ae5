"""One record, one answer: what the command line says of it."""

from __future__ import annotations

import json
import subprocess
import tempfile
import unittest
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import cohort_records as made
import regimen

PROTOCOLS = made.REPOSITORY / "protocols"
RECORD = {
    "patient": "P-1",
    "recorded": date(2026, 3, 2),
    "facts": {"keloid_history": None, "body_weight_kg": Decimal("61.5"), "date_of_birth": date(1990, 5, 1)},
    "sessions": [{"treatment": "botulinum-toxin", "date": date(2026, 2, 1), "product": None}],
}


def command(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([made.program(), *arguments], capture_output=True, check=False)


class Clinics(unittest.TestCase):
    def test_the_answer_is_that_of_the_command_line(self) -> None:
        clinic = regimen.Clinic.load(PROTOCOLS)
        answer = clinic.recommend(RECORD, date(2026, 3, 2), protocol="botulinum-toxin", explain="full")
        with tempfile.TemporaryDirectory() as folder:
            # The record as Python's json writes it, byte for byte: its hash is in the answer.
            text = json.dumps(RECORD, default=lambda value: float(value) if isinstance(value, Decimal) else str(value))
            path = Path(folder, "record.json")
            path.write_text(text)
            told = command(
                "recommend", str(PROTOCOLS / "botulinum-toxin"), str(path),
                "--as-of", made.DAY, "--explain", "full", "--format", "json",
            )  # fmt: skip
            self.assertIn(told.returncode, (0, 1, 2), told.stderr)
            self.assertEqual(answer.to_json(), told.stdout.decode())
        self.assertEqual(answer.to_dict(), json.loads(told.stdout, parse_float=Decimal))
        self.assertIs(type(answer.status), regimen.Status)
        self.assertEqual(answer.status.value, answer.to_dict()["status"])
        self.assertEqual((answer.patient, answer.as_of), ("P-1", date(2026, 3, 2)))

    def test_a_deferral_has_its_days(self) -> None:
        record = {"patient": "P-1", "recorded": "2026-03-02", "facts": {}, "sessions": RECORD["sessions"]}
        answer = regimen.Clinic.load(PROTOCOLS / "botulinum-toxin").recommend(record, made.DAY)
        self.assertEqual(answer.no_sooner_than or answer.not_before, date(2026, 5, 2))
        self.assertEqual(answer.status, "deferred")
        self.assertEqual(regimen.Recommendation.from_json(answer.to_json()), answer)

    def test_the_types_are_those_of_the_schema(self) -> None:
        schema = json.loads((made.REPOSITORY / "docs/schema/recommendation.schema.json").read_text())
        named = [one.name for one in fields(regimen.Recommendation) if not one.name.startswith("_")]
        self.assertEqual(named, list(schema["properties"]))
        statuses = schema["$defs"]["Status"]
        words = statuses.get("enum") or [one["const"] for one in statuses["oneOf"]]
        self.assertEqual([str(status) for status in regimen.Status], words)

    def test_mistakes_come_all_at_once(self) -> None:
        clinic = regimen.Clinic.load(PROTOCOLS)
        record = {"patient": "P-1", "recorded": "2026-03-02", "facts": {"fitzpatrick": 9, "breastfeeding": "yes"}}
        with self.assertRaises(regimen.RegimenError) as refused:
            clinic.recommend(record, made.DAY, protocol="botulinum-toxin")
        found = refused.exception.diagnostics
        self.assertEqual([one.code for one in found], ["R110", "R105"])
        self.assertEqual((found[0].file, found[0].line), ("record.json", 1))
        self.assertIn("`fitzpatrick` is 9, but it must be 1 to 6", str(refused.exception))
        with self.assertRaises(regimen.RegimenError) as refused:
            clinic.recommend('{"patient":"P-1","facts":{}}', "1999-03-02", protocol="botulinum-toxin")
        self.assertEqual([one.code for one in refused.exception.diagnostics], ["R502"])
        with self.assertRaises(regimen.RegimenError) as refused:
            regimen.Clinic.load(PROTOCOLS / "nowhere")
        self.assertEqual([one.code for one in refused.exception.diagnostics], ["R100"])

    def test_what_cannot_be_asked(self) -> None:
        clinic, record = regimen.Clinic.load(PROTOCOLS), '{"patient":"P-1","facts":{}}'
        for error, ask in (
            (ValueError, lambda: clinic.recommend(record, made.DAY)),
            (KeyError, lambda: clinic.recommend(record, made.DAY, protocol="no-such")),
            (ValueError, lambda: clinic.recommend(record, "2026-02-30", protocol="botulinum-toxin")),
            (TypeError, lambda: clinic.recommend({"recorded": datetime.now()}, made.DAY, protocol="botulinum-toxin")),
            (ValueError, lambda: clinic.recommend({"facts": float("nan")}, made.DAY, protocol="botulinum-toxin")),
            (TypeError, lambda: clinic.recommend({"facts": {1, 2}}, made.DAY, protocol="botulinum-toxin")),
            (TypeError, lambda: clinic.recommend({"x": Decimal("1.23456789012345678901")}, made.DAY, protocol="glycolic-peel")),
        ):
            with self.assertRaises(error):
                ask()

    def test_toml_and_parameters(self) -> None:
        clinic = regimen.Clinic.load(PROTOCOLS / "botulinum-toxin")
        record = 'patient = "P-1"\nrecorded = 2026-03-02\nsessions = [{ treatment = "botulinum-toxin", date = 2026-02-01 }]\n[facts]\n'
        usual = clinic.recommend(record, made.DAY, toml=True)
        later = clinic.recommend(record, made.DAY, toml=True, set={"toxin_interval": "120 days"})
        self.assertGreater(later.no_sooner_than, usual.no_sooner_than)
        self.assertEqual(later.overrides[0]["parameter"], "toxin_interval")
        self.assertEqual(usual.appointment, None)
        self.assertEqual([after["session"] for after in usual.after_care], ["2026-02-01"])
        never = clinic.recommend(record.replace("2026-02-01", "2024-02-01"), made.DAY, toml=True)
        self.assertEqual(never.after_care, [])

    def test_check_says_what_the_command_says(self) -> None:
        path = PROTOCOLS / "botulinum-toxin"
        told = json.loads(command("check", str(path), "--as-of", "2030-01-01", "--format", "json").stdout)["diagnostics"]
        found = regimen.Clinic.load(path).check("2030-01-01")
        self.assertEqual([(one.code, one.message) for one in found], [(one["code"], one["message"]) for one in told])
        self.assertTrue(found)
        self.assertIsInstance(regimen.Clinic.load(path).check(), list)


if __name__ == "__main__":
    unittest.main()
