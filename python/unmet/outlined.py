"""Two copies of policies with their outlines beside them, so that questions about criteria in use can be asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from unmet.copies import Copies, prepare
from unmet.facts.outline import outline_facts
from unmet.knowledge import Knowledge
from unmet.solver import Symbol
from unmet.solver.program import encoding
from unmet.source.copying import copied, other
from unmet.sources import PolicySource


def outlined(
    knowledge: Knowledge,
    first: PolicySource,
    second: PolicySource,
    *,
    apart: Collection[str] = (),
    each: Sequence[str] = (),
    joint: Sequence[str] = (),
    text: str = "",
) -> Copies:
    """The program of two policies, or of one twice, with `outline.lp` on each side.

    Args:
        apart: the record kinds that each side has for itself.
        each: further encodings that each side has for itself.
        joint: further encodings over both sides.
        text: further rules over both sides.
    """
    own = ("outline", *each)
    rules = [s for name in own for s in copied(encoding(name), knowledge.vocabulary, frozenset(apart))]
    facts: list[Symbol] = [*outline_facts(first.policy), *map(other, outline_facts(second.policy))]
    lines = [*(f"{fact}." for fact in facts), *rules, text]
    return prepare(knowledge, first, second, apart=apart, text="\n".join(lines), encodings=(*own, *joint))
