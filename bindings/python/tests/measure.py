"""What engines need for a cohort, beside `regimen batch`. Called by benches/cohort."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

import cohort_records as made
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import regimen

RUNS = 3
JOBS = os.cpu_count() or 1


def fastest(run: Callable[[], object]) -> float:
    """The time of the fastest of some runs, in seconds."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def spark(folder: Path, master: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """A run with answers, and one that only passes the column on."""
    from pyspark.sql import SparkSession

    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false").config("spark.log.level", "ERROR")
    session = builder.config("spark.executorEnv.PYTHONPATH", str(Path(__file__).parent)).getOrCreate()
    cohort = regimen.Cohort(made.PROTOCOLS, made.DAY, jobs=1)
    records = session.read.parquet(str(folder / "records.parquet")).repartition(2 * JOBS)

    def answer(batches):  # type: ignore[no-untyped-def]
        for batch in batches:
            told = pa.array(cohort.answer(batch.column("record"), numbers=batch.column("number")))
            yield pa.record_batch({"number": batch.column("number"), "answer": told})

    def identity(batches):  # type: ignore[no-untyped-def]
        for batch in batches:
            yield pa.record_batch({"number": batch.column("number"), "answer": batch.column("record")})

    def run(function: Callable[..., object]) -> Callable[[], object]:
        asked = records.mapInArrow(function, "number bigint, answer string")
        return lambda: asked.write.mode("overwrite").parquet(str(folder / "answers"))

    return run(answer), run(identity)


def main() -> None:
    named = [word for word in sys.argv[1:] if not word.startswith("-")]
    count = int(named[0].replace(",", "")) if named else 200_000
    records = made.records(count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "records.ndjson").write_text("\n".join(records) + "\n")
        table = pa.table({"number": list(range(1, count + 1)), "record": records})
        pyarrow.parquet.write_table(table, folder / "records.parquet", row_group_size=20_000)
        command = [made.program(), "batch", *made.PROTOCOLS, "--as-of", made.DAY, "--jobs", str(JOBS)]
        command += ["--input", str(folder / "records.ndjson"), "--output", str(folder / "answers.ndjson")]
        base = fastest(lambda: subprocess.run(command, capture_output=True, check=False))
        expected = (folder / "answers.ndjson").read_text().split("\n")[:-1]
        print(f"{count:,} records, {JOBS} jobs; `regimen batch`: {base:.2f} s")

        def line(what: str, seconds: float, answers: list[str] | None) -> None:
            same = "" if answers is None else ", the same bytes" if answers == expected else ", OTHER BYTES"
            print(f"  {what:32} {seconds:7.2f} s  {seconds / base:5.2f} x{same}", flush=True)
            if "OTHER" in same:
                sys.exit(1)

        cohort = regimen.Cohort(made.PROTOCOLS, made.DAY, jobs=JOBS)
        told: list[object] = [None]

        def keep(answers: object) -> None:
            told[0] = answers

        column, numbers = table["record"].combine_chunks(), table["number"].combine_chunks()
        line("one Arrow call", fastest(lambda: keep(cohort.answer(column, numbers))), list(told[0]))  # type: ignore[call-overload]

        frame = pl.from_arrow(table)
        alone = regimen.Cohort(made.PROTOCOLS, made.DAY, jobs=JOBS)
        in_polars = lambda columns: pl.Series(alone.answer(columns[1], columns[0]))  # noqa: E731
        asked = pl.map_batches(["number", "record"], in_polars, return_dtype=pl.String)
        seconds = fastest(lambda: keep(frame.lazy().select(answer=asked).collect()))
        line("Polars", seconds, told[0]["answer"].to_list())  # type: ignore[index]

        with duckdb.connect() as connection:
            connection.execute(f"set threads = {JOBS}")
            connection.register("records", table)
            one = regimen.Cohort(made.PROTOCOLS, made.DAY, jobs=1)
            function = lambda record, number: pa.array(one.answer(record, number))  # noqa: E731
            connection.create_function(
                "answer", function, ["VARCHAR", "BIGINT"], "VARCHAR", type="arrow", null_handling="special"
            )
            query = "select number, answer(record, number) as answer from records"
            seconds = fastest(lambda: keep(connection.sql(query).fetchall()))
            line("DuckDB", seconds, [answer for _, answer in sorted(told[0])])  # type: ignore[call-overload]

        order = list(range(count))
        random.Random(1).shuffle(order)
        parts = [pa.array(order[at : at + 10_000]) for at in range(0, count, 10_000)]
        shuffled = [(column.take(part), numbers.take(part), part) for part in parts]
        seconds = fastest(lambda: keep([cohort.answer(record, number) for record, number, _ in shuffled]))
        joined = dict(pair for part, answers in zip(parts, told[0]) for pair in zip(part.to_pylist(), answers))  # type: ignore[call-overload]
        line("shuffled, 10,000 a call", seconds, [joined[at] for at in range(count)])

        masters = {"--spark": f"local[{JOBS}]", "--local-cluster": f"local-cluster[{JOBS},1,1024]"}
        for flag, master in masters.items():
            if flag in sys.argv:
                asked_of_spark, passed_on = spark(folder, master)
                seconds = fastest(asked_of_spark)
                rows = pyarrow.parquet.read_table(folder / "answers").sort_by("number")
                line(f"Spark, {master}", seconds, rows["answer"].to_pylist())
                line("  its identity function", fastest(passed_on), None)


if __name__ == "__main__":
    main()
