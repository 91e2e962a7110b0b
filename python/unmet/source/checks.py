"""What can only be seen of a policy file as a whole: what is undefined, unused, circular, of mixed shape, unbounded."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod

from clingo.ast import AST

from unmet.diagnostics import Span, did_you_mean, nearest
from unmet.policy import NECESSARY, REFERRAL
from unmet.source import joins
from unmet.source.contents import variables_in
from unmet.source.draft import Draft, ReadRule
from unmet.source.readings import READING_PREDICATES
from unmet.source.statements import CODING, POLICY, VOCABULARY
from unmet.source.syntax import function_of, span_of, variable_of
from unmet.vocabulary import Mode


def check(draft: Draft) -> None:
    """All checks of a policy file."""
    _check_defined(draft)
    _check_used(draft)
    _check_circular(draft)
    _check_shapes(draft)
    _check_records(draft)
    _check_keys(draft)
    joins.check(draft)


def _check_defined(draft: Draft) -> None:
    report = draft.report
    if NECESSARY not in draft.rules:
        report.add("missing-statement", "the policy has no rule for `met(necessary)`", draft.home)
    for name, rules in draft.rules.items():
        if name not in draft.criteria and ("criterion", name) not in draft.tried:
            unruled = draft.criteria.keys() - draft.rules.keys()
            help = nearest(name, unruled) or f'write `criterion({name}, "text", "citation").`'
            report.add("undescribed", f"`{name}` has rules, and neither text nor citation", rules[0].span, help)
    for name, criterion in draft.criteria.items():
        if name not in draft.rules:
            report.add("undefined-criterion", f"`{name}` is declared and has no rule", criterion.span)
    for name, part in draft.parts.items():
        if name not in draft.part_rules:
            report.add("undefined-criterion", f"the part `{name}` is declared and has no rule", part.span)
    for name, rules in draft.part_rules.items():
        if name in draft.parts:
            _check_part_heads(name, rules, draft)
        elif ("part", name) not in draft.tried:
            usage = f'write `part({name}(I), "text") :- RECORD(I).`'
            report.add("undescribed", f"the part `{name}` has rules and no text", rules[0].span, usage)
    for rule in draft.every_rule():
        _check_uses(rule, draft)


def _check_part_heads(name: str, rules: list[ReadRule], draft: Draft) -> None:
    """The rules of a part are of the records that it is declared for, each by a variable of its own."""
    wanted = len(draft.part_kinds[name])
    for rule in rules:
        variables = [variable_of(term) for term in rule.arguments]
        if len(variables) != wanted:
            _complain_count(f"the part `{name}`", wanted, len(variables), rule.span, draft)
        elif not all(v and v != "_" for v in variables) or len(set(variables)) < wanted:
            usage = f"write `met({name}(I)) :- ...` with a variable for each record"
            draft.report.add("wrong-arguments", f"the part `{name}` is defined for some records only", rule.span, usage)


def _complain_count(what: str, wanted: int, found: int, span: Span, draft: Draft) -> None:
    plural = "s" * (wanted != 1)
    draft.report.add("wrong-arguments", f"{what} takes {wanted} argument{plural}, not {found}", span)


def _check_uses(rule: ReadRule, draft: Draft) -> None:
    """Every criterion, part, helper and reading that a rule uses is there."""
    report, body = draft.report, rule.body
    for child, span in zip(body.children, body.child_spans, strict=True):
        if child.name not in draft.rules and child.name not in draft.criteria:
            known = [*draft.criteria, *draft.rules]
            report.add(
                "undefined-criterion",
                f"`{child.name}` is used and never defined",
                span,
                did_you_mean(child.name, known),
            )
    for call in body.parts:
        if call.name in draft.criteria and call.name not in draft.part_rules:
            message = f"`{call.name}` is a criterion, and a criterion takes no argument"
            report.add("wrong-arguments", message, call.span)
            draft.tried.add(("met", ""))
        elif call.name not in draft.part_rules and call.name not in draft.parts:
            help = did_you_mean(call.name, draft.parts)
            report.add("undefined-criterion", f"the part `{call.name}` is used and never defined", call.span, help)
        elif call.name in draft.part_kinds and len(call.arguments) != len(draft.part_kinds[call.name]):
            wanted = len(draft.part_kinds[call.name])
            _complain_count(f"the part `{call.name}`", wanted, len(call.arguments), call.span, draft)
    for call in body.helpers:
        arities = {len(r.arguments) for r in draft.helper_rules.get(call.name, ())}
        if call.name in POLICY or call.name in VOCABULARY or call.name in CODING or call.name == "part":
            report.add("unknown-predicate", f"`{call.name}` is a statement, and no rule reads it", call.span)
        elif not arities:
            known = [*draft.helper_rules, *draft.vocabulary.records, *READING_PREDICATES, "met", "chosen"]
            help = did_you_mean(call.name, known)
            report.add("unknown-predicate", f"nothing defines `{call.name}`", call.span, help)
        elif len(call.arguments) not in arities:
            _complain_count(f"`{call.name}`", min(arities), len(call.arguments), call.span, draft)
    for (name, option, _), (name_span, option_span) in zip(body.guards, body.guard_spans, strict=True):
        reading = draft.readings.get(name)
        if reading is None:
            if ("reading", name) not in draft.tried:
                help = did_you_mean(name, draft.readings)
                report.add("unknown-reading", f"`{name}` is not declared by `reading/3`", name_span, help)
        elif option not in reading.options:
            help = did_you_mean(option, reading.options)
            report.add("unknown-reading", f"`{option}` is not an option of `{name}`", option_span, help)


def _check_used(draft: Draft) -> None:
    """Every criterion is reached from a root under some reading; every part, helper and reading is used."""
    used: set[str] = set()
    todo = [name for name in (NECESSARY, REFERRAL) if name in draft.rules]
    while todo:
        name = todo.pop()
        if name not in used:
            used.add(name)
            todo += [c.name for rule in draft.rules.get(name, ()) for c in rule.body.children]
    unread = ("met", "") in draft.tried or any(r.body.unread for rules in draft.rules.values() for r in rules)
    for name, criterion in draft.criteria.items():
        if name not in used and name in draft.rules and NECESSARY in draft.rules and not unread:
            draft.report.add("unused-criterion", f"`{name}` is defined and never used", criterion.span)
    rules = draft.every_rule()
    called = {
        (kind, c.name) for r in rules for kind, calls in (("p", r.body.parts), ("h", r.body.helpers)) for c in calls
    }
    for name, part in draft.parts.items():
        if ("p", name) not in called and name in draft.part_rules:
            draft.report.add("unused-criterion", f"the part `{name}` is never used", part.span)
    known = [*POLICY, "part", "met"]
    for name, helpers in draft.helper_rules.items():
        if ("h", name) not in called:
            help = nearest(name, known) if not helpers[0].statement.body else None
            code = "unknown-predicate" if not helpers[0].statement.body else "unused-criterion"
            message = f"a policy does not know `{name}`, and no rule reads it" if help else f"no rule reads `{name}`"
            draft.report.add(code, message, helpers[0].span, help)
    guarded = {name for rule in rules for name, _, _ in rule.body.guards}
    for name, reading in draft.readings.items():
        if name not in guarded:
            draft.report.add("unused-criterion", f"no rule is guarded by the reading `{name}`", reading.span)


def _check_circular(draft: Draft) -> None:
    """Criteria, parts and helpers depend on one another without a circle."""
    edges: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for tag, table in (("criterion", draft.rules), ("part", draft.part_rules), ("helper", draft.helper_rules)):
        for name, rules in table.items():
            edges[tag, name] = [edge for r in rules for edge in _edges(r)]
    done: set[tuple[str, str]] = set()
    for start in edges:
        path: list[tuple[str, str]] = []
        _walk(start, edges, done, path, draft)


def _edges(rule: ReadRule) -> list[tuple[str, str]]:
    body = rule.body
    tagged = (("criterion", body.children), ("part", body.parts), ("helper", body.helpers))
    return [(tag, used.name) for tag, uses in tagged for used in uses]


def _walk(
    node: tuple[str, str],
    edges: Mapping[tuple[str, str], list[tuple[str, str]]],
    done: set[tuple[str, str]],
    path: list[tuple[str, str]],
    draft: Draft,
) -> None:
    if node in path:
        circle = path[path.index(node) :]
        tables = {"criterion": draft.rules, "part": draft.part_rules, "helper": draft.helper_rules}
        names = " -> ".join(f"`{name}`" for _, name in [*circle, node])
        rule = next(r for r in tables[node[0]][node[1]] if [*circle, node][1] in _edges(r))
        draft.report.add("circular", f"`{node[1]}` depends on itself: {names}", rule.span)
        return
    if node in done:
        return
    path.append(node)
    for target in edges.get(node, ()):
        _walk(target, edges, done, path, draft)
    path.pop()
    done.add(node)


# -- shapes ---------------------------------------------------------------------------------------------------


_APART = "give each alternative and each condition a criterion of its own"


def _check_shapes(draft: Draft) -> None:
    """Every criterion is of one shape under each choice of the readings that guard its rules."""
    for name, rules in draft.rules.items():
        if any(r.body.children and r.body.leafy for r in rules):
            first = next(r for r in rules if r.body.children and r.body.leafy)
            message = f"a rule of `{name}` reads criteria and findings"
            draft.report.add("mixed-shape", message, min(first.body.leafy), _APART)
            continue
        guards = {g for r in rules for g, _, _ in r.body.guards if g in draft.readings}
        declared = all(_declared(r, draft) for r in rules)
        for choice in product(*([(g, o) for o in draft.readings[g].options] for g in sorted(guards))):
            active = [r for r in rules if all((g, o) in choice for g, o, _ in r.body.guards)]
            under = " under " + ", ".join(f"`{g}={o}`" for g, o in choice) if choice else ""
            if problem := _mixed(active):
                draft.report.add("mixed-shape", f"`{name}` {problem[0]}{under}", problem[1].span, problem[2])
                break
            if not active and declared and name in draft.criteria and _reached(name, dict(choice), draft):
                message = f"`{name}` has no rule{under}"
                draft.report.add("undefined-criterion", message, draft.criteria[name].span)
    for _name, rules in [*draft.part_rules.items(), *draft.helper_rules.items()]:
        for rule in rules:
            for span in rule.body.child_spans:
                usage = "let the criterion that uses it read it"
                draft.report.add("mixed-shape", f"`{rule.name}` is no criterion and reads one", span, usage)


def _declared(rule: ReadRule, draft: Draft) -> bool:
    """Whether every reading and option that guards a rule is declared."""
    return all(g in draft.readings and o in draft.readings[g].options for g, o, _ in rule.body.guards)


def _mixed(rules: list[ReadRule]) -> tuple[str, ReadRule, str] | None:
    """What keeps rules from being of one shape, the rule to blame, and help."""
    groups = [r for r in rules if r.body.children]
    if groups and len(groups) < len(rules):
        return "has rules of a group and of a leaf", next(r for r in rules if not r.body.children), _APART
    for rule in groups:
        body = rule.body
        if len(groups) > 1 and (len(body.children) > 1 or body.threshold is not None):
            return "has several rules, and one of them reads several criteria", rule, _APART
        if body.threshold is not None and body.counted_children < len(body.children):
            return "counts criteria and reads others besides", rule, _APART
        if body.counts_of_criteria > 1:
            return "counts criteria twice in one rule", rule, _APART
        if body.threshold is not None and body.threshold > len(body.children):
            number = len(body.children)
            message = f"counts {number} criteria, of which {body.threshold} can never be met"
            return message, rule, f"ask for {number} of them at most, or count what is missing"
    seen: set[str] = set()
    for rule in groups:
        for child in rule.body.children:
            if child.name in seen:
                return f"reads `{child.name}` twice", rule, "read it once"
            seen.add(child.name)
    return None


def _reached(name: str, choice: Mapping[str, str], draft: Draft) -> bool:
    """Whether a criterion is in use under a choice of some readings, whatever the others are."""
    seen: set[str] = set()
    todo = [root for root in (NECESSARY, REFERRAL) if root != name]
    while todo:
        for rule in draft.rules.get(todo.pop(), ()):
            if all(choice.get(g, o) == o for g, o, _ in rule.body.guards):
                found = {c.name for c in rule.body.children} - seen
                seen |= found
                todo += found
    return name in seen


# -- records --------------------------------------------------------------------------------------------------


def variable_kinds(draft: Draft) -> dict[int, dict[str, str]]:
    """The record kind of each entity variable, by the id of its rule; through helpers and parts, to a fixpoint."""
    kinds = {id(r): dict(r.body.entities) for r in draft.every_rule()}
    parameters: dict[tuple[str, str, int], str] = {
        ("part", name, i): kind for name, found in draft.part_kinds.items() for i, kind in enumerate(found)
    }
    changed = True
    while changed:
        changed = False
        for tag, table in (("part", draft.part_rules), ("helper", draft.helper_rules)):
            for name, rules in table.items():
                for rule in rules:
                    for i, term in enumerate(rule.arguments):
                        kind = _kind_of(term, kinds[id(rule)], draft)
                        if kind and (tag, name, i) not in parameters:
                            parameters[tag, name, i] = kind
                            changed = True
                        elif (v := variable_of(term)) and v not in kinds[id(rule)] and (tag, name, i) in parameters:
                            kinds[id(rule)][v] = parameters[tag, name, i]
                            changed = True
        for rule in draft.every_rule():
            for tag, calls in (("part", rule.body.parts), ("helper", rule.body.helpers)):
                for call in calls:
                    for i, term in enumerate(call.arguments):
                        v = variable_of(term)
                        if v and v not in kinds[id(rule)] and (tag, call.name, i) in parameters and v != "_":
                            kinds[id(rule)][v] = parameters[tag, call.name, i]
                            changed = True
    return kinds


def _kind_of(term: AST, kinds: Mapping[str, str], draft: Draft) -> str | None:
    if variable := variable_of(term):
        return kinds.get(variable)
    function = function_of(term)
    return function[0] if function and function[0] in draft.vocabulary.records else None


def _listed(kinds: Mapping[str, str], draft: Draft) -> dict[str, str]:
    """The variables of listed records among a rule's."""
    return {v: k for v, k in kinds.items() if draft.vocabulary.records[k].mode is Mode.LISTED}


def _check_records(draft: Draft) -> None:
    """A helper or part of a listed record reads that record alone: else no number of spare records would do."""
    kinds = variable_kinds(draft)
    for table in (draft.part_rules, draft.helper_rules):
        for rules in table.values():
            for rule in rules:
                own = {v for term in rule.arguments for v in variables_in(term)}
                listed = _listed(kinds[id(rule)], draft)
                others = sorted(set(listed) - own)
                if others and own & set(listed):
                    draft.report.add(
                        "other-records",
                        f"`{rule.name}` speaks of one record and reads another, `{others[0]}`",
                        span_of(rule.statement),
                        "compare two records in the rule of a criterion",
                    )


def _check_keys(draft: Draft) -> None:
    """A word that names an entry of a keyed record can name nothing else: else a rule would read a record not there."""
    per = {f.values[0] for f in draft.facts.get("per", ())}
    for rule in draft.every_rule():
        for variable, kind in rule.body.keys.items():
            attribute = rule.body.words.get(variable)
            if attribute is None or attribute.name in per:
                continue
            stray = [o for o in attribute.options if o not in draft.vocabulary.records[kind].keys]
            if stray and len(stray) < len(attribute.options):
                draft.report.add(
                    "unknown-record",
                    f"`{stray[0]}` of `{attribute.name}` is no key of `{kind}`, which `{variable}` stands for",
                    rule.span,
                    f"declare `key({kind}, {stray[0]})`, or read another attribute",
                )


def spares(draft: Draft, kinds: Mapping[int, Mapping[str, str]]) -> dict[str, int]:
    """How many unlisted records of each listed kind can matter.

    A rule that is met needs one record for each of its variables (n for a variable of `n { ... }`); keep those of
    every rule, and no criterion of a world with more records changes when the others are dropped. In a world each
    reading has one option, so rules of different options never need records at once.
    """
    needs = [(rule, found) for rule in draft.every_rule() if (found := _needed(rule, kinds[id(rule)], draft))]
    guards = sorted({g for rule, _ in needs for g, _, _ in rule.body.guards if g in draft.readings})
    most: dict[str, int] = {}
    for choice in product(*([(g, o) for o in draft.readings[g].options] for g in guards)):
        total: dict[str, int] = {}
        for rule, found in needs:
            if all((g, o) in choice or g not in draft.readings for g, o, _ in rule.body.guards):
                for kind, number in found.items():
                    total[kind] = total.get(kind, 0) + number
        for kind, number in total.items():
            most[kind] = max(most.get(kind, 0), number)
    return most


def _needed(rule: ReadRule, kinds: Mapping[str, str], draft: Draft) -> dict[str, int]:
    """How many records of each listed kind a rule needs to be met, for all that its head can speak of."""
    own = {v for term in rule.arguments for v in variables_in(term)}
    times = prod(_instances(v, rule, kinds, draft) for v in own)
    found: dict[str, int] = {}
    for variable, kind in _listed(kinds, draft).items():
        if variable not in own:
            counts = [c.threshold for c in rule.body.counted if variable in c.variables]
            once = 1 if variable in rule.body.outside or not counts else 0
            found[kind] = found.get(kind, 0) + times * (once or sum(counts))
    return found


def _instances(variable: str, rule: ReadRule, kinds: Mapping[str, str], draft: Draft) -> int:
    """How many values a head's variable can take, 1 for a record's (its rule reads no other record)."""
    body, records = rule.body, draft.vocabulary.records
    if variable in body.words:
        return len(body.words[variable].options)
    if variable in body.keys:
        return len(records[body.keys[variable]].keys)
    kind = kinds.get(variable)
    return len(records[kind].keys) if kind and records[kind].mode is Mode.KEYED else 1
