"""Where the rules of a policy divide a scale."""

from __future__ import annotations

import re
from collections.abc import Iterator

from unmet.source.marked import Atom, marked
from unmet.vocabulary import Attribute

_WORD = re.compile(r'"([^"]*)"|([^\s"();]+)')
_READING = ("at_least", "at_most", "finding", "documented")


def steps(text: str, scale: Attribute) -> tuple[str, ...]:
    """The words of a scale from which on some rule of a program begins or ceases to hold, from the lowest on."""
    order, found = sorted(scale.options, key=lambda w: scale.ranks[scale.options.index(w)]), set[int]()
    for statement in marked(text):
        for atom in (atom for literal in statement.body for atom in literal.atoms):
            if atom.name in _READING and len(atom.arguments) == 3 and atom.arguments[1].strip() == scale.name:
                found.update(_divides(atom, order))
    return tuple(word for i, word in enumerate(order) if i in found)


def _divides(atom: Atom, order: list[str]) -> Iterator[int]:
    """The places of a scale at which an atom begins or ceases to hold, but for the lowest one."""
    words = {quoted or bare for quoted, bare in _WORD.findall(atom.arguments[2])}
    if not words <= {*order}:
        return  # a variable: every word will do
    named = {order.index(word) for word in words}
    if atom.name == "at_least":
        holds = [i >= min(named) for i in range(len(order))]
    elif atom.name == "at_most":
        holds = [i <= max(named) for i in range(len(order))]
    else:
        holds = [i in named for i in range(len(order))]
    yield from (i for i in range(1, len(order)) if holds[i] is not holds[i - 1])
