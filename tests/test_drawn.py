"""What is drawn without rich is what rich draws."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shipped import CASES
from unmet.render import coloured, drawn, text
from unmet.render.drawn import Drawn, Parts, Text, Tree

PLAIN = st.text("ab,-[]\\:`1–é", min_size=1, max_size=9) | st.sampled_from(
    ["documented", "of", "x" * 40, "", "  ", "\n", "osteonecrosis", "[bold]"]
)
"""Words that need no rich, for most texts."""

WORDS = st.one_of(*[PLAIN] * 20, st.sampled_from(["\u0301", "漢字", "\t", "\x1b", "\u200b", "y" * 130]))
TEXTS = st.lists(
    st.tuples(st.lists(WORDS, max_size=30).map(" ".join), st.sampled_from(["", "bold", "red"])), max_size=4
).map(lambda parts: Text.assemble(*parts))


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    tree = Tree(draw(TEXTS))
    places = [tree]
    for label in draw(st.lists(TEXTS, max_size=6)):
        places.append(draw(st.sampled_from(places)).add(label))
    return tree


THINGS: st.SearchStrategy[Drawn] = st.recursive(
    TEXTS | trees(),
    lambda inner: st.builds(lambda parts, by: Parts(*parts, by=by), st.lists(inner, max_size=4), st.integers(0, 60)),
    max_leaves=6,
)


def by_rich(thing: Drawn, *, wrap: bool) -> str:
    stream = io.StringIO()
    coloured.show(thing, stream, text.WIDTH, wrap=wrap)
    return stream.getvalue()


@given(THINGS)
def test_it_is_drawn_as_rich_draws_it(thing: Drawn) -> None:
    stream = io.StringIO()
    text.show(thing, stream)
    assert stream.getvalue() == by_rich(thing, wrap=True)


@given(TEXTS)
def test_lines_that_are_not_cut_are_as_rich_leaves_them(thing: Text) -> None:
    stream = io.StringIO()
    text.show(thing, stream, wrap=False)
    assert stream.getvalue() == by_rich(thing, wrap=False)


def test_plain_words_need_no_rich() -> None:
    assert list(drawn.lines(Parts(Text("a " * 60), by=2), 110))[1:] == ["  a a a a a a"]


@pytest.mark.parametrize("hard", ["漢字", "a\tb", "\x1b[2J", "e\u0301", "x" * 111])
def test_what_is_wide_or_acts_is_left_to_rich(hard: str) -> None:
    with pytest.raises(drawn.NotPlainError):
        list(drawn.lines(Text(hard), 110))


def test_a_case_is_told_without_rich() -> None:
    case = CASES / "hip_core_decompression" / "denied_age_fifty.yaml"
    told = "print([m for m in sys.modules if m.startswith('rich')])"
    program = f"import sys; from unmet.cli import main\ntry: main()\nfinally: {told}"
    run = subprocess.run([sys.executable, "-c", program, "determine", str(case)], capture_output=True, text=True)
    assert run.returncode == 3
    assert run.stdout.endswith("\n[]\n")
