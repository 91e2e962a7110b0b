"""What the answers of `unmet` mean, by brute force, in plain Python.

This module is the definition that the engine is tested against. It shares no code with the engine and does not know
clingo: a small knowledge base and a case are plain data, every completion of the case (a `World`) is written out, the
rules are evaluated in each of them, and the answers are read off:

- a criterion is met, unmet or unknown: true in all, none or some of the worlds;
- a world refers if `referral` is met, else approves if `necessary` is met, else denies;
- the verdict is the outcome of all worlds if they agree, else the line is pended.

The data are those of `tests.model`. Read on in this order: the truth of a rule in one world (`World`), the worlds of a
case (`completions`, `applied`), the answers (`Question`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations_with_replacement, product

from tests.model import (
    Attribute,
    Body,
    Case,
    Count,
    Derivation,
    Distinct,
    Entity,
    Finding,
    Holds,
    Keyed,
    KnowledgeBase,
    Literal,
    Record,
    Term,
    Test,
    Value,
    Var,
)

# --- one world -------------------------------------------------------------------------------------------------------

Env = Mapping[Var, Value | Entity]
Key = tuple[Entity, str]

COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


def passes(attribute: Attribute, value: Value, test: Test) -> bool:
    """Whether a value of the attribute passes a test; a scale compares the ranks of its options."""
    if test.op == "in":
        return value in test.operands
    rank = attribute.values.index
    if test.op == "at_least":
        return rank(value) >= rank(test.operands[0])
    if test.op == "at_most":
        return rank(value) <= rank(test.operands[0])
    return COMPARISONS[test.op](int(value), int(test.operands[0]))


class World:
    """A total assignment: which entities exist, and the value of every attribute of each. All is two-valued here."""

    def __init__(self, kb: KnowledgeBase, case: Case, values: Mapping[Key, Value], entities: list[Entity]) -> None:
        self.kb = kb
        self.case = case
        self.values = values
        self.entities = entities
        self.chosen: Mapping[str, str] = {}
        self._extensions: dict[str, frozenset[Entity | None]] = {}

    def extension(self, name: str) -> frozenset[Entity | None]:
        """What a predicate holds of: records, or None for a criterion that is met."""
        if name not in self._extensions:
            self._extensions[name] = frozenset(
                None if rule.head is None else self.resolve(rule.head, env)
                for rule in self.kb.rules(name, self.chosen)
                for env in self.solutions(rule.body, {})
            )
        return self._extensions[name]

    def solutions(self, body: Body, env: Env) -> Iterator[Env]:
        """All ways to make the body true; what a negated literal reads is bound before it."""
        if not body:
            yield env
            return
        literal, *rest = body
        if isinstance(literal, Finding | Holds | Count) and literal.negated:
            extended: Iterator[Env] = iter([] if any(True for _ in self.matches(literal, env)) else [env])
        else:
            extended = self.matches(literal, env)
        for each in extended:
            yield from self.solutions(tuple(rest), each)

    def matches(self, literal: Literal, env: Env) -> Iterator[Env]:
        """All ways to make one literal true, its `not` left aside."""
        match literal:
            case Finding():
                yield from self.matching_findings(literal, env)
            case Record(kind, variable):
                for entity in self.entities:
                    if entity.kind == kind and env.get(variable, entity) == entity:
                        yield {**env, variable: entity}
            case Distinct(left, right):
                if env[left] != env[right]:
                    yield env
            case Count(least, names):
                if sum(len(self.extension(name)) for name in names) >= least:
                    yield env
            case Holds(name, argument):
                for entity_or_none in self.extension(name):
                    if argument is None or entity_or_none is None:
                        yield env
                    else:
                        yield from self.unify(argument, entity_or_none, env)

    def matching_findings(self, literal: Finding, env: Env) -> Iterator[Env]:
        attribute = self.kb.attribute(literal.attribute)
        for entity in self.entities:
            key = (entity, literal.attribute)
            if entity.kind != attribute.kind or (literal.documented and not self.case.stated.get(key)):
                continue
            value = self.values[key]
            if all(passes(attribute, value, test) for test in literal.tests):
                for each in self.unify(literal.entity, entity, env):
                    if literal.binds is None or each.get(literal.binds, value) == value:
                        yield each if literal.binds is None else {**each, literal.binds: value}

    def unify(self, term: Term, entity: Entity, env: Env) -> Iterator[Env]:
        """The environment in which the term is the entity, if there is one."""
        if isinstance(term, Entity):
            if term == entity:
                yield env
        elif isinstance(term, Var):
            if env.get(term, entity) == entity:
                yield {**env, term: entity}
        elif entity.kind == term.kind and entity.key is not None and env.get(term.key, entity.key) == entity.key:
            yield {**env, term.key: entity.key}

    def resolve(self, term: Term, env: Env) -> Entity:
        """The entity that a head stands for."""
        found = env[term] if isinstance(term, Var) else term
        if isinstance(found, Keyed):
            key = env[found.key]
            assert isinstance(key, str)
            return Entity(found.kind, key)
        assert isinstance(found, Entity)
        return found

    def is_possible(self) -> bool:
        """Whether no assumption of the vocabulary is violated."""
        return not any(any(True for _ in self.solutions(body, {})) for body in self.kb.impossible)

    def presumptions(self) -> frozenset[Key]:
        """The presumptions that hold here, of findings that the case does not mention."""
        return frozenset(
            key
            for key, value in self.values.items()
            if key not in self.case.stated and self.kb.attribute(key[1]).presumed == value
        )

    def outcome(self) -> str:
        if self.kb.is_criterion("referral") and self.extension("referral"):
            return "referred"
        return "approved" if self.extension("necessary") else "denied"


# --- the worlds of a case --------------------------------------------------------------------------------------------


def attributes_read(kb: KnowledgeBase) -> set[str]:
    """The attributes that a rule, an assumption or a derivation mentions; no answer depends on the others."""
    bodies = [*kb.impossible, *(rule.body for predicate in kb.predicates for rule in predicate.rules)]
    read = {literal.attribute for body in bodies for literal in body if isinstance(literal, Finding)}
    return read.union(*({each.target, each.before, each.after} for each in kb.derivations))


def spare_records(kb: KnowledgeBase, kind: str) -> int:
    """How many records beyond the listed ones are enough to reach every answer.

    A criterion that is met has witnesses: the records its rule's variables stand for, and n for each `n { ... }`. If
    all other unlisted records are removed, what was met stays met, what was not stays so (a body loses candidates
    only), and no assumption comes to be violated (their literals are positive).
    """
    bodies = [rule.body for criterion in kb.criteria() for rule in criterion.rules]
    variables = [
        {term for term, of in entity_terms(kb, body) if of == kind and isinstance(term, Var)} for body in bodies
    ]
    counts = [literal for literal in chain.from_iterable(bodies) if isinstance(literal, Count)]
    counted = [count.least for count in counts if kind in {kind_of(kb, name) for name in count.names}]
    return sum(map(len, variables)) + sum(counted)


def entity_terms(kb: KnowledgeBase, body: Body) -> Iterator[tuple[Term, str]]:
    """The terms of a body that stand for entities, each with its kind."""
    for literal in body:
        if isinstance(literal, Record):
            yield literal.variable, literal.kind
        elif isinstance(literal, Finding):
            yield literal.entity, kb.attribute(literal.attribute).kind
        elif isinstance(literal, Holds) and literal.argument is not None:
            kind = kind_of(kb, literal.name)
            assert kind is not None
            yield literal.argument, kind


def kind_of(kb: KnowledgeBase, name: str) -> str | None:
    """The record kind that a part or a helper speaks of, None for a criterion."""
    rule = kb.predicate(name).rules[0]
    if isinstance(rule.head, Var):
        return dict(entity_terms(kb, rule.body))[rule.head]
    return rule.head.kind if rule.head is not None else None


def options(kb: KnowledgeBase, case: Case, entity: Entity) -> dict[str, tuple[Value, ...]]:
    """The values that each attribute of an entity may take, as far as statements say.

    The presumptions about an unlisted record always apply: the world without this record satisfies them, and removing
    it from a world violates no assumption, so they belong to every maximal set of presumptions.
    """
    read = attributes_read(kb)
    found: dict[str, tuple[Value, ...]] = {}
    for attribute in kb.attributes:
        if attribute.kind == entity.kind and attribute.name in read:
            found[attribute.name] = case.stated.get((entity, attribute.name)) or attribute.values
            if is_unlisted(entity) and attribute.presumed is not None:
                found[attribute.name] = (attribute.presumed,)
    return found


def assignments(kb: KnowledgeBase, case: Case, entity: Entity) -> list[dict[str, Value]]:
    """All values of all attributes of one entity that agree with the statements and the derivations."""
    possible = options(kb, case, entity)
    found = [dict(zip(possible, values, strict=True)) for values in product(*possible.values())]
    return [values for values in found if all(agrees(rule, values) for rule in kb.derivations)]


def agrees(rule: Derivation, values: Mapping[str, Value]) -> bool:
    if rule.target not in values:
        return True
    value = rule.value(int(values[rule.before]), int(values[rule.after]))
    return value is None or value == values[rule.target]


def completions(kb: KnowledgeBase, case: Case, more: int = 0) -> Iterator[World]:
    """All worlds that agree with the statements; unlisted records are interchangeable, so each set comes once.

    An assumption that a part of a world violates is violated by the whole, so the search stops there.
    """
    steps: list[list[list[tuple[Entity, dict[str, Value]]]]] = []
    for kind in kb.kinds:
        steps += [[[(entity, one)] for one in assignments(kb, case, entity)] for entity in case.entities(kind)]
        if case.is_open(kind):
            extra = [unlisted(kind.name, number + 1) for number in range(spare_records(kb, kind.name) + more)]
            each = assignments(kb, case, unlisted(kind.name, 1))
            bags = chain.from_iterable(combinations_with_replacement(each, n) for n in range(len(extra) + 1))
            steps.append([list(zip(extra, bag, strict=False)) for bag in bags])

    def extend(world: World, step: int) -> Iterator[World]:
        if step == len(steps):
            yield world
            return
        for records in steps[step]:
            new = {(entity, name): value for entity, values in records for name, value in values.items()}
            entities = [*world.entities, *(entity for entity, _ in records)]
            larger = World(kb, case, {**world.values, **new}, entities)
            if larger.is_possible():
                yield from extend(larger, step + 1)

    yield from extend(World(kb, case, {}, []), 0)


def applied(worlds: list[World]) -> frozenset[Key]:
    """The presumptions that belong to every maximal set of them that can hold together.

    Those about unlisted records apply always, see `options`.
    """
    return in_every_maximal({frozenset(k for k in w.presumptions() if not is_unlisted(k[0])) for w in worlds})


def in_every_maximal(together: set[frozenset[Key]]) -> frozenset[Key]:
    """What belongs to every maximal one of these sets of presumptions that hold together."""
    return frozenset.intersection(*(each for each in together if not any(each < other for other in together)))


def unlisted(kind: str, number: int) -> Entity:
    """A record that a world holds and the case does not list."""
    return Entity(kind, -number)


def is_unlisted(entity: Entity) -> bool:
    return isinstance(entity.key, int) and entity.key < 0


# --- the answers -----------------------------------------------------------------------------------------------------


class Contradiction(Exception):
    """No world satisfies what the case states."""


@dataclass(frozen=True)
class Answer:
    """The verdict, the status of every criterion, and those that are unmet only because silence is closed.

    `presumed` are the presumptions that apply.
    """

    verdict: str
    statuses: Mapping[str, str]
    undocumented: frozenset[str] = frozenset()
    presumed: frozenset[Key] = field(default=frozenset(), compare=False)


class Question:
    """A case under a knowledge base and a choice of its readings; with `more` unlisted records than are needed."""

    def __init__(self, kb: KnowledgeBase, case: Case, chosen: Mapping[str, str], more: int = 0) -> None:
        self.kb = kb
        self.case = case
        self.chosen = chosen
        worlds = list(completions(kb, case, more))
        if not worlds:
            raise Contradiction
        self.presumed = applied(worlds)
        self.worlds = [world for world in worlds if self.presumed <= world.presumptions()]
        for world in self.worlds:
            world.chosen = chosen

    @cached_property
    def answer(self) -> Answer:
        """The answer while silence is open."""
        outcomes = {world.outcome() for world in self.worlds}
        statuses = {name: self.status(name) for name in self.polarities()}
        return Answer(outcomes.pop() if len(outcomes) == 1 else "pended", statuses, presumed=self.presumed)

    def status(self, name: str) -> str:
        truths = {bool(world.extension(name)) for world in self.worlds}
        return "unknown" if len(truths) > 1 else "met" if True in truths else "unmet"

    @cached_property
    def closed(self) -> Answer:
        """The answer once silence is closed: what was pended is denied, what was not documented is not established.

        A criterion that speaks against approval somewhere keeps its status: nobody has ruled it out.
        """
        found = self.answer
        unknown = {name for name, status in found.statuses.items() if status == "unknown"}
        wanting = {leaf for name in unknown for leaf in self.leaves(name) & unknown if self.reads_silence(leaf)}
        undocumented = frozenset(
            name
            for name, signs in self.polarities().items()
            if name in unknown and signs == {True} and wanting & self.leaves(name)
        )
        statuses = {name: "unmet" if name in undocumented else status for name, status in found.statuses.items()}
        verdict = "denied" if found.verdict == "pended" else found.verdict
        return Answer(verdict, statuses, undocumented, self.presumed)

    def children(self, name: str) -> list[tuple[str, bool]]:
        """The criteria that a criterion reads, and whether under `not`."""
        read = [
            (child, literal.negated)
            for rule in self.kb.rules(name, self.chosen)
            for literal in rule.body
            if isinstance(literal, Holds | Count)
            for child in names_read(literal)
        ]
        return [(child, negated) for child, negated in read if self.kb.is_criterion(child)]

    def leaves(self, name: str) -> set[str]:
        """The leaves below a criterion; a leaf is below itself."""
        below = [child for child, _ in self.children(name)]
        return set().union(*map(self.leaves, below)) if below else {name}

    def polarities(self) -> dict[str, set[bool]]:
        """The criteria below the roots, each with the signs under which approval reads it: True for, False against.

        What `necessary` reads keeps the signs it has there; what `referral` alone reads speaks against approval.
        """
        signs: dict[str, set[bool]] = {}
        for root, first in (("necessary", True), ("referral", False)):
            settled = set(signs)
            ends = [(root, first)] if self.kb.is_criterion(root) else []
            while ends:
                name, sign = ends.pop()
                if name not in settled and sign not in signs.setdefault(name, set()):
                    signs[name].add(sign)
                    ends += [(child, sign != negated) for child, negated in self.children(name)]
        return signs

    def reads_silence(self, name: str) -> bool:
        """Whether a leaf may read, through parts and helpers too, what the case leaves open by not stating it.

        That is a finding which is silent or unclear and not presumed, or the records of a list that is not complete.
        """
        for rule in self.kb.rules(name, self.chosen):
            kinds = {kind for _, kind in entity_terms(self.kb, rule.body)}
            if any(self.case.is_open(self.kb.kind(kind)) for kind in kinds):
                return True
            findings = [literal for literal in rule.body if isinstance(literal, Finding)]
            keys = {(entity, each.attribute) for each in findings for entity in self.may_mean(each, rule.body)}
            if any(not self.case.stated.get(key) and key not in self.presumed for key in keys):
                return True
            if any(self.reads_silence(each) for literal in rule.body for each in names_read(literal)):
                return True
        return False

    def may_mean(self, finding: Finding, body: Body) -> set[Entity]:
        """The entities of the case that a finding may speak of, as helpers and the words it is joined by select them.

        With the left side requested, `requested_hip(H), finding(H, pain, yes)` never reads the right hip.
        """
        select = selecting(finding, body)
        entities = self.case.entities(self.kb.kind(self.kb.attribute(finding.attribute).kind))
        selected = [(world, env) for world in self.worlds for env in world.solutions(select, {})]
        return {each for world, env in selected for each in entities if [*world.unify(finding.entity, each, env)]}


def selecting(finding: Finding, body: Body) -> Body:
    """The helpers of a body, and the findings that bind a word, on which the entity of a finding depends."""
    needed, taken = variables(finding.entity), set[Literal]()
    while True:
        more = [
            literal
            for literal in body
            if literal not in taken and literal != finding
            if (isinstance(literal, Holds) and not literal.negated and variables(literal.argument) & needed)
            or (isinstance(literal, Finding) and not literal.negated and literal.binds in needed)
        ]
        if not more:
            return tuple(literal for literal in body if literal in taken)
        for literal in more:
            taken.add(literal)
            needed |= variables(literal.argument if isinstance(literal, Holds) else literal.entity)


def variables(term: Term | None) -> set[Var | None]:
    if isinstance(term, Var):
        return {term}
    return {term.key} if isinstance(term, Keyed) else set()


def names_read(literal: Literal) -> tuple[str, ...]:
    """The predicates that a literal reads."""
    if isinstance(literal, Holds):
        return (literal.name,)
    return literal.names if isinstance(literal, Count) else ()
