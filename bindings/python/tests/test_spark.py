"""Spark: a shuffle, a task that fails, a worker that dies and an executor that is killed change no byte.

Run where Java and pyspark are installed and REGIMEN_SPARK is set. REGIMEN_SPARK_MASTER names a cluster; `local[2,4]`, if it is not set. An
executor is killed where it is a process of its own, on this machine: in `local-cluster[2,1,1024]`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import cohort_records as made
import regimen


def why_not() -> str | None:
    for package in ("pyspark", "pandas"):
        if importlib.util.find_spec(package) is None:
            return f"{package} is not installed"
    if shutil.which("java") is None:
        return "Spark needs Java, and there is none"
    return None if os.environ.get("REGIMEN_SPARK") else "Spark is asked for by REGIMEN_SPARK=1"


def kill_executor(note: Path) -> None:
    """Kills the executor that this is a Python worker of. Its tasks are lost, and done again by another one."""
    # An executor starts a daemon, which starts workers.
    told = subprocess.run(["ps", "-o", "ppid=", "-p", str(os.getppid())], capture_output=True, check=True, text=True)
    executor = int(told.stdout)
    told = subprocess.run(["ps", "-o", "args=", "-p", str(executor)], capture_output=True, check=True, text=True)
    note.write_text(f"{executor} {told.stdout}")
    os.kill(executor, signal.SIGKILL)


@unittest.skipIf(why_not() is not None, why_not() or "")
class Spark(unittest.TestCase):
    def test_partitions_retries_and_what_dies_change_no_byte(self) -> None:
        from pyspark import TaskContext
        from pyspark.sql import SparkSession

        os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
        master = os.environ.get("REGIMEN_SPARK_MASTER", "local[2,4]")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        marks = Path(folder.name)
        note = marks / "killed" if master.startswith("local-cluster") else None
        # The executors find what this module holds, too.
        os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        records = made.records()
        expected = made.batch(records)
        cohort = regimen.Cohort(made.PROTOCOLS, made.DAY, jobs=1)

        # A killed executor takes with it what was shuffled, and the stage begins again, with first attempts: each thing happens once.
        def once(what: str) -> bool:
            try:
                (marks / what).touch(exist_ok=False)
            except FileExistsError:
                return False
            return True

        def answer(batches):  # type: ignore[no-untyped-def]
            import pyarrow

            partition = TaskContext.get().partitionId()
            for batch in batches:
                told = pyarrow.array(cohort.answer(batch.column("record"), numbers=batch.column("number")))
                yield pyarrow.record_batch({"number": batch.column("number"), "answer": told})
                if partition == 1 and once("failed"):
                    raise RuntimeError("the first attempt fails after some answers")
                if partition == 2 and once("died"):
                    os._exit(1)
                if partition == 3 and note is not None and once("lost"):
                    kill_executor(note)

        builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
        builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "400").config("spark.log.level", "OFF")
        spark = builder.getOrCreate()
        try:
            rows = list(enumerate(records, 1))
            frame = spark.createDataFrame(rows, "number bigint, record string").repartition(7, "record")
            told = frame.mapInArrow(answer, "number bigint, answer string").collect()
        finally:
            spark.stop()
        if note is not None:
            self.assertRegex(note.read_text(), "java.* org.apache.spark.executor", "no executor was killed")
        told = sorted((row["number"], row["answer"]) for row in told)
        self.assertEqual([number for number, _ in told], list(range(1, len(records) + 1)))
        self.assertTrue([answer for _, answer in told] == expected, "they are not those of `regimen batch`")


if __name__ == "__main__":
    unittest.main()
