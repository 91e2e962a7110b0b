"""Checks of several policies together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from unmet.check.study import Study
from unmet.check.telling import finding, listed
from unmet.check.witness import claims_of, near_silence
from unmet.copies import domain_of, prepare
from unmet.facts.domain import holds
from unmet.facts.layout import least
from unmet.findings import Cited, Finding
from unmet.knowledge import Knowledge
from unmet.results import Kind
from unmet.vocabulary import AGE, DATE_OF_SERVICE, DAYS, LEVEL, REQUEST, SETTING, STAGE, UNITS, Attribute, Type


def check(knowledge: Knowledge, studies: Sequence[Study]) -> Iterator[Finding]:
    """Codes, thresholds and services that two policies share."""
    yield from _codes(studies)
    yield from _thresholds(knowledge, studies)
    current = [s for s in studies if s.policy is knowledge.versions(s.policy.name)[-1]]
    yield from _services(knowledge, current)
    for study in current:
        yield from _regions(study)


def _ends(study: Study) -> str:
    """The day from which a later version is in force."""
    later = [p.effective for p in study.knowledge.versions(study.policy.name) if p.effective > study.policy.effective]
    return min(later, default="9999-12-31")


def _overlap(one: Study, other: Study) -> bool:
    """Whether two versions are in force on a common day."""
    return one.policy.effective < _ends(other) and other.policy.effective < _ends(one)


def _codes(studies: Sequence[Study]) -> Iterator[Finding]:
    for one, other in combinations(studies, 2):
        common = [c for c in one.policy.covers if c in other.policy.covers]
        if one.policy.name != other.policy.name and common and _overlap(one, other):
            names = [one.policy.name, other.policy.name]
            message = f"{listed(names)} both cover {', '.join(common)}, and are in force together"
            help = "a line with such a code is referred"
            yield finding(one, "two-policies", message, subjects=[*names, *common], help=help)


def _thresholds(knowledge: Knowledge, studies: Sequence[Study]) -> Iterator[Finding]:
    """Numbers and scales that the policies in force compare with different constants."""
    attributes = knowledge.vocabulary.attributes
    newest = [s for s in studies if s.policy is knowledge.versions(s.policy.name)[-1]]
    for name, attribute in attributes.items():
        reading = [s for s in newest if name in s.policy.attributes]
        if attribute.type not in (Type.NUMBER, Type.SCALE) or len(reading) < 2:
            continue
        using = [(s, cuts) for s in reading if (cuts := _thresholds_of(s, attribute))]
        if len({cuts for _, cuts in using}) < 2:
            continue
        values = "; ".join(f"`{s.policy.name}` {', '.join(cuts)}" for s, cuts in using)
        message = (
            f"`{name}` is held against other values in other policies, where rules begin or cease to hold: {values}"
        )
        readers = tuple(c for s, _ in using for c in _readers(s, name))
        yield Finding(
            "different-thresholds", None, message, attribute.span, readers, (name,),
            help="see whether the documents mean different things by it",
        )  # fmt: skip


def _thresholds_of(study: Study, attribute: Attribute) -> tuple[str, ...]:
    """The values from which on some rule of a policy begins or ceases to hold."""
    if attribute.type is Type.NUMBER:
        return tuple(attribute.numeral(cut) for cut in sorted(study.policy.cuts.get(attribute.name, ())))
    return tuple(word for word in attribute.options if (attribute.name, word) in study.policy.steps)


def _readers(study: Study, attribute: str) -> Iterator[Cited]:
    outline = study.outline
    for name in outline.criteria:
        leaf = outline.shape(name).kind is Kind.LEAF
        if leaf and any(attribute in rule.attributes for _, rule in outline.support(name)):
            yield study.cite(name)


def unread(knowledge: Knowledge) -> Iterator[Finding]:
    """Attributes that no version of a policy reads, nor the program, nor what another attribute follows from.

    The program reads what a request or line is decided by itself, and what `coding.lp` counts.
    """
    vocabulary, coding = knowledge.vocabulary, knowledge.coding
    read = vocabulary.linked(a for p in knowledge.policies for a in p.attributes)
    of_lines = {DATE_OF_SERVICE, SETTING, LEVEL, STAGE, UNITS, DAYS}
    of_lines |= {*coding.counts, *coding.tallies, *coding.ambulatory}
    known = {AGE, *(a.name for a in vocabulary.of_record(REQUEST) if a.name in of_lines)}
    followed = {
        name
        for a in vocabulary.attributes.values()
        if a.derivation and a.name in read | known
        for name in (a.derivation.start, a.derivation.end)
    }
    for name, attribute in vocabulary.attributes.items():
        if name not in read | known | followed:
            message = f"no policy reads `{name}` of {attribute.record}"
            yield Finding(
                "unread-attribute", None, message, attribute.span, (), (name,),
                help="a case may state it, and it changes nothing",
            )  # fmt: skip


def _services(knowledge: Knowledge, studies: Sequence[Study]) -> Iterator[Finding]:
    """Policies of which each approves some patient, and no patient both."""
    stays = knowledge.coding.stays
    able = [s for s in studies if s.can_approve and s.policy.name not in stays]
    for one, other in combinations(able, 2):
        if not _overlap(one, other) or not _shared(one, other):
            continue
        held = _exclusive(one, other)
        if held is not None:
            names = [one.policy.name, other.policy.name]
            message = f"no patient can be approved for both {listed(names)}"
            help = "two lines of one request can then never both be approved"
            yield replace(finding(one, "never-together", message, subjects=names, help=help), records=held)


def _shared(one: Study, other: Study) -> set[str]:
    """The findings of the patient that both policies read."""
    attributes = one.knowledge.vocabulary.attributes
    return {n for n in set(one.domain.cells) & set(other.domain.cells) if attributes[n].record != REQUEST}


def _exclusive(one: Study, other: Study) -> dict[str, int] | None:
    """How many listed records of each kind a world held if none approves both; None where one does.

    A world that approves the first is tried on the second before all are asked.
    """
    shared, attributes = _shared(one, other), one.knowledge.vocabulary.attributes
    world = near_silence(one, claims_of(one, {}, "approve"))
    kinds = {attributes[n].record for n in shared}
    room = other.layout.present
    if world is not None and all(e in room for e in world.entities if e.record in kinds):
        held = [x if e in world.entities else -x for e, x in room.items() if e.record in kinds]
        for pair, cell in world.cells.items():
            if pair[1] in shared:
                held += [-x for other_cell, x in other.layout.values[pair] if not holds(other_cell, least(cell))]
                stated = other.layout.stated[pair]
                held.append(stated if pair in world.stated else -stated)
        goal = other.program.literal(other.outcome("approve"))
        if other.program.has_world([*other.fixed, goal, *held]):
            return None
    knowledge = one.knowledge
    sources = knowledge.source(one.policy), knowledge.source(other.policy)
    domain = domain_of(knowledge, [one.policy, other.policy], {**one.records, **other.records})
    both = prepare(knowledge, *sources, apart=[REQUEST], domain=domain)
    wanted = [
        *both.under(0, one.chosen),
        *both.under(1, other.chosen),
        both.outcome(0, "approve"),
        both.outcome(1, "approve"),
    ]
    if both.program.satisfiable(wanted):
        return None
    kinds = {kind for s in (one, other) for root in s.structure.roots for kind in s.outline.depends_on(root)[1]}
    return {kind: both.domain.slots.get(kind, 0) for kind in sorted(kinds)}


def _regions(study: Study) -> Iterator[Finding]:
    """Codes of a region, of a policy that reads the level: some level of the region can be approved."""
    pair = next((p for p in study.domain.pairs if p[1] == LEVEL), None)
    for code, levels in study.knowledge.coding.regions.items():
        if pair is None or code not in study.policy.covers:
            continue
        outside = [(study.finding(pair, c), False) for c in study.domain.cells[LEVEL] if c not in levels]
        if not study.program.satisfiable([*study.under, (study.outcome("approve"), True), *outside]):
            message = f"{code} is never approved for a level of its own region"
            yield finding(study, "region-never-approved", message, subjects=[code], help="see `region` in coding.lp")
