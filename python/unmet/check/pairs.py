"""Two worlds that differ in little, and the checks of them: a worse finding, a statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from unmet.check.study import Study
from unmet.check.telling import finding
from unmet.check.witness import VERDICTS, Exhibit, Proof, Row, named, outcome_of, prove
from unmet.copies import Copies, prepare
from unmet.facts.layout import World
from unmet.facts.terms import Pair, symbol_of
from unmet.findings import Finding
from unmet.policy import Child
from unmet.solver import Symbol, Truth
from unmet.witness import Nearest


@dataclass(frozen=True)
class Side:
    """What one of two worlds shows of criteria and, where it `decides`, by its outcome.

    Its case is called by its `name`, and told in words, to which the outcome is added. `silent` are findings that the
    case may not state.
    """

    name: str
    told: str
    met: Mapping[str, bool] = field(default_factory=dict)
    decides: bool = False
    silent: tuple[Pair, ...] = ()


@dataclass(frozen=True)
class Pairs:
    """Two worlds of one policy in one program; it is prepared only if a question needs it."""

    study: Study

    @cached_property
    def copies(self) -> Copies:
        study = self.study
        apart = study.knowledge.vocabulary.records
        return prepare(study.knowledge, study.source, study.source, apart=apart, domain=study.domain)

    def beside(self, study: Study) -> Pairs:
        """The same worlds under the readings of another study of the policy."""
        found = Pairs(study)
        for name in ("copies", "_nearest"):
            if name in self.__dict__:
                found.__dict__[name] = self.__dict__[name]
        return found

    @cached_property
    def _nearest(self) -> Nearest:
        return Nearest(self.copies.program, self.copies.layouts)

    @cached_property
    def _under(self) -> list[int]:
        chosen = self.study.chosen
        return self.copies.program.literals([*self.copies.under(0, chosen), *self.copies.under(1, chosen)])

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return self.study.domain.pairs

    def holds(self, symbol: Symbol, truth: bool = True) -> int:
        """The literal of an atom of the two worlds together."""
        literal = self.copies.program.literal(symbol)
        return literal if truth else -literal

    def met(self, side: int, literal: Child, truth: bool) -> int:
        symbol, positive = self.copies.met(side, literal.name, truth is not literal.negated)
        return self.holds(symbol, positive)

    def outcome(self, side: int, name: str, truth: bool = True) -> int:
        return self.holds(self.copies.outcome(side, name)[0], truth)

    @property
    def same_records(self) -> list[int]:
        return [-x for x in self.copies.lacking.values()]

    def same_findings(self, but: Pair | None = None) -> list[int]:
        return [-x for p, x in self.copies.differing.items() if p != but]

    def same_statements(self, but: Pair | None = None) -> list[int]:
        return [-x for p, x in self.copies.stating.items() if p != but]

    def same_but(self, pair: Pair) -> list[int]:
        """What the policy reads is the same but for one finding, and for what formulas compute from that.

        They do so in both worlds, and what else they compute it from is the same.
        """
        (entity, name), copies = pair, self.copies
        vocabulary, read = self.study.knowledge.vocabulary, self.study.attributes
        follow = {n for n in vocabulary.computed_from([name]) - {name} if read & vocabulary.computed_from([n])}
        beside = frozenset[str]().union(*(vocabulary.formulas[each] for each in follow))
        own, found = (read | beside) - follow - {name}, list[int]()
        for p in self.pairs:
            if p[0] == entity and p[1] in follow:
                found.append(-self.holds(symbol_of("_freely", copies.differs(p)[0].arguments)))
            elif p[1] in (own if p[0] == entity else read):
                found.append(-copies.differing[p])
        return found

    def loses(self) -> list[int]:
        """The first is approved, and the second is not."""
        return [self.outcome(0, "approve"), self.outcome(1, "approve", False)]

    def is_possible(self, literals: Sequence[int]) -> bool:
        return self.copies.program.has_world([*self._under, *literals])

    def can_pend(self) -> bool:
        """Whether worlds in which the record states the same, of records that both have, differ in outcome."""
        same = [*self.same_statements(), self.holds(symbol_of("_torn"), False)]
        return any(
            self.is_possible([*same, self.outcome(0, one), self.outcome(1, other)])
            for one, other in combinations(VERDICTS, 2)
        )

    def worlds(self, literals: Sequence[int], about: Iterable[Pair]) -> tuple[World, World] | None:
        """Two worlds that agree with the literals, if there are any, and what they say of some findings."""
        found = self._nearest.worlds([*self._under, *literals], dict.fromkeys(about))
        return None if found is None else (found[0], found[1])

    def some_worlds(self, literals: Sequence[int]) -> tuple[World, World] | None:
        """Any two worlds that agree with the literals, if there are any."""
        one, other = self.copies.layouts
        asked = [*self._under, *literals]
        return self.copies.program.model(asked, lambda holds: (one.read(holds), other.read(holds)))[0]

    @cached_property
    def _outcomes(self) -> list[dict[str, int]]:
        return [self.copies.outcomes(side) for side in (0, 1)]

    def shown(
        self,
        literals: Sequence[int],
        code: str,
        subjects: Sequence[str],
        sides: tuple[Side, Side],
        kept: Sequence[Pair] = (),
    ) -> tuple[tuple[World, World], Proof] | None:
        """Two worlds that agree with the literals, and the cases that show what the sides say; None without worlds."""
        study = self.study
        rows = [Row(study, side.met, "approve" if side.decides else None) for side in sides]
        about = dict.fromkeys([*kept, *(p for row in rows for p in study.relevant(row.claims))])

        def read(holds: Truth) -> list[tuple[World, str]]:
            both = zip(self.copies.layouts, self._outcomes, strict=True)
            return [(layout.read(holds, about), outcome_of(holds, outcomes)) for layout, outcomes in both]

        found = self._nearest.read([*self._under, *literals], read)
        if found is None:
            return None
        exhibits = [
            Exhibit(
                world,
                (Row(study, side.met, outcome if side.decides else None),),
                f"{side.told}: {VERDICTS[outcome]}" if side.decides else side.told,
                side.name.replace(" ", "-"),
                frozenset(side.silent),
            )
            for side, (world, outcome) in zip(sides, found, strict=True)
        ]
        return (found[0][0], found[1][0]), prove(named(study, code, *subjects), exhibits, kept)


def check(pairs: Pairs) -> Iterator[Finding]:
    """The checks of two worlds that differ in a worse finding, or in a statement."""
    yield from _worse_loses(pairs)
    yield from _documenting(pairs)


def readers(study: Study, attributes: Collection[str]) -> list[str]:
    """The leaves that read some of these attributes, through parts and helpers too."""
    outline = study.outline
    return [n for n in outline.leaves if not outline.depends_on(n)[0].isdisjoint(attributes)]


def _worse_loses(pairs: Pairs) -> Iterator[Finding]:
    study = pairs.study
    vocabulary = study.knowledge.vocabulary
    for name in (a.name for a in vocabulary.attributes.values() if a.worse_is_needier):
        leaves = readers(study, vocabulary.computed_from([name]))
        if not study.concerns(*leaves):
            continue
        milder, worse = (Side(word, f"with the {word} `{name}`", decides=True) for word in ("milder", "worse"))
        for pair in (p for p in pairs.pairs if p[1] == name):
            worsens = pairs.holds(symbol_of("_worsens", pairs.copies.differs(pair)[0].arguments))
            alike = [*pairs.same_records, *pairs.same_but(pair), *pairs.same_statements()]
            wanted = [*alike, worsens, *pairs.loses()]
            if found := pairs.shown(wanted, "worse-loses", [name], (milder, worse), [pair]):
                message = f"a worse `{name}` ({vocabulary.attributes[name].label}) loses an approval"
                yield finding(
                    study, "worse-loses", message, leaves, subjects=[name],
                    help="see which criterion asks for less of it", witnesses=found[1],
                )  # fmt: skip
                break


def _documenting(pairs: Pairs) -> Iterator[Finding]:
    study = pairs.study
    for name in filter(study.documented.__contains__, study.knowledge.vocabulary.attributes):
        leaves = readers(study, [name])
        if not study.concerns(*leaves):
            continue
        for pair in (p for p in pairs.pairs if p[1] == name):
            sides = (
                Side("silent", f"silent about `{name}`", decides=True, silent=(pair,)),
                Side("stated", f"with `{name}` stated", decides=True),
            )
            silent, stating = pairs.copies.layouts
            stated = [-silent.stated[pair], stating.stated[pair]]
            wanted = [*pairs.same_records, *pairs.same_findings(), *pairs.same_statements(pair), *stated]
            if found := pairs.shown([*wanted, *pairs.loses()], "documenting-loses", [name], sides, [pair]):
                message = f"stating `{name}` loses an approval, though nothing else changes"
                yield finding(
                    study, "documenting-loses", message, leaves, subjects=[name], witnesses=found[1],
                    help="a criterion about the record stands under `not`, or among the bars",
                )  # fmt: skip
                break
