"""Two versions, files or readings of a policy compared over all worlds: what is approved, denied, referred otherwise.

Both sides judge the same world in one program (`unmet.copies`), so that equivalence is a proof: no world has one
outcome under the one and another under the other. Every difference comes with the criteria in which it begins and the
smallest case that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations
from pathlib import Path

from unmet.case import Case
from unmet.casewriter import Draft, case_data
from unmet.comparison import (
    Change,
    Comparison,
    CriterionChange,
    CriterionText,
    Difference,
    Flip,
    Impact,
    Relation,
    Side,
)
from unmet.copies import Copies
from unmet.determine import Decision
from unmet.determine.decision import VERDICTS
from unmet.determine.request import decide
from unmet.directory import said
from unmet.errors import CaseError, KnowledgeError, RequestError
from unmet.facts.layout import Layout, World
from unmet.facts.outline import OUTCOMES
from unmet.facts.terms import symbol_of
from unmet.fewest import Asked, fewest
from unmet.knowledge import Knowledge
from unmet.outlined import outlined
from unmet.policy import Policy
from unmet.results import Silence, Verdict
from unmet.sides import read_side
from unmet.solver import Assumption, Symbol, Truth
from unmet.source import Report, read_policy
from unmet.source.written import rules_in_force, skeleton
from unmet.sources import PolicySource
from unmet.vocabulary import LEVEL
from unmet.witness import Ground, Nearest, Shown, drawn, least_draft, minimal

QUESTIONS = 1500
"""How many questions to the solver the search for a smallest case may take."""

EVER = "0001-01-01"
"""A date on which every version is in force that bears it."""


@dataclass(frozen=True)
class Judge:
    """One side: a version under a choice of readings, in a knowledge base that holds it."""

    knowledge: Knowledge
    source: PolicySource
    chosen: Mapping[str, str]

    @property
    def policy(self) -> Policy:
        """The version."""
        return self.source.policy

    def side(self) -> Side:
        """What the report says of it."""
        return Side.of(self.policy, self.chosen)

    def everywhere(self) -> Knowledge:
        """The knowledge base in which this version alone of its policy is in force, on every day."""
        return self.knowledge.with_version(replace(self.source, policy=replace(self.policy, effective=EVER)))


def diff(knowledge: Knowledge, policy: str, old: str, new: str, cases: Iterable[Case] = ()) -> Comparison:
    """Compares two sides of a policy, each a file, or a version and readings (`unmet.sides`).

    Raises:
        RequestError: there is no such policy, version, reading or option, or a file is of another policy.
        KnowledgeError: a file does not load.
    """
    knowledge.versions(policy)
    return compare(_judge(knowledge, policy, old), _judge(knowledge, policy, new), cases)


def _judge(knowledge: Knowledge, name: str, spec: str) -> Judge:
    if not Path(spec).is_file():
        day, chosen = read_side(spec, ", nor a file")
        policy = knowledge.version(name, day)
        knowledge.check_readings(chosen, policy)
        return Judge(knowledge, knowledge.source(policy), knowledge.chosen(policy, chosen))
    source = _read(knowledge, Path(spec))
    if source.policy.name != name:
        raise RequestError(f"`{spec}` holds `{source.policy.name}`, not `{name}`")
    return Judge(knowledge.with_version(source), source, source.policy.defaults)


def _read(knowledge: Knowledge, path: Path) -> PolicySource:
    report = Report()
    parsed = read_policy(path, knowledge.vocabulary, report)
    if parsed is None or report.diagnostics:
        raise KnowledgeError(report.diagnostics)
    if found := said(knowledge.with_version(parsed.source), [knowledge.sources.words.text], parsed):
        raise KnowledgeError(found)
    return parsed.source


def compare(old: Judge, new: Judge, cases: Iterable[Case] = ()) -> Comparison:
    """Compares two sides, and decides cases under both."""
    found = _Differences(old, new)
    pairs = found.pairs
    decided = tuple(cases)
    return Comparison(
        old=old.side(),
        new=new.side(),
        approval=_relation("approve", pairs, more_is_looser=True),
        denial=_relation("deny", pairs, more_is_looser=False),
        referral=_relation("refer", pairs, more_is_looser=False),
        records=dict(found.copies.domain.slots),
        changes=tuple(_changes(old, new)),
        differences=tuple(found.differences()),
        impact=_impact(old, new, decided) if decided else None,
    )


def _relation(outcome: str, pairs: Iterable[tuple[str, str]], *, more_is_looser: bool) -> Relation:
    """How the worlds with an outcome change, from the pairs of outcomes that some world has."""
    gained = any(after == outcome for _, after in pairs)
    lost = any(before == outcome for before, _ in pairs)
    if gained and lost:
        return Relation.INCOMPARABLE
    if not gained and not lost:
        return Relation.EQUIVALENT
    return Relation.LOOSER if gained is more_is_looser else Relation.STRICTER


# -- the worlds in which the sides differ ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Differences:
    old: Judge
    new: Judge

    @cached_property
    def copies(self) -> Copies:
        """Both sides over one world."""
        return outlined(self.old.knowledge, self.old.source, self.new.source, joint=("changes",))

    @cached_property
    def under(self) -> list[Assumption]:
        """The readings of both sides."""
        return [*self.copies.under(0, self.old.chosen), *self.copies.under(1, self.new.chosen)]

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs of unlike outcomes that some world has, first what is approved no more."""
        return tuple(p for p in permutations(OUTCOMES, 2) if self._some_world((_shows(*p), True)))

    def differences(self) -> Iterator[Difference]:
        """For each pair of outcomes, each criterion in which the difference can begin; by itself where it can."""
        alone = -self._literal(symbol_of("_several"))
        for before, after in self.pairs:
            shown: set[tuple[str, ...]] = set()
            for literal in self._begins.values():
                begins = [self._literal(_shows(before, after)), literal]
                found = self._world([*begins, alone]) or self._world(begins)
                if found is not None and found[1] not in shown:
                    shown.add(found[1])
                    yield self._difference(before, after, found[1], found[0])

    @cached_property
    def _begins(self) -> dict[str, int]:
        """The literals of a difference's beginning in a criterion, of all in use on either side."""
        return {name: self._literal(_begins(name)) for name in self._names}

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
        used = (j.policy.outline(j.chosen).criteria for j in (self.new, self.old))
        return tuple(dict.fromkeys(name for names in used for name in names))

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
        claim, domain = self._literal(_shows(before, after)), self.copies.domain
        for presuming in (True, False):
            ground = replace(self._ground, presuming=presuming)
            stated = minimal([Shown(ground, world, [claim], domain.pairs)])
            if stated is not None and self._are(drawn(world, stated, domain), verdicts):
                known = replace(world, stated=frozenset(stated))
                draft, exact = self._smallest(known, (before, after), criteria, presuming)
                cases = [self._case(judge, draft, verdicts) for judge in (self.old, self.new)]
                return Difference(*verdicts, criteria, cases[0], cases[1], exact)
        return Difference(*verdicts, criteria, None, None, False)

    def _smallest(
        self, known: World, outcomes: tuple[str, str], criteria: Iterable[str], presuming: bool
    ) -> tuple[Draft, bool]:
        """A case of fewest statements that shows the same and in a world of which the difference begins as said."""
        verdicts = VERDICTS[outcomes[0]], VERDICTS[outcomes[1]]
        words, ground = self.old.knowledge.sources.words.text, self._ground
        begins, claim = [self._begins[name] for name in criteria], self._literal(_shows(*outcomes))
        asked = Asked(words, ground.program, ground.layout, ground.documented, ground.fixed, claim, begins, presuming)
        found, exact = fewest(asked, known, QUESTIONS)
        case = found or known
        smaller = drawn(case, case.stated, ground.layout.domain)
        if not self._are(smaller, verdicts):
            smaller, exact = drawn(known, known.stated, ground.layout.domain), False
        return least_draft(smaller, lambda less: self._are(less, verdicts)), exact

    def _are(self, draft: Draft, verdicts: tuple[Verdict, Verdict]) -> bool:
        """Whether the sides decide a case in this way."""
        judged = zip((self.old, self.new), verdicts, strict=True)
        return all(verdict_of(judge, self._case(judge, draft, verdicts)) is verdict for judge, verdict in judged)

    def _case(self, judge: Judge, draft: Draft, verdicts: tuple[Verdict, Verdict]) -> dict[str, object]:
        line = {"line": "line", "policy": judge.policy.name, "date_of_service": judge.policy.effective}
        title = f"{verdicts[0].capitalize()} by the old side, {verdicts[1]} by the new"
        return case_data(judge.knowledge.vocabulary, draft, [line], title)


def _shows(before: str, after: str) -> Symbol:
    """The atom that a world has one outcome on the old side and one on the new."""
    return symbol_of("_shows", [symbol_of(before), symbol_of(after)])


def _begins(criterion: str) -> Symbol:
    """The atom that the difference begins in a criterion."""
    return symbol_of("_begins", [symbol_of(criterion)])


def verdict_of(judge: Judge, data: Mapping[str, object]) -> Verdict | None:
    """The verdict of the only line of a case on the criteria of one side; None where the case does not load."""
    try:
        case = judge.knowledge.case(data)
    except CaseError:
        return None
    scene = case.scenes[0]
    level = scene.line.levels[0] if judge.policy.per == LEVEL and scene.line.levels else None
    return Decision(judge.knowledge, judge.policy, scene.at(level), judge.chosen).verdict(Silence.OPEN)


# -- what changed in the text ---------------------------------------------------------------------------------


def _changes(old: Judge, new: Judge) -> Iterator[CriterionChange]:
    """The criteria in use on either side that are not the same, in the order of the new side's tree."""
    before, after = (j.policy.outline(j.chosen).criteria for j in (old, new))
    for name in dict.fromkeys([*after, *before]):
        a = _text(old, name) if name in before else None
        b = _text(new, name) if name in after else None
        if changes := tuple(_changed(old, new, name, a, b)):
            yield CriterionChange(name, changes, a, b)


def _changed(
    old: Judge, new: Judge, name: str, before: CriterionText | None, after: CriterionText | None
) -> Iterator[Change]:
    if before is None or after is None:
        yield Change.ADDED if before is None else Change.REMOVED
        return
    if before.text != after.text:
        yield Change.TEXT
    if before.citation != after.citation:
        yield Change.CITATION
    if sorted(before.rules) != sorted(after.rules):
        skeletons = [sorted(map(skeleton, rules_in_force(j.source, name, j.chosen))) for j in (old, new)]
        grouped = any(j.policy.outline(j.chosen).shape(name).children for j in (old, new))
        if skeletons[0] == skeletons[1]:
            yield Change.THRESHOLDS
        else:
            yield Change.STRUCTURE if grouped else Change.RULES


def _text(judge: Judge, name: str) -> CriterionText:
    criterion = judge.policy.criteria[name]
    rules = tuple(map(str, rules_in_force(judge.source, name, judge.chosen)))
    return CriterionText(criterion.text, criterion.citation, str(criterion.span), rules)


# -- cases ----------------------------------------------------------------------------------------------------


def _impact(old: Judge, new: Judge, cases: tuple[Case, ...]) -> Impact:
    """The lines of cases that the policy decides, whatever their date, and those whose verdict is another."""
    before, after = old.everywhere(), new.everywhere()
    lines, flips = 0, []
    for case in cases:
        verdicts = [dict(_verdicts(k, case, j)) for k, j in ((before, old), (after, new))]
        lines += len(verdicts[0])
        flips += [
            Flip(case.name, line, level, verdict, verdicts[1][line, level])
            for (line, level), verdict in verdicts[0].items()
            if verdicts[1].get((line, level), verdict) is not verdict
        ]
    return Impact(len(cases), lines, tuple(flips))


def _verdicts(knowledge: Knowledge, case: Case, judge: Judge) -> Iterator[tuple[tuple[str, str | None], Verdict]]:
    """The verdict of each line (and level) under the policy, on its criteria."""
    readings = {f"{judge.policy.name}.{name}": option for name, option in judge.chosen.items()}
    for line in decide(knowledge, case, Silence.OPEN, readings)[1]:
        if line.policy is None or line.policy.name != judge.policy.name or line.governed[1] is not None:
            continue
        per_level = line.policy.per == LEVEL and line.scene.line.levels
        levels: tuple[str | None, ...] = line.scene.line.levels if per_level else (None,)
        for level, verdict in zip(levels, line.verdicts, strict=True):
            yield (line.scene.line.name, level), verdict
