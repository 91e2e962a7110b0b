"""Checks of the branches of an ANY, and of what speaks against approval."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

from unmet.check.criteria import decides, sign
from unmet.check.study import Study
from unmet.check.telling import finding, in_file, witness, word
from unmet.check.witness import named
from unmet.findings import Finding
from unmet.policy import NECESSARY, REFERRAL, Child


def check(study: Study) -> Iterator[Finding]:
    """Branches that are never met alone, change nothing or are always barred; bars and their grounds."""
    for name in study.structure.groups:
        if study.structure.is_any(name):
            yield from _branches(study, name)
    yield from _indications(study)
    yield from _grounds(study)
    yield from _shared(study)


def _branches(study: Study, name: str) -> Iterator[Finding]:
    branches = study.structure.literals(name)
    if not study.concerns(name, *(b.name for b in branches)):
        return
    live = [b for b in branches if not study.is_constant(b)]
    for branch in live if len(branches) > 1 else ():
        if not study.concerns(name, branch.name):
            continue
        arguments = (name, branch.name, sign(branch))
        if not study.is_shown("lone", *arguments):
            covered = any(study.implies(branch, other) for other in live if other != branch)
            if not covered:  # else that is what is said of it
                message = f"`{word(branch)}` is never met without another branch of `{name}`"
                yield finding(study, "never-alone", message, [name, branch.name], help="the others say it all")
        elif not study.is_shown("useful", *arguments) and decides(study, name) and decides(study, branch.name):
            message = f"`{word(branch)}` as a branch of `{name}` changes no outcome"
            help = "wherever it alone is met, something else settles the outcome"
            yield finding(study, "useless-branch", message, [name, branch.name], help=help)
        if study.outline.needed(name) and study.is_shown("outcome", "approve") and _ends_here(study, name, branch):
            message = f"`{word(branch)}` is never met without a bar"
            help = "no case is approved by this branch"
            yield finding(study, "barred-branch", message, [name, branch.name], help=help)


def _ends_here(study: Study, name: str, branch: Child) -> bool:
    """Whether a branch is always barred, and the ANY as a whole is not."""
    return _is_barred(study, branch) and not _is_barred(study, Child(name))


def _is_barred(study: Study, literal: Child) -> bool:
    """Whether no world holds a literal and meets no bar; where some world meets none."""
    free = [Child(bar, True) for bar in study.structure.bars]
    return bool(free) and not study.can_hold(literal, *free) and study.can_hold(*free)


def _indications(study: Study) -> Iterator[Finding]:
    alone = "" if study.structure.asks_for_all(NECESSARY) else " that meets it"
    for indication in study.structure.indications:
        if not study.concerns(indication, *study.structure.bars) or study.constant(indication) is not None:
            continue
        if study.concerns(indication) and _is_barred(study, Child(indication)):
            message = f"`{indication}` is never met without a bar"
            yield finding(study, "always-barred", message, [indication], help=f"no case{alone} is approved")
        for bar in (b for b in study.structure.bars if study.concerns(indication, b)):
            if study.constant(bar) is None and study.can_hold(Child(indication), Child(bar)):
                shows = f"`{indication}` and `{bar}` hold together"
                case = witness(
                    study, named(study, "bar-possible", indication, bar), shows, {indication: True, bar: True}
                )
                what = "the request is referred" if bar == REFERRAL else "the bar prevails"
                yield finding(study, "bar-possible", shows, [indication, bar], help=what, witnesses=case)


def grounds(study: Study, bar: str) -> list[tuple[Child, str]]:
    """The grounds of a bar, its alternatives all the way down, each with the list it stands in (an ANY, or the bar)."""
    standing = ((ground, place) for ground, place in _standing(study, bar) if not _is_list(study, ground))
    return [(ground, place) for ground, place in standing if not study.is_constant(ground)]


def _is_list(study: Study, ground: Child) -> bool:
    """Whether any member of a criterion alone is enough."""
    return study.structure.is_any(ground.name) and not ground.negated


def _grounds(study: Study) -> Iterator[Finding]:
    """Grounds in different lists of which one implies the other; those in one list are pairs of an ANY."""
    if not study.concerns(*study.structure.below(study.structure.bars)):
        return
    every = [(bar, ground, place) for bar in study.structure.bars for ground, place in grounds(study, bar)]
    place_of = in_file(study)
    every.sort(key=lambda each: place_of(each[1].name))
    told: set[frozenset[Child]] = set()
    for (bar, one, here), (second, other, there) in combinations(every, 2):
        if one == other or here == there or frozenset((one, other)) in told:
            continue
        if not study.concerns(one.name, other.name):
            continue
        forward, backward = study.implies(one, other), study.implies(other, one)
        if not forward and not backward:
            continue
        told.add(frozenset((one, other)))
        if forward and backward:
            names, help = [one.name, other.name], "decide which of the lists it belongs to"
            if (bar == REFERRAL) == (second == REFERRAL):
                if one.negated is not other.negated:  # else `same-ground` of the two criteria says so already
                    message = f"`{word(one)}` in `{here}` is met by the same cases as `{word(other)}` in `{there}`"
                    yield finding(study, "same-ground", message, names, help="one of the two is enough")
                continue
            message = f"`{word(one)}` denies in one list and refers in the other, as `{word(other)}`"
            yield finding(study, "two-strengths", message, names, help=help)
            continue
        both = (one, here, bar), (other, there, second)
        (strict, narrow, strong), (wide, broad, weak) = both if forward else both[::-1]
        message = f"`{word(wide)}` alone is a ground in `{broad}`, and `{word(strict)}` asks for more in `{narrow}`"
        help = f"`{word(strict)}` has no effect beside `{word(wide)}`"
        if strong == REFERRAL and weak != REFERRAL:
            help = f"`{word(strict)}` refers what `{word(wide)}` alone denies; see whether that is meant"
        yield finding(study, "two-strengths", message, [wide.name, strict.name], help=help)


def _shared(study: Study) -> Iterator[Finding]:
    """Grounds, or whole lists of them, that stand in two lists: of one strength, or of two."""
    places: dict[Child, dict[str, set[bool]]] = {}  # by ground and list, whether the list refers or denies
    for bar in study.structure.bars:
        for ground, place in _standing(study, bar):
            places.setdefault(ground, {}).setdefault(place, set()).add(bar == REFERRAL)
    for ground, lists in places.items():
        for here, there in combinations(sorted(lists, key=in_file(study)), 2):
            if study.is_constant(ground) or not study.concerns(ground.name, here, there):
                continue
            names = list(dict.fromkeys([ground.name, here, there]))
            if len(lists[here] | lists[there]) > 1:
                first, second = (_named(ground, p, lists[p]) for p in (here, there))
                help = "decide which of the lists it belongs to"
                yield finding(
                    study, "two-strengths", f"`{word(ground)}` stands {first}, and {second}", names, help=help
                )
            else:
                first, second = (_named(ground, p) for p in (here, there))
                help = "one of the two is enough"
                yield finding(study, "same-ground", f"`{word(ground)}` stands {first} and {second}", names, help=help)


def _standing(study: Study, bar: str) -> Iterator[tuple[Child, str]]:
    """A bar and its alternatives all the way down, lists of them too, each with the list that it stands in."""
    seen, todo = set[tuple[Child, str]](), [(Child(bar), bar)]
    while todo:
        ground, place = todo.pop(0)
        if (ground, place) in seen:
            continue
        seen.add((ground, place))
        yield ground, place
        if _is_list(study, ground):
            todo += [(c, ground.name) for c in study.structure.literals(ground.name)]


def _named(ground: Child, place: str, refers: Collection[bool] = ()) -> str:
    """Where a ground stands; and, if that is asked, whether there it denies or refers."""
    where = "by itself" if place == ground.name else f"in `{place}`"
    what = " and ".join(word for truth, word in ((False, "denies"), (True, "refers")) if truth in refers)
    return f"{where}, where it {what}" if what else where
