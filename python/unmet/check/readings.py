"""Checks of readings: what each option changes against the default, with a case for each difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from unmet.check.study import Study
from unmet.check.telling import finding
from unmet.check.witness import VERDICTS, Exhibit, Proof, Row, named, outcome_of, prove
from unmet.copies import Copies, prepare
from unmet.facts.layout import Layout, World
from unmet.findings import Finding
from unmet.policy import Reading
from unmet.solver import Truth
from unmet.witness import Ground, Nearest, Shown

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
        return Nearest(self.copies.program, [self.layout])

    @cached_property
    def layout(self) -> Layout:
        """The literals of the world."""
        return Layout(self.copies.domain, self.copies.program.literal)

    @cached_property
    def outcomes(self) -> list[dict[str, int]]:
        """The literals of the outcomes on either side."""
        return [self.copies.outcomes(side) for side in (0, 1)]

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
        lost, won = True in had, False in had
        if lost and won:
            code, how = "incomparable", f"some cases {word} under `{usual}` are not, and others are"
        else:
            code = "looser" if won == (outcome == "approve") else "stricter"
            how = f"{'more' if won else 'fewer'} cases are {word} than under `{usual}`"
            if lost and not both.copies.program.has_world([*base, both.outcomes[1][outcome]]):
                how = f"no case is {word}; under `{usual}` some are"
        proof = Proof()
        for first, wanted in had.items():
            proof += _witness(both, reading.name, chosen, outcome, wanted, first)
        return finding(
            study, f"reading-{code}", f"under {what} {how}", location=reading.span,
            subjects=[reading.name, option], help=reading.options[option], witnesses=proof,
        )  # fmt: skip
    return finding(
        study, "reading-equivalent", f"{what} changes no outcome against `{usual}`", location=reading.span,
        subjects=[reading.name, option], help="it may change which criteria are met, and so the ground of a denial",
    )  # fmt: skip


def _witness(both: _Both, name: str, chosen: Mapping[str, str], outcome: str, wanted: list[int], first: bool) -> Proof:
    """One case under both options: it has the outcome under the first alone, or under the second alone."""
    studies = both.study, both.study.beside(chosen)
    relevant = list(dict.fromkeys(p for each in studies for p in each.relevant([(each.outcome(outcome), True)])))

    def read(holds: Truth) -> tuple[World, tuple[str, ...]]:
        return both.layout.read(holds, relevant), tuple(outcome_of(holds, each) for each in both.outcomes)

    found = both.nearest.read(wanted, read)
    assert found is not None, "there is such a world"
    world, had = found
    options = (each.chosen[name] for each in studies)
    title = ", ".join(f"{VERDICTS[one]} under `{option}`" for one, option in zip(had, options, strict=True))
    rows = tuple(Row(each, outcome=one) for each, one in zip(studies, had, strict=True))
    base = named(both.study, "reading", name, chosen[name], "loses" if first else "wins")
    claims = [outcomes[one] for outcomes, one in zip(both.outcomes, had, strict=True)]
    documented = frozenset[str]().union(*(each.documented for each in studies))
    ground = Ground(both.copies.program, both.layout, documented, both.under(chosen))
    return prove(base, [Exhibit(world, rows, f"{title} of `{name}`")], together=Shown(ground, world, claims, relevant))
