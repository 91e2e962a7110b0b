"""One member of a fix: from which status to which, what kind of change, and an example of findings that realize it."""

from __future__ import annotations

from collections.abc import Sequence

from unmet.determine.decision import Decision
from unmet.explain.features import Standing
from unmet.explanation import Change, ChangeKind, Example
from unmet.facts.answers import cells_of, reads_of
from unmet.facts.terms import Pair
from unmet.results import Status
from unmet.solver import Assumption, Symbol
from unmet.vocabulary import Values

KINDS = list(ChangeKind)


def change(decision: Decision, feature: Standing, base: Sequence[Assumption], together: Sequence[Standing]) -> Change:
    """A criterion that would have to stand otherwise, in a world that agrees with `base` and is near to the case."""
    examples = _examples(decision, feature, base, together)
    criterion = decision.policy.criteria[feature.name]
    before, after = (Status.MET, Status.UNMET) if feature.met else (Status.UNMET, Status.MET)
    attributes = [decision.knowledge.vocabulary.attributes[e.attribute] for e in examples]
    return Change(
        criterion=feature.name,
        text=criterion.text,
        citation=criterion.citation,
        before=before,
        after=after,
        kind=max((_kind(decision, e) for e in examples), key=KINDS.index, default=ChangeKind.DOCUMENT),
        burden=sum(a.burden for a in attributes) or 1,
        undocumented=feature.undocumented,
        examples=examples,
    )


def _kind(decision: Decision, example: Example) -> ChangeKind:
    """What one finding's change would take: what is silent need only be documented."""
    attribute = decision.knowledge.vocabulary.attributes[example.attribute]
    if example.new_record:
        return ChangeKind.OBTAIN
    if example.was is None:
        return ChangeKind.DOCUMENT
    return ChangeKind(attribute.changed_by or (ChangeKind.WAIT if attribute.grows else ChangeKind.CLINICAL))


def _examples(
    decision: Decision, feature: Standing, base: Sequence[Assumption], together: Sequence[Standing]
) -> tuple[Example, ...]:
    """The findings below a criterion that differ from what the case states, or that it does not state."""
    world = _near(decision, base)
    reads = reads_of(a for a in world if a.name in ("_reads", "_may_read"))
    cells = cells_of(world)
    found: dict[Pair, Example] = {}
    for leaf in decision.outline.leaves_below(feature.name):
        for tagged, rule in decision.outline.support(leaf):
            for read in reads.get(tagged, ()):
                pair = read.pair
                if read.position == rule.position and pair in cells and pair not in found:
                    example = _example(decision, pair, cells[pair])
                    if example is not None:
                        found[pair] = example
    news = {pair: e for pair, e in found.items() if pair not in decision.situation.allowed or e.was is None}
    stated = {pair: e for pair, e in found.items() if pair not in news and not _within(decision, pair, cells[pair])}
    told = {**news, **stated} or found
    return tuple(told[pair] for pair in decision.in_order(told))


def _within(decision: Decision, pair: Pair, value: str | int) -> bool:
    """Whether a value is among those that the case states, if only imprecisely."""
    return any((c if isinstance(c, str) else c[0]) == value for c in decision.situation.allowed[pair])


def _example(decision: Decision, pair: Pair, value: str | int) -> Example | None:
    """A finding of the world, None where the case states it already."""
    situation = decision.situation
    attribute = decision.knowledge.vocabulary.attributes[pair[1]]
    cell = next(c for c in situation.domain.cells[pair[1]] if (c if isinstance(c, str) else c[0]) == value)
    allowed = situation.allowed.get(pair)
    if allowed is not None and cell in allowed and len(allowed) == 1:
        return None
    if allowed is None and any(p.pair == pair and cell in situation.presumed_cells(p) for p in decision.applied):
        return None
    shown = Values(words=(cell,)) if isinstance(cell, str) else Values(intervals=(cell,))
    statement = decision.scene.statements.get(pair)
    was = attribute.format(statement.values) if statement and statement.values else None
    return Example(
        entity=str(pair[0]),
        attribute=attribute.name,
        label=attribute.label,
        unit=attribute.unit,
        value=attribute.format(shown),
        was=was,
        new_record=not situation.is_given(pair[0]),
    )


def _near(decision: Decision, base: Sequence[Assumption]) -> frozenset[Symbol]:
    """A world that agrees with the base and, finding by finding, with what the case states, as far as can be."""
    situation = decision.situation
    fixed = list(base)
    wishes: list[list[Assumption]] = [list(situation.excluded(p, cells)) for p, cells in situation.allowed.items()]
    wishes += [list(situation.excluded(p.pair, situation.presumed_cells(p))) for p in decision.applied]
    wishes += [situation.absent(e) for e in reversed(situation.domain.entities) if not situation.is_given(e)]
    everything = [a for wish in wishes for a in wish]
    if decision.program.satisfiable([*fixed, *everything]):
        fixed += everything
    else:
        for wish in wishes:
            if wish and decision.program.satisfiable([*fixed, *wish]):
                fixed += wish
    world = decision.program.world(fixed)
    assert world is not None, "the enumeration found a world for this change"
    return world
