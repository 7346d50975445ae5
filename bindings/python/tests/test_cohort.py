"""Answers are the bytes of one run of ``regimen batch``, however a column is cut, shuffled or written."""

from __future__ import annotations

import pickle
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from datetime import date, datetime
from pathlib import Path

import cohort_records as made
import pyarrow as pa
import regimen

try:
    import polars
except ImportError:
    polars = None
try:
    import duckdb
    import numpy  # noqa: F401  DuckDB calls functions in Python by way of it.
except ImportError:
    duckdb = None


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.records = made.records()
        cls.expected = made.batch(cls.records)
        cls.cohort = regimen.Cohort(made.PROTOCOLS, made.DAY)
        cls.numbers = list(range(1, made.COUNT + 1))
        assert len(cls.expected) == made.COUNT
        assert sum(line.startswith('{"line":') for line in cls.expected) > 80

    def same(self, answers: object, expected: list[str] | None = None) -> None:
        told, expected = pa.array(answers).to_pylist(), self.expected if expected is None else expected
        if told != expected:
            at = next(at for at, (one, other) in enumerate(zip(told, expected)) if one != other)
            self.assertEqual(told[at], expected[at], f"record {at + 1}: {self.records[at]}")
            self.assertEqual(len(told), len(expected))

    def test_whole(self) -> None:
        answers = self.cohort.answer(pa.array(self.records))
        self.same(answers)
        self.assertEqual((len(answers), answers[0], answers[-1]), (made.COUNT, self.expected[0], self.expected[-1]))
        self.assertEqual(list(answers), self.expected)
        with self.assertRaises(IndexError):
            answers[made.COUNT]

    def test_texts_of_every_kind(self) -> None:
        for kind, told in (
            (pa.string(), pa.string()),
            (pa.large_string(), pa.large_string()),
            (pa.string_view(), pa.large_string()),
        ):
            answers = pa.array(self.cohort.answer(pa.array(self.records, kind), pa.array(self.numbers)))
            self.assertEqual(answers.type, told)
            answers.validate(full=True)
            self.same(answers)

    def test_numbers_of_every_kind(self) -> None:
        for kind in (pa.int8, pa.uint8, pa.int16, pa.uint16, pa.int32, pa.uint32, pa.int64, pa.uint64):
            answers = self.cohort.answer(pa.array(self.records[:100]), pa.array(self.numbers[:100], kind()))
            self.same(answers, self.expected[:100])

    def test_sliced(self) -> None:
        # A slice begins inside its buffers, and a chunked column is a stream.
        whole, numbers = pa.array(self.records), pa.array(self.numbers)
        for start, length in ((0, 1), (7, 1), (1, 4999), (9999, 1), (5000, 5000), (3, 0)):
            answers = self.cohort.answer(whole.slice(start, length), numbers.slice(start, length))
            self.same(answers, self.expected[start : start + length])
        cuts = pa.chunked_array([whole.slice(0, 3), whole.slice(3, 0), whole.slice(3)])
        self.same(self.cohort.answer(cuts, pa.chunked_array([numbers.slice(0, 5000), numbers.slice(5000)])))
        self.same(self.cohort.answer(pa.chunked_array([], pa.string())), [])

    def test_shuffled_and_repartitioned(self) -> None:
        for seed in (1, 2):
            roll = random.Random(seed)
            order = list(range(made.COUNT))
            roll.shuffle(order)
            told: dict[int, str] = {}
            while order:
                length = roll.randint(1, 3000)
                part, order = order[:length], order[length:]
                answers = self.cohort.answer(
                    pa.array([self.records[at] for at in part]), pa.array([self.numbers[at] for at in part])
                )
                told.update(zip(part, answers))
            self.same([told[at] for at in range(made.COUNT)])

    def test_jobs_change_no_byte(self) -> None:
        for jobs in (1, 2, 5):
            self.same(regimen.Cohort(made.PROTOCOLS, made.DAY, jobs=jobs).answer(pa.array(self.records)))

    def test_options(self) -> None:
        few = self.records[:150]
        for options, arguments in (
            ({"strict": True}, ["--strict"]),
            ({"explain": "verdict"}, ["--explain", "verdict"]),
            ({"explain": "full", "lang": "de"}, ["--explain", "full", "--lang", "de"]),
        ):
            cohort = regimen.Cohort(made.PROTOCOLS, date(2026, 3, 2), **options)
            self.same(cohort.answer(pa.array(few)), made.batch(few, *arguments))
        whole = str(made.REPOSITORY / "protocols")
        self.same(regimen.Cohort(whole, made.DAY).answer(pa.array(few)), made.batch(few, protocols=[whole]))

    def test_nothing_in_a_row(self) -> None:
        column = [self.records[0], None, "", "  \n", self.records[4]]
        told = list(self.cohort.answer(pa.array(column), pa.array([1, 20, 30, 40, 5])))
        self.assertEqual((told[0], told[4]), (self.expected[0], self.expected[4]))
        for at, number in ((1, 20), (2, 30), (3, 40)):
            self.assertTrue(told[at].startswith('{"line":%d,' % number), told[at])
            self.assertIn('"code":"R843"', told[at])
        self.assertEqual(len(self.cohort.answer(pa.nulls(3))), 3)

    def test_polars(self) -> None:
        if polars is None:
            self.skipTest("Polars is not installed")
        frame = polars.DataFrame({"number": self.numbers, "record": self.records})
        answers = polars.Series(self.cohort.answer(frame["record"], frame["number"]))
        self.same(answers.to_list())
        shuffled = frame.sample(fraction=1.0, shuffle=True, seed=3)
        answered = shuffled.with_columns(answer=polars.Series(self.cohort.answer(shuffled["record"], shuffled["number"])))
        self.same(answered.sort("number")["answer"].to_list())

    def test_duckdb(self) -> None:
        if duckdb is None:
            self.skipTest("DuckDB is not installed")
        table = pa.table({"number": self.numbers, "record": self.records})
        with duckdb.connect() as connection:
            connection.register("records", table)
            answer = lambda record, number: pa.array(self.cohort.answer(record, number))  # noqa: E731
            connection.create_function(
                "regimen", answer, ["VARCHAR", "BIGINT"], "VARCHAR", type="arrow", null_handling="special"
            )
            told = connection.sql("select regimen(record, number) from records order by hash(number), number").fetchall()
            self.assertEqual(sorted(one for (one,) in told), sorted(self.expected))
            told = connection.sql("select number, regimen(record, number) from records").fetchall()
            self.same([answer for _, answer in sorted(told)])

    def test_a_second_record_of_a_patient(self) -> None:
        twice = self.records[:300] + self.records[:3]
        expected = made.batch(twice)
        self.assertEqual([at for at, line in enumerate(expected) if "R423" in line], [300, 301, 302])
        told = self.cohort.answer(pa.array(twice), whole=True)
        self.assertTrue(list(told) == expected, "they are not those of `regimen batch`")
        self.assertTrue(list(self.cohort.answer(pa.array(twice))) == expected[:300] + expected[:3])

    def test_python_goes_on_meanwhile(self) -> None:
        cohort = regimen.Cohort(made.PROTOCOLS, made.DAY, explain="rules", jobs=1)
        column, turns = pa.array(self.records[:2000]), 0
        thread = threading.Thread(target=lambda: cohort.answer(column))
        thread.start()
        while thread.is_alive():
            turns += 1
            thread.join(0.001)
        self.assertGreater(turns, 5)


class Refusals(unittest.TestCase):
    def test_what_the_command_line_refuses(self) -> None:
        for path, day, code in (
            (made.PROTOCOLS[0], "1999-03-02", "R502"),
            (str(made.REPOSITORY / "protocols"), "1999-03-02", "R502"),
            (str(made.REPOSITORY / "nowhere"), made.DAY, "R100"),
        ):
            with self.assertRaises(regimen.RegimenError) as refused:
                regimen.Cohort(path, day)
            self.assertEqual({one.code for one in refused.exception.diagnostics}, {code})
            told = subprocess.run(
                [made.program(), "batch", path, "--as-of", day], input=b"", capture_output=True, check=False
            )
            self.assertEqual(told.returncode, 1)
            self.assertIn(code.encode(), told.stderr)

    def test_what_cannot_be_asked(self) -> None:
        cohort = regimen.Cohort(made.PROTOCOLS[0], made.DAY)
        for error, words, ask in (
            (ValueError, "no parameter `x`", lambda: regimen.Cohort(made.PROTOCOLS[0], made.DAY, set={"x": 3})),
            (ValueError, "is not a depth", lambda: regimen.Cohort(made.PROTOCOLS[0], made.DAY, explain="much")),
            (ValueError, "as_of", lambda: regimen.Cohort(made.PROTOCOLS[0], "today")),
            (TypeError, "no time", lambda: regimen.Cohort(made.PROTOCOLS[0], datetime(2026, 3, 2, 1))),
            (ValueError, "at least 1", lambda: regimen.Cohort(made.PROTOCOLS[0], made.DAY, jobs=0)),
            (TypeError, "this is list", lambda: cohort.answer(["{}"])),
            (TypeError, "one of Int64", lambda: cohort.answer(pa.array([1]))),
            (TypeError, "Struct", lambda: cohort.answer(pa.record_batch({"record": ["{}"]}))),
            (TypeError, "Dictionary", lambda: cohort.answer(pa.array(["{}"]).dictionary_encode())),
            (TypeError, "one of Utf8", lambda: cohort.answer(pa.array(["{}"]), pa.array(["1"]))),
            (ValueError, "2 records and 1 numbers", lambda: cohort.answer(pa.array(["{}", "{}"]), pa.array([1]))),
            (ValueError, "less than 0", lambda: cohort.answer(pa.array(["{}"]), pa.array([-1]))),
            (ValueError, "a null", lambda: cohort.answer(pa.array(["{}"]), pa.array([None], pa.int64()))),
        ):
            with self.subTest(words), self.assertRaisesRegex(error, words):
                ask()

    def test_texts_that_are_none(self) -> None:
        buffers = pa.array([b'{"patient":"\xff"}']).buffers()
        column = pa.StringArray.from_buffers(1, buffers[1], buffers[2])
        with self.assertRaisesRegex(ValueError, "no sound Arrow column"):
            regimen.Cohort(made.PROTOCOLS[0], made.DAY).answer(column)

    def test_a_broken_protocol_is_told_of(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(made.REPOSITORY / "protocols", folder, dirs_exist_ok=True)
            broken = Path(folder, "glycolic-peel", "protocol.toml")
            broken.write_text(broken.read_text().replace("treatment ", "treatmen ", 1))
            with self.assertWarnsRegex(UserWarning, "glycolic-peel: this protocol is broken"):
                cohort = regimen.Cohort(folder, made.DAY)
            few = made.records(20)
            self.assertEqual(list(cohort.answer(pa.array(few))), made.batch(few, protocols=[folder]))
            self.assertEqual([id for id, _ in cohort.broken], ["glycolic-peel"])


class Pickled(unittest.TestCase):
    def test_the_same_is_read_again(self) -> None:
        few = pa.array(made.records(100))
        cohort = regimen.Cohort(made.PROTOCOLS[0], made.DAY, explain="verdict", strict=True, jobs=1)
        again = pickle.loads(pickle.dumps(cohort))
        self.assertEqual(again.fingerprint, cohort.fingerprint)
        self.assertEqual(list(again.answer(few)), list(cohort.answer(few)))
        self.assertIs(again, pickle.loads(pickle.dumps(cohort)))
        # In another process, from another folder.
        script = "import pickle, sys; print(pickle.load(sys.stdin.buffer).fingerprint)"
        told = subprocess.run(
            [sys.executable, "-c", script], input=pickle.dumps(cohort), capture_output=True, check=True, cwd="/"
        )
        self.assertEqual(told.stdout.decode().strip(), cohort.fingerprint)

    def test_another_one_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(made.REPOSITORY / "protocols", folder, dirs_exist_ok=True)
            path = Path(folder, "botulinum-toxin")
            cohort = regimen.Cohort(path, made.DAY)
            sent = pickle.dumps(cohort)
            for file in (path / "protocol.toml", Path(folder, "facts.toml")):
                before = file.read_bytes()
                file.write_bytes(before + b"\n# Another day.\n")
                with self.assertRaisesRegex(ValueError, "is expected"):
                    pickle.loads(sent)
                file.write_bytes(before)
            self.assertEqual(pickle.loads(sent).fingerprint, cohort.fingerprint)
            with self.assertRaisesRegex(ValueError, "is expected"):
                regimen.Cohort(path, "2026-03-03", expect=cohort.fingerprint)
            # A copy elsewhere is the same.
            elsewhere = regimen.Cohort(made.PROTOCOLS[0], made.DAY, expect=cohort.fingerprint)
            self.assertEqual(elsewhere.fingerprint, cohort.fingerprint)

    def test_parameters_survive(self) -> None:
        few = made.records(400)
        cohort = regimen.Cohort(made.PROTOCOLS[0], made.DAY, set={"min_age": "22 years", "toxin_cap": 300})
        expected = made.batch(few, "--set", "min_age=22 years", "--set", "toxin_cap=300", protocols=made.PROTOCOLS[:1])
        # A list would be printed whole.
        self.assertTrue(list(pickle.loads(pickle.dumps(cohort)).answer(pa.array(few))) == expected)
        self.assertFalse(expected == made.batch(few, protocols=made.PROTOCOLS[:1]), "they change nothing")


if __name__ == "__main__":
    unittest.main()
