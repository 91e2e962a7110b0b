"""How long one case takes, beside what else one would decide it with, and what each makes of missing data.

    python -m tests.benchmarks.single [--rounds N] [--cases N] [--only PART]

It needs the extra `bench`. Contenders take turns, round by round, and what is told is the median over the rounds of
the time a case. Before anything is timed their answers are held against brute force.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import clingo

import unmet
from tests.benchmarks import cold, hip
from tests.benchmarks.hip import Engine, Findings
from unmet import loading
from unmet.determine.decision import Decision
from unmet.determine.governing import governing
from unmet.explain import explain
from unmet.knowledge import Knowledge

ROOT = Path(__file__).parents[2]
SILENCES = (0.0, 0.1, 0.25)

COLD_CASES = {
    "hip_core_decompression": "denied_age_fifty",
    "vertebral_augmentation": "denied_infected",
    "si_joint_fusion_minimally_invasive": "approved_all_eight_rows",
}

LARGEST = {
    "all documented, approved": "vertebral_augmentation/approved_rapid_progression",
    "all documented, denied": "vertebral_augmentation/denied_infected",
    "nothing documented": "vertebral_augmentation/pended_nothing_documented",
    "records": "si_joint_fusion_minimally_invasive/approved_all_eight_rows",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--only", choices=sorted(PARTS))
    asked = parser.parse_args()
    print(f"Python {platform.python_version()}, clingo {clingo.__version__}, {os.cpu_count()} cores; "
          f"load {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    for name, part in PARTS.items():
        if asked.only in (None, name):
            part(asked.rounds, asked.cases)
            print()


# -- timing ---------------------------------------------------------------------------------------------------


def medians(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of processor time of a run of each; they take turns."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for work in contenders.values():
        work()
    for _ in range(rounds):
        for name, work in contenders.items():
            start = time.process_time()
            work()
            taken[name].append(time.process_time() - start)
    return {name: median(times) for name, times in taken.items()}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table in Markdown."""
    print("| " + " | ".join(head) + " |")
    print("|---" + "|---:" * (len(head) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")


def over(cases: Sequence[object], work: Callable[[object], object]) -> Callable[[], None]:
    """Does the work for every case."""

    def run() -> None:
        for case in cases:
            work(case)

    return run


# -- one policy, beside others ----------------------------------------------------------------------------------


def engines() -> list[Engine]:
    """What one would decide the hip policy with."""
    return [hip.Kleene(), hip.Zen(), hip.Cel(), hip.CelHas()]


def fresh(kb: unmet.KnowledgeBase, case: unmet.Case) -> Callable[[], None]:
    """The case's own program ground anew, and its brave and cautious consequences."""
    (plain,) = kb.facts(case)

    def run() -> None:
        control = clingo.Control(["--warn=none"])
        control.add("base", [], "\n".join(plain.facts))
        for file in plain.files:
            control.load(str(file))
        control.ground([("base", [])])
        configuration = control.configuration
        for mode in ("brave", "cautious"):
            configuration.solve.enum_mode = mode  # type: ignore[union-attr]
            configuration.solve.models = 0  # type: ignore[union-attr]
            with control.solve(yield_=True) as found:
                for _ in found:
                    pass

    return run


def statuses(inner: Knowledge, case: unmet.Case) -> dict[str, unmet.Status]:
    """The status of every criterion of a case of one line."""
    (scene,) = case.scenes
    policy, _ = governing(inner, scene)
    assert policy is not None
    decision = Decision(inner, policy, scene, policy.defaults)
    return {name: decision.status(name) for name in decision.outline.criteria}


def agree(kb: unmet.KnowledgeBase, found: Sequence[Findings]) -> None:
    """Nothing is timed before unmet has told the truth of every case, and the others have where all is stated."""
    for findings in found:
        true = hip.truth(findings)
        case = kb.case(hip.case_data(findings))
        assert kb.verdict(case) == kb.determine(case).request.outcome == true, findings
        if len(findings) == len(hip.VALUES):
            for engine in engines():
                assert engine.decide(findings) == true, (engine.name, findings)


def one_case(rounds: int, count: int) -> None:
    """Microseconds a case of the hip policy."""
    kb, inner = unmet.load(ROOT / "kb"), loading.load(ROOT / "kb")
    found: dict[float, dict[str, float]] = {}
    for silent in SILENCES:
        findings = list(hip.cases(count, silent))
        agree(kb, findings)
        cases = [kb.case(hip.case_data(f)) for f in findings]
        data = [hip.case_data(f) for f in findings]
        filled = [{**hip.PRESUMED, **f} for f in findings]
        few = [fresh(kb, case) for case in cases[:10]]
        work: dict[str, Callable[[], object]] = {
            "unmet, verdict": over(cases, kb.verdict),  # type: ignore[arg-type]
            "unmet, status of every criterion": over(cases, lambda c: statuses(inner, c)),  # type: ignore[arg-type]
            "unmet, determination with evidence": over(cases, kb.determine),  # type: ignore[arg-type]
            "unmet, from plain data to the verdict": over(data, lambda d: kb.verdict(kb.case(d))),  # type: ignore[arg-type]
            "unmet, explanation": over(cases[:5], lambda c: explain(inner, c)),  # type: ignore[arg-type]
            "clingo, fresh control": lambda few=few: [run() for run in few],  # type: ignore[misc]
        }
        for engine in engines():
            work[engine.name] = over(filled, guarded(engine))  # type: ignore[arg-type]
        sizes = {"unmet, explanation": 5, "clingo, fresh control": len(few)}
        found[silent] = {n: t / sizes.get(n, count) for n, t in medians(work, rounds).items()}
    first = found[0.0]["unmet, verdict"]
    table(
        ["hip_core_decompression, µs a case", *(f"{s:.0%} silent" for s in SILENCES), "times unmet's verdict"],
        (
            [name, *(f"{found[s][name] * 1e6:,.1f}" for s in SILENCES), f"{found[0.0][name] / first:,.2f}"]
            for name in found[0.0]
        ),
    )


def guarded(engine: Engine) -> Callable[[Findings], str]:
    """The engine's answer, an error as an answer."""

    def decide(findings: Findings) -> str:
        try:
            return engine.decide(findings)
        except Exception:
            return hip.ERROR

    return decide


# -- the largest policies ---------------------------------------------------------------------------------------


def largest(rounds: int, count: int) -> None:
    """Milliseconds a case, of the policy with most criteria and of one with records."""
    kb, inner = unmet.load(ROOT / "kb"), loading.load(ROOT / "kb")
    rows = []
    for label, name in LARGEST.items():
        case = kb.read_case(ROOT / "cases" / f"{name}.yaml")
        assert kb.verdict(case) == kb.determine(case).request.outcome
        many = 20
        work: dict[str, Callable[[], object]] = {
            "verdict": over([case] * many, kb.verdict),  # type: ignore[arg-type]
            "statuses": over([case] * many, lambda c: statuses(inner, c)),  # type: ignore[arg-type]
            "determination": over([case] * many, kb.determine),  # type: ignore[arg-type]
            "fresh": fresh(kb, case),
        }
        taken = medians(work, rounds)
        each = {n: t / (1 if n == "fresh" else many) * 1e3 for n, t in taken.items()}
        rows.append([f"{name.partition('/')[0]}, {label}", *(f"{each[n]:.3f}" for n in work),
                     f"{each['fresh'] / each['statuses']:.0f}"])  # fmt: skip
    head = ["ms a case", "verdict", "every status", "with evidence", "fresh control", "fresh / statuses"]
    table(head, rows)


# -- cold -------------------------------------------------------------------------------------------------------


def cold_start(rounds: int, count: int) -> None:
    """Processor time of `unmet determine` beside that of importing what it needs and building the case."""
    vocabulary = unmet.load(ROOT / "kb").vocabulary
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "baseline.py").write_text(cold.baseline(vocabulary))
        environment = {"UNMET_CACHE": str(home / "cache"), "PYTHONPATH": str(ROOT / "python")}
        for policy, name in COLD_CASES.items():
            path = ROOT / "cases" / policy / f"{name}.yaml"
            (home / "case.json").write_text(cold.plain(path))
            (home / "case_without_expectations.json").write_text(cold.plain(path))
            determine = ["-c", "from unmet.cli import main; main()", "determine", str(home / "case.json")]
            commands = {
                "baseline": [str(home / "baseline.py"), str(home / "case.json")],
                "text": determine,
                "JSON": [*determine, "--format", "json"],
            }
            taken: dict[str, list[float]] = {key: [] for key in commands}
            for command in commands.values():
                cold.processor_seconds(command, **environment)
            for _ in range(rounds):
                for key, command in commands.items():
                    taken[key].append(cold.processor_seconds(command, **environment))
            uncached = median(
                cold.processor_seconds(determine, **environment | {"UNMET_CACHE": "off"}) for _ in range(3)
            )
            middle = {key: median(times) for key, times in taken.items()}
            rows.append([policy, *(f"{middle[key]:.2f}" for key in commands), f"{uncached:.2f}",
                         *(f"{ratio(taken[key], taken['baseline']):.2f}" for key in ("text", "JSON"))])  # fmt: skip
    head = ["processor seconds", "import and build", "determine", "as JSON", "nothing kept", "ratio", "ratio, JSON"]
    table(head, rows)


def ratio(times: Sequence[float], base: Sequence[float]) -> float:
    """The median over the rounds of how many times as long one takes as the other."""
    return median(a / b for a, b in zip(times, base, strict=True))


# -- missing data -----------------------------------------------------------------------------------------------


def missing(rounds: int, count: int) -> None:
    """What each engine makes of cases in which findings are silent."""
    kb = unmet.load(ROOT / "kb")
    rows: list[list[object]] = []
    for silent in SILENCES[1:]:
        found = list(hip.cases(max(count, 1000), silent, seed=7))
        rows += _told("unmet", silent, found, lambda f: str(kb.verdict(kb.case(hip.case_data(f)))))
        for engine in engines():
            decide = guarded(engine)
            rows += _told(engine.name, silent, found, lambda f, d=decide: d({**hip.PRESUMED, **f}))  # type: ignore[misc]
    head = ["hip_core_decompression", "silent", "cases", "right", "wrongly approved", "wrongly denied",
            "wrongly referred or pended", "error"]  # fmt: skip
    table(head, rows)


def _told(
    name: str, silent: float, found: Sequence[Findings], decide: Callable[[Findings], str]
) -> Iterator[list[object]]:
    counted: Counter[str] = Counter()
    for findings in found:
        told = decide(findings)
        wrong = {hip.APPROVED: "approved", hip.DENIED: "denied", hip.ERROR: "error"}.get(told, "other")
        counted["right" if told == hip.truth(findings) else wrong] += 1
    yield [name, f"{silent:.0%}", len(found), *(counted[k] for k in ("right", "approved", "denied", "other", "error"))]


PARTS: dict[str, Callable[[int, int], None]] = {
    "one-case": one_case,
    "largest": largest,
    "cold": cold_start,
    "missing-data": missing,
}

if __name__ == "__main__":
    main()
