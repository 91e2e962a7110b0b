"""What is said of each row once it is judged: verdict, statuses, what stands against approval, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from unmet.batch.judge import Judged
from unmet.batch.plan import Kernel, Trace, Vector, computed, constant
from unmet.batch.vectors import any_of
from unmet.circuits.exact import Exact, Limits
from unmet.circuits.formula import FALSE, Formulas
from unmet.circuits.gates import Circuit
from unmet.circuits.rules import YES, deep
from unmet.facts.answers import Read
from unmet.facts.terms import Pair
from unmet.policy import NECESSARY, REFERRAL, Outline
from unmet.results import Kind, Silence, Verdict

UNLIMITED = 1 << 30


@dataclass(frozen=True, order=True)
class Condition:
    """A leaf as a condition of approval: that it is met, or, where it speaks against approval, that it is not."""

    leaf: str
    positive: bool

    def __str__(self) -> str:
        return self.leaf if self.positive else f"not {self.leaf}"


class Form:
    """What of a policy's outline the answers need, prepared once."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.criteria = outline.criteria
        self.leaves = tuple(n for n in self.criteria if outline.shape(n).kind is Kind.LEAF)
        self.order = tuple(_downwards(outline))
        self.supports = {n: outline.support(n) for n in self.leaves}

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The leaves below `necessary`, as conditions, in the order of the outline."""
        signed = {(NECESSARY, True)}
        for name in self.order:
            for sign in (True, False):
                if (name, sign) in signed:
                    signed |= {(c.name, sign != c.negated) for c in self.outline.shape(name).children}
        return tuple(Condition(n, sign) for n in self.leaves for sign in (True, False) if (n, sign) in signed)

    @cached_property
    def approval(self) -> Kernel:
        """Whether approval is possible, by the statuses of the leaves alone; leaves are variables of two values.

        Its inputs are a leaf's position and the mask of the values that are allowed.
        """
        formulas = Formulas([2] * len(self.leaves))
        with deep():
            necessary, referral = self._formula(NECESSARY, formulas, {}), FALSE
            if REFERRAL in self.outline.parents:
                referral = self._formula(REFERRAL, formulas, {})
            circuit = Circuit()
            exact = Exact(formulas, circuit, (), {}, {}, lambda slot: (), Limits(UNLIMITED))
            gate = exact.possible(formulas.conjunction([necessary, formulas.negation(referral)]))
        trace = Trace()
        return trace.kernel(computed(circuit, [gate], lambda leaf, mask: trace.input((leaf, mask)), trace))

    def _formula(self, name: str, formulas: Formulas, known: dict[str, int]) -> int:
        if name not in known:
            shape = self.outline.shape(name)
            if shape.kind is Kind.LEAF:
                known[name] = formulas.literal(self.leaves.index(name), YES)
            else:
                below = [(self._formula(c.name, formulas, known), c.negated) for c in shape.children]
                members = [formulas.negation(formula) if negated else formula for formula, negated in below]
                least = {Kind.ANY: 1, Kind.AT_LEAST: shape.threshold or 0}.get(shape.kind, len(members))
                known[name] = formulas.at_least(least, members)
        return known[name]


def _downwards(outline: Outline) -> list[str]:
    """The criteria in use, each after all that read it."""
    done: dict[str, None] = {}
    for root in (NECESSARY, REFERRAL):
        todo = [(root, False)] if root in outline.parents else []
        while todo:
            name, left = todo.pop()
            if left:
                done[name] = None
            elif name not in done:
                todo.append((name, True))
                todo += [(c.name, False) for c in outline.shape(name).children if c.name not in done]
    return list(reversed(done))


class Answers:
    """The answers of judged rows while silence is open or closed, as vectors."""

    def __init__(self, judged: Judged, form: Form, silence: Silence) -> None:
        self._judged, self._form, self._closed = judged, form, silence is Silence.CLOSED
        self._vectors, self._words, self.every = judged.vectors, judged.vectors.words, judged.vectors.every

    # -- verdicts and statuses --------------------------------------------------------------------------------

    @cached_property
    def undecided(self) -> Vector:
        """The rows whose worlds have several outcomes."""
        a, d, r = self._judged.outcomes.values()
        several: Vector = (a & d) | (a & r) | (d & r)
        return several

    @cached_property
    def verdicts(self) -> dict[Verdict, Vector]:
        """The rows of each verdict."""
        judged, decided = self._judged.outcomes, ~self.undecided & self.every
        open_rows = self.undecided & self.every
        denied = judged["deny"] & decided
        return {
            Verdict.APPROVED: judged["approve"] & decided,
            Verdict.DENIED: denied | open_rows if self._closed else denied,
            Verdict.PENDED: constant(False, self._words) if self._closed else open_rows,
            Verdict.REFERRED: judged["refer"] & decided,
        }

    @cached_property
    def unknown(self) -> dict[str, Vector]:
        """The rows in which a criterion is unknown, silence being open."""
        judged = self._judged
        return {name: judged.criteria[name] & judged.failing[name] for name in self._form.criteria}

    def met(self, name: str) -> Vector:
        """The rows in which a criterion is met."""
        return ~self._judged.failing[name]

    def unmet(self, name: str) -> Vector:
        """The rows in which a criterion is unmet, or not established where silence is closed."""
        never = ~self._judged.criteria[name]
        return never | self.undocumented[name] if self._closed and name in self.undocumented else never

    @cached_property
    def undocumented(self) -> Mapping[str, Vector]:
        """The rows in which a criterion that approval needs is unknown for want of a statement."""
        outline = self._form.outline
        wanting = {n: self.unknown[n] & self._wants(n) for n in self._form.leaves}
        return {
            name: self.unknown[name] & any_of((wanting[leaf] for leaf in outline.leaves_below(name)), self._words)
            for name in self._form.criteria
            if outline.needed(name)
        }

    # -- what is missing --------------------------------------------------------------------------------------

    def _reads(self, leaf: str) -> Iterator[tuple[Pair, Vector]]:
        """The findings that a leaf may read, with the rows in which it may, of records that the rows list."""
        for tagged, rule in self._form.supports[leaf]:
            for (_, read), vector in self._by_key.get(tagged, {}).items():
                if read.position == rule.position:
                    yield read.pair, vector & self._vectors.given(read.pair[0])

    @cached_property
    def _by_key(self) -> dict[str, dict[tuple[str, Read], Vector]]:
        found: dict[str, dict[tuple[str, Read], Vector]] = {}
        for (key, read), vector in self._judged.reads.items():
            found.setdefault(key, {})[key, read] = vector
        return found

    def _wants(self, leaf: str) -> Vector:
        """The rows in which a leaf lacks a statement; an open list of records counts."""
        silent = [where & self._judged.wanting(pair) for pair, where in self._reads(leaf)]
        kinds = {kind for _, rule in self._form.supports[leaf] for kind in rule.listed}
        return any_of([*silent, *(self._vectors.open_list(kind) for kind in sorted(kinds))], self._words)

    @cached_property
    def missing(self) -> dict[Pair, Vector]:
        """The rows that are undecided and for which a silent or unclear finding can still matter."""
        undecided = self.undecided & self.every
        reached = {name: undecided & self.unknown[name] for name in (NECESSARY, REFERRAL) if name in self.unknown}
        found: dict[Pair, Vector] = {}
        for name in self._form.order:
            here = reached.get(name)
            if here is None:
                continue
            for child in self._form.outline.shape(name).children:
                before = reached.get(child.name, constant(False, self._words))
                reached[child.name] = before | (here & self.unknown[child.name])
            if name in self._form.supports:
                for pair, where in self._reads(name):
                    rows = here & where & self._judged.wanting(pair)
                    found[pair] = found[pair] | rows if pair in found else rows
        return found

    # -- what stands against approval -------------------------------------------------------------------------

    @cached_property
    def against(self) -> dict[Condition, Vector]:
        """The denied rows in which a leaf stands against approval, and so does all that leads from it to the root."""
        denied = self.verdicts[Verdict.DENIED]
        reached: dict[tuple[str, bool], Vector] = {(NECESSARY, True): denied}
        for name in self._form.order:
            for sign in (True, False):
                here = reached.get((name, sign))
                if here is None:
                    continue
                for child in self._form.outline.shape(name).children:
                    key = (child.name, sign != child.negated)
                    before = reached.get(key, constant(False, self._words))
                    reached[key] = before | (here & self._stands(*key))
        empty = constant(False, self._words)
        return {c: reached.get((c.leaf, c.positive), empty) for c in self._form.conditions}

    def _stands(self, name: str, positive: bool) -> Vector:
        """The rows in which a criterion is against approval; of groups also where closed silence leaves it unknown."""
        found = self.unmet(name) if positive else self.met(name)
        if self._closed and name not in self._form.supports:
            found = found | self.unknown[name]
        return found

    @cached_property
    def alone(self) -> dict[Condition, Vector]:
        """The denied rows that would become approvable by one leaf alone having the other status, and by no other."""
        denied = self.verdicts[Verdict.DENIED]
        flips: dict[Condition, Vector] = {}
        once, twice = constant(False, self._words), constant(False, self._words)
        for condition in self._form.conditions:
            rows = denied & (self.unmet(condition.leaf) if condition.positive else self.met(condition.leaf))
            flips[condition] = rows & self._approvable(condition.leaf) if rows.any() else rows
            twice = twice | (once & flips[condition])
            once = once | flips[condition]
        return {condition: rows & ~twice for condition, rows in flips.items()}

    def _approvable(self, flipped: str) -> Vector:
        """The rows in which approval is possible by the statuses of the leaves, that of one leaf turned round."""

        def leaf(key: tuple[int, int]) -> Vector:
            position, mask = key
            name = self._form.leaves[position]
            return ~self.unmet(name) if (mask == YES) != (name == flipped) else ~self.met(name)

        (found,) = self._form.approval.run(leaf, self._words)
        return found
