"""Every example of docs/cohorts.md gives the answers of ``regimen batch``.

Those of Spark are run where Java and pyspark are installed and REGIMEN_SPARK is set: they take half a minute.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import cohort_records as made
import pyarrow as pa
import pyarrow.parquet

PAGE = made.REPOSITORY / "docs" / "cohorts.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def missing(example: str) -> str | None:
    """What an example needs and this machine has not."""
    for package in ("polars", "duckdb", "pyspark"):
        if f"import {package}" in example or f"from {package}" in example:
            if importlib.util.find_spec(package) is None:
                return f"{package} is not installed"
    if "duckdb" in example and importlib.util.find_spec("numpy") is None:
        return "DuckDB calls functions in Python by way of numpy, which is not installed"
    if "pyspark" in example:
        if importlib.util.find_spec("pandas") is None:
            return "Spark passes columns to Python by way of pandas, which is not installed"
        if shutil.which("java") is None:
            return "Spark needs Java, and there is none"
        if not os.environ.get("REGIMEN_SPARK"):
            return "Spark is asked for by REGIMEN_SPARK=1"
    return None


class Examples(unittest.TestCase):
    def test_all(self) -> None:
        whole = str(made.REPOSITORY / "protocols")
        records = made.records(300)
        expected = made.batch(records, protocols=[whole])
        self.assertEqual(len(EXAMPLES), 6)
        for example in EXAMPLES:
            name = example.strip().split("\n")[0] + " …"
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                why = missing(example)
                if why is not None:
                    self.skipTest(why)
                os.symlink(whole, Path(folder, "protocols"))
                table = pa.table({"number": list(range(1, len(records) + 1)), "record": records})
                pyarrow.parquet.write_table(table, Path(folder, "records.parquet"), row_group_size=100)
                environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
                environment.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_SUBMIT_ARGS="--master local[2] pyspark-shell")
                told = subprocess.run(
                    [sys.executable, "-c", example], cwd=folder, env=environment, capture_output=True, check=False
                )
                self.assertEqual(told.returncode, 0, told.stderr.decode())
                if "answers.parquet" in example:
                    answers = pyarrow.parquet.read_table(Path(folder, "answers.parquet"))
                    rows = sorted(zip(answers["number"].to_pylist(), answers["answer"].to_pylist()))
                    self.assertEqual([number for number, _ in rows], list(range(1, len(records) + 1)))
                    self.assertTrue([answer for _, answer in rows] == expected, "they are not those of `regimen batch`")


if __name__ == "__main__":
    unittest.main()
