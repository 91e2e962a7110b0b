"""Hypothesis strategies for whole knowledge bases with a case: small, but of every shape that the language has.

What is drawn obeys the limits of docs/policy-files.md, so that a knowledge base loads. A case keeps to the types of
its attributes, but may contradict an assumption. A `Focus` says what a scenario has much of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import comb, prod

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from tests import oracle
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
    Kind,
    KnowledgeBase,
    Literal,
    Predicate,
    Record,
    Rule,
    Term,
    Test,
    Value,
    Var,
)
from tests.writers import case_lines, knowledge_base_files

WORLDS = 1500
"""No more completions than about this: fit() states more of a case that has more."""

PATIENT, REQUEST = Entity("patient"), Entity("request")
HIPS = Kind("hip", "keyed", ("left", "right"))
LEVELS = Kind("level", "keyed", ("L2-L3", "L3-L4"))  # keys that are no identifiers
SHOTS = Kind("shot", "listed")
WORDS = ("red", "green", "blue", "L4-L5")
RANKS = ("none", "mild", "moderate", "severe")
COMPARED = ("<", "<=", ">", ">=", "=", "!=")


@dataclass(frozen=True)
class Focus:
    """What a scenario has much of."""

    keyed: bool = False
    listed: bool = False
    assumptions: int = 0
    presumed: bool = False
    readings: bool = True
    leaves: int = 5
    groups: int = 5
    small: bool = False
    computed: bool = False
    """Whether some number is computed from others."""
    split: bool = False
    """Whether most predicates differ between the options of a reading, of which there are three."""


@dataclass(frozen=True)
class Scenario:
    """A knowledge base, a case, and a choice of its readings."""

    kb: KnowledgeBase
    case: Case
    chosen: dict[str, str]

    def __repr__(self) -> str:
        """The files, so that a failing example can be read and replayed."""
        files = "\n".join(knowledge_base_files(self.kb).values())
        case = "\n".join(case_lines(self.kb, self.case))
        return f"\n{files}\n# case\n{case}\n# readings {self.chosen}\n"

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        """What Hypothesis prints."""
        printer.text(repr(self))


@st.composite
def scenarios(draw: st.DrawFn, focus: Focus) -> Scenario:
    """A knowledge base whose assumptions do not exclude everything, and a case with a bounded number of worlds."""
    kb = draw(knowledge_bases(focus))
    nothing_listed = Case(complete=frozenset({SHOTS.name}))
    assume(any(True for _ in oracle.completions(kb, nothing_listed)))
    chosen = {name: draw(st.sampled_from(options)) for name, options in kb.readings}
    return Scenario(kb, fit(kb, draw(cases(kb))), chosen)


# --- vocabulary ------------------------------------------------------------------------------------------------------


@st.composite
def attributes(draw: st.DrawFn, name: str, kind: str, focus: Focus, *, small: bool = False) -> Attribute:
    """An attribute of any type, with few values if `small`."""
    type_ = draw(st.sampled_from(("flag", "number", "scale", "choice")))
    values: tuple[Value, ...] = ("yes", "no")
    if type_ == "number":
        low = draw(st.integers(-2, 3))
        values = tuple(range(low, low + draw(st.integers(2, 3 if small else 9)) + 1))
    elif type_ == "scale":
        values = RANKS[: draw(st.integers(2, 3 if small else 4))]
    elif type_ == "choice":
        values = WORDS[: draw(st.integers(2, 2 if small else 4))]
    presumed = focus.presumed and draw(st.integers(0, 2)) > 0
    return Attribute(name, kind, type_, values, draw(st.sampled_from(values)) if presumed else None)


@st.composite
def derivations(draw: st.DrawFn, kind: str) -> tuple[Derivation, tuple[Attribute, ...]]:
    """Three numbers of which the third follows from the others; not every result is a value of the third."""
    top = draw(st.integers(1, 3))
    factor = draw(st.sampled_from((None, 2, 4)))
    low, high = draw(st.integers(-4, 0)), draw(st.integers(1, 4))
    numbers = {"before": range(top + 1), "after": range(top + 1), "relief": range(low, high + 1)}
    return Derivation("relief", "before", "after", factor), tuple(
        Attribute(name, kind, "number", tuple(values)) for name, values in numbers.items()
    )


@st.composite
def vocabularies(draw: st.DrawFn, focus: Focus) -> KnowledgeBase:
    """The kinds and attributes; the policy is added later."""
    kinds = [Kind("patient", "one"), Kind("request", "one")]
    found: list[Attribute] = []
    keyed = draw(st.sampled_from((HIPS, LEVELS)))
    plan = {"patient": draw(st.integers(1, 4)), "request": draw(st.integers(0, 1))}
    if focus.keyed:
        kinds.append(keyed)
        found.append(Attribute("side", "request", "choice", keyed.keys))
        plan[keyed.name] = draw(st.integers(1, 2))
    if focus.listed:
        kinds.append(SHOTS)
        plan[SHOTS.name] = draw(st.integers(1, 2))
        if focus.keyed and draw(st.booleans()):
            found.append(Attribute("shot_side", SHOTS.name, "choice", keyed.keys))
    for kind, count in plan.items():
        names = [f"{kind}_{letter}" for letter in "abcd"[:count]]
        found += [draw(attributes(name, kind, focus, small=focus.small or kind != "patient")) for name in names]
    rules: tuple[Derivation, ...] = ()
    if draw(st.integers(0, 4)) == 0 or focus.computed:
        rule, numbers = draw(derivations(SHOTS.name if focus.listed else "patient"))
        rules, found = (rule,), [*found, *numbers]
    kb = KnowledgeBase(tuple(kinds), tuple(found), rules)
    bodies = [draw(assumptions(kb)) for _ in range(draw(st.integers(0, focus.assumptions)))]
    return replace(kb, impossible=tuple(bodies))


@st.composite
def assumptions(draw: st.DrawFn, kb: KnowledgeBase) -> Body:
    """Two or three positive literals about one or two entities."""
    subjects = [draw(subjects_of(kb, helpers=())) for _ in range(draw(st.integers(1, 2)))]
    terms = [term for term, _, _ in subjects]
    bound: list[Literal] = [literal for _, _, binding in subjects for literal in binding]
    if draw(st.booleans()):  # a finding binds its variable itself
        bound = [literal for literal in bound if not isinstance(literal, Record)]
    first = list(dict.fromkeys(bound))
    found = [
        draw(findings(kb, *draw(st.sampled_from(subjects))[:2], plain=True)) for _ in range(draw(st.integers(1, 2)))
    ]
    found = [draw(findings(kb, term, kind, plain=True)) for term, kind, _ in subjects] + found[: 3 - len(subjects)]
    distinct = [Distinct(Var("I"), Var("J"))] if {Var("I"), Var("J")} <= set(terms) else []
    return (*first, *found, *distinct)


# --- leaves ----------------------------------------------------------------------------------------------------------

Subject = tuple[Term, str, tuple[Literal, ...]]
"""A term that stands for an entity, its kind, and the literals that bind it."""


@st.composite
def subjects_of(draw: st.DrawFn, kb: KnowledgeBase, helpers: Sequence[Predicate]) -> Subject:
    """Something that a literal may speak of."""
    with_attributes = {attribute.kind for attribute in kb.attributes}
    kind = draw(st.sampled_from([kind for kind in kb.kinds if kind.name in with_attributes]))
    if kind.sort == "one":
        return Entity(kind.name), kind.name, ()
    if kind.sort == "keyed" and draw(st.booleans()):
        key = Var("Key")
        if draw(st.booleans()):
            return Keyed(kind.name, key), kind.name, (Finding(REQUEST, "side", binds=key),)
        return Entity(kind.name, draw(st.sampled_from(kind.keys))), kind.name, ()
    variable = Var(draw(st.sampled_from("IJ" if kind.sort == "listed" else "HG")))
    usable = about(kb, helpers, kind.name)
    if draw(st.booleans()) and usable:
        return variable, kind.name, (Holds(draw(st.sampled_from(usable)), variable),)
    return variable, kind.name, (Record(kind.name, variable),)


def about(kb: KnowledgeBase, predicates: Sequence[Predicate], kind: str) -> list[str]:
    """The helpers or parts that speak of this kind."""
    with_them = replace(kb, predicates=tuple(predicates))
    return [each.name for each in predicates if oracle.kind_of(with_them, each.name) == kind]


@st.composite
def findings(draw: st.DrawFn, kb: KnowledgeBase, of: Term, kind: str, *, plain: bool = False) -> Finding:
    """A test of an attribute of the entity; a `plain` one is positive, undocumented and excludes some value."""
    attribute = draw(st.sampled_from([each for each in kb.attributes if each.kind == kind]))
    documented = not plain and draw(st.integers(0, 3)) == 0
    negated = not plain and draw(st.integers(0, 3)) == 0
    if documented and draw(st.integers(0, 2)) == 0:
        return Finding(of, attribute.name, documented=True, negated=negated)
    if attribute.type == "scale" and draw(st.booleans()):
        op, options = draw(st.sampled_from((("at_least", attribute.values[1:]), ("at_most", attribute.values[:-1]))))
        return Finding(of, attribute.name, (Test(op, (draw(st.sampled_from(options)),)),), negated=negated)
    if attribute.type == "number" and not negated and draw(st.integers(0, 5)) > 0:
        return Finding(of, attribute.name, draw(comparisons(attribute)), documented=documented)
    most = 1 if negated else min(2, len(attribute.values) - 1)  # clingo reads `not p((x; y))` as: not x, or not y
    chosen = draw(st.lists(st.sampled_from(attribute.values), min_size=1, max_size=most, unique=True))
    return Finding(of, attribute.name, (Test("in", tuple(chosen)),), documented=documented, negated=negated)


@st.composite
def comparisons(draw: st.DrawFn, attribute: Attribute) -> tuple[Test, ...]:
    """One comparison with a constant, or two, which may be a chain."""
    constants = st.sampled_from(attribute.values)
    if draw(st.booleans()):
        return (Test(draw(st.sampled_from(COMPARED)), (draw(constants),)),)
    low, high = sorted((int(draw(constants)), int(draw(constants))))
    ops = draw(st.sampled_from(((">=", "<="), (">", "<="), (">=", "<"), ("!=", "<="), ("!=", "!="))))
    return (Test(ops[0], (low,)), Test(ops[1], (high,)))


@st.composite
def leaf_bodies(draw: st.DrawFn, kb: KnowledgeBase, defined: Sequence[Predicate]) -> Body:
    """A conjunction over findings, helpers, parts and records: what binds first, what is negated last."""
    helpers = [each for each in defined if each.sort == "helper"]
    parts = [each for each in defined if each.sort == "part"]
    subjects = [draw(subjects_of(kb, helpers)) for _ in range(draw(st.sampled_from((1, 1, 1, 2, 2, 3))))]
    body: list[Literal] = [literal for _, _, binding in subjects for literal in binding]
    for term, kind, _ in subjects:
        if isinstance(term, Var) and kind == SHOTS.name and parts and draw(st.booleans()):
            body.append(Holds(draw(st.sampled_from(parts)).name, term, negated=draw(st.booleans())))
        elif isinstance(term, Var) and helpers and draw(st.integers(0, 5)) == 0:
            usable = about(kb, helpers, kind)
            body += [Holds(draw(st.sampled_from(usable)), term, negated=True)] if usable else []
        if not isinstance(term, Var) or draw(st.integers(0, 3)) > 0:
            body.append(draw(findings(kb, term, kind)))
    terms = {term for term, _, _ in subjects}
    body += [Distinct(Var(a), Var(b)) for a, b in ("IJ", "HG") if {Var(a), Var(b)} <= terms]
    if parts and draw(st.integers(0, 2)) == 0:
        part = draw(st.sampled_from(parts))
        body.append(Count(draw(st.integers(1, 3)), (part.name,)))
    if Var("I") in terms and any(each.name == "shot_side" for each in kb.attributes) and draw(st.booleans()):
        word = Var("Key")
        body = [Finding(REQUEST, "side", binds=word), *body]
        body.append(Finding(Var("I"), "shot_side", binds=word))
    return tidy(body)


def tidy(body: Sequence[Literal]) -> Body:
    """Each literal once; what is negated, and what compares, after all that binds."""

    def comes_late(literal: Literal) -> bool:
        return isinstance(literal, Distinct) or (isinstance(literal, Finding | Holds | Count) and literal.negated)

    return tuple(sorted(dict.fromkeys(body), key=comes_late))


@st.composite
def guarded(
    draw: st.DrawFn,
    kb: KnowledgeBase,
    name: str,
    sort: str,
    rules: Callable[[], tuple[Rule, ...]],
    *,
    often: bool = False,
) -> Predicate:
    """A predicate with these rules; now and then, or often, with others under each option of a reading."""
    if not kb.readings or draw(st.integers(0, 1 if often else 3)):
        return Predicate(name, sort, rules())
    reading, options = draw(st.sampled_from(kb.readings))
    found = [replace(rule, chosen=(reading, option)) for option in options for rule in rules()]
    return Predicate(name, sort, tuple(dict.fromkeys(found)))


@st.composite
def local_predicates(draw: st.DrawFn, kb: KnowledgeBase) -> tuple[Predicate, ...]:
    """Helpers and parts: the entity that the request names, and statements about one listed record."""
    found: list[Predicate] = []
    keyed = next((kind for kind in kb.kinds if kind.sort == "keyed"), None)
    if keyed:
        key = Var("Side")
        body = (Finding(REQUEST, "side", binds=key),)
        found.append(Predicate(f"requested_{keyed.name}", "helper", (Rule(body, Keyed(keyed.name, key)),)))
    if SHOTS in kb.kinds:
        names = draw(st.sampled_from(((), ("recent",), ("good",), ("recent", "good"), ("good", "better"))))
        for name in names:
            earlier = tuple(each for each in found if each.sort == "part" or each.name == "recent")
            rules = partial(draw, local_rules(kb, earlier))
            found.append(draw(guarded(kb, name, "helper" if name == "recent" else "part", rules)))
    return tuple(found)


@st.composite
def local_rules(draw: st.DrawFn, kb: KnowledgeBase, earlier: Sequence[Predicate]) -> tuple[Rule, ...]:
    """One or two rules about a listed record that read this record alone, and earlier statements about it."""
    found = []
    for _ in range(draw(st.integers(1, 2))):
        body: list[Literal] = [Record(SHOTS.name, Var("I"))]
        body += [draw(findings(kb, Var("I"), SHOTS.name)) for _ in range(draw(st.integers(1, 2)))]
        if draw(st.booleans()) and earlier:
            body.append(Holds(draw(st.sampled_from(earlier)).name, Var("I"), negated=draw(st.booleans())))
        found.append(Rule(tidy(body), Var("I")))
    return tuple(dict.fromkeys(found))


# --- groups and the policy -------------------------------------------------------------------------------------------


@st.composite
def group_rules(draw: st.DrawFn, names: Sequence[str], negatable: bool = True) -> tuple[Rule, ...]:
    """ALL, ANY, AT LEAST n or NOT over these criteria."""
    literals = [Holds(name, negated=negatable and draw(st.integers(0, 3)) == 0) for name in names]
    shape = draw(st.sampled_from(("all", "any", "least")))
    if shape == "least" and len(names) > 1:
        return (Rule((Count(draw(st.integers(1, len(names))), tuple(names)),)),)
    return tuple(Rule((literal,)) for literal in literals) if shape == "any" else (Rule(tuple(literals)),)


@st.composite
def knowledge_bases(draw: st.DrawFn, focus: Focus) -> KnowledgeBase:
    """A vocabulary and a policy: leaves, groups over them, and roots that reach every criterion."""
    kb = draw(vocabularies(focus))
    if focus.split:
        kb = replace(kb, readings=(("scope", ("wide", "narrow", "narrowest")),))
    elif focus.readings and draw(st.booleans()):
        kb = replace(kb, readings=(("scope", ("wide", "narrow")),))
    local = draw(local_predicates(kb))
    criteria: list[Predicate] = []

    def leaf_rules() -> tuple[Rule, ...]:
        bodies = [draw(leaf_bodies(kb, local)) for _ in range(draw(st.sampled_from((1, 1, 2))))]
        return tuple(dict.fromkeys(map(Rule, bodies)))

    def group() -> tuple[Rule, ...]:
        names = st.sampled_from([each.name for each in criteria])
        return draw(group_rules(draw(st.lists(names, min_size=1, max_size=3, unique=True))))

    for number in range(draw(st.integers(1, focus.leaves))):
        criteria.append(draw(guarded(kb, f"leaf_{number}", "criterion", leaf_rules)))
    for number in range(draw(st.integers(0, focus.groups))):
        criteria.append(draw(guarded(kb, f"group_{number}", "criterion", group, often=focus.split)))
    criteria += draw(roots(criteria))
    return pruned(replace(kb, predicates=(*local, *criteria)))


@st.composite
def roots(draw: st.DrawFn, criteria: Sequence[Predicate]) -> list[Predicate]:
    """`necessary`, and perhaps `referral`, over the criteria that nothing reads and perhaps others."""
    read = {
        name for each in criteria for rule in each.rules for literal in rule.body for name in oracle.names_read(literal)
    }
    unread = [each.name for each in criteria if each.name not in read]
    also = draw(st.lists(st.sampled_from([each.name for each in criteria]), max_size=2, unique=True))
    referral: list[Predicate] = []
    if draw(st.integers(0, 2)) == 0:
        names = [unread.pop()] if len(unread) > 1 else [draw(st.sampled_from([each.name for each in criteria]))]
        referral = [Predicate("referral", "criterion", draw(group_rules(names)))]
    below = list(dict.fromkeys([*unread, *also]))
    return [*referral, Predicate("necessary", "criterion", draw(group_rules(below)))]


def pruned(kb: KnowledgeBase) -> KnowledgeBase:
    """Without helpers, parts and readings that nothing uses."""
    kept: list[Predicate] = []
    for each in reversed(kb.predicates):
        used = {
            name for user in kept for rule in user.rules for literal in rule.body for name in oracle.names_read(literal)
        }
        if each.sort == "criterion" or each.name in used:
            kept.insert(0, each)
    chosen = {rule.chosen[0] for each in kept for rule in each.rules if rule.chosen}
    return replace(kb, predicates=tuple(kept), readings=tuple(each for each in kb.readings if each[0] in chosen))


# --- cases -----------------------------------------------------------------------------------------------------------


@st.composite
def cases(draw: st.DrawFn, kb: KnowledgeBase) -> Case:
    """Statements of every form for some of the attributes, and a few listed records."""
    listed = {kind.name: draw(st.integers(0, 2)) for kind in kb.kinds if kind.sort == "listed"}
    complete = frozenset(name for name in listed if draw(st.integers(0, 2)) == 0)
    blank = Case({}, listed, complete)
    stated = {}
    for kind in kb.kinds:
        for entity in blank.entities(kind):
            for attribute in kb.attributes:
                if attribute.kind == kind.name and draw(st.integers(0, 9)) < 6:
                    stated[entity, attribute.name] = draw(statements(attribute))
    return Case(stated, listed, complete)


@st.composite
def statements(draw: st.DrawFn, attribute: Attribute) -> tuple[Value, ...]:
    """One value, a range, a list, or nothing usable."""
    form = draw(st.sampled_from(("value", "value", "value", "range", "list", "unclear")))
    if form == "unclear":
        return ()
    places = sorted(draw(st.lists(st.integers(0, len(attribute.values) - 1), min_size=2, max_size=3, unique=True)))
    if form == "value":
        return (attribute.values[places[0]],)
    if form == "range" and attribute.type in ("number", "scale"):
        return attribute.values[places[0] : places[-1] + 1]
    return tuple(attribute.values[place] for place in places)


def fit(kb: KnowledgeBase, case: Case) -> Case:
    """The case, with more statements while it has too many completions to write them out."""
    read = oracle.attributes_read(kb)
    while estimate(kb, case) > WORLDS:
        widths = {
            (entity, name): len(values)
            for kind in kb.kinds
            for entity in case.entities(kind)
            for name, values in oracle.options(kb, case, entity).items()
            if name in read
        }
        widest = max(widths, key=lambda key: widths[key], default=None)
        if widest is None or (widths[widest] < 4 and SHOTS in kb.kinds and case.is_open(SHOTS)):
            case = replace(case, complete=frozenset({SHOTS.name}))
        else:
            values = oracle.options(kb, case, widest[0])[widest[1]]
            case = replace(case, stated={**case.stated, widest: (values[len(values) // 2],)})
    return case


def estimate(kb: KnowledgeBase, case: Case) -> int:
    """How many completions a case has, assumptions aside."""
    found = 1
    for kind in kb.kinds:
        found *= prod(ways(kb, case, entity) for entity in case.entities(kind))
        if case.is_open(kind):
            spare = oracle.spare_records(kb, kind.name)
            found *= comb(ways(kb, case, oracle.unlisted(kind.name, 1)) + spare, spare)
    return found


def ways(kb: KnowledgeBase, case: Case, entity: Entity) -> int:
    """How many assignments an entity has; not counted exactly where there are many."""
    most = prod(len(values) for values in oracle.options(kb, case, entity).values())
    return most if most > WORLDS else max(1, len(oracle.assignments(kb, case, entity)))
