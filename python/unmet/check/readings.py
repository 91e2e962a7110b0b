"""Checks of readings: what each option changes against the default, with a case for each difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from unmet.check.study import Study
from unmet.check.telling import expect, expected, finding, named
from unmet.check.witness import Shown, minimal, nearest, world_of, written
from unmet.copies import Copies, prepare
from unmet.findings import Finding, Witness
from unmet.policy import Reading
from unmet.solver import Assumption

OUTCOMES = {"approve": "approved", "deny": "denied"}


def check(study: Study) -> Iterator[Finding]:
    """One finding for each option that is not chosen, the other readings being as they are."""
    if not study.policy.readings:
        return
    source = study.knowledge.source(study.policy)
    copies = prepare(study.knowledge, source, source, slots=dict(study.domain.slots))
    for reading in study.policy.readings.values():
        for option in reading.options:
            if option != study.chosen[reading.name]:
                yield _option(study, copies, reading, option)


def _option(study: Study, copies: Copies, reading: Reading, option: str) -> Finding:
    chosen = dict(study.chosen) | {reading.name: option}
    base = [*copies.under(0, study.chosen), *copies.under(1, chosen)]

    def world(outcome: str, first: bool) -> list[Assumption] | None:
        """A world with an outcome on one side only."""
        wanted = [*base, copies.outcome(0, outcome, first), copies.outcome(1, outcome, not first)]
        return wanted if copies.program.satisfiable(wanted) else None

    usual = study.chosen[reading.name]
    both = f"`{option}` of `{reading.name}`"
    for outcome, word in OUTCOMES.items():
        loses, wins = world(outcome, True), world(outcome, False)
        if loses is None and wins is None:
            continue
        approves = outcome == "approve"
        stricter = (loses is not None) if approves else (wins is not None)
        looser = (wins is not None) if approves else (loses is not None)
        code = "incomparable" if stricter and looser else "stricter" if stricter else "looser"
        how = {
            "incomparable": f"some cases {word} under `{usual}` are not, and others are",
            "stricter": f"fewer cases are {word} than under `{usual}`"
            if approves
            else f"more cases are {word} than under `{usual}`",
            "looser": f"more cases are {word} than under `{usual}`"
            if approves
            else f"fewer cases are {word} than under `{usual}`",
        }[code]
        witnesses: list[Witness] = []
        for wanted, first in ((loses, True), (wins, False)):
            if wanted is not None:
                witnesses += _witness(study, copies, reading.name, chosen, outcome, wanted, first)
        return finding(
            study, f"reading-{code}", f"under {both} {how}", location=reading.span,
            subjects=[reading.name, option], help=reading.options[option], witnesses=witnesses,
        )  # fmt: skip
    return finding(
        study, "reading-equivalent", f"{both} changes no outcome against `{usual}`", location=reading.span,
        subjects=[reading.name, option], help="it may change which criteria are met, and so the ground of a denial",
    )  # fmt: skip


def _witness(
    study: Study,
    copies: Copies,
    name: str,
    chosen: Mapping[str, str],
    outcome: str,
    wanted: list[Assumption],
    first: bool,
) -> tuple[Witness, ...]:
    """One case under both options: it has the outcome under the first alone, or under the second alone."""
    other = study.beside(chosen)
    held = nearest(copies.program, study, wanted, study.atoms)
    if held is None:
        return ()
    world = world_of(held)
    sides = ((study, first), (other, not first))
    shown = [Shown(each, world, ((each.outcome(outcome), truth),)) for each, truth in sides]
    stated = minimal(shown)
    if stated is None:
        return ()
    expectations = [expect(each, _expected(each, outcome, truth)) for each, truth in sides]
    under = study.chosen[name] if first else chosen[name]
    title = f"{OUTCOMES[outcome]} under `{under}` of `{name}` only"
    subjects = (name, chosen[name], "wins" if not first else "loses")
    return (Witness(named(study, "reading", *subjects), title, written(shown[0], stated, title, expectations)),)


def _expected(study: Study, outcome: str, truth: bool) -> dict[str, Any]:
    """What the case file expects: the outcome, or where it is another one, that its root says so if one root does."""
    if truth:
        return expected(study, {}, outcome)
    if "referral" in study.roots:
        return {}
    return {"criteria": {"necessary": "unmet" if outcome == "approve" else "met"}}
