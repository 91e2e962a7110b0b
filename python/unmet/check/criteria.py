"""Checks of criteria one by one, and of pairs of them within a group."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from unmet.check.conflict import conflict, told
from unmet.check.study import Study
from unmet.check.telling import finding, in_file, word
from unmet.findings import Finding
from unmet.policy import NECESSARY, Child
from unmet.results import Kind
from unmet.structure import NEGATIVE, POSITIVE


def check(study: Study) -> Iterator[Finding]:
    """Constants, criteria that decide nothing, idle rules and conditions, pairs of which one says it all."""
    yield from _constants(study)
    yield from _undecisive(study)
    yield from _idle(study)
    yield from _pairs(study)


def _constants(study: Study) -> Iterator[Finding]:
    for name in filter(study.concerns, study.outline.criteria):
        value, shape = study.constant(name), study.outline.shape(name)
        if value is None:
            continue
        counts = shape.kind is Kind.AT_LEAST
        if name == NECESSARY or (not counts and _follows(study, name)):
            continue
        if counts:
            n = shape.threshold
            what = (
                f"`{name}` asks for {n}, and always has them" if value else f"`{name}` asks for {n}, and never has them"
            )
            code = "count-always" if value else "count-never"
            yield finding(study, code, what, [name], help="correct the number, or what it counts")
        elif value:
            yield finding(study, "always-met", f"every case meets `{name}`", [name], help="it tells no cases apart")
        else:
            yield _never_met(study, name)


def _never_met(study: Study, name: str) -> Finding:
    """That no world meets a leaf, or a group of which what it asks for cannot hold together."""
    blamed = [c for c in conflict(study, Child(name)) if c.name != name]
    counts = any(rule.parts for rule in study.outline.rules(name))
    more = ", it counts more records than there are" if counts else ""
    help = f"its conditions exclude one another{more}, or the vocabulary excludes them"
    if blamed:
        help = f"{told(blamed)}; correct one of them, or what the vocabulary excludes"
    names = [name, *dict.fromkeys(c.name for c in blamed)]
    return finding(study, "never-met", f"no case meets `{name}`", names, help=help, subjects=[name])


def _follows(study: Study, name: str) -> bool:
    """Whether a group is constant because of children that are constant themselves."""
    literals = study.structure.literals(name)
    if not literals:
        return False
    values = [None if (v := study.constant(c.name)) is None else v is not c.negated for c in literals]
    needed = study.outline.shape(name).needs(len(literals))
    return values.count(True) >= needed or len(values) - values.count(False) < needed


def decides(study: Study, name: str) -> bool:
    """Whether the outcome of some world turns on a criterion."""
    return study.is_shown("decisive", name)


def _undecisive(study: Study) -> Iterator[Finding]:
    for name in filter(study.concerns, study.outline.criteria):
        above = [] if name in study.structure.roots else study.structure.readers[name]
        if decides(study, name) or (above and not any(decides(study, p) for p in above)):
            continue
        message = f"no outcome ever depends on `{name}`"
        yield finding(study, "never-decisive", message, [name], help="whatever it is, others settle the outcome")


def _idle(study: Study) -> Iterator[Finding]:
    for variant in study.variants:
        dead = all(study.constant(leaf) is not None or not decides(study, leaf) for leaf in variant.leaves)
        if dead or study.can_alter(variant.number):
            continue
        sort, name = variant.key
        subject = f"the {sort} `{name}`" if sort != "criterion" else f"`{name}`"
        leaves = list(variant.leaves)
        if variant.condition is None:
            message = f"a rule of {subject} changes no outcome"
            yield finding(
                study, "idle-rule", message, leaves, location=variant.span,
                help="wherever it alone applies, something else settles the outcome",
                subjects=[*leaves, variant.rule],
            )  # fmt: skip
        else:
            message = f"`{variant.condition}` in {subject} changes no outcome"
            yield finding(
                study, "idle-condition", message, leaves, location=variant.span,
                help="wherever it would fail, something else settles the outcome",
                subjects=[*leaves, variant.condition],
            )  # fmt: skip
    for name in study.structure.groups:
        literals = study.structure.literals(name)
        if study.outline.shape(name).kind is not Kind.ALL or len(literals) < 2 or not decides(study, name):
            continue
        for child in (c for c in literals if study.concerns(name, c.name)):
            if study.is_constant(child) or not decides(study, child.name) or _is_missed(study, name, child):
                continue
            if any(study.implies(other, child) for other in literals if other != child and study.can(other)):
                continue
            message = f"asking for `{child.name}` in `{name}` changes no outcome"
            help = "wherever it alone fails, something else settles the outcome"
            yield finding(study, "idle-condition", message, [name, child.name], help=help)


def sign(child: Child) -> str:
    return NEGATIVE if child.negated else POSITIVE


def _is_missed(study: Study, group: str, child: Child) -> bool:
    return study.is_shown("missed", group, child.name, sign(child))


# -- pairs ----------------------------------------------------------------------------------------------------


def same(study: Study, one: Child, other: Child) -> bool:
    """Whether two literals hold in the same worlds."""
    return study.implies(one, other) and study.implies(other, one)


def _equal(study: Study) -> Iterator[tuple[str, str]]:
    """Criteria met by the same worlds, each with the first such one that is not made of it, nor it of that one."""
    asked = {study.mask(name) for name in filter(study.concerns, study.outline.criteria)}
    names = [name for name in study.outline.criteria if study.mask(name) in asked]
    names = [name for name in names if study.constant(name) is None]
    known = {name: study.mask(name) for name in names}
    classes: dict[int, list[list[str]]] = {}  # by the worlds known so far in which the members are met
    for name, mask in known.items():
        alike = classes.setdefault(mask, [])
        for members in alike:
            if study.mask(members[0]) == study.mask(name) and same(study, Child(members[0]), Child(name)):
                related = {*study.structure.above([name]), *study.structure.below([name])}
                first = next((m for m in members if m not in related), None)
                if first is not None and study.concerns(first, name):
                    yield first, name
                members.append(name)
                break
        else:
            alike.append([name])


def _pairs(study: Study) -> Iterator[Finding]:
    in_bars = set(study.structure.below(study.structure.bars))
    for one, other in (sorted(pair, key=in_file(study)) for pair in _equal(study)):
        code = "same-ground" if {one, other} <= in_bars else "equal"
        message = f"`{one}` and `{other}` are met by the same cases"
        yield finding(study, code, message, [one, other], help="either can stand for the other")
    for name in study.structure.groups:
        is_all, literals = study.outline.shape(name).kind is Kind.ALL, study.structure.literals(name)
        if not (is_all or study.structure.is_any(name)) or not study.concerns(name, *(c.name for c in literals)):
            continue
        code = "implied" if is_all else "same-ground" if name in in_bars else "implying"
        live = [c for c in literals if not study.is_constant(c)]
        for (i, first), (j, second) in permutations(enumerate(live), 2):
            if not study.concerns(name, first.name, second.name) or not study.implies(first, second):
                continue
            what = f"and `{name}` asks for both" if is_all else f"and either is enough for `{name}`"
            if not study.implies(second, first):
                message = f"`{word(first)}` implies `{word(second)}`, {what}"
                names = [name, second.name, first.name] if is_all else [name, first.name, second.name]
                yield finding(study, code, message, names, help=f"`{word(first if is_all else second)}` is enough")
            elif i < j and first.negated is not second.negated:  # of one sign they are `equal`
                message = f"`{word(first)}` and `{word(second)}` are met by the same cases, {what}"
                yield finding(study, code, message, [name, first.name, second.name], help="one of them is enough")
