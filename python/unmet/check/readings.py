"""Checks of readings: what each option changes against the default, with a case for each difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from unmet.check.study import Study
from unmet.check.telling import expect, expected, finding, named
from unmet.check.witness import shown_by, stated_of, written
from unmet.copies import Copies, prepare
from unmet.facts.layout import Layout
from unmet.findings import Finding, Witness
from unmet.policy import Reading
from unmet.witness import Nearest, minimal

OUTCOMES = {"approve": "approved", "deny": "denied"}


def check(study: Study) -> Iterator[Finding]:
    """One finding for each option that is not chosen, the other readings being as they are."""
    if not study.policy.readings:
        return
    source = study.knowledge.source(study.policy)
    both = _Both(study, prepare(study.knowledge, source, source, domain=study.domain))
    for reading in study.policy.readings.values():
        for option in reading.options:
            if option != study.chosen[reading.name]:
                yield _option(both, reading, option)


@dataclass(frozen=True)
class _Both:
    """A policy twice over one world, so that two choices of readings judge it."""

    study: Study
    copies: Copies

    @cached_property
    def nearest(self) -> Nearest:
        """Worlds that make small cases."""
        return Nearest(self.copies.program, [Layout(self.copies.domain, self.copies.program.literal)])

    def under(self, chosen: Mapping[str, str]) -> list[int]:
        """The usual readings on one side, and these on the other."""
        copies = self.copies
        return copies.program.literals([*copies.under(0, self.study.chosen), *copies.under(1, chosen)])

    def wins(self, outcome: str, first: bool) -> list[int]:
        """That one side alone has an outcome."""
        copies = self.copies
        return copies.program.literals([copies.outcome(0, outcome, first), copies.outcome(1, outcome, not first)])


def _option(both: _Both, reading: Reading, option: str) -> Finding:
    study = both.study
    chosen = dict(study.chosen) | {reading.name: option}
    base = both.under(chosen)
    usual = study.chosen[reading.name]
    what = f"`{option}` of `{reading.name}`"
    for outcome, word in OUTCOMES.items():
        questions = [(first, [*base, *both.wins(outcome, first)]) for first in (True, False)]
        had = {first: wanted for first, wanted in questions if both.copies.program.has_world(wanted)}
        if not had:
            continue
        approves = outcome == "approve"
        stricter, looser = (True in had, False in had) if approves else (False in had, True in had)
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
        for first, wanted in had.items():
            witnesses += _witness(both, reading.name, chosen, outcome, wanted, first)
        return finding(
            study, f"reading-{code}", f"under {what} {how}", location=reading.span,
            subjects=[reading.name, option], help=reading.options[option], witnesses=witnesses,
        )  # fmt: skip
    return finding(
        study, "reading-equivalent", f"{what} changes no outcome against `{usual}`", location=reading.span,
        subjects=[reading.name, option], help="it may change which criteria are met, and so the ground of a denial",
    )  # fmt: skip


def _witness(
    both: _Both, name: str, chosen: Mapping[str, str], outcome: str, wanted: list[int], first: bool
) -> tuple[Witness, ...]:
    """One case under both options: it has the outcome under the first alone, or under the second alone."""
    study = both.study
    sides = ((study, first), (study.beside(chosen), not first))
    relevant = dict.fromkeys(p for each, _ in sides for p in each.relevant([(each.outcome(outcome), True)]))
    found = both.nearest.worlds(wanted, relevant)
    shown = [shown_by(each, found[0], [(each.outcome(outcome), truth)]) for each, truth in sides if found is not None]
    stated = minimal(shown) if shown else None
    if found is None or stated is None:
        return ()
    expectations = [expect(each, _expected(each, outcome, truth)) for each, truth in sides]
    under = study.chosen[name] if first else chosen[name]
    title = f"{OUTCOMES[outcome]} under `{under}` of `{name}` only"
    subjects = (name, chosen[name], "wins" if not first else "loses")
    data = written(study, stated_of(found[0], stated), title, expectations)
    return (Witness(named(study, "reading", *subjects), title, data),)


def _expected(study: Study, outcome: str, truth: bool) -> dict[str, Any]:
    """What the case file expects: the outcome, or where it is another one, that its root says so if one root does."""
    if truth:
        return expected(study, {}, outcome)
    if "referral" in study.roots:
        return {}
    return {"criteria": {"necessary": "unmet" if outcome == "approve" else "met"}}
