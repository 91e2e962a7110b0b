"""Rules that tell which findings a leaf reads, made from the policy's own rules.

From `met(early) :- requested_hip(H), finding(H, stage, (i; ii)).` comes

    _may_read(early, 0, H, stage) :- _slot(hip, H), requested_hip(H).

so that evidence is looked up at the hip that the request names. Where no helper and no finding decides which record
is read, the head is `_reads` and the atom is a fact. The second argument is the position of the rule among those of
its criterion; a helper's reads stand under `_helper(name)`.
"""

from __future__ import annotations

from clingo import Function, Number
from clingo.ast import AST, ASTType, Literal, Location, Rule, Sign, SymbolicAtom, SymbolicTerm
from clingo.ast import Function as FunctionTerm

from unmet.source import checks
from unmet.source.contents import variables_in
from unmet.source.draft import Draft, ReadRule
from unmet.source.readings import READING_PREDICATES
from unmet.source.syntax import atom_of, sign_of, variable_of


def reading_rules(draft: Draft) -> tuple[AST, ...]:
    """The reading rules of all criteria, parts and helpers of a policy."""
    kinds = checks.variable_kinds(draft)
    made: list[AST] = []
    for tag, table in (("criterion", draft.rules), ("part", draft.part_rules), ("helper", draft.helper_rules)):
        for rules in table.values():
            for rule in rules:
                made += _of_rule(tag, rule, kinds[id(rule)], draft)
    return tuple(made)


def _of_rule(tag: str, rule: ReadRule, kinds: dict[str, str], draft: Draft) -> list[AST]:
    location = rule.statement.location
    literals = [b for b in rule.statement.body if b.ast_type is ASTType.Literal and atom_of(b) is not None]
    made: list[AST] = []
    for literal in literals:
        name, arguments = atom_of(literal) or ("", [])
        if name not in READING_PREDICATES or len(arguments) != 3:
            continue
        attribute = draft.vocabulary.attributes.get(str(arguments[1]))
        if attribute is None:
            continue
        entity = arguments[0]
        if variable_of(entity) == "_":
            entity = anonymous(location)
        body = [_atom(location, "_slot", [_constant(location, attribute.record), entity])]
        if tag == "helper":
            subject = FunctionTerm(location, "_helper", [_constant(location, rule.name)], False)
        elif tag == "part":
            subject = FunctionTerm(location, rule.name, list(rule.arguments), False)
            body += [
                _atom(location, "_slot", [_constant(location, kinds[v]), term])
                for term in rule.arguments
                if (v := variable_of(term)) and v in kinds
            ]
        else:
            subject = _constant(location, rule.name)
        binding = _binding(entity, literal, literals, draft)
        head = [subject, SymbolicTerm(location, Number(rule.position)), entity, arguments[1]]
        made.append(Rule(location, _atom(location, "_may_read" if binding else "_reads", head), [*body, *binding]))
    return made


def _binding(entity: AST, own: AST, literals: list[AST], draft: Draft) -> list[AST]:
    """The helpers and findings that decide which record a variable stands for."""
    needed = variables_in(entity)
    taken: list[AST] = []
    changed = bool(needed)
    while changed:
        changed = False
        for literal in literals:
            name, arguments = atom_of(literal) or ("", [])
            if literal is own or sign_of(literal) or any(literal is t for t in taken):
                continue
            if name in ("finding", "documented") and len(arguments) == 3:
                binds = bool(variables_in(arguments[2]) & needed)
            else:
                binds = name in draft.helper_rules and bool(variables_in(literal) & needed)
            if binds:
                taken.append(literal)
                needed |= variables_in(literal)
                changed = True
    return taken


def anonymous(location: Location) -> AST:
    """A named variable in the place of `_`, so that the head can repeat it."""
    from clingo.ast import Variable

    return Variable(location, "_Entity")


def _atom(location: Location, name: str, arguments: list[AST]) -> AST:
    return Literal(location, Sign.NoSign, SymbolicAtom(FunctionTerm(location, name, arguments, False)))


def _constant(location: Location, name: str) -> AST:
    return SymbolicTerm(location, Function(name))
