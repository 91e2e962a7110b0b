"""One member of a fix: from which status to which, what kind of change, and an example of findings that realize it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from unmet.determine.decision import Decision
from unmet.explain.approval import Approval
from unmet.explain.features import Held, Member, Standing, evidence_of
from unmet.explain.nearby import Cells, Reads
from unmet.explanation import Change, ChangeKind, Example
from unmet.facts.answers import Read
from unmet.facts.terms import Pair
from unmet.results import Status
from unmet.values import Values

KINDS = list(ChangeKind)


def changes(
    decision: Decision, approval: Approval, flipped: Sequence[tuple[Member, bool | None]], cells: Cells, reads: Reads
) -> tuple[Change, ...]:
    """Features that would have to be otherwise, with one world that realizes them near to the case.

    Args:
        flipped: the features, criteria with whether they are met afterwards.
        cells: the values in that world of all that may have to change with them.
        reads: what is read there.
    """
    return tuple(
        _criterion(
            decision, each, bool(after), _examples(decision, each, depends_on(decision, approval, each), reads, cells)
        )
        if isinstance(each, Standing)
        else _held(decision, each, cells)
        for each, after in flipped
    )


def depends_on(decision: Decision, approval: Approval, member: Member) -> frozenset[str]:
    """The attributes that may have to change with a feature."""
    if isinstance(member, Standing):
        return approval.keys(member.name)
    return decision.knowledge.vocabulary.linked([] if member.pair is None else [member.pair[1]])


def _criterion(decision: Decision, feature: Standing, after: bool, examples: tuple[Example, ...]) -> Change:
    criterion = decision.policy.criteria[feature.name]
    statuses = {None: Status.UNKNOWN, True: Status.MET, False: Status.UNMET}
    attributes = [decision.knowledge.vocabulary.attributes[e.attribute] for e in examples]
    return Change(
        criterion=feature.name,
        text=criterion.text,
        citation=criterion.citation,
        before=statuses[feature.met],
        after=statuses[after],
        kind=max((_kind(decision, e) for e in examples), key=KINDS.index, default=ChangeKind.DOCUMENT),
        burden=sum(a.burden for a in attributes) or 1,
        undocumented=feature.undocumented,
        examples=examples,
    )


def _held(decision: Decision, held: Held, cells: Mapping[Pair, str | int]) -> Change:
    """Something the case holds that would have to be otherwise; it stands at no status."""
    evidence, pair = evidence_of(decision, held), held.pair
    example = _example(decision, pair, cells[pair]) if pair is not None and pair in cells else None
    return Change(
        criterion=held.name,
        text=f"{evidence.label}: {evidence.value}",
        citation=None,
        before=None,
        after=None,
        kind=_kind(decision, example) if example else ChangeKind.CLINICAL,
        burden=1 if pair is None else decision.knowledge.vocabulary.attributes[pair[1]].burden,
        undocumented=False,
        examples=(example,) if example else (),
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
    decision: Decision,
    feature: Standing,
    tied: Collection[str],
    reads: Mapping[str, tuple[Read, ...]],
    cells: Mapping[Pair, str | int],
) -> tuple[Example, ...]:
    """The findings below a criterion that differ from what the case states, or that it does not state.

    A statement that has to give way with them is told too.
    """
    found: dict[Pair, Example] = {}
    for leaf in decision.outline.leaves_below(feature.name):
        for tagged, rule in decision.outline.support(leaf):
            for read in reads.get(tagged, ()):
                pair = read.pair
                if read.position == rule.position and pair in cells and pair not in found:
                    example = _example(decision, pair, cells[pair])
                    if example is not None:
                        found[pair] = example
    for pair in decision.situation.allowed:
        if pair in cells and pair not in found and pair[1] in tied and not _within(decision, pair, cells[pair]):
            example = _example(decision, pair, cells[pair])
            assert example is not None, "it is not as stated"
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
