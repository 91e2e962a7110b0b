"""Witnesses of the checks: worlds of a study, and the cases made of them, as case files hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from unmet.casewriter import case_data
from unmet.check.study import Study
from unmet.facts.layout import World
from unmet.facts.terms import Pair
from unmet.fewest import Stated
from unmet.solver import Assumption
from unmet.witness import Shown


def shown_by(study: Study, world: World, claims: Iterable[Assumption], silent: Iterable[Pair] = ()) -> Shown:
    """A world of a study, and what a case made of it has to show."""
    every = tuple(claims)
    return Shown(study.ground, world, study.program.literals(every), study.relevant(every), frozenset(silent))


def near_silence(study: Study, claims: Sequence[Assumption]) -> World | None:
    """A world that holds the claims, states all it can, and has few records and what is presumed; None without one."""
    base = [*study.fixed, *study.program.literals(claims)]
    found = study.nearest.worlds(base, study.relevant(claims))
    return None if found is None else found[0]


def written(study: Study, case: Stated, title: str, expect: Any) -> dict[str, Any]:
    """A case as a case file holds it; of what it lists there is no more."""
    line = {"line": "asked", "policy": study.policy.name, "date_of_service": study.policy.effective}
    return case_data(study.knowledge.vocabulary, case.draft(study.domain), [line], title, expect)


def stated_of(world: World, stated: Iterable[Pair]) -> Stated:
    """The case that states these findings of a world, and has its records."""
    return Stated({p: world.value(p) for p in stated}, world.entities)
