"""What makes a claim impossible: criteria that cannot hold together, none of which can be spared."""

from __future__ import annotations

from collections.abc import Sequence

from unmet.check.study import Study
from unmet.check.telling import listed, word
from unmet.facts.answers import met_symbol
from unmet.policy import Child
from unmet.solver import Core


def conflict(study: Study, *literals: Child) -> list[Child]:
    """A minimal set, of what some literals come down to, that no world holds together; none holds these literals."""
    groups = study.structure.comes_down_to(literals)
    asked = study.program.literals((met_symbol(c.name), not c.negated) for c in groups)
    found = Core.of(study.program, study.fixed, [[literal] for literal in asked]).minimal(range(len(groups)))
    assert found is not None, "no world holds them all"
    return [groups[i] for i in found]


def told(literals: Sequence[Child]) -> str:
    """That no world holds these together; of none, that there is no world."""
    if not literals:
        return "the vocabulary excludes every case"
    if len(literals) > 1:
        return f"{listed([word(c) for c in literals])} cannot hold together"
    (one,) = literals
    return f"every case meets `{one.name}`" if one.negated else f"no case meets `{one.name}`"
