"""What must still be documented once a fix is made: the minimal answers after which every world is approved.

The case after a fix is the case with those findings reopened that the changed criteria read, and those that a rule of
the vocabulary ties to them: the changed criteria stand as the fix has them, all others that read such a finding as
they did, and what a fix may not touch is kept. Where no world is like that, every finding is open.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain, islice
from math import prod

from unmet.determine.decision import Decision
from unmet.explain import settling
from unmet.explain.answers import Order, answer_of, elements_of, left_by_case
from unmet.explain.approval import Approval, Block
from unmet.explain.features import Held, Member, Standing
from unmet.explain.further import all_named, named_records
from unmet.explain.products import products
from unmet.explanation import Answer, Enumeration
from unmet.facts.terms import Cell, Pair, outcome
from unmet.solver import Assumption

MOST_SETS = 8
"""How many sets of answers are written out for one fix, the lightest."""

NOTHING = (((),), Enumeration(1, 1, True, True, MOST_SETS))
"""What is needed where nothing is."""


def then_document(
    decision: Decision, flipped: Sequence[Member], changed: Sequence[Assumption], stays: Sequence[Member]
) -> tuple[tuple[tuple[Answer, ...], ...], Enumeration]:
    """The minimal sets of answers still needed for approval after a fix, of a case that leaves some criteria unknown.

    One empty set where nothing is needed.

    Args:
        flipped: the members of the fix.
        changed: the criteria among them as they stand after it.
        stays: all other features.
    """
    kept = [a for _, assumptions in decision.situation.kept() for a in assumptions]
    base = [*decision.under_readings, *kept, *changed]
    reopened = _reopened(decision, flipped)
    stay: list[Member] = [f for f in stays if isinstance(f, Standing) and _read_by(decision, f) & reopened]
    fixed = [*base, *(a for f in stay for a in f.assumptions()), *_rest_of_case(decision, reopened)]
    if not _possible(decision, fixed, True):
        reopened, stay = set(decision.situation.domain.pairs), list(stays)
        fixed = [*base, *(a for f in stays for a in f.assumptions())]
    if not _possible(decision, fixed, False):
        return NOTHING
    made = list(zip((f for f in flipped if isinstance(f, Standing)), changed, strict=True))
    keys = Approval.of(decision).keys

    def supposing(block: Block) -> Hashable:
        stand = tuple(f for f in stay if isinstance(f, Held) or keys(f.name) & block.keys)
        turned = tuple((f, way) for f, (_, way) in made if keys(f.name) & block.keys)
        return stand, turned, frozenset(reopened.intersection(block.pairs))

    return _answers(decision, fixed, reopened, supposing)


def _possible(decision: Decision, fixed: Iterable[Assumption], approved: bool) -> bool:
    return decision.program.satisfiable([*fixed, (outcome("approve"), approved)])


def _read_by(decision: Decision, feature: Standing) -> set[Pair]:
    return {p for leaf in decision.outline.leaves_below(feature.name) for p in decision.all_pairs(leaf)}


def _reopened(decision: Decision, flipped: Iterable[Member]) -> set[Pair]:
    """What the changed criteria read, what changed itself, and what is tied to either."""
    changed: set[Pair] = set()
    for member in flipped:
        if isinstance(member, Standing):
            changed |= _read_by(decision, member)
        elif member.pair is not None:
            changed.add(member.pair)
    tied = decision.knowledge.vocabulary.linked({name for _, name in changed})
    return {p for p in decision.situation.domain.pairs if p in changed or p[1] in tied}


def _rest_of_case(decision: Decision, reopened: set[Pair]) -> Iterator[Assumption]:
    """What the case states and presumes of all other findings."""
    situation = decision.situation
    for pair, cells in situation.allowed.items():
        if pair not in reopened:
            yield from situation.excluded(pair, cells)
    for presumed in decision.applied:
        if presumed.pair not in reopened:
            yield from situation.excluded(presumed.pair, situation.presumed_cells(presumed))


def _answers(
    decision: Decision, fixed: Sequence[Assumption], reopened: set[Pair], supposing: settling.Supposing
) -> tuple[tuple[tuple[Answer, ...], ...], Enumeration]:
    """The minimal answers about what leaves read that are then unknown."""
    prepared, by_case = decision.worlds.prepared, left_by_case(decision)
    possible = prepared.possible(prepared.program.literals(fixed))
    assert possible is not None, "a fix is realized by a world"
    cells, legend = decision.situation.domain.cells, prepared.legend

    def left(pair: Pair) -> Sequence[Cell]:
        return cells[pair[1]] if pair in reopened else by_case(pair)

    unknown = [n for n in decision.leaves if {legend.met.get(n), legend.not_met.get(n)} <= possible]
    given, further = decision.situation.is_given, named_records(decision, unknown)
    read = {p for n in unknown for p in decision.all_pairs(n) if given(p[0]) or p[0] in further}
    elements = elements_of(decision, decision.in_order(p for p in read if len(left(p)) > 1), left, further)
    found = settling.approving(decision, fixed, elements, supposing)
    order = Order(decision, elements)
    lightest = [list(chain(*sets)) for sets in islice(products([f.sets for f in found], order.weight), MOST_SETS)]
    complete = all(each.complete for each in found) and all_named(decision, unknown)
    total = prod(len(each.sets) for each in found)
    return (
        tuple(tuple(answer_of(decision, e) for e in order.sorted(s)) for s in lightest),
        Enumeration(len(lightest), total if complete else None, True, complete and total == len(lightest), MOST_SETS),
    )
