"""Criteria that only options of readings other than the chosen ones bring into use, checked under these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product

from unmet.check.pairs import Pairs
from unmet.check.study import Study
from unmet.diagnostics import Span
from unmet.findings import Elsewhere, Finding

MOST_CHANGED = 2
"""So many readings at once are chosen otherwise, to bring a criterion into use."""

def brought(study: Study) -> tuple[Elsewhere, ...]:
    """The smallest changes of the choice of readings that bring criteria into use, each with these criteria.

    A change of two readings is looked at for the criteria alone that no change of one brings into use.
    """
    policy, found = study.policy, list[Elsewhere]()
    left = [name for name in policy.criteria if name not in study.outline.parents]
    for size in range(1, MOST_CHANGED + 1):
        for readings in combinations(policy.readings.values(), size) if left else ():
            others = [[option for option in r.options if option != study.chosen[r.name]] for r in readings]
            for options in product(*others):
                instead = dict(zip((r.name for r in readings), options, strict=True))
                used = policy.outline({**study.chosen, **instead}).parents
                if criteria := tuple(name for name in left if name in used):
                    found.append(Elsewhere(instead, criteria))
        known = {name for each in found for name in each.criteria}
        left = [name for name in left if name not in known]
    return tuple(found)


def check(
    pairs: Pairs, usual: Iterable[Finding], checks: Callable[[Pairs], Iterator[Finding]], changes: Iterable[Elsewhere]
) -> Iterator[Finding]:
    """What the checks find of criteria that a change of the choice brings into use.

    Nothing is told twice: neither what is found under the usual choice, nor what an earlier change has shown.
    """
    study, known = pairs.study, set(map(_claim, usual))
    for change in changes:
        under = study.beside({**study.chosen, **change.readings}, frozenset(change.criteria))
        found = [each for each in checks(pairs.beside(under)) if _claim(each) not in known]
        known.update(map(_claim, found))
        yield from (_under(each, change.readings) for each in found)


def _claim(found: Finding) -> tuple[str, str, Span | None]:
    """What a finding claims: its sentence, and of which rule where it stands at none of its criteria."""
    own = all(found.location != each.location for each in found.criteria)
    return found.code, found.message, found.location if own else None


def _under(found: Finding, readings: Mapping[str, str]) -> Finding:
    """The finding, which says under which options it is so."""
    options = " and ".join(f"`{option}` of `{name}`" for name, option in readings.items())
    suffix = "".join(f"-{name}-{option}" for name, option in readings.items())
    witnesses = tuple(replace(w, name=f"{w.name}{suffix}") for w in found.witnesses)
    return replace(found, message=f"under {options} {found.message}", readings=dict(readings), witnesses=witnesses)
