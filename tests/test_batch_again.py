"""What a batch remembers from one table to the next changes no answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unmet
from tests.shipped import KB, kb
from unmet.batch import decide, judge, lexicon
from unmet.batch.lexicon import Answer, Choices, Lexicons
from unmet.batch.plan import Trace, Vector
from unmet.batch.vectors import Planes, bits_of, packed, unpacked

HIP = "hip_core_decompression"

# -- steps ------------------------------------------------------------------------------------------------------


def expressions(names: str) -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from([*names, "T", "F"]),
        lambda inner: (
            st.tuples(inner, st.sampled_from("&|"), inner).map(lambda p: f"({p[0]}{p[1]}{p[2]})")
            | inner.map(lambda e: f"(~{e})")
        ),
        max_leaves=12,
    )


@given(st.lists(expressions("abcd"), min_size=1, max_size=5))
def test_steps_compute_what_was_written_down(texts: list[str]) -> None:
    trace = Trace()
    nodes = {name: trace.input(name) for name in "abcd"} | {"T": trace.constant(True), "F": trace.constant(False)}
    kernel = trace.kernel([eval(text, {}, nodes) for text in texts])
    rows = {name: np.array([i >> n & 1 for i in range(16)], dtype=np.bool_) for n, name in enumerate("abcd")}
    given_vectors: dict[str, Vector] = {name: packed(row) for name, row in rows.items()}
    found = kernel.run(given_vectors.__getitem__, 1)
    values = rows | {"T": np.ones(16, np.bool_), "F": np.zeros(16, np.bool_)}
    for text, vector in zip(texts, found, strict=True):
        assert unpacked(vector, 16).tolist() == eval(text, {}, values).astype(int).tolist(), text
    assert all(np.array_equal(given_vectors[name], packed(rows[name])) for name in "abcd"), "inputs stay"


def test_few_vectors_are_held_at_a_time() -> None:
    trace = Trace()
    chain = trace.input(0)
    for i in range(1, 200):
        chain = ~(chain & trace.input(i % 3)) | trace.input((i + 1) % 3)
    kernel = trace.kernel([chain])
    assert len(kernel.steps) > 2
    assert kernel.places < 12


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", range(1, 9))
def test_a_set_of_answers_is_the_rows_that_give_one(count: int, seed: int) -> None:
    """In any order, since parts of a set are kept for other sets."""
    choices = Choices(Answer(None, 1 << place) for place in range(count))
    ids = np.arange(count, dtype=np.uint8)
    bits = [packed(ids & np.uint8(1 << bit)) for bit in range(bits_of(choices))]
    nothing, everything = packed(np.zeros(count, np.bool_)), packed(np.ones(count, np.bool_))
    planes = Planes(choices, bits, lambda value: everything if value else nothing)
    for wanted in Random(seed).sample(range(1 << count), 1 << count):
        found = unpacked(planes.among(wanted), count).tolist()
        assert found == [wanted >> place & 1 for place in range(count)]


# -- tables -----------------------------------------------------------------------------------------------------

FLAGS = ("hip_pain", "functional_disability", "radiology_report")
STAGES = ("stage_0", "stage_1", "stage_2", "stage_3", "nonsense", None)


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Tables of few forms: ages in several types or as a range, stages in any order, flags as words or booleans."""
    rows = draw(st.integers(0, 6))
    column = st.lists(st.sampled_from(STAGES), min_size=rows, max_size=rows)
    columns = {"side": pa.array(["left"] * rows), "hip.left.osteonecrosis_stage": pa.array(draw(column), pa.string())}
    if draw(st.booleans()):
        stages = columns["hip.left.osteonecrosis_stage"].dictionary_encode()
        columns["hip.left.osteonecrosis_stage"] = stages
    numbers = st.lists(st.none() | st.sampled_from([0, 1, 17, 49, 50, 120, 121]), min_size=rows, max_size=rows)
    match draw(st.sampled_from(["int", "text", "float", "range", "none"])):
        case "int":
            columns["age"] = pa.array(draw(numbers), pa.int16())
        case "text":
            columns["age"] = pa.array([None if n is None else str(n) for n in draw(numbers)], pa.string())
        case "float":
            columns["age"] = pa.array(draw(numbers), pa.float64())
        case "range":
            columns["age.min"], columns["age.max"] = (pa.array(draw(numbers), pa.int64()) for _ in range(2))
    flags = draw(st.lists(st.none() | st.booleans(), min_size=rows, max_size=rows))
    if draw(st.booleans()):
        columns["hip.left.hip_pain"] = pa.array(flags, pa.bool_())
    else:
        words: Mapping[bool | None, str | None] = {None: None, True: "yes", False: "no"}
        columns["hip.left.hip_pain"] = pa.array([words[flag] for flag in flags], pa.string())
    return pa.table(columns)


@cache
def used() -> unmet.KnowledgeBase:
    """A knowledge base of which all batches are asked."""
    return unmet.load(KB)


def told(base: unmet.KnowledgeBase, table: pa.Table, *, statuses: bool) -> tuple[object, ...]:
    found = base.batch(table, HIP, statuses=statuses, drivers=statuses)
    return found.table.to_pylist(), found.rejects.to_pylist(), found.summary.data()


def forget(base: unmet.KnowledgeBase) -> None:
    """Leaves a batch what is compiled of its policy, and takes what it remembers of tables."""
    for batch in base._batches.values():
        batch._lexicons = Lexicons(batch._lexicons.domain)
        batch._layouts.clear()
        for each in batch._judges.values():
            each._kernels.clear()


@settings(deadline=None, max_examples=40)
@given(st.lists(tables(), min_size=1, max_size=4), st.booleans())
def test_tables_before_change_nothing(several: list[pa.Table], statuses: bool) -> None:
    for table in several:
        forget(kb())
        assert told(used(), table, statuses=statuses) == told(kb(), table, statuses=statuses)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((judge, "MOST_KERNELS"), (lexicon, "MOST_SETS"), (decide, "MOST_LAYOUTS")):
        monkeypatch.setattr(module, name, 3)
    base = unmet.load(KB)
    for n in range(8):
        words = pa.array([f"{10 + n}", f"{60 + n}"][: 1 + n % 2]).dictionary_encode()
        base.batch(pa.table({"age": words, **{f"hip.left.{name}": ["yes"] * len(words) for name in FLAGS[:n]}}), HIP)
    (batch,) = base._batches.values()
    assert 1 <= len(batch._layouts) <= 3
    assert all(1 <= len(each._kernels) <= 3 for each in batch._judges.values())
    assert all(1 <= len(each._tables) <= 3 for each in batch._lexicons._known.values())
