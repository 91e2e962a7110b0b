"""The coverage of policies as one self-contained HTML page: every policy's outline with what cases show of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from unmet.covered import WHY, Coverage, CriterionCoverage, PolicyCoverage, Share, State


@dataclass(frozen=True)
class Node:
    """A criterion of the outline, its share of goals seen, and the criteria below it."""

    criterion: CriterionCoverage
    share: Share
    below: tuple[Node, ...]

    @property
    def missing(self) -> bool:
        """Whether a goal of it, or of a criterion below it, is missing."""
        return any(g.state is State.MISSING for g in self.criterion.goals) or any(n.missing for n in self.below)


def page(covered: Coverage) -> str:
    """The page; it needs nothing from elsewhere, and every text is escaped."""
    template = (files("unmet") / "render" / "templates" / "coverage.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = environment.from_string(template).render(
        covered=covered, outlines=[(p, tuple(_nodes(p, None))) for p in covered.policies], why=WHY
    )
    return f"{text}\n"


def _nodes(policy: PolicyCoverage, parent: str | None) -> Iterator[Node]:
    for criterion in policy.criteria:
        if criterion.parent == parent:
            yield Node(criterion, Share.of(criterion.goals), tuple(_nodes(policy, criterion.criterion)))
