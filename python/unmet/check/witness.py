"""Witnesses of the checks: worlds of a study, and the cases made of them, as case files hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from unmet.casewriter import case_data
from unmet.check.study import Study
from unmet.facts.domain import room
from unmet.facts.layout import World, moved_up
from unmet.facts.terms import Pair
from unmet.findings import Finding, Witness
from unmet.lists import Lists
from unmet.results import Status
from unmet.solver import Assumption, Truth
from unmet.vocabulary import Entity
from unmet.witness import Shown, drawn, exchanged, minimal

VERDICTS = {"approve": "approved", "deny": "denied", "refer": "referred"}

LONGEST_NAME = 150
"""Characters of a witness's name: with what makes it unique and what a file system adds, it fits into 255 bytes."""


@dataclass(frozen=True)
class Row:
    """What a case shows under the readings of a study: what some criteria are and, unless it is None, the outcome."""

    study: Study
    met: Mapping[str, bool] = field(default_factory=dict)
    outcome: str | None = None

    @property
    def claims(self) -> tuple[Assumption, ...]:
        """What holds in every world of the case."""
        return claims_of(self.study, self.met, self.outcome)

    def expected(self) -> dict[str, Any]:
        """What a case file expects of its one line.

        The outcome is expected of the roots: what other lines of a request make of it is no matter of the policy.
        """
        study = self.study
        roots = {"approve": {"necessary": True}, "deny": {"necessary": False}, "refer": {"referral": True}}
        met = dict(self.met) | (roots[self.outcome] if self.outcome else {})
        if self.outcome in ("approve", "deny") and "referral" in study.structure.roots:
            met["referral"] = False
        criteria = {name: str(Status.MET if truth else Status.UNMET) for name, truth in met.items()}
        readings = {f"{study.policy.name}.{name}": option for name, option in study.chosen.items()}
        return ({"readings": readings} if readings else {}) | {"lines": {"asked": {"criteria": criteria}}}


@dataclass(frozen=True)
class Exhibit:
    """One case of a finding: the world that it is made of, and what it shows, which is told by its title.

    `name` tells it from the other cases of the finding; `silent` are findings that it may not state.
    """

    world: World
    rows: tuple[Row, ...]
    title: str
    name: str = ""
    silent: frozenset[Pair] = frozenset()

    @property
    def study(self) -> Study:
        """That of the policy; rows differ in readings alone."""
        return self.rows[0].study

    @cached_property
    def shown(self) -> tuple[Shown, ...]:
        """What each row claims, for a case made of the world."""
        return tuple(
            Shown(
                row.study.ground,
                self.world,
                row.study.program.literals(row.claims),
                row.study.relevant(row.claims),
                self.silent,
            )
            for row in self.rows
        )

    def without(self, record: Entity) -> Exhibit:
        """The case without a listed record."""
        silent = frozenset((moved_up(e, record), name) for e, name in self.silent if e != record)
        return replace(self, world=self.world.without(record), silent=silent)


@dataclass(frozen=True)
class Proof:
    """The cases that show a claim, and what would have to be shown and no case shows by itself."""

    witnesses: tuple[Witness, ...] = ()
    unshown: tuple[str, ...] = ()

    def __add__(self, other: Proof) -> Proof:
        return Proof(self.witnesses + other.witnesses, self.unshown + other.unshown)


def claims_of(study: Study, met: Mapping[str, bool], outcome: str | None) -> tuple[Assumption, ...]:
    """The atoms that say what criteria are and what the outcome is."""
    found = [study.met(name, truth) for name, truth in met.items()]
    return tuple(found + ([(study.outcome(outcome), True)] if outcome else []))


def near_silence(study: Study, claims: Sequence[Assumption]) -> World | None:
    """A world that holds the claims, states all it can, and has few records and what is presumed; None without one."""
    base = [*study.fixed, *study.program.literals(claims)]
    found = study.nearest.worlds(base, study.relevant(claims))
    return None if found is None else found[0]


def outcome_of(holds: Truth, literals: Mapping[str, int]) -> str:
    """The outcome of a world that the solver has found."""
    return next(name for name, literal in literals.items() if holds(literal))


def prove(name: str, exhibits: Sequence[Exhibit], kept: Iterable[Pair] = (), together: Shown | None = None) -> Proof:
    """The cases of a finding, which state the same findings, none of which can be left out of them.

    There are none where no case can say what the worlds hold. `together` is all that they show as one claim, where a
    program holds it: that takes fewer questions.
    """
    shown = [together] if together else [each for exhibit in exhibits for each in exhibit.shown]
    about = frozenset(kept)
    stated = minimal(shown, about)
    if stated is None:
        return Proof(unshown=tuple(each.title for each in exhibits))
    return Proof(written(name, exhibits, exchanged(shown, stated, about)))


def written(name: str, exhibits: Sequence[Exhibit], stated: Iterable[Pair]) -> tuple[Witness, ...]:
    """The cases that state these findings, with no more said of their lists than they need."""
    shown, told, open = least_lists(exhibits, list(stated))
    found = []
    for each in shown:
        study, own = each.study, each.shown[0]
        line = {"line": "asked", "policy": study.policy.name, "date_of_service": study.policy.effective}
        draft = drawn(each.world, (p for p in told if own.statable(p)), study.domain, open)
        expectations = [row.expected() for row in each.rows]
        expect = expectations if len(expectations) > 1 else expectations[0]
        data = case_data(study.knowledge.vocabulary, draft, [line], each.title, expect)
        found.append(Witness("-".join(filter(None, (name, each.name))), each.title, data))
    return tuple(found)


# -- lists --------------------------------------------------------------------------------------------------------


def least_lists(
    exhibits: Sequence[Exhibit], stated: Sequence[Pair]
) -> tuple[Sequence[Exhibit], Sequence[Pair], frozenset[str]]:
    """The cases without records of which they state nothing, what they state, and the listed kinds they leave open.

    They do so as far as they show their claims still.
    """
    open = _lists(exhibits, stated).open()
    records = {e for each in exhibits for e in each.world.entities} - {e for e, _ in stated}
    for record in sorted(records, reverse=True):
        fewer = [each.without(record) for each in exhibits]
        moved = [(moved_up(e, record), name) for e, name in stated if e != record]
        if _lists(fewer, moved).show(open):
            exhibits, stated = fewer, moved
    return exhibits, stated, open


def _lists(exhibits: Sequence[Exhibit], stated: Sequence[Pair]) -> Lists:
    rows = [(row, shown) for each in exhibits for row, shown in zip(each.rows, each.shown, strict=True)]

    def with_room(listed: Mapping[str, int]) -> list[Shown]:
        found = []
        for row, shown in rows:
            roomy = _with_room(row.study, listed)
            fixed, claims = roomy.program.literals(row.study.under), roomy.program.literals(row.claims)
            ground = replace(shown.ground, program=roomy.program, layout=roomy.layout, fixed=fixed)
            found.append(replace(shown, ground=ground, claims=claims))
        return found

    return Lists([shown for _, shown in rows], stated, exhibits[0].study.policy.spares, with_room)


def _with_room(study: Study, listed: Mapping[str, int]) -> Study:
    """The policy, under whichever readings, where a world may hold what rules can tell apart beside what is listed."""
    policy = study.policy
    records = {k: room(listed.get(k, 0)) + policy.spares.get(k, 0) for k in study.knowledge.listed(policy)}
    return study.rooms.setdefault((study.within, tuple(records.values())), replace(study, records=records))


# -- names --------------------------------------------------------------------------------------------------------


def named(study: Study, code: str, *subjects: str) -> str:
    """The name of a witness: policy, its version where there are several, code and subjects."""
    policy = study.policy
    version = [policy.effective] if len(study.knowledge.versions(policy.name)) > 1 else []
    name = "-".join([policy.name, *version, code, *subjects])
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name)[:LONGEST_NAME]


def distinct(found: Iterable[Finding]) -> list[Finding]:
    """The findings, of which no two have witnesses whose names are the same file; capitals make none another one."""
    taken: dict[str, Witness] = {}
    return [replace(each, witnesses=tuple(_distinct(w, taken) for w in each.witnesses)) for each in found]


def _distinct(witness: Witness, taken: dict[str, Witness]) -> Witness:
    name, number = witness.name, 1
    while taken.setdefault(name.casefold(), witness) != witness:
        number += 1
        name = f"{witness.name}-{number}"
    return witness if number == 1 else replace(witness, name=name)
