"""The example of docs/scale.md runs on a local Spark, and gives the answers of one machine."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from tests import shipped, tables

pytestmark = pytest.mark.skipif(
    shutil.which("java") is None and "JAVA_HOME" not in os.environ, reason="Spark needs Java 17, which is not there"
)

PAGE = shipped.ROOT / "docs" / "scale.md"
POLICY = "hip_core_decompression"


def nested(row: tables.Row) -> tables.Row:
    """A row with structs instead of names with dots, which Spark cannot resolve."""
    found: tables.Row = {}
    for name, value in row.items():
        *above, last = name.split(".")
        place = found
        for part in above:
            place = place.setdefault(part, {})
        place[last] = value
    return found


@pytest.mark.filterwarnings("ignore")
def test_the_example_gives_the_answers_of_one_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql import SparkSession

    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    rows = tables.random_rows(shipped.kb(), POLICY, 200, 0.2)
    table = pa.Table.from_pylist([nested(row) for row in rows])
    parquet.write_table(table, tmp_path / "cases.parquet")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.chdir(tmp_path)
    local = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = local.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    try:
        names: dict[str, Any] = {"spark": spark}
        exec(code, names)
    finally:
        spark.stop()
    found = parquet.read_table(tmp_path / "answers").to_pylist()
    expected = shipped.kb().batch(table, POLICY).table.select(["id", "verdict"]).to_pylist()
    key = {row["id"]: row["verdict"] for row in found}
    assert len(found) == len(expected) == 200
    assert key == {row["id"]: row["verdict"] for row in expected}
