"""What the verdict of a decision would be with another status of one criterion."""

from __future__ import annotations

from unmet.determine import Decision
from unmet.facts.domain import Domain
from unmet.facts.outline import OUTCOMES, outline_facts, overridden, turned_outcome
from unmet.knowledge import Knowledge
from unmet.policy import Policy
from unmet.solver import Program


def overriding(knowledge: Knowledge, policy: Policy, domain: Domain) -> Program:
    """The program of a policy in which the status of one criterion can be turned over."""
    return Program(
        [knowledge.sources.words.rules, knowledge.source(policy).text],
        [*domain.facts(), *outline_facts(policy)],
        domain.kinds_program(),
        ("world", "prepared", "outcome", "outline", "overridden"),
        str(policy.path),
    )


class Turning:
    """The questions which criteria of one decision would change its verdict if they had the other status."""

    def __init__(self, program: Program, unit: Decision) -> None:
        self._program = program
        self._case = program.literals([*unit.under_readings, *unit.of_case])
        self._outcomes = unit.worlds.outcomes

    def changes_verdict(self, name: str) -> bool:
        """Whether the verdict is another with the status of a definite criterion turned over in every world."""
        if len(self._outcomes) == 1:
            return self._can_miss(name, self._outcomes[0])
        return not all(self._can_miss(name, outcome) for outcome in OUTCOMES)

    def _can_miss(self, name: str, outcome: str) -> bool:
        """Whether some world of the case ends otherwise with the criterion turned over."""
        question = self._program.literals([(overridden(name), True), (turned_outcome(outcome), False)])
        return self._program.blamed([*self._case, *question]) is None
