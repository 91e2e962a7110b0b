"""What the answers of `unmet` mean, by brute force, in plain Python.

This module is the definition that the engine is tested against. It shares no code with the engine and does not know
clingo: a small knowledge base and a case are plain data, every completion of the case (a `World`) is written out, the
rules are evaluated in each of them, and the answers are read off:

- a criterion is met, unmet or unknown: true in all, none or some of the worlds;
- a world refers if `referral` is met, else approves if `necessary` is met, else denies;
- the verdict is the outcome of all worlds if they agree, else the line is pended.

The data are those of `tests.model`. Read on in this order: the truth of a rule in one world (`World`), the worlds of a
case (`completions`, `presume`), the answers (`determine`, `close`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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


def presume(worlds: list[World]) -> list[World]:
    """The worlds in which the presumptions apply that belong to every maximal set of them that can hold together.

    Those about unlisted records apply in all worlds already, see `options`.
    """
    holding = [frozenset(key for key in world.presumptions() if not is_unlisted(key[0])) for world in worlds]
    kinds = set(holding)
    maximal = [each for each in kinds if not any(each < other for other in kinds)]
    applied = frozenset.intersection(*maximal)
    return [world for world, held in zip(worlds, holding, strict=True) if applied <= held]


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
    """The verdict, the status of every criterion, and those that are unmet only because silence is closed."""

    verdict: str
    statuses: Mapping[str, str]
    undocumented: frozenset[str] = frozenset()


def worlds_of(kb: KnowledgeBase, case: Case) -> list[World]:
    """All worlds of a case, its presumptions applied."""
    worlds = list(completions(kb, case))
    if not worlds:
        raise Contradiction
    return presume(worlds)


def determine(kb: KnowledgeBase, case: Case, chosen: Mapping[str, str]) -> Answer:
    """The answer while silence is open."""
    worlds = worlds_of(kb, case)
    for world in worlds:
        world.chosen = chosen
    outcomes = {world.outcome() for world in worlds}
    statuses = {}
    for name in polarities(kb, chosen):
        truths = {bool(world.extension(name)) for world in worlds}
        statuses[name] = "unknown" if len(truths) == 2 else "met" if True in truths else "unmet"
    return Answer(outcomes.pop() if len(outcomes) == 1 else "pended", statuses)


def close(kb: KnowledgeBase, case: Case, chosen: Mapping[str, str], answer: Answer) -> Answer:
    """The answer once silence is closed: what was pended is denied, and what was not documented is not established.

    A criterion that speaks against approval somewhere keeps its status: nobody established that it is not met.
    """
    unknown = {name for name, status in answer.statuses.items() if status == "unknown"}
    wanting = {name for name in unknown if reads_silence(kb, case, chosen, name)}
    undocumented = frozenset(
        name
        for name, signs in polarities(kb, chosen).items()
        if name in unknown and signs == {True} and wanting & leaves(kb, chosen, name)
    )
    statuses = {name: "unmet" if name in undocumented else status for name, status in answer.statuses.items()}
    return Answer("denied" if answer.verdict == "pended" else answer.verdict, statuses, undocumented)


def children(kb: KnowledgeBase, chosen: Mapping[str, str], name: str) -> list[tuple[str, bool]]:
    """The criteria that a criterion reads, and whether under `not`."""
    read = [
        (child, literal.negated)
        for rule in kb.rules(name, chosen)
        for literal in rule.body
        if isinstance(literal, Holds | Count)
        for child in names_read(literal)
    ]
    return [(child, negated) for child, negated in read if kb.is_criterion(child)]


def names_read(literal: Literal) -> tuple[str, ...]:
    """The predicates that a literal reads."""
    if isinstance(literal, Holds):
        return (literal.name,)
    return literal.names if isinstance(literal, Count) else ()


def polarities(kb: KnowledgeBase, chosen: Mapping[str, str]) -> dict[str, set[bool]]:
    """The criteria below the roots, each with the signs under which approval reads it: True for, False against."""
    open_ends = [("necessary", True)] + ([("referral", False)] if kb.is_criterion("referral") else [])
    signs: dict[str, set[bool]] = {}
    while open_ends:
        name, sign = open_ends.pop()
        if sign not in signs.setdefault(name, set()):
            signs[name].add(sign)
            open_ends += [(child, sign != negated) for child, negated in children(kb, chosen, name)]
    return signs


def leaves(kb: KnowledgeBase, chosen: Mapping[str, str], name: str) -> set[str]:
    """The leaves below a criterion; a leaf is below itself."""
    below = [child for child, _ in children(kb, chosen, name)]
    return set().union(*(leaves(kb, chosen, child) for child in below)) if below else {name}


def reads_silence(kb: KnowledgeBase, case: Case, chosen: Mapping[str, str], name: str) -> bool:
    """Whether a leaf may read, through parts and helpers too, a silent or unclear finding or unlisted records."""
    body = tuple(chain.from_iterable(rule.body for rule in kb.rules(name, chosen)))
    if any(case.is_open(kb.kind(kind)) for _, kind in entity_terms(kb, body)):
        return True
    for literal in body:
        if isinstance(literal, Finding):
            kind = kb.kind(kb.attribute(literal.attribute).kind)
            read = [literal.entity] if isinstance(literal.entity, Entity) else case.entities(kind)
            if any(not case.stated.get((entity, literal.attribute)) for entity in read):
                return True
    return any(reads_silence(kb, case, chosen, each) for literal in body for each in names_read(literal))
