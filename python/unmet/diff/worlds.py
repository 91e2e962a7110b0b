"""The worlds in which two sides differ: which outcomes, in which criteria that begins, and a case that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain, permutations

from unmet.casewriter import Draft, case_data
from unmet.comparison import Difference
from unmet.copies import Copies
from unmet.determine.decision import VERDICTS
from unmet.diff.judge import Judge
from unmet.facts.layout import Layout, World
from unmet.facts.outline import OUTCOMES
from unmet.facts.terms import symbol_of
from unmet.fewest import LOOKED_AT as OF_RECORDS
from unmet.fewest import Asked, fewest
from unmet.outlined import outlined
from unmet.results import Verdict
from unmet.solver import Assumption, Symbol, Truth
from unmet.source.copying import other
from unmet.structure import Structure
from unmet.witness import Ground, Nearest, Shown, drawn, exchanged, least_draft, minimal

QUESTIONS = 1500
"""How many questions to the solver the search for a smallest case may take."""

LINE = "line"
"""The name of the only line of a case."""

LOOKED_AT = 100_000
"""So many findings are looked at meanwhile; a question about listed records takes longer, so fewer are there."""


@dataclass(frozen=True)
class Differences:
    """Two sides over one world."""

    old: Judge
    new: Judge
    _decided: dict[tuple[str, str], Draft | None] = field(default_factory=dict, repr=False)

    @cached_property
    def copies(self) -> Copies:
        """Both sides over one world."""
        old, new = (Structure(j.outline).facts(j.outline.criteria, ()) for j in (self.old, self.new))
        facts = "\n".join(f"{fact}." for fact in chain(old, map(other, new)))
        sources = self.old.source, self.new.source
        return outlined(self.old.knowledge, *sources, each=("decisive",), joint=("changes",), text=facts)

    @cached_property
    def under(self) -> list[Assumption]:
        """The readings of both sides."""
        return [*self.copies.under(0, self.old.chosen), *self.copies.under(1, self.new.chosen)]

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs of unlike outcomes that some world has, first what is approved no more."""
        return tuple(p for p in permutations(OUTCOMES, 2) if self._some_world((_shows(*p), True)))

    def differences(self) -> Iterator[Difference]:
        """For each pair of outcomes, each criterion in which the difference can begin; by itself where it can.

        It begins in none where of two that differ each reads the other, by one side and by the other.
        """
        alone = -self._literal(symbol_of("_several"))
        for before, after in self.pairs:
            shown: set[tuple[str, ...]] = set()
            for literal in (*self._begins.values(), self._nowhere):
                begins = [self._literal(_shows(before, after)), literal]
                found = self._world([*begins, alone]) or self._world(begins)
                if found is not None and found[1] not in shown:
                    shown.add(found[1])
                    yield self._difference(before, after, found[1], found[0])

    def drafts(self) -> Iterator[Draft]:
        """A case that states nothing, then small ones of each pair of outcomes; alike ones first, and denials."""
        yield Draft({})
        approve, deny, refer = OUTCOMES
        outcomes = deny, approve, refer
        for pair in [*zip(outcomes, outcomes, strict=True), *permutations(outcomes, 2)]:
            if pair not in self._decided:
                self._decided[pair] = self._draft_of(pair)
            if (draft := self._decided[pair]) is not None:
                yield draft

    def _draft_of(self, outcomes: tuple[str, str]) -> Draft | None:
        """A small case that the sides decide in this way on the criteria."""
        found = self._world([self._literal(_shows(*outcomes))])
        drafted = None if found is None else self._draft(outcomes, [], found[0])
        return None if drafted is None else drafted[0]

    @cached_property
    def _begins(self) -> dict[str, int]:
        """The literals of a difference's beginning in a criterion, of all in use on either side."""
        return {name: self._literal(_begins(name)) for name in self._names}

    @cached_property
    def _nowhere(self) -> int:
        """The literal of no difference's beginning in any criterion."""
        return self._literal(symbol_of("_nowhere"))

    def _literal(self, symbol: Symbol) -> int:
        return self.copies.program.literal(symbol)

    @cached_property
    def _ground(self) -> Ground:
        """What cases under both sides stand on."""
        program, domain = self.copies.program, self.copies.domain
        documented = frozenset[str]().union(*(policy.documented for policy in self.copies.policies))
        return Ground(program, Layout(domain, program.literal), documented, program.literals(self.under))

    @cached_property
    def _nearest(self) -> Nearest:
        return Nearest(self.copies.program, [self._ground.layout])

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The criteria in use on either side, in the order of their trees."""
        return tuple(dict.fromkeys(chain(self.new.outline.criteria, self.old.outline.criteria)))

    def _some_world(self, *assumptions: Assumption) -> bool:
        return self.copies.program.satisfiable([*self.under, *assumptions])

    def _world(self, literals: list[int]) -> tuple[World, tuple[str, ...]] | None:
        """A world, if there is one, and the criteria in which its difference begins.

        Where it can be, one in which the record states everything, and a small case.
        """

        def read(holds: Truth) -> tuple[World, tuple[str, ...]]:
            return self._ground.layout.read(holds), tuple(n for n, x in self._begins.items() if holds(x))

        return self._nearest.read([*self._ground.fixed, *literals], read)

    def _difference(self, before: str, after: str, criteria: tuple[str, ...], world: World) -> Difference:
        verdicts = VERDICTS[before], VERDICTS[after]
        begins = [x if name in criteria else -x for name, x in self._begins.items()]
        drafted = self._draft((before, after), begins, world)
        if drafted is None:
            return Difference(*verdicts, criteria, None, None, False)
        draft, exact = drafted
        cases = [
            {**self._case(judge, draft, verdicts), "expect": judge.expecting(LINE, judge.decided(verdict))}
            for judge, verdict in zip((self.old, self.new), verdicts, strict=True)
        ]
        return Difference(*verdicts, criteria, cases[0], cases[1], exact)

    def _draft(self, outcomes: tuple[str, str], begins: Sequence[int], world: World) -> tuple[Draft, bool] | None:
        """The smallest case that shows what a world does, as far as one is found, and whether it is known to be that.

        In some world of it the difference `begins` so. None where no case shows it by itself.
        """
        verdicts = VERDICTS[outcomes[0]], VERDICTS[outcomes[1]]
        claim, domain = self._literal(_shows(*outcomes)), self.copies.domain
        shown = Shown(self._ground, world, [claim], domain.pairs, example=begins)
        stated = minimal([shown])
        if stated is None:
            return None
        known = replace(world, stated=frozenset(exchanged([shown], stated)))
        for case, exact in (self._fewest(known, claim, begins), (known, False)):
            shown = _with_few_records(replace(shown, world=case))
            draft = drawn(shown.world, shown.world.stated, domain)
            if self._are(draft, verdicts):
                return least_draft(draft, partial(self._show, shown, verdicts)), exact
        return None

    def _show(self, shown: Shown, verdicts: tuple[Verdict, Verdict], draft: Draft) -> bool:
        """Whether a case that states less of a world still shows it."""
        open = frozenset(shown.domain.slots) - draft.complete
        return replace(shown, open=open).shows(draft.values) and self._are(draft, verdicts)

    def _fewest(self, known: World, claim: int, begins: Sequence[int]) -> tuple[World, bool]:
        """A case of fewest statements that shows the claim and in a world of which the difference begins so."""
        words, ground = self.old.knowledge.sources.words.rules, self._ground
        asked = Asked(words, ground.program, ground.layout, ground.documented, ground.fixed, claim, begins)
        found, exact = fewest(asked, known, QUESTIONS, OF_RECORDS if self.copies.domain.slots else LOOKED_AT)
        assert found is not None, "one is known"
        return found, exact

    def _are(self, draft: Draft, verdicts: tuple[Verdict, Verdict]) -> bool:
        """Whether the sides decide a case in this way."""
        judged = zip((self.old, self.new), verdicts, strict=True)
        return all(judge.verdict(self._case(judge, draft, verdicts)) is verdict for judge, verdict in judged)

    def _case(self, judge: Judge, draft: Draft, verdicts: tuple[Verdict, Verdict]) -> dict[str, object]:
        line = {"line": LINE, "policy": judge.policy.name, "date_of_service": judge.policy.effective}
        title = f"{verdicts[0].capitalize()} by the old side, {verdicts[1]} by the new"
        return case_data(judge.knowledge.vocabulary, draft, [line], title)


def _with_few_records(shown: Shown) -> Shown:
    """The case without the records that it states nothing of, as far as it shows the same."""
    world = shown.world
    for record in sorted(world.entities - {e for e, _ in world.stated}, reverse=True):
        fewer = replace(shown, world=shown.world.without(record))
        shown = fewer if fewer.shows(fewer.world.stated) else shown
    return shown


def _shows(before: str, after: str) -> Symbol:
    """The atom that a world has one outcome on the old side and one on the new."""
    return symbol_of("_shows", [symbol_of(before), symbol_of(after)])


def _begins(criterion: str) -> Symbol:
    """The atom that the difference begins in a criterion."""
    return symbol_of("_begins", [symbol_of(criterion)])
