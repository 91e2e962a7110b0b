"""The library as its users see it: names, errors, threads, and where the knowledge base is found."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import unmet
from tests.shipped import CASE_FILES, KB, ROOT, case, inner, kb, name_of
from unmet import loading
from unmet.diagnostics import Severity, Span
from unmet.errors import DiagnosticError
from unmet.solver import Program, program

HIP: dict[str, Any] = {
    "request": {
        "date_of_service": "2025-09-02",
        "lines": [{"line": "left_hip", "code": "S2325", "side": "left", "setting": "outpatient"}],
    },
    "patient": {"age": 43},
    "hip": {"left": {"hip_pain": True, "radiology_report": True, "osteonecrosis_stage": "stage_2", "collapse": "none"}},
}


# --- the names -------------------------------------------------------------------------------------------------------


def test_the_names_are_sorted_and_complete() -> None:
    names = unmet.__all__
    assert names == sorted(set(names))
    assert len(names) <= 20
    tree = ast.parse(inspect.getsource(unmet))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("unmet.")
        for alias in node.names
    }
    assert set(names) == imported


@pytest.mark.parametrize("name", unmet.__all__)
def test_a_name_is_there_and_documented(name: str) -> None:
    found = getattr(unmet, name)
    assert found.__module__.startswith("unmet.")
    assert inspect.getdoc(found)


def test_the_package_shows_its_names_and_no_other() -> None:
    assert dir(unmet) == unmet.__all__
    with pytest.raises(AttributeError, match="module 'unmet' has no attribute 'determin'"):
        _ = unmet.determin


@pytest.mark.parametrize(
    "method",
    [m for name, m in inspect.getmembers(unmet.KnowledgeBase) if not name.startswith("_")],
    ids=lambda m: getattr(m, "__name__", "property"),
)
def test_what_a_knowledge_base_can_do_is_documented(method: object) -> None:
    assert inspect.getdoc(method)


def test_what_is_raised_is_named() -> None:
    """A docstring of the facade names each of the program's errors that its method raises."""
    for name in ("policy", "outline", "schema", "determine", "verdict", "explain", "notice", "facts"):
        assert "RequestError" in (inspect.getdoc(getattr(unmet.KnowledgeBase, name)) or ""), name
    for name in ("read_case", "case"):
        assert "CaseError" in (inspect.getdoc(getattr(unmet.KnowledgeBase, name)) or ""), name
    assert "KnowledgeError" in (inspect.getdoc(unmet.load) or "")


def test_importing_the_package_waits_for_nothing() -> None:
    heavy = ("clingo", "pydantic", "rich", "yaml", "dateutil")
    code = f"import unmet, sys; print([m for m in {heavy} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_every_error_is_one_of_the_tree() -> None:
    assert issubclass(unmet.RequestError, unmet.UnmetError)
    assert issubclass(unmet.CaseError, DiagnosticError)
    assert issubclass(unmet.KnowledgeError, DiagnosticError)
    assert issubclass(DiagnosticError, unmet.UnmetError)
    assert issubclass(unmet.UnmetError, Exception)


# --- a case from data ------------------------------------------------------------------------------------------------


def test_a_case_is_plain_data() -> None:
    read = kb().case(HIP)
    answer = kb().determine(read)
    assert read.name == "case"
    assert answer.request.outcome is unmet.Verdict.APPROVED
    assert [(line.line, line.policy, line.version) for line in answer.lines] == [
        ("left_hip", "hip_core_decompression", "2")
    ]
    assert {c.criterion: c.status for c in answer.lines[0].criteria}["necessary"] is unmet.Status.MET
    assert answer.request.silence is unmet.Silence.OPEN


def test_a_case_has_the_name_it_is_given() -> None:
    assert kb().determine(kb().case(HIP, "visit 7")).request.case == "visit 7"


def test_reading_a_case_changes_nothing_of_the_data() -> None:
    before = repr(HIP)
    kb().determine(kb().case(HIP))
    assert repr(HIP) == before


def test_words_stand_for_options_of_the_program() -> None:
    """As strings and as members of their enumerations."""
    read = kb().case(HIP)
    assert kb().determine(read, silence="closed") == kb().determine(read, silence=unmet.Silence.CLOSED)
    with pytest.raises(unmet.RequestError, match="`shut` is no silence\n  help: one of `open`, `closed`"):
        kb().determine(read, silence="shut")


def test_a_determination_is_data_that_can_be_compared() -> None:
    first, second = (kb().determine(kb().case(HIP)) for _ in range(2))
    assert first == second
    assert first != kb().determine(kb().case({**HIP, "patient": {"age": 50}}))


# --- errors ----------------------------------------------------------------------------------------------------------


def test_all_problems_of_a_case_come_at_once() -> None:
    data = {**HIP, "patient": {"age": 143, "aeg": 3}, "hip": {"left": {"collapse": "total"}}}
    with pytest.raises(unmet.CaseError) as refused:
        kb().case(data)
    found = refused.value.diagnostics
    assert [(d.code, d.path) for d in found] == [
        ("out-of-range", "patient.age"),
        ("unknown-key", "patient.aeg"),
        ("unknown-word", "hip.left.collapse"),
    ]
    assert all(isinstance(d, unmet.Diagnostic) and d.severity is Severity.ERROR for d in found)
    assert found[1].help == "did you mean `age`?"
    assert found[0].location == Span("case", 1, 1)
    assert str(refused.value) == "\n".join(map(str, found))


def test_a_case_that_is_not_there_is_refused() -> None:
    with pytest.raises(unmet.CaseError, match="the case cannot be read: no such file or directory"):
        kb().read_case("nowhere.yaml")


def test_a_folder_is_no_case() -> None:
    with pytest.raises(unmet.CaseError, match="the case cannot be read: is a directory"):
        kb().read_case(KB)


@pytest.mark.parametrize("data", [[], "text", None, 3, {}, {"request": None}, {"request": {"lines": []}}])
def test_data_that_is_no_case_is_refused(data: Any) -> None:
    with pytest.raises(unmet.CaseError):
        kb().case(data)


def test_a_knowledge_base_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(unmet.KnowledgeError, match="there is no knowledge base at"):
        unmet.load(tmp_path / "nowhere")
    with pytest.raises(unmet.KnowledgeError):
        unmet.load(tmp_path)


HIP_NAME = "hip_core_decompression"

REQUESTS: list[tuple[Callable[[unmet.KnowledgeBase], object], str]] = [
    (
        lambda k: k.policy("hip_decompression"),
        f"there is no policy `hip_decompression`\n  help: did you mean `{HIP_NAME}`?",
    ),
    (
        lambda k: k.policy(HIP_NAME, "2025-07-23"),
        f"no version of `{HIP_NAME}` is in force on 2025-07-23\n  help: the first is of 2025-07-24",
    ),
    (lambda k: k.schema("knee"), "there is no policy `knee`"),
    (
        lambda k: k.outline(HIP_NAME, readings={"stagin": "ficat"}),
        "there is no reading `stagin`\n  help: did you mean `staging`?",
    ),
    (
        lambda k: k.determine(k.case(HIP), readings={"staging": "fict"}),
        "`fict` is not an option of `staging`\n  help: did you mean `ficat`?",
    ),
    (lambda k: k.check([HIP_NAME], day="2026-01-01", records=-1), "`-1` is no number of records"),
    (
        lambda k: list(k.facts(k.case(HIP), line="left")),
        "the request has no line `left`\n  help: did you mean `left_hip`?",
    ),
]


@pytest.mark.parametrize(("ask", "message"), REQUESTS)
def test_a_name_that_is_not_there_comes_with_the_nearest(
    ask: Callable[[unmet.KnowledgeBase], object], message: str
) -> None:
    with pytest.raises(unmet.RequestError) as refused:
        ask(kb())
    assert str(refused.value).startswith(message)


# --- versions and readings -------------------------------------------------------------------------------------------


def test_a_version_is_found_by_its_day() -> None:
    assert kb().policy(HIP_NAME, "2025-07-24") == kb().policy(HIP_NAME)
    assert kb().policy(HIP_NAME).effective == "2025-07-24"


def test_an_outline_is_that_of_the_readings() -> None:
    name = "patellofemoral_reconstruction"
    policy, outer = kb().outline(name)
    _, inner_ = kb().outline(name, readings={"page_break": "inner"})
    _, qualified = kb().outline(name, readings={f"{name}.page_break": "inner"})
    assert outer.chosen == policy.defaults
    assert inner_.chosen == qualified.chosen == {**policy.defaults, "page_break": "inner"}
    shapes = [[tree.shape(name) for name in tree.criteria] for tree in (outer, inner_, qualified)]
    assert shapes[0] != shapes[1]
    assert shapes[1] == shapes[2]


# --- threads ---------------------------------------------------------------------------------------------------------

THREADS = 8


def some_cases() -> list[Path]:
    """One case of each folder."""
    return list({path.parent: path for path in CASE_FILES}.values())


def test_one_case_in_many_threads() -> None:
    """With a knowledge base whose programs are not prepared yet: they race for that too."""
    fresh = unmet.load(KB)
    read = fresh.read_case(next(p for p in CASE_FILES if name_of(p) == "requests/pended_two_stage_spine_surgery"))
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda _: fresh.determine(read), range(2 * THREADS)))
    assert all(answer == found[0] for answer in found)
    assert found[0] == kb().determine(case(Path(read.name)))


def test_many_cases_in_many_threads() -> None:
    paths = some_cases()
    expected = {path: kb().determine(case(path)) for path in paths}
    fresh = unmet.load(KB)

    def ask(path: Path) -> tuple[Path, unmet.Determination]:
        return path, fresh.determine(fresh.read_case(path))

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask, paths * 4))
    assert len(found) == len(paths) * 4
    assert all(answer == expected[path] for path, answer in found)


@pytest.mark.parametrize("question", ["satisfiable", "consequences"])
def test_a_program_is_asked_one_question_at_a_time(question: str) -> None:
    """A second one waits: a solver that is asked twice at once is not to be relied on."""
    (scene,) = kb().case(HIP).scenes
    program, _ = inner().program(inner().version(HIP_NAME), scene)
    with ThreadPoolExecutor(1) as pool:
        with program._lock:
            waiting = pool.submit(getattr(program, question), [])
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.2)
        assert waiting.result(timeout=60)


def test_a_conjunction_has_one_meaning_however_many_threads_define_it() -> None:
    """An atom that two threads defined at once would hold where either of two bodies does."""
    program = Program([], [], "{ a(1..12) }. #show a/1.", [], "test.lp")
    atoms = program.atoms("a", 1)
    pairs = [((x, True), (y, True)) for x in atoms for y in atoms if x < y]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            defined = list(pool.map(program.conjunction, pairs * 3))
    finally:
        sys.setswitchinterval(interval)
    assert defined[: len(pairs)] * 3 == defined
    assert len(set(defined)) == len(pairs)
    for pair, symbol in zip(pairs, defined, strict=False):
        assert program.certain(program.literals([(symbol, True)]), program.literals(pair)) == frozenset({0, 1})


def test_cases_are_explained_alike_in_many_threads() -> None:
    """Programs grow with what is asked of them, by all threads at once."""
    paths = [path for path in CASE_FILES if path.parent.name == HIP_NAME]
    expected = [kb().explain(case(path), silence=unmet.Silence.CLOSED) for path in paths]
    fresh = unmet.load(KB)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda path: fresh.explain(case(path), silence=unmet.Silence.CLOSED), paths))
    assert found == expected


def test_knowledge_bases_load_in_many_threads() -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: unmet.load(KB).policies, range(2)))
    assert all(policies == kb().policies for policies in found)


# --- where the knowledge base is -------------------------------------------------------------------------------------


def test_the_shipped_knowledge_base_is_found_in_a_checkout() -> None:
    assert loading.shipped() == KB
    assert unmet.load().directory == KB


def test_it_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert loading.shipped().is_absolute()
    assert (loading.shipped() / "coding.lp").is_file()


def test_a_wheel_holds_it_where_it_is_looked_for_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert built["wheel"]["force-include"] == {"kb": "unmet/kb"}
    assert built["wheel"]["packages"] == ["python/unmet"]
    assert {"/python", "/kb"} <= set(built["sdist"]["include"])
    in_wheel, in_checkout = loading.SHIPPED
    package = Path(loading.__file__).parent
    assert in_wheel.relative_to(package).as_posix() == "kb"
    assert in_checkout == package.parents[1] / "kb"
    (tmp_path / "kb").mkdir()
    monkeypatch.setattr(loading, "SHIPPED", (tmp_path / "kb", in_checkout))
    assert loading.shipped() == tmp_path / "kb"
    monkeypatch.setattr(loading, "SHIPPED", (tmp_path / "nowhere", tmp_path / "nor here"))
    assert loading.shipped() == tmp_path / "nowhere"


def test_a_wheel_holds_the_encodings() -> None:
    """They lie within the package, which is packed as a whole."""
    encodings = Path(loading.__file__).parent / "encodings"
    assert {"world.lp", "prepared.lp", "outcome.lp", "criteria.lp", "statuses.lp", "request.lp", "stay.lp"} <= {
        p.name for p in encodings.iterdir()
    }


def test_another_knowledge_base_is_loaded_from_its_folder(tmp_path: Path) -> None:
    """A policy is added by a file, without a line of Python."""
    for path in KB.rglob("*.lp"):
        if path.parent.name in ("vocabulary", "kb", HIP_NAME):
            copy = tmp_path / path.relative_to(KB)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "coding.lp").unlink()
    brace = tmp_path / "policies" / "knee_brace" / "2026-01-01.lp"
    brace.parent.mkdir()
    brace.write_text(POLICY, encoding="utf-8")
    other = unmet.load(tmp_path)
    assert [p.name for p in other.policies] == [HIP_NAME, "knee_brace"]
    asked = {"date_of_service": "2026-02-01", "lines": [{"code": "L1832", "side": "left"}]}
    answer = other.determine(other.case({"request": asked, "knee": {"left": {"dislocations": 1}}}))
    assert (answer.request.outcome, answer.lines[0].policy) == ("approved", "knee_brace")
    assert {p.name for p in inner().policies} - {p.name for p in other.policies}


POLICY = """
policy(knee_brace, "Knee brace after a dislocation of the patella").
version("1").  document("Example guideline, version 1").
effective("2026-01-01").
covers("L1832").

criterion(necessary, "A knee brace is medically necessary", "Criteria").
met(necessary) :- met(dislocated).

criterion(dislocated, "At least one dislocation of the patella", "Criteria 1.a").
met(dislocated) :- requested_knee(Knee), finding(Knee, dislocations, N), N >= 1.

requested_knee(knee(Side)) :- finding(request, side, Side).
"""


# --- verdicts alone --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("silence", unmet.Silence)
def test_a_verdict_alone_is_that_of_the_determination(silence: unmet.Silence) -> None:
    """Of every case, by many threads at once and with a knowledge base whose programs are not prepared yet."""
    fresh = unmet.load(KB)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda path: fresh.verdict(case(path), silence=silence), CASE_FILES))
    expected = [kb().determine(case(path), silence=silence).request.outcome for path in CASE_FILES]
    assert found == expected
    assert len(set(found)) >= 5


def test_a_verdict_alone_follows_the_readings() -> None:
    path = next(p for p in CASE_FILES if name_of(p) == "si_joint_fusion_open/approved_fifty_denied_seventy_five")
    for expected in case(path).expectations:
        told = kb().verdict(case(path), silence=expected.silence, readings=expected.readings)
        assert told is kb().determine(case(path), silence=expected.silence, readings=expected.readings).request.outcome
    with pytest.raises(unmet.RequestError, match="there is no reading `stagin`"):
        kb().verdict(case(path), readings={"stagin": "ficat"})


def test_a_program_that_was_asked_too_much_is_prepared_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conjunctions stay in a program for good, so a process that runs for long would hold ever more of them."""
    monkeypatch.setattr(program, "MOST_CONJUNCTIONS", 3)
    base = unmet.load(KB)
    knowledge = base._inner
    case = base.case(HIP)
    policy, scene = knowledge.version("hip_core_decompression"), case.scenes[0]
    first, situation = knowledge.program(policy, scene)
    pairs = situation.domain.pairs
    for pair in pairs[:3]:
        first.conjunction([(situation.statable(pair), True)])
    assert knowledge.program(policy, scene)[0] is first
    before = base.determine(case)
    first.conjunction([(situation.statable(pairs[3]), True)])
    assert knowledge.program(policy, scene)[0] is not first
    assert base.determine(case) == before
