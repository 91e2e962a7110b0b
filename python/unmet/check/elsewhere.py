"""Criteria that only options of readings other than the chosen ones bring into use, checked under these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from unmet.check.pairs import Pairs
from unmet.check.study import Study
from unmet.diagnostics import Span
from unmet.findings import Elsewhere, Finding


def brought(study: Study) -> tuple[Elsewhere, ...]:
    """The options that bring criteria into use, the other readings being as they are, each with these criteria."""
    policy, usual, found = study.policy, study.outline.parents, list[Elsewhere]()
    for reading in policy.readings.values():
        for option in reading.options:
            used = policy.outline({**study.chosen, reading.name: option}).parents
            if criteria := tuple(name for name in policy.criteria if name in used and name not in usual):
                found.append(Elsewhere({reading.name: option}, criteria))
    return tuple(found)


def check(
    pairs: Pairs, usual: Iterable[Finding], checks: Callable[[Pairs], Iterator[Finding]], changes: Iterable[Elsewhere]
) -> Iterator[Finding]:
    """What the checks find of criteria that another option brings into use.

    Nothing is told twice: neither what is found under the usual choice, nor what was found under an earlier option.
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
    return replace(found, message=f"under {options}, {found.message}", readings=dict(readings), witnesses=witnesses)
