"""Checks of two worlds that differ in little: a worse finding, a statement, a presumption, one fact counted twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from unmet.check.study import Study
from unmet.check.telling import VERDICTS, claims_of, expect, expected, finding, listed, named
from unmet.check.witness import Shown, World, minimal, nearest, world_of, written
from unmet.copies import Copies, prepare
from unmet.facts.terms import Pair, symbol_of
from unmet.facts.terms import finding as finding_symbol
from unmet.findings import Finding, Witness
from unmet.policy import Child
from unmet.results import Kind
from unmet.solver import Assumption
from unmet.source.copying import PREFIX

Row = tuple[str, World, dict[str, bool], str | None, bool | None, Iterable[Pair]]
"""A world to show: its name, what it shows of criteria, an outcome and whether it is that, what it may not state."""


@dataclass(frozen=True)
class Pairs:
    """Two worlds of one policy in one program; it is prepared only if a question needs it."""

    study: Study

    @cached_property
    def copies(self) -> Copies:
        study = self.study
        source = study.knowledge.source(study.policy)
        slots = dict(study.domain.slots)
        return prepare(study.knowledge, source, source, apart=study.knowledge.vocabulary.records, slots=slots)

    @cached_property
    def under(self) -> list[Assumption]:
        return [*self.copies.under(0, self.study.chosen), *self.copies.under(1, self.study.chosen)]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return self.study.domain.pairs

    def met(self, side: int, literal: Child, truth: bool) -> Assumption:
        return self.copies.met(side, literal.name, truth is not literal.negated)

    def same_records(self) -> list[Assumption]:
        return [self.copies.differs(e, False) for e in self.study.domain.entities]

    def same_findings(self, but: Pair | None = None) -> list[Assumption]:
        return [self.copies.differs(p, False) for p in self.pairs if p != but]

    def same_statements(self, but: Pair | None = None) -> list[Assumption]:
        return [self.copies.differs_stated(p, False) for p in self.pairs if p != but]

    def differ_in(self, pair: Pair) -> list[Assumption]:
        """They differ in one finding, and the record states the same."""
        return [*self.same_records(), *self.same_findings(pair), *self.same_statements(), self.copies.differs(pair)]

    def is_possible(self, assumptions: Iterable[Assumption]) -> bool:
        return self.copies.program.satisfiable([*self.under, *assumptions])

    def can_pend(self) -> bool:
        """Whether worlds in which the record states the same, of records that both have, differ in outcome."""
        same = [*self.same_statements(), (symbol_of("_torn"), False)]
        return any(
            self.is_possible([*same, self.copies.outcome(0, one), self.copies.outcome(1, other)])
            for one, other in combinations(VERDICTS, 2)
        )

    def worlds(self, assumptions: Iterable[Assumption]) -> tuple[World, World] | None:
        """Two worlds that agree with the assumptions, if there are any; they state all they can."""
        copies = self.copies
        atoms = self.study.atoms
        every = [*atoms, *(copies.side(1, a) for a in atoms)]
        both = nearest(copies.program, self.study, [*self.under, *assumptions], every)
        if both is None:
            return None
        second = [a for a in both if a.name.startswith(PREFIX)]
        first = [a for a in both if not a.name.startswith(PREFIX)]
        return world_of(first), world_of(symbol_of(a.name.removeprefix(PREFIX), a.arguments) for a in second)


def show(
    study: Study,
    code: str,
    subjects: Iterable[str],
    told: Iterable[Row],
    kept: Iterable[Pair] = (),
) -> tuple[Witness, ...]:
    """Cases of several worlds that state the same findings.

    Each comes with its name, its world, what it shows of criteria, the outcome and whether it is that one, and the
    findings it may not state.
    """
    rows = list(told)
    shown = []
    for _, world, met, outcome, truth, silent in rows:
        claims = claims_of(study, met, None)
        claims += ((study.outcome(outcome), bool(truth)),) if outcome else ()
        shown.append(Shown(study, world, claims, frozenset(silent)))
    stated = minimal(shown, kept)
    if stated is None:
        return ()
    found = []
    for each, (name, _, met, outcome, truth, _) in zip(shown, rows, strict=True):
        line = expected(study, met, outcome if truth else None)
        if outcome == "approve" and truth is False and "referral" not in study.roots:
            line["criteria"]["necessary"] = "unmet"
        title = f"{' and '.join(subjects)}: {name}"
        own = [p for p in stated if each.statable(p)]
        data = written(each, own, title, expect(study, line))
        found.append(Witness(f"{named(study, code, *subjects)}-{name.replace(' ', '-')}", name, data))
    return tuple(found)


def check(pairs: Pairs) -> Iterator[Finding]:
    """All checks of two worlds."""
    yield from _worse_loses(pairs)
    yield from _presumptions(pairs)
    yield from _documenting(pairs)
    yield from _double(pairs)


def _first_of_each(pairs: Iterable[Pair]) -> dict[str, list[Pair]]:
    """The findings by attribute: entities of one kind are asked one after another until one answers."""
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        found.setdefault(pair[1], []).append(pair)
    return found


def _worse_loses(pairs: Pairs) -> Iterator[Finding]:
    study = pairs.study
    attributes = study.knowledge.vocabulary.attributes
    for name, own in _first_of_each(p for p in pairs.pairs if attributes[p[1]].worse_is_needier).items():
        copies = pairs.copies
        for pair in own:
            worsens = (symbol_of("_worsens", copies.differs(pair)[0].arguments), True)
            wanted = [
                *pairs.differ_in(pair),
                worsens,
                copies.outcome(0, "approve"),
                copies.outcome(1, "approve", False),
            ]
            worlds = pairs.worlds(wanted)
            if worlds is None:
                continue
            rows: list[Row] = [
                ("milder", worlds[0], {}, "approve", True, ()),
                ("worse", worlds[1], {}, "approve", False, ()),
            ]
            cases = show(study, "worse-loses", [name], rows, [pair])
            label = attributes[name].label
            message = f"a worse `{name}` ({label}) loses an approval"
            help = "see which criterion asks for less of it"
            yield finding(
                study, "worse-loses", message, _readers(study, name), subjects=[name], help=help, witnesses=cases
            )
            break


def _readers(study: Study, attribute: str) -> list[str]:
    """The leaves that read an attribute."""
    outline = study.outline
    leaves = (n for n in outline.criteria if outline.shape(n).kind is Kind.LEAF)
    return [n for n in leaves if attribute in attributes_of(study, n)]


def attributes_of(study: Study, leaf: str) -> set[str]:
    """What a leaf reads, through parts and helpers too."""
    return {a for _, rule in study.outline.support(leaf) for a in rule.attributes}


def _presumptions(pairs: Pairs) -> Iterator[Finding]:
    study = pairs.study
    attributes = study.knowledge.vocabulary.attributes
    presumed = [p for p in pairs.pairs if attributes[p[1]].presumed is not None]
    for name, own in _first_of_each(presumed).items():
        for leaf in _readers(study, name):
            if not study.outline.needed(leaf) or leaf in study.constant:
                continue
            for pair in own:
                value = attributes[name].presumed
                cells = study.domain.cells[name]
                others = [
                    (finding_symbol(pair, c), False)
                    for c in cells
                    if not (c == value if isinstance(c, str) else c[0] <= int(value or 0) <= c[1])
                ]
                copies = pairs.copies
                wanted = [
                    *pairs.differ_in(pair), *others, copies.met(0, leaf), copies.met(1, leaf, False),
                    copies.outcome(0, "approve"), copies.outcome(1, "approve", False),
                ]  # fmt: skip
                worlds = pairs.worlds(wanted)
                if worlds is None:
                    continue
                rows: list[Row] = [
                    ("silent", worlds[0], {leaf: True}, "approve", True, [pair]),
                    ("stated otherwise", worlds[1], {leaf: False}, "approve", False, ()),
                ]
                cases = show(study, "presumption-decides", [name, leaf], rows, [pair])
                message = f"`{leaf}` can be met, and a case approved, by presuming `{name}`"
                help = "silence then speaks for approval; ask whether the document means that"
                yield finding(
                    study, "presumption-decides", message, [leaf], subjects=[leaf, name], help=help, witnesses=cases
                )
                break


def _documenting(pairs: Pairs) -> Iterator[Finding]:
    study = pairs.study
    for name, own in _first_of_each(p for p in pairs.pairs if p[1] in study.policy.documented).items():
        copies = pairs.copies
        for pair in own:
            wanted = [
                *pairs.same_records(), *pairs.same_findings(), *pairs.same_statements(pair),
                (Study.stated(pair), False), (copies.side(1, Study.stated(pair)), True),
                copies.outcome(0, "approve"), copies.outcome(1, "approve", False),
            ]  # fmt: skip
            worlds = pairs.worlds(wanted)
            if worlds is None:
                continue
            rows: list[Row] = [
                ("silent", worlds[0], {}, "approve", True, [pair]),
                ("stated", worlds[1], {}, "approve", False, ()),
            ]
            cases = show(study, "documenting-loses", [name], rows, [pair])
            message = f"stating `{name}` loses an approval, though nothing else changes"
            help = "a criterion about the record stands under `not`, or among the bars"
            yield finding(
                study, "documenting-loses", message, _readers(study, name), subjects=[name], help=help, witnesses=cases
            )
            break


def _double(pairs: Pairs) -> Iterator[Finding]:
    study = pairs.study
    for group in study.groups:
        if study.outline.shape(group).kind is not Kind.AT_LEAST:
            continue
        members = [c for c in study.literals(group) if not study.is_constant(c)]
        for one, other in combinations(members, 2):
            if not _related(study, one.name, other.name):
                continue
            one_differs: list[Assumption] = [(symbol_of("_one_differs"), True), *pairs.same_statements()]
            wanted = [
                *one_differs, pairs.met(0, one, False), pairs.met(0, other, False),
                pairs.met(1, one, True), pairs.met(1, other, True),
            ]  # fmt: skip
            worlds = pairs.worlds(wanted)
            if worlds is None:
                continue
            changed = {p[1] for p in pairs.pairs if worlds[0].values.get(p) != worlds[1].values.get(p)}
            records = {e.record for e in worlds[0].entities ^ worlds[1].entities}
            what = (
                f"one further record ({listed(sorted(records))})"
                if records
                else f"one finding ({listed(sorted(changed))})"
            )
            before = {c.name: c.negated for c in (one, other)}
            after = {c.name: not c.negated for c in (one, other)}
            rows: list[Row] = [
                ("before", worlds[0], before, None, None, ()),
                ("after", worlds[1], after, None, None, ()),
            ]
            cases = show(study, "double-counting", [group, one.name, other.name], rows)
            message = f"`{one.name}` and `{other.name}` count as two of `{group}`, and {what} meets both"
            help = "count it once, or ask for what sets them apart"
            yield finding(study, "double-counting", message, [group, one.name, other.name], help=help, witnesses=cases)


def _related(study: Study, one: str, other: str) -> bool:
    """Whether one finding can reach two criteria: they read a common attribute, or tied ones, or records of a kind."""
    return bool(study.reads(one) & study.reads(other) or _kinds(study, one) & _kinds(study, other))


def _kinds(study: Study, name: str) -> set[str]:
    """The listed kinds that a criterion ranges over."""
    leaves = study.outline.leaves_below(name)
    return {kind for leaf in leaves for _, rule in study.outline.support(leaf) for kind in rule.listed}
