"""What a program answers, read from its atoms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from clingo import Function, Symbol, parse_term

from unmet.facts.terms import Pair, entity_of
from unmet.vocabulary import Entity

SHOWN = (("_outcome", 1), ("met", 1), ("_not_met", 1), ("_may_read", 4))
"""What is asked of every world: the predicates that `encodings/outcome.lp`, `criteria.lp` and `statuses.lp` show."""

READS = ("_reads", 4)
"""What is read in every world, whatever the case."""


@dataclass(frozen=True, slots=True)
class Read:
    """A finding that a rule may read: the criterion or part (with its record), the rule's position, the finding."""

    subject: str
    position: int
    pair: Pair


@dataclass(frozen=True, slots=True)
class Instance:
    """A part of certain records: `qualifies(injection(1))`."""

    name: str
    entities: tuple[Entity, ...]


@cache
def met_symbol(name: str) -> Symbol:
    """The atom `met(name)` of a criterion or of a part's instance."""
    return Function("met", [parse_term(name)])


def outcomes_of(atoms: Iterable[Symbol]) -> list[str]:
    """The outcomes among the atoms, in stable order."""
    return sorted(a.arguments[0].name for a in atoms if a.name == "_outcome")


def parts_of(part: str, atoms: Iterable[Symbol]) -> tuple[Instance, ...]:
    """The instances of a part among atoms of `met/1`, in order of their records."""
    terms = (a.arguments[0] for a in atoms if a.arguments[0].name == part and a.arguments[0].arguments)
    found = [Instance(str(t), tuple(entity_of(e) for e in t.arguments)) for t in terms]
    return tuple(sorted(found, key=lambda i: [(e.record, str(e.key).zfill(6)) for e in i.entities]))


def reads_of(atoms: Iterable[Symbol]) -> dict[str, tuple[Read, ...]]:
    """What may be read, by the name of a criterion, `name/part` or `name/helper`."""
    found: dict[str, list[Read]] = {}
    for atom in atoms:
        if atom.name not in ("_reads", "_may_read"):
            continue
        key, read = read_of(atom)
        found.setdefault(key, []).append(read)
    return {key: tuple(reads) for key, reads in found.items()}


@cache
def read_of(atom: Symbol) -> tuple[str, Read]:
    """What an atom of `_reads/4` or `_may_read/4` says, with the name of a criterion, `name/part` or `name/helper`."""
    subject, position, entity, attribute = atom.arguments
    if subject.name == "_helper" and subject.arguments:
        key = f"{subject.arguments[0].name}/helper"
    else:
        key = f"{subject.name}/part" if subject.arguments else subject.name
    return key, Read(str(subject), position.number, (entity_of(entity), attribute.name))


class Legend:
    """What the atoms that a program shows say, by their position among them."""

    def __init__(self, shown: Sequence[Symbol], always: Iterable[Symbol]) -> None:
        """`always` are the atoms of `_reads/4`."""
        self.atoms = tuple(shown)
        self.met, self.not_met = (
            {str(a.arguments[0]): i for i, a in enumerate(shown) if a.name == name} for name in ("met", "_not_met")
        )
        self.both = tuple((name, i, self.not_met.get(name)) for name, i in self.met.items())
        """What can be met: its name, where it is met, and where it is not."""
        self.outcomes = {a.arguments[0].name: i for i, a in enumerate(shown) if a.name == "_outcome"}
        self._may_read = {i: a for i, a in enumerate(shown) if a.name == "_may_read"}
        self._reading = frozenset(self._may_read)
        self._always = tuple(always)
        self._parts: dict[str, tuple[Instance, ...]] = {}

    def parts(self, part: str) -> tuple[Instance, ...]:
        """The instances of a part, in order of their records."""
        if part not in self._parts:
            self._parts[part] = parts_of(part, (self.atoms[i] for i in self.met.values()))
        return self._parts[part]

    def reading(self, holding: frozenset[int]) -> frozenset[int]:
        """Those of these positions that say what is read."""
        return holding & self._reading

    def reads(self, holding: frozenset[int]) -> dict[str, tuple[Read, ...]]:
        """As `reads_of`, where the atoms at these positions hold."""
        return reads_of([*self._always, *(self._may_read[i] for i in sorted(self.reading(holding)))])
