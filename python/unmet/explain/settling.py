"""Answers that settle approval, block by block.

Approval falls into independent blocks (`blocks`): answers force it that force every block, and exclude it that exclude
one. What is answered is stated. Answers that approve do so whatever else comes to be documented; answers that deny do
so as long as nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

from unmet.determine.decision import Decision
from unmet.explain.answers import Element, stating
from unmet.explain.approval import Approval, Block
from unmet.explain.forcing import Forcing, forcing
from unmet.facts.terms import outcome
from unmet.solver import Assumption

Supposing = Callable[[Block], Hashable]
"""What of a block is supposed to be otherwise than in the case."""


def approving(
    decision: Decision,
    fixed: Sequence[Assumption],
    elements: Sequence[Element],
    supposing: Supposing = lambda block: None,
) -> list[Forcing]:
    """For each block the minimal sets of answers that force it.

    Args:
        fixed: what all worlds agree with; it leaves open what else may be documented.
        supposing: in what `fixed` differs from what the case says.
    """
    stated = [stating(decision, e) for e in elements]
    return [
        _settle(decision, fixed, mine, block, True, supposing(block)) for block, mine in _shared_out(decision, stated)
    ]


def denying(decision: Decision, fixed: Sequence[Assumption], elements: Sequence[Element]) -> list[Forcing]:
    """The minimal sets of answers that deny: those that exclude a block, unless a world may be referred instead."""
    if decision.program.satisfiable([*fixed, (outcome("refer"), True)]):
        return [_search(decision, fixed, elements, (outcome("deny"), True))]
    return [_settle(decision, fixed, mine, block, False, None) for block, mine in _shared_out(decision, elements)]


def _settle(
    decision: Decision,
    fixed: Sequence[Assumption],
    elements: Sequence[Element],
    block: Block,
    holds: bool,
    supposed: Hashable,
) -> Forcing:
    """The sets of answers that force a block or exclude it; they depend on what is said of it, and supposed."""
    goal = (decision.program.conjunction(block.conditions), holds)
    approval = Approval.of(decision)
    answers = tuple(e.said for e in elements)
    about = ("answers", block.places, holds, answers, approval.said(decision, block), supposed)
    return approval.remembered(about, lambda: _search(decision, fixed, elements, goal))


def _shared_out(decision: Decision, elements: Sequence[Element]) -> Iterator[tuple[Block, list[Element]]]:
    """The blocks with the answers about each; all in one where what says which record is read is open itself."""
    if {e.attribute for e in elements} & decision.policy.locators:
        yield Approval.of(decision).whole(), list(elements)
        return
    for block in Approval.of(decision).blocks():
        yield block, [e for e in elements if _key(e) in block.keys]


def _key(element: Element) -> str:
    """What a block depends on where an answer concerns it."""
    return f"record {element.entity.record}" if element.attribute is None else element.attribute


def _search(decision: Decision, fixed: Sequence[Assumption], elements: Sequence[Element], goal: Assumption) -> Forcing:
    return forcing(decision.program, fixed, elements, goal, tied=_tied(decision, elements))


def _tied(decision: Decision, elements: Sequence[Element]) -> bool:
    """Whether answers can exclude each other otherwise than by being about one finding, or about one record."""
    subjects = {e.subject for e in elements}
    return any(sum(name in link for _, name in subjects) > 1 for link in decision.knowledge.vocabulary.links)
