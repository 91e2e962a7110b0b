"""Statements are written again as clingo writes them, and with other atoms where these stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shipped import inner
from unmet.solver.program import encoding
from unmet.source.again import parsed
from unmet.source.copying import copied
from unmet.source.marked import function_in, marked

ENCODINGS = sorted(p.stem for p in (Path(__file__).parents[1] / "python/unmet/encodings").glob("*.lp"))

TEXT = """
#defined p/1.
#show q/2.
p(f(X, "a, (b\\")"), Y) :- q(X, Y), not r, not not s(g(X)), X < Y, #count { Z, f(Z) : t(Z, X), not u } >= 2.
{ v(X) : w(X) } :- x.
:- 2 { m(a); m(b) }.
"""


def as_clingo(text: str) -> list[str]:
    return [str(statement) for statement in parsed(text)]


def unchanged(text: str) -> list[str]:
    return [statement.written(lambda atom: None) for statement in marked(text)]


@pytest.mark.parametrize("name", ENCODINGS)
def test_encodings_are_written_as_they_are(name: str) -> None:
    assert unchanged(encoding(name)) == as_clingo(encoding(name))


def test_a_knowledge_base_is_written_as_it_is() -> None:
    sources = inner().sources
    for text in (sources.words.rules, *(s.text for s in sources.policies.values())):
        assert unchanged(text) == as_clingo(text)


def test_atoms_are_found_wherever_they_stand() -> None:
    found: list[tuple[str, tuple[str, ...]]] = []
    for statement in marked(TEXT):
        statement.written(lambda atom: found.append((atom.name, atom.arguments)))
    assert found == [
        ("p", ()),
        ("q", ()),
        ("p", ('f(X,"a, (b\\")")', "Y")),
        ("q", ("X", "Y")),
        ("r", ()),
        ("s", ("g(X)",)),
        ("t", ("Z", "X")),
        ("u", ()),
        ("v", ("X",)),
        ("w", ("X",)),
        ("x", ()),
        ("m", ("a",)),
        ("m", ("b",)),
    ]


def test_atoms_are_replaced_where_they_stand() -> None:
    assert [s.written(lambda atom: f"<{atom.text}>") for s in marked(TEXT)] == [
        "#defined <p>/1.",
        "#show <q>/2.",
        '<p(f(X,"a, (b\\")"),Y)> :- <q(X,Y)>; not <r>; not not <s(g(X))>; X < Y; '
        "2 <= #count { Z,f(Z): <t(Z,X)>, not <u> }.",
        "{ <v(X)>: <w(X)> } :- <x>.",
        "#false :- 2 <= { <m(a)>; <m(b)> }.",
    ]


def test_copies_have_what_is_apart_for_themselves() -> None:
    text = 'covers("1"). met(c) :- hip(H), finding(H, hip_pain, yes), finding(patient, pregnancy, yes), not met(d).'
    shared = "finding(patient,pregnancy,yes); not _other_met(d)."
    (rule,) = copied(text, inner().vocabulary, ["hip"])
    assert rule == f"_other_met(c) :- _other_hip(H); _other_finding(H,hip_pain,yes); {shared}"
    (rule,) = copied(text, inner().vocabulary, [])
    assert rule == f"_other_met(c) :- hip(H); finding(H,hip_pain,yes); {shared}"


@pytest.mark.parametrize(
    ("term", "function"),
    [("c", ("c", False)), ("f(a,b)", ("f", True)), ("f(a)+1", None), ("X", None), ("1", None), ('"c"', None)],
)
def test_a_term_is_a_function(term: str, function: tuple[str, bool] | None) -> None:
    assert function_in(term) == function
