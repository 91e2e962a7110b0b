"""Records that a case may not list, as far as answers speak of them.

Of each kind whose list is open, answers speak of the next few records: no more than the rules can tell apart, and not
more than `MOST_NAMED`. Worlds hold as many others besides as the rules can tell apart, which tells what any number of
them would do. These records are interchangeable. So a set of answers speaks of the first ones without a gap, and of
sets that differ only in which record is which, one is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, permutations, product

from unmet.determine.decision import Decision
from unmet.explain.answers import Element
from unmet.vocabulary import Entity

MOST_NAMED = 2
"""Of how many further records of each kind answers speak."""

MOST_RENAMED = 64
"""In how many ways the records of a set of answers are renamed to rule out what says the same."""

Description = tuple[int, ...]
"""What is said of one record: the positions of the same answers about the first record of its kind."""


def roomy(decision: Decision) -> Decision:
    """The same decision over worlds with room for the records that answers speak of besides all others."""
    more = named(decision)
    return replace(decision, more=more) if more and not decision.more else decision


def named(decision: Decision) -> dict[str, int]:
    """Of how many further records of each kind answers speak."""
    open_ = {kind: n for kind, n in decision.policy.spares.items() if n and kind not in decision.scene.complete}
    return {kind: min(n, MOST_NAMED) for kind, n in open_.items()}


def all_named(decision: Decision, leaves: Iterable[str]) -> bool:
    """Whether answers speak of as many further records as the rules can tell apart, of what these leaves range over.

    Records of other kinds change nothing: the leaves that range over them stand as they do in every world.
    """
    kinds = _ranged_over(decision, leaves)
    return all(decision.policy.spares[kind] == n for kind, n in named(decision).items() if kind in kinds)


def named_records(decision: Decision, leaves: Iterable[str]) -> list[Entity]:
    """The further records that answers speak of, of the kinds that these leaves range over."""
    kinds = _ranged_over(decision, leaves)
    listed, most = decision.scene.listed, named(decision)
    numbers = ((kind, listed.get(kind, 0), n) for kind, n in most.items() if kind in kinds)
    return [Entity(kind, known + i + 1) for kind, known, n in numbers for i in range(n)]


def _ranged_over(decision: Decision, leaves: Iterable[str]) -> set[str]:
    return {kind for leaf in leaves for _, rule in decision.outline.support(leaf) for kind in rule.listed}


@dataclass(frozen=True)
class Spoken:
    """A set of answers, whatever the further records in it are called.

    `rest` are answers about all else; for each kind there are descriptions of some records, how many records there are
    at least, and from which one on there is none (by its number).
    """

    rest: tuple[int, ...]
    described: Mapping[str, tuple[Description, ...]]
    least: Mapping[str, int]
    none: Mapping[str, int]


class Records:
    """The further records in sets of answers; answers are known by their positions."""

    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = elements
        about = [(i, e) for i, e in enumerate(elements) if e.further]
        self._findings = {e.said: i for i, e in about if e.attribute is not None}
        self._some = {(e.entity.record, e.further): i for i, e in about if e.attribute is None and e.there}
        self._none = {(e.entity.record, e.further): i for i, e in about if not e.there}
        self._named: dict[str, list[Entity]] = {}
        for i in self._none.values():
            self._named.setdefault(elements[i].entity.record, []).append(elements[i].entity)

    def __bool__(self) -> bool:
        return bool(self._named)

    @cached_property
    def _implied(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for i, k in self.implied():
            found.setdefault(i, []).append(k)
        return found

    def implied(self) -> Iterator[tuple[int, int]]:
        """Each answer about a further record with one that follows from it."""
        for i in self._findings.values():
            yield i, self._some[self._elements[i].entity.record, self._elements[i].further]
        for (kind, n), i in self._some.items():
            if n > 1:
                yield i, self._some[kind, n - 1]
        for (kind, n), i in self._none.items():
            if (kind, n + 1) in self._none:
                yield i, self._none[kind, n + 1]

    def following(self, answers: Iterable[int]) -> set[int]:
        """Answers with all that follows from them."""
        found, todo = set[int](), list(answers)
        while todo:
            i = todo.pop()
            if i not in found:
                found.add(i)
                todo += self._implied.get(i, ())
        return found

    def spoken(self, answers: Iterable[int]) -> Spoken:
        """What a set of answers says."""
        rest, records = list[int](), dict[Entity, list[int]]()
        least, none = dict[str, int](), dict[str, int]()
        for i in answers:
            element = self._elements[i]
            kind, n = element.entity.record, element.further
            if not n:
                rest.append(i)
            elif not element.there:
                none[kind] = min(n, none.get(kind, n))
            else:
                least[kind] = max(n, least.get(kind, n))
                if element.attribute is not None:
                    first = replace(element, entity=self._named[kind][0])
                    records.setdefault(element.entity, []).append(self._findings[first.said])
        described: dict[str, tuple[Description, ...]] = {}
        for entity, mine in records.items():
            described[entity.record] = (*described.get(entity.record, ()), tuple(sorted(mine)))
        return Spoken(tuple(rest), described, least, none)

    def less(self, spoken: Spoken) -> Iterator[Spoken]:
        """The sets that say a little less of further records."""
        for kind, descriptions in spoken.described.items():
            for i, description in enumerate(descriptions):
                for k in range(len(description)):
                    left = (*description[:k], *description[k + 1 :])
                    found = (*descriptions[:i], *descriptions[i + 1 :], *((left,) if left else ()))
                    yield replace(spoken, described={**spoken.described, kind: found})
        for kind, n in spoken.least.items():
            if n > len(spoken.described.get(kind, ())):
                yield replace(spoken, least={**spoken.least, kind: n - 1})
        for kind, n in spoken.none.items():
            others = {k: m for k, m in spoken.none.items() if k != kind}
            yield replace(spoken, none={**others, kind: n + 1} if (kind, n + 1) in self._none else others)

    def answers(self, spoken: Spoken) -> list[int]:
        """The same as answers about the first records, the most described ones first."""
        found = [*spoken.rest, *(self._none[each] for each in spoken.none.items())]
        for kind, least in spoken.least.items():
            descriptions = sorted(spoken.described.get(kind, ()), key=lambda d: (-len(d), d))
            found += [i for e, d in zip(self._named[kind], descriptions, strict=False) for i in self._about(e, d)]
            found += [self._some[kind, n] for n in range(len(descriptions) + 1, least + 1)]
        return sorted(found)

    def renamed(self, spoken: Spoken, *, beyond: bool) -> Iterator[list[int]]:
        """The same with its records called in every way, `beyond` as many as it speaks of too.

        A set with all that follows from it says as much if and only if it holds one of those.
        """
        fixed = [*spoken.rest, *(self._none[each] for each in spoken.none.items())]
        fixed += [self._some[each] for each in spoken.least.items() if each[1]]
        ways: list[list[list[int]]] = []
        for kind, descriptions in spoken.described.items():
            entities = self._named[kind] if beyond else self._named[kind][: spoken.least[kind]]
            called = permutations(entities, len(descriptions))
            ways.append(
                [[i for e, d in zip(each, descriptions, strict=True) for i in self._about(e, d)] for each in called]
            )
        for chosen in islice(product(*ways), MOST_RENAMED):
            yield sorted({*fixed, *(i for some in chosen for i in some)})

    def _about(self, entity: Entity, description: Description) -> list[int]:
        """A description as answers about a record."""
        return [self._findings[replace(self._elements[i], entity=entity).said] for i in description]
