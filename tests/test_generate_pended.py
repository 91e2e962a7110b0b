"""Pended cases made from the rules of generated policies, compared with all cases written out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tests.model import Finding, KnowledgeBase
from tests.oracle import Key, Question
from tests.pended_oracle import has_pended_case, settles
from tests.readers import case_of
from tests.strategies import Focus, scenarios
from tests.test_agreement import fewer
from tests.test_generate import missing, of
from tests.test_generate_oracle import default_worlds, load
from unmet.errors import CaseError
from unmet.facade import KnowledgeBase as Loaded
from unmet.generated import Aim, WhyNot
from unmet.results import Verdict

FOCUSES = {
    "criteria": Focus(leaves=4, groups=3, small=True, readings=False),
    "computed": Focus(leaves=3, groups=2, small=True, readings=False, computed=True),
    "tied": Focus(leaves=3, groups=2, small=True, readings=False, computed=True, assumptions=2),
    "presumed": Focus(leaves=3, groups=2, small=True, readings=False, presumed=True, assumptions=2),
    "everything": Focus(leaves=3, groups=2, small=True, readings=False, computed=True, presumed=True, assumptions=1),
    "keyed": Focus(leaves=3, groups=2, small=True, readings=False, keyed=True, presumed=True, assumptions=2),
    "listed": Focus(leaves=2, groups=2, small=True, readings=False, listed=True, assumptions=1),
}


@st.composite
def presuming(draw: st.DrawFn, focus: Focus) -> KnowledgeBase:
    """A knowledge base in which what a number is computed from, and it itself, may be presumed as well."""
    kb = draw(scenarios(focus)).kb
    if not focus.presumed:
        return kb
    numbers = {name for rule in kb.derivations for name in (rule.target, rule.before, rule.after)}
    presumed = {name for name in sorted(numbers) if draw(st.booleans())}
    return replace(
        kb,
        attributes=tuple(
            replace(each, presumed=draw(st.sampled_from(each.values))) if each.name in presumed else each
            for each in kb.attributes
        ),
    )


def subjects(kb: KnowledgeBase, subject: str, keys: list[Key]) -> Iterator[Key]:
    """The findings that a pended case can be for: of keyed records an entry by itself, of listed ones any."""
    name, _, entry = subject.partition(" ")
    keyed = kb.kind(kb.attribute(name).kind).sort == "keyed"
    return (key for key in keys if key[1] == name and (not keyed or key[0].key == entry))


def verdicts(kb: KnowledgeBase, base: Loaded, data: dict[str, Any], key: Key) -> set[Verdict]:
    """How a case is settled by the values of a finding, each stated beside the rest."""
    (entity, name), kind, found = key, kb.kind(key[0].kind), set[Verdict]()
    for value in kb.attribute(name).values:
        changed = deepcopy(data)
        if kind.name == "request":
            held = changed["request"]["lines"][0]
        elif kind.sort == "listed":
            records = changed[kind.name]
            held = (records["listed"] if isinstance(records, dict) else records)[int(entity.key or 0) - 1]
        else:
            held = changed.setdefault(kind.name, {})
            held = held.setdefault(entity.key, {}) if kind.sort == "keyed" else held
        held[name] = value
        with suppress(CaseError):
            found.add(base.determine(base.case(changed)).lines[0].verdict)
    return found - {Verdict.PENDED}


def documented(kb: KnowledgeBase) -> set[str]:
    """The attributes of which a rule asks whether the record states them."""
    bodies = (r.body for p in kb.predicates for r in p.rules)
    return {f.attribute for body in bodies for f in body if isinstance(f, Finding) and f.documented}


@pytest.mark.parametrize("focus", FOCUSES)
def test_a_pended_case_is_made_of_a_finding_exactly_if_there_is_one(focus: str) -> None:
    """What is said not to be is not among all cases; what is made is such a case, by the oracle and by the engine."""

    @fewer
    @given(presuming(FOCUSES[focus]))
    def agree(kb: KnowledgeBase) -> None:
        defaults, worlds = default_worlds(kb, 300)
        base = load(kb)
        found = base.generate("sample")
        made, none = of(found, Aim.PENDED), missing(found, Aim.PENDED)
        assert set(none.values()) <= {WhyNot.NEVER_ALONE}
        keys = list(dict.fromkeys(key for world in worlds for key in world.values))
        for subject in {**made, **none}:
            asked = list(subjects(kb, subject, keys))
            assert any(has_pended_case(kb, worlds, key) for key in asked) is (subject in made)
            event(f"{'made' if subject in made else 'none'}")
        recorded = documented(kb)
        for subject, cases in made.items():
            for case in cases:
                assert case.verdict is Verdict.PENDED
                assert list(base.test(base.case(case.data))) == []
                read = case_of(kb, case.data)
                worlds = Question(kb, read, defaults).worlds
                asked = [key for key in subjects(kb, subject, list(worlds[0].values)) if not read.stated.get(key)]
                settling = [key for key in asked if settles(worlds, key)]
                assert settling
                if subject.split(" ")[0] not in recorded:
                    assert any(len(verdicts(kb, base, case.data, key)) > 1 for key in settling)
                event("imprecise" if any(len(each) > 1 for each in read.stated.values()) else "precise")

    agree()
