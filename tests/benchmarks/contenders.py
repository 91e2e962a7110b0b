"""The hip policy over a whole table, as others would write it, and as `unmet` decides it.

All get one Arrow table of dictionary-encoded columns, and say of each row: approved, denied, referred, or pended where
that is open. The rivals are in three-valued logic, each in its own idiom, and are told by hand what `unmet` reads in
the knowledge base: what silence presumes, and that a hip of stage I has not collapsed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tests.benchmarks import hip
from tests.benchmarks.hip import APPROVED, DENIED, PENDED, REFERRED

POLICY = "hip_core_decompression"
KNOWLEDGE_BASE = Path(__file__).parents[2] / "kb"

VERDICTS = (APPROVED, DENIED, PENDED, REFERRED)
"""The verdicts by their codes."""

COLUMNS = {
    "age": "age",
    "other_indication": "other_indication",
    **{n: f"hip.left.{n}" for n in hip.VALUES if n not in ("age", "other_indication")},
}
"""The column of each finding."""

Codes = npt.NDArray[np.uint8]
Run = Callable[[], Any]
Made = tuple[Run, Callable[[Any], Codes]]
"""What is timed, and what makes codes of its answer, which is not."""


def coded(column: pa.Array | pa.ChunkedArray) -> Codes:
    """Words of verdicts as codes."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    order = np.array([VERDICTS.index(word) for word in whole.dictionary.to_pylist()], dtype=np.uint8)
    codes: Codes = order[np.asarray(whole.indices)]
    return codes


# -- unmet ----------------------------------------------------------------------------------------------------


def unmet_batch(table: pa.Table) -> Made:
    """`kb.batch`: reads, decides, counts, and builds the table of answers."""
    import unmet

    kb = unmet.load(KNOWLEDGE_BASE)
    return lambda: kb.batch(table, POLICY), lambda result: coded(result.table["verdict"])


# -- NumPy ----------------------------------------------------------------------------------------------------

ROWS = 1 << 18
"""Rows that NumPy works at together: as many as stay in the processor's cache."""


def numpy_by_hand(table: pa.Table) -> Made:
    """Two Boolean arrays for each condition, where it holds and where it fails, looked up by the column's codes."""
    words = {name: table[column].chunk(0).dictionary.to_pylist() for name, column in COLUMNS.items() if name != "age"}

    def run() -> pa.Array:
        parts = []
        for start in range(0, table.num_rows, ROWS):
            piece = table.slice(start, ROWS)
            codes = {name: np.asarray(_indices(piece[COLUMNS[name]]).fill_null(-1)) for name in words}
            age = piece[COLUMNS["age"]].chunk(0)
            parts.append(_decided(codes, words, np.asarray(age.fill_null(-1))))
        verdicts = pa.array(VERDICTS)
        return pa.chunked_array([pa.DictionaryArray.from_arrays(pa.array(p), verdicts) for p in parts])

    return run, coded


def _indices(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0).indices


Three = tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]
"""Where a condition holds, and where it fails; where neither, it is unknown."""


def _decided(codes: Mapping[str, npt.NDArray[Any]], words: Mapping[str, list[str]], age: npt.NDArray[Any]) -> Codes:
    def among(name: str, *wanted: str) -> Three:
        """Codes are looked up; -1, the last place of the table, is for silence."""
        holds = np.array([*(word in wanted for word in words[name]), False])
        fails = np.array([*(word not in wanted for word in words[name]), False])
        return holds.take(codes[name], mode="wrap"), fails.take(codes[name], mode="wrap")

    pain, disability = among("hip_pain", "yes"), among("functional_disability", "yes")
    symptoms = pain[0] | disability[0], pain[1] & disability[1]
    report, stage = among("radiology_report", "yes"), among("osteonecrosis_stage", "stage_1", "stage_2")
    first, _ = among("osteonecrosis_stage", "stage_1")  # which excludes more than minimal collapse
    collapse, collapsed = among("collapse", "none", "minimal")
    late, not_late = among("osteonecrosis_stage", "stage_3", "stage_4")
    arthritis, _ = among("arthritis", "moderate", "severe")  # presumed absent
    barred = arthritis | late | (age >= 50)
    not_barred = ~arthritis & not_late & (age < 50) & (age >= 0)
    approved = symptoms[0] & report[0] & stage[0] & (collapse | first) & not_barred
    denied = symptoms[1] | report[1] | stage[1] | collapsed | barred
    found = np.full(len(age), VERDICTS.index(PENDED), dtype=np.uint8)
    found[approved] = VERDICTS.index(APPROVED)
    found[denied] = VERDICTS.index(DENIED)
    found[among("other_indication", "yes")[0]] = VERDICTS.index(REFERRED)  # presumed not so
    return found


# -- polars ---------------------------------------------------------------------------------------------------


def polars_expression(table: pa.Table) -> Made:
    """One expression; `&` and `|` of polars are three-valued, null being unknown."""
    import polars as pl

    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)

    def is_(name: str, *wanted: str) -> pl.Expr:
        return pl.col(COLUMNS[name]).is_in(list(wanted))

    referred = is_("other_indication", "yes").fill_null(False)
    symptoms = is_("hip_pain", "yes") | is_("functional_disability", "yes")
    early = is_("osteonecrosis_stage", "stage_1", "stage_2")
    little = is_("collapse", "none", "minimal") | is_("osteonecrosis_stage", "stage_1").fill_null(False)
    barred = (
        is_("arthritis", "moderate", "severe").fill_null(False)
        | is_("osteonecrosis_stage", "stage_3", "stage_4")
        | (pl.col(COLUMNS["age"]) >= 50)
    )
    necessary = symptoms & is_("radiology_report", "yes") & early & little & ~barred
    verdict = (
        pl.when(referred).then(pl.lit(REFERRED)).when(necessary).then(pl.lit(APPROVED))
        .when(~necessary).then(pl.lit(DENIED)).otherwise(pl.lit(PENDED))
    )  # fmt: skip
    return lambda: frame.select(verdict.cast(pl.Enum(VERDICTS))), lambda found: coded(found.to_arrow().column(0))


# -- SQL ------------------------------------------------------------------------------------------------------

SQL = """
SELECT CASE WHEN coalesce("other_indication" = 'yes', false) THEN 'referred'
            WHEN necessary THEN 'approved' WHEN NOT necessary THEN 'denied' ELSE 'pended' END
       ::ENUM('approved', 'denied', 'pended', 'referred') AS verdict
FROM (SELECT "other_indication",
    ("hip.left.hip_pain" = 'yes' OR "hip.left.functional_disability" = 'yes')
    AND "hip.left.radiology_report" = 'yes' AND "hip.left.osteonecrosis_stage" IN ('stage_1', 'stage_2')
    AND ("hip.left.collapse" IN ('none', 'minimal') OR coalesce("hip.left.osteonecrosis_stage" = 'stage_1', false))
    AND NOT (coalesce("hip.left.arthritis" IN ('moderate', 'severe'), false)
             OR "hip.left.osteonecrosis_stage" IN ('stage_3', 'stage_4') OR age >= 50) AS necessary
    FROM cases)
"""


def duckdb_sql(table: pa.Table) -> Made:
    """A query over the Arrow table, in the three-valued logic of SQL."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.register("cases", table)
    return lambda: connection.sql(SQL).to_arrow_table(), lambda found: coded(found.column(0))


# -- clingo ---------------------------------------------------------------------------------------------------

JOINT = """
{ v(C, A, V) : value(A, V) } = 1 :- case(C), attribute(A), not given(C, A).
v(C, A, V) :- given(C, A, V).
given(C, A) :- given(C, A, _).
given(C, other_indication, no) :- case(C), silent(C, other_indication).
given(C, arthritis, none) :- case(C), silent(C, arthritis).
:- v(C, osteonecrosis_stage, (stage_0; stage_1)), v(C, collapse, (moderate; severe)).
symptoms(C) :- v(C, (hip_pain; functional_disability), yes).
early(C) :- v(C, osteonecrosis_stage, (stage_1; stage_2)), v(C, collapse, (none; minimal)).
barred(C) :- v(C, arthritis, (moderate; severe)).
barred(C) :- v(C, osteonecrosis_stage, (stage_3; stage_4)).
barred(C) :- v(C, age, N), N >= 50.
necessary(C) :- symptoms(C), v(C, radiology_report, yes), early(C), not barred(C).
outcome(C, referred) :- v(C, other_indication, yes).
outcome(C, approved) :- case(C), necessary(C), not outcome(C, referred).
outcome(C, denied) :- case(C), not necessary(C), not outcome(C, referred).
#show outcome/2.
"""


def joint_clingo(table: pa.Table) -> Made:
    """One program for all cases, ground and asked once: brave consequences say which outcomes are possible."""
    import clingo

    rows = table.select(list(COLUMNS.values())).to_pylist()
    facts = [f"attribute({name}). " + " ".join(f"value({name}, {v})." for v in vs) for name, vs in hip.VALUES.items()]
    for number, row in enumerate(rows):
        facts.append(f"case({number}).")
        for name, column in COLUMNS.items():
            value = row[column]
            facts.append(f"silent({number}, {name})." if value is None else f"given({number}, {name}, {value}).")

    def run() -> Codes:
        control = clingo.Control(["--warn=none", "--enum-mode=brave", "0"])
        control.add("base", [], JOINT + "\n".join(facts))
        control.ground([("base", [])])
        found = np.full(len(rows), 255, dtype=np.uint8)
        with control.solve(yield_=True) as handle:
            for _ in handle:
                pass
            model = handle.last()
            assert model is not None
            for atom in model.symbols(shown=True):
                number, code = atom.arguments[0].number, VERDICTS.index(atom.arguments[1].name)
                found[number] = code if found[number] == 255 else VERDICTS.index(PENDED)
        return found

    return run, lambda codes: codes


# -- rule engines, row by row ---------------------------------------------------------------------------------


def row_by_row(engine: Callable[[], hip.Engine]) -> Callable[[pa.Table], Made]:
    """An engine that decides one case, asked for each row; the mappings that it wants are made beforehand."""

    def made(table: pa.Table) -> Made:
        rows = table.rename_columns({c: n for n, c in COLUMNS.items()}).select(list(COLUMNS)).to_pylist()
        filled = [hip.PRESUMED | {n: v for n, v in row.items() if v is not None} for row in rows]
        decide = engine().decide
        return lambda: [decide(each) for each in filled], lambda found: coded(pa.array(found))

    return made


CONTENDERS: dict[str, Callable[[pa.Table], Made]] = {
    "unmet": unmet_batch,
    "NumPy by hand": numpy_by_hand,
    "polars": polars_expression,
    "duckdb, SQL": duckdb_sql,
    "clingo, a joint program": joint_clingo,
    "zen-engine, row by row": row_by_row(hip.Zen),
    "CEL, row by row": row_by_row(hip.Cel),
}
