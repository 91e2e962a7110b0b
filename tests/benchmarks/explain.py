"""How long an explanation takes, and what it holds, beside a fresh control for each question, clingexplaid and xclingo.

    python -m tests.benchmarks.explain [--repeat N] [--json] [--xclingo DIR]

It needs the extra `bench`. xclingo is installed into an environment of its own, in DIR (`.venv/xclingo`), where there
is none yet. What can be compared is compared before anything is timed; that a program ground anew for each question
gives the same explanation, whenever it has.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from time import process_time

from tests.benchmarks.denials import MET, SIZES, UNMET, Stated, case_of, decided, denial, documented, largest, turned
from tests.benchmarks.rivals import Clingexplaid, Regrounding, Sets, Xclingo, running_xclingo, xclingo_program
from tests.benchmarks.timing import Contender, Timing, machine, measure, milliseconds, table, timed
from unmet import loading
from unmet.case import Case
from unmet.determine.request import determine
from unmet.explain import explain
from unmet.explain.approval import Approval
from unmet.explanation import Explanation, UnitExplanation
from unmet.knowledge import Knowledge
from unmet.prepared import CASES_BEFORE_CIRCUITS

MOST_SECONDS = 15.0
"""How long one contender may take at one denial, over all rounds."""

WARM, FORGETFUL, COLD = "unmet, warm", "unmet, nothing remembered", "unmet, cold"
"""A program that has explained such a case before, and as many that it has circuits; the same, with nothing remembered
of what it explained; one that is not yet loaded."""

RIVALS = {
    "fresh control per question": WARM,
    "clingexplaid, warm": WARM,
    "xclingo, warm": WARM,
    "clingexplaid, cold": COLD,
    "xclingo, cold": COLD,
}
"""Each rival, and what it is held against: a run that reads and grounds its program against one that does so too."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What each gives for one case: sets of leaves."""

    verdict: str
    reasons: Sets
    fixes: int
    fixed: str
    """The first fix, or why there is none."""
    open_to: tuple[str, ...]
    """What is asked for, where the line is pended."""
    clingexplaid: Sets
    complements: Sets
    """The complements of clingexplaid's maximal satisfiable subsets."""
    corrections: tuple[int, int]
    """How many minimal corrections clingexplaid gives out, and how many of these are satisfiable subsets instead."""
    xclingo: Sets
    tree: str
    """The first explanation of xclingo."""
    uncomplemented: str
    """The same where the policy is given as it stands."""


def unit(found: Explanation) -> UnitExplanation:
    """The explanation of the only line."""
    return found.lines[0].units[0]


def reasons(found: Explanation) -> Sets:
    """The reasons as sets of leaves; none where the line is not denied."""
    denied = unit(found).denial
    return {frozenset(f.name for f in reason.features) for reason in denied.reasons} if denied else set()


def answers(kb: Knowledge, case: Case, xclingo: Xclingo) -> Answers:
    """What each gives for a case."""
    found, decision = explain(kb, case), decided(kb, case)
    denied, opening = unit(found).denial, unit(found).opening
    rival = Clingexplaid(decision)
    trees = xclingo.explain(xclingo_program(decision), cold=False)
    as_it_stands = xclingo.explain(xclingo_program(decision, complements=False), cold=False)
    return Answers(
        verdict=found.lines[0].determination.verdict,
        reasons=reasons(found),
        fixes=denied.fixes_found.total or len(denied.fixes) if denied else 0,
        fixed=_fixed(found),
        open_to=tuple(q.attribute for q in opening.ask) if opening else (),
        clingexplaid=rival.reasons(),
        complements=rival.corrections(),
        corrections=rival.own_corrections(),
        xclingo=set(trees.leaves),
        tree=trees.first,
        uncomplemented=as_it_stands.first,
    )


def _fixed(found: Explanation) -> str:
    denied = unit(found).denial
    if denied is None:
        return ""
    if not denied.fixes:
        return "none: " + ", ".join(f"{e.label} = {e.value}" for e in denied.blockers)
    changes = denied.fixes[0].changes
    return "; ".join(
        f"{c.criterion} ({c.kind}): {', '.join(f'{e.label} = {e.value}' for e in c.examples)}" for c in changes
    )


def check(kb: Knowledge, case: Case, given: Answers) -> None:
    """Holds against each other what has to be equal."""
    found = explain(kb, case)
    assert given.clingexplaid == given.reasons, "clingexplaid's minimal unsatisfiable subsets are the reasons"
    denied = unit(found).denial
    assert denied is not None
    assert len(given.complements) == denied.corrections_found.total, "and its satisfiable subsets the corrections"
    assert {frozenset(c) for c in denied.corrections} <= given.complements


def contenders(kb: Knowledge, case: Case, unmet: int, xclingo: Xclingo) -> dict[str, Contender]:
    """Everybody who explains this denial."""
    decision = decided(kb, case)
    rival, program, regrounding = Clingexplaid(decision), xclingo_program(decision), Regrounding(kb)
    loaded: list[tuple[Knowledge, Case]] = []
    for _ in range(CASES_BEFORE_CIRCUITS + 1):
        found = explain(kb, case)

    def load() -> None:
        fresh = loading.load(kb.directory)
        loaded[:] = [(fresh, denial(fresh, unmet))]

    def ground_anew() -> None:
        assert explain(regrounding, case) == found

    return {
        WARM: timed(lambda: explain(kb, case)),
        "clingexplaid, warm": timed(rival.reasons),
        "xclingo, warm": lambda: xclingo.explain(program, cold=False).sample,
        FORGETFUL: timed(lambda: explain(kb, case), Approval.forget),
        COLD: timed(lambda: explain(*loaded[0]), load),
        "clingexplaid, cold": timed(rival.cold),
        "xclingo, cold": lambda: xclingo.explain(program, cold=True).sample,
        "fresh control per question": timed(ground_anew),
    }


def variants(kb: Knowledge) -> dict[str, Stated]:
    """Cases in which the approved one is silent, or differs in what cannot change."""
    full = documented(kb)
    return {
        "a referral is not mentioned": {k: v for k, v in full.items() if k != "bone_density_referral"},
        "the fracture is cervical (immutable)": {**full, "fracture_region": "cervical"},
        "onset 100 days ago (only grows)": {**full, "fracture_onset_days": 100},
        "pregnancy is not mentioned (presumed absent), a referral denied": {
            k: v for k, v in {**full, "bone_density_referral": "no"}.items() if k != "pregnancy"
        },
    }


def never_asked(kb: Knowledge, unmet: int, cases: int = 150, first: int = 25) -> tuple[float, float]:
    """How many times as long as its determination an explanation takes, of denials drawn at random.

    Each is asked once. The medians of the first ones, when nothing is remembered, and of the others.
    """
    random = Random(1)
    ratios: list[float] = []
    Approval.forget()
    for _ in range(cases):
        stated = documented(kb) | {name: UNMET[name] for name in random.sample(list(UNMET), unmet)}
        stated |= {"fracture_onset_days": random.randint(10, 60), "height_loss_percent": random.randint(20, 60)}
        case = case_of(kb, stated)
        start = process_time()
        determine(kb, case)
        middle = process_time()
        explain(kb, case)
        ratios.append((process_time() - middle) / (middle - start))
    return median(ratios[:first]), median(ratios[first:])


def times(timings: Mapping[int, Mapping[str, Timing]]) -> str:
    """The table of times."""
    rows = []
    for name in (WARM, FORGETFUL, COLD, *RIVALS):
        for unmet, by_name in timings.items():
            timing = by_name[name]
            times_ours = f"{timing.times(by_name[RIVALS[name]]):.2g}" if name in RIVALS else ""
            measured = [milliseconds(t) for t in (timing.median, timing.least, timing.most, timing.cpu)]
            rows.append((name, unmet, len(timing.samples), *measured, times_ours))
    header = ("", "unmet leaves", "runs", "median ms", "min", "max", "processor ms", "times ours")
    return table(header, rows)


def returned(all_answers: Mapping[str, Answers]) -> str:
    """The table of what each gives."""
    header = (
        "",
        "verdict",
        "reasons",
        "fixes",
        "asked",
        "clingexplaid",
        "xclingo",
        "of these reasons",
        "reasons it lacks",
    )
    rows = [
        (
            name,
            a.verdict,
            len(a.reasons),
            a.fixes,
            len(a.open_to),
            len(a.clingexplaid),
            len(a.xclingo),
            len(a.xclingo & a.reasons),
            len(a.reasons - a.xclingo),
        )
        for name, a in all_answers.items()
    ]
    return table(header, rows)


def written(sets: Iterable[frozenset[str]]) -> list[list[str]]:
    """Sets in a stable order, smallest first."""
    return sorted((sorted(s) for s in sets), key=lambda s: (len(s), s))


def shown(name: str, a: Answers) -> str:
    """What each gives for one case, shortened."""
    some = [" ".join(s) for s in written(a.reasons)[:6]]
    lines = [f"--- {name}: {a.verdict}"]
    lines.append(f"unmet: {len(a.reasons)} reasons: {' | '.join(some)}")
    lines.append(
        f"       {a.fixes} fixes, the first: {a.fixed}" if a.verdict == "denied" else f"       ask {a.open_to}"
    )
    lines.append(f"clingexplaid: {len(a.clingexplaid)} minimal unsatisfiable subsets, {len(a.complements)} complements")
    lines.append(f"       {a.corrections[0]} `MinimalCorrectionSet`s, {a.corrections[1]} equal to a satisfiable subset")
    lines.append(f"       the first complement: {next(iter(written(a.complements)), None)}")
    others = [" ".join(s) for s in written(a.xclingo - a.reasons)[:4]]
    lines.append(f"xclingo: {len(a.xclingo)} explanations; those that are no reasons: {' | '.join(others) or 'none'}")
    return "\n".join([*lines, a.tree.rstrip(), "xclingo, the policy as it stands:", a.uncomplemented.rstrip(), ""])


def data(all_answers: Mapping[str, Answers], timings: Mapping[int, Mapping[str, Timing]]) -> dict[str, object]:
    """All of it for JSON, times in seconds."""
    return {
        "machine": machine(("clingo", "clingexplaid")),
        "answers": {
            name: {
                "verdict": a.verdict,
                "reasons": written(a.reasons),
                "fixes": a.fixes,
                "ask": a.open_to,
                "clingexplaid": written(a.clingexplaid),
                "xclingo": written(a.xclingo),
            }
            for name, a in all_answers.items()
        },
        "times": {
            unmet: {
                name: {**t.data(), **({"times_ours": t.times(by_name[RIVALS[name]])} if name in RIVALS else {})}
                for name, t in by_name.items()
            }
            for unmet, by_name in timings.items()
        },
    }


def main() -> None:
    """Checks, times, and prints."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.explain", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--repeat", type=int, default=15, help="how many rounds (15)")
    parser.add_argument("--json", action="store_true", help="print JSON, times in seconds")
    parser.add_argument("--xclingo", type=Path, default=Path(".venv/xclingo"), help="the environment of xclingo")
    options = parser.parse_args()

    kb = loading.load()
    policy = largest(kb)
    all_answers: dict[str, Answers] = {}
    timings: dict[int, Mapping[str, Timing]] = {}
    with running_xclingo(options.xclingo) as xclingo:
        for unmet in SIZES:
            case = denial(kb, unmet)
            assert len(turned(kb, case)) == unmet
            given = all_answers[f"{unmet} unmet"] = answers(kb, case, xclingo)
            check(kb, case, given)
            timings[unmet] = measure(contenders(kb, case, unmet, xclingo), options.repeat, MOST_SECONDS)
        for name, stated in variants(kb).items():
            all_answers[name] = answers(kb, case_of(kb, stated), xclingo)

    if options.json:
        print(json.dumps(data(all_answers, timings), indent=2))
        return
    print(", ".join(f"{k} {v}" for k, v in machine(("clingo", "clingexplaid")).items()))
    used = policy.outline(policy.defaults).criteria
    print(f"{policy.name}: {len(used)} criteria in use; {len(MET)} findings and all others stated\n")
    print(times(timings), "", sep="\n")
    for unmet in SIZES[:2]:
        before, after = never_asked(kb, unmet)
        print(f"drawn at random, {unmet} unmet: {before:.1f} times a determination at first, then {after:.1f} times")
    print("", returned(all_answers), "", sep="\n")
    for name, given in all_answers.items():
        print(shown(name, given))


if __name__ == "__main__":
    main()
