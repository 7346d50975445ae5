"""Spark: a shuffle, a task that fails, and a worker that dies change no byte.

Run where Java and pyspark are installed and REGIMEN_SPARK is set. REGIMEN_SPARK_MASTER names a cluster; `local[2,4]`, if it is not set.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import unittest

import cohort_records as made
import regimen


def why_not() -> str | None:
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed"
    if shutil.which("java") is None:
        return "Spark needs Java, and there is none"
    return None if os.environ.get("REGIMEN_SPARK") else "Spark is asked for by REGIMEN_SPARK=1"


@unittest.skipIf(why_not() is not None, why_not() or "")
class Spark(unittest.TestCase):
    def test_partitions_retries_and_dead_workers_change_no_byte(self) -> None:
        from pyspark import TaskContext
        from pyspark.sql import SparkSession

        os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
        master = os.environ.get("REGIMEN_SPARK_MASTER", "local[2,4]")
        records = made.records()
        expected = made.batch(records)
        cohort = regimen.Cohort(made.PROTOCOLS, made.DAY, jobs=1)

        def answer(batches):  # type: ignore[no-untyped-def]
            import pyarrow

            context = TaskContext.get()
            first = context.attemptNumber() == 0
            for batch in batches:
                told = pyarrow.array(cohort.answer(batch.column("record"), numbers=batch.column("number")))
                yield pyarrow.record_batch({"number": batch.column("number"), "answer": told})
                if first and context.partitionId() == 1:
                    raise RuntimeError("the first attempt fails after some answers")
                if first and context.partitionId() == 2:
                    os._exit(1)

        builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
        builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "400").config("spark.log.level", "OFF")
        spark = builder.getOrCreate()
        try:
            rows = list(enumerate(records, 1))
            frame = spark.createDataFrame(rows, "number bigint, record string").repartition(7, "record")
            told = frame.mapInArrow(answer, "number bigint, answer string").collect()
        finally:
            spark.stop()
        told = sorted((row["number"], row["answer"]) for row in told)
        self.assertEqual([number for number, _ in told], list(range(1, len(records) + 1)))
        self.assertTrue([answer for _, answer in told] == expected, "they are not those of `regimen batch`")


if __name__ == "__main__":
    unittest.main()
