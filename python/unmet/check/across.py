"""Checks of several policies together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from unmet.check import together
from unmet.check.study import Study
from unmet.check.telling import finding, listed
from unmet.check.versions import called, days, meet, version_of
from unmet.findings import Cited, Finding
from unmet.knowledge import Knowledge
from unmet.results import Kind
from unmet.vocabulary import AGE, DATE_OF_SERVICE, DAYS, LEVEL, REQUEST, SETTING, STAGE, UNITS, Attribute, Type


def check(knowledge: Knowledge, studies: Sequence[Study]) -> Iterator[Finding]:
    """Codes, thresholds and services that two policies share."""
    yield from _codes(studies)
    yield from _thresholds(knowledge, studies)
    yield from together.check(knowledge, studies)
    for study in studies:
        yield from _regions(study)


def _codes(studies: Sequence[Study]) -> Iterator[Finding]:
    for one, other in combinations(studies, 2):
        common = [c for c in one.policy.covers if c in other.policy.covers]
        if common and meet(one, other):
            names = [one.policy.name, other.policy.name]
            message = f"{listed(names)} both cover {', '.join(common)}, and are both in force {days(one, other)}"
            yield Finding(
                "two-policies", None, message, one.policy.span, subjects=(*names, *common),
                help="a line with such a code is referred", versions=(version_of(one), version_of(other)),
            )  # fmt: skip


def _thresholds(knowledge: Knowledge, studies: Sequence[Study]) -> Iterator[Finding]:
    """Numbers and scales that policies in force together compare with different constants."""
    attributes = knowledge.vocabulary.attributes
    for name, attribute in attributes.items():
        reading = [s for s in studies if name in s.policy.attributes]
        if attribute.type not in (Type.NUMBER, Type.SCALE) or len(reading) < 2:
            continue
        compared = [(s, cuts) for s in reading if (cuts := _thresholds_of(s, attribute))]
        using = [(s, cuts) for s, cuts in compared if any(cuts != c and meet(s, other) for other, c in compared)]
        if not using:
            continue
        values = "; ".join(f"{called(s)} {', '.join(cuts)}" for s, cuts in using)
        message = (
            f"`{name}` is held against other values in other policies, where rules begin or cease to hold: {values}"
        )
        readers = tuple(c for s, _ in using for c in _readers(s, name))
        yield Finding(
            "different-thresholds", None, message, attribute.span, readers, (name,),
            help="see whether the documents mean different things by it",
            versions=tuple(version_of(s) for s, _ in using),
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
