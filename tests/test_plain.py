"""`unmet facts`: plain clingo, run with the knowledge base and these facts, gives the statuses of `unmet determine`."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import clingo
import pytest

import unmet
from tests.shipped import CASE_FILES, answers, case, inner, kb, name_of
from unmet.determine import Decision
from unmet.plain import Plain
from unmet.policy import Policy
from unmet.prepared import Prepared
from unmet.results import Kind, Silence, Verdict
from unmet.solver import Interventions
from unmet.vocabulary import LEVEL, Mode, Type

A_FOLDER = 5
"""How many cases of each folder are tried, outcomes as mixed as they are there."""


def sample() -> Iterator[Path]:
    """Some cases of each folder, of every outcome it has."""
    folders: dict[Path, list[Path]] = defaultdict(list)
    for path in CASE_FILES:
        folders[path.parent].append(path)
    for paths in folders.values():
        outcome = [path.stem.split("_")[0] for path in paths]
        # The first of each outcome, then the second of each ...
        ranked = sorted(range(len(paths)), key=lambda i: (outcome[:i].count(outcome[i]), i))
        yield from (paths[i] for i in ranked[:A_FOLDER])


SAMPLE = tuple(sample())


@dataclass(frozen=True)
class Ran:
    """What plain clingo found of a program: the shown atoms, and what it logged."""

    atoms: frozenset[str]
    said: tuple[str, ...]
    models: int
    choices: int


def run(facts: Iterable[str], files: Iterable[Path], *options: str) -> Ran:
    """The last model of a program, and how many there were."""
    said: list[str] = []
    control = clingo.Control(
        ["--warn=all", *options], logger=lambda _, message: said.append(message), message_limit=1000
    )
    control.add("base", [], "\n".join(facts))
    for file in files:
        control.load(str(file))
    control.ground([("base", [])])
    atoms: frozenset[str] = frozenset()
    models = 0
    with control.solve(yield_=True) as found:
        for model in found:
            models += 1
            atoms = frozenset(map(str, model.symbols(shown=True)))
    statistics: Any = control.statistics
    return Ran(atoms, tuple(said), models, int(statistics["solving"]["solvers"]["choices"]))


def consequences(plain: Plain) -> tuple[Ran, Ran]:
    """What holds in some world, and what in all."""
    brave, cautious = (run(plain.facts, plain.files, "0", f"--enum-mode={mode}") for mode in ("brave", "cautious"))
    return brave, cautious


def status(criterion: str, possible: Iterable[str], certain: Iterable[str]) -> str:
    atom = f"met({criterion})"
    return "met" if atom in certain else "unknown" if atom in possible else "unmet"


def outcomes(possible: Iterable[str]) -> set[str]:
    return {atom for atom in possible if atom.startswith("_outcome(")}


VERDICTS = {
    "_outcome(approve)": Verdict.APPROVED,
    "_outcome(deny)": Verdict.DENIED,
    "_outcome(refer)": Verdict.REFERRED,
}


@dataclass(frozen=True)
class Unit:
    """A line, or a level of it, as `determine` answers it."""

    verdict: Verdict
    statuses: dict[str, str]


@cache
def determined(path: Path) -> dict[tuple[str, str | None], Unit]:
    """The answer by line and level, silence open and every reading by default."""
    read = case(path)
    first = read.expectations[0]
    default = first.silence is Silence.OPEN and not first.readings
    found: dict[tuple[str, str | None], Unit] = {}
    for line in (answers(path)[0] if default else kb().determine(read)).lines:
        if line.levels:
            for level in line.levels:
                found[line.line, level.level] = Unit(
                    level.verdict, {c.criterion: str(c.status) for c in level.criteria}
                )
        else:
            found[line.line, None] = Unit(line.on_criteria, {c.criterion: str(c.status) for c in line.criteria})
    return found


def governed(path: Path) -> list[Plain]:
    return [plain for plain in kb().facts(case(path)) if plain.files]


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_plain_clingo_gives_the_statuses_of_the_determination(path: Path) -> None:
    expected = determined(path)
    for plain in governed(path):
        unit = expected[plain.line, plain.level]
        brave, cautious = consequences(plain)
        assert brave.said == cautious.said == ()
        assert {c: status(c, brave.atoms, cautious.atoms) for c in unit.statuses} == unit.statuses
        possible = outcomes(brave.atoms)
        of_criteria = VERDICTS[min(possible)] if len(possible) == 1 else Verdict.PENDED
        assert unit.verdict in (of_criteria, Verdict.REFERRED)  # an unlisted code is referred whatever its criteria


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_every_line_and_level_has_its_program(path: Path) -> None:
    answered = determined(path)
    assert {(p.line, p.level) for p in governed(path)} == {at for at, unit in answered.items() if unit.statuses}


def test_the_sample_is_of_all_policies_and_outcomes() -> None:
    policies = {plain.files[-4].parent.name for path in SAMPLE for plain in governed(path)}
    assert policies == set(inner().names)
    verdicts = {unit.verdict for path in SAMPLE for unit in determined(path).values()}
    assert verdicts >= {Verdict.APPROVED, Verdict.DENIED, Verdict.PENDED, Verdict.REFERRED}


# --- the command that the documentation shows ------------------------------------------------------------------------


def clingo_command(facts: Path, files: Sequence[Path], mode: str) -> tuple[set[str], str]:
    """The last answer of the `clingo` command, and what it wrote on its error channel."""
    ran = subprocess.run(
        [sys.executable, "-m", "clingo", str(facts), *map(str, files), f"--enum-mode={mode}", "--warn=all"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "SATISFIABLE" in ran.stdout, ran.stderr
    lines = ran.stdout.splitlines()
    consequence = [i for i, line in enumerate(lines) if line.startswith("Answer:")]
    return set(lines[consequence[-1] + 1].split()), ran.stderr


@pytest.mark.parametrize(
    "name",
    ["hip_core_decompression/pended_report_not_mentioned", "si_joint_fusion_minimally_invasive/denied_determination"],
)
def test_the_clingo_command_gives_them_too(name: str, tmp_path: Path) -> None:
    (path,) = (p for p in CASE_FILES if name_of(p) == name)
    (plain,) = governed(path)
    facts = tmp_path / "facts.lp"
    facts.write_text("\n".join(plain.facts), encoding="utf-8")
    possible, said = clingo_command(facts, plain.files, "brave")
    certain, also_said = clingo_command(facts, plain.files, "cautious")
    assert said == also_said == ""
    unit = determined(path)[plain.line, plain.level]
    assert {c: status(c, possible, certain) for c in unit.statuses} == unit.statuses


# --- complete facts --------------------------------------------------------------------------------------------------


def world(plain: Plain) -> list[clingo.Symbol]:
    """The findings and records of one world of a program."""
    control = clingo.Control()
    control.add("base", [], "\n".join(plain.facts))
    for file in plain.files:
        control.load(str(file))
    control.ground([("base", [])])
    with control.solve(yield_=True) as found:
        model = found.model()
        assert model is not None
        return [s for s in model.symbols(atoms=True) if s.name in ("finding", "_present")]


def completed(plain: Plain, *, stated: bool = False) -> list[str]:
    """The facts with one value of each attribute, and no record that may be absent; `stated` by the case, if asked."""
    atoms = world(plain)
    present = {str(a.arguments[0]) for a in atoms if a.name == "_present"}
    kept: list[str] = []
    for fact in plain.facts:
        for part in (p for line in fact.splitlines() for p in [line.strip()] if p):
            if part.startswith(("_value(", "_spare(", "_next(")):
                continue
            if part.startswith("_slot(") and str(clingo.parse_term(part.rstrip(".")).arguments[1]) not in present:
                continue
            if part.startswith("_stated(") and str(clingo.parse_term(part.rstrip(".")).arguments[0]) not in present:
                continue
            kept.append(part)
    findings = [[str(term) for term in a.arguments] for a in atoms if a.name == "finding"]
    kept += [f"_value({entity}, {name}, {value})." for entity, name, value in findings]
    return kept + [f"_stated({entity}, {name})." for entity, name, _ in findings if stated]


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_complete_facts_have_one_model_and_take_no_choice(path: Path) -> None:
    for plain in governed(path):
        every = run(completed(plain), plain.files, "0")
        assert every.said == ()
        assert (every.models, every.choices) == (1, 0)
        assert len(outcomes(every.atoms)) == 1
        possible, certain = (ran.atoms for ran in consequences(plain))
        mets = {a for a in every.atoms if a.startswith("met(")}
        assert {a for a in certain if a.startswith("met(")} <= mets
        assert mets <= possible


def complete_case(path: Path, plain: Plain) -> unmet.Case:
    """A case that states everything that one world of a line says, as a file would."""
    line = next(li for li in case(path).lines if li.name == plain.line)
    day = next(s for s in line.statements if s.attribute == "date_of_service").values
    assert day is not None
    asked: dict[str, Any] = {"date_of_service": day.words[0]}
    asked |= {"code": line.code} if line.code else {"policy": line.policy}
    data: dict[str, Any] = {"request": {"lines": [asked]}}
    vocabulary = kb().vocabulary
    for record in vocabulary.records.values():
        if record.mode is Mode.LISTED:
            data[record.name] = {"complete": True, "listed": []}
    atoms = world(plain)
    for a in sorted(a for a in atoms if a.name == "_present"):
        entity = a.arguments[0]
        if entity.name in data and vocabulary.records[entity.name].mode is Mode.LISTED:
            data[entity.name]["listed"].append({})
    for a in atoms:
        if a.name != "finding":
            continue
        entity, name, value = a.arguments
        attribute = vocabulary.attributes[name.name]
        written: Any = value.string if value.type is clingo.SymbolType.String else str(value)
        if attribute.type is Type.NUMBER:
            written = Decimal(value.number).scaleb(-attribute.places) if attribute.places else value.number
        if entity.name == "request":
            asked["levels" if attribute.name == LEVEL else attribute.name] = written
        elif not entity.arguments:
            data.setdefault(entity.name, {})[attribute.name] = written
        elif vocabulary.records[entity.name].mode is Mode.KEYED:
            key = entity.arguments[0]
            word = key.string if key.type is clingo.SymbolType.String else str(key)
            data.setdefault(entity.name, {}).setdefault(word, {})[attribute.name] = written
        else:
            data[entity.name]["listed"][entity.arguments[0].number - 1][attribute.name] = written
    return kb().case(data)


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_a_complete_case_takes_the_prepared_program_no_choice(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its verdict is not open, its criteria are met or unmet, and the solver had nothing to try.

    That holds of a program too that was extended to explain. It is asked here, not the circuits made of its rules.
    """
    monkeypatch.setattr(Prepared, "circuits", lambda self, chosen: None)
    for plain in governed(path)[:3]:
        complete = complete_case(path, plain)
        (scene,) = complete.scenes
        policy = inner().version(plain.files[-4].parent.name, scene.date_of_service())
        decision = Decision(
            inner(), policy, scene.at(scene.line.levels[0] if scene.line.levels else None), policy.defaults
        )
        program, _ = inner().program(policy, scene)
        Interventions.of(program)
        statuses = {c.criterion: str(c.status) for c in decision.criteria(Silence.OPEN) if c.kind is not Kind.PART}
        assert program.choices() == 0
        assert set(statuses.values()) <= {"met", "unmet"}
        assert decision.verdict(Silence.OPEN) in VERDICTS.values()
        once = run(completed(plain, stated=True), plain.files, "0").atoms
        assert statuses == {c: "met" if f"met({c})" in once else "unmet" for c in statuses}
        assert decision.verdict(Silence.CLOSED) is decision.verdict(Silence.OPEN)
        assert not decision.missing


def atoms(facts: str) -> set[str]:
    control = clingo.Control()
    control.add("base", [], facts)
    control.ground([("base", [])])
    return {str(atom.symbol) for atom in control.symbolic_atoms}


@pytest.mark.parametrize("policy", kb().policies, ids=lambda p: f"{p.name} {p.effective}")
def test_facts_as_text_are_the_facts(policy: Policy) -> None:
    knowledge = inner()
    domain = knowledge.domain(policy, dict.fromkeys(knowledge.listed(policy), 3))
    as_terms = "".join(f"{fact}." for fact in domain.facts()) + domain.kinds_program()
    assert atoms(domain.program()) == atoms(as_terms)
