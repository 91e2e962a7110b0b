"""From a claim to a finding: the criteria it cites, where it stands, and the case that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from unmet.check.study import Study
from unmet.check.witness import Exhibit, Proof, Row, near_silence, prove
from unmet.diagnostics import Span
from unmet.facts.terms import Pair
from unmet.findings import OF_BARS, OF_OUTCOMES, OF_READINGS, Finding
from unmet.policy import Child
from unmet.solver import Assumption

NOTHING = Proof()
"""Of a claim about all cases, which no single case shows."""


def finding(
    study: Study,
    code: str,
    message: str,
    names: Iterable[str] = (),
    *,
    help: str | None = None,
    witnesses: Proof = NOTHING,
    location: Span | None = None,
    subjects: Iterable[str] | None = None,
) -> Finding:
    """A finding about criteria of a policy; it stands at the first of them, else at the policy's head."""
    criteria = tuple(study.cite(name) for name in names)
    place = location or (criteria[0].location if criteria else study.policy.span)
    return Finding(
        code=code,
        policy=study.policy.name,
        message=message,
        location=place,
        criteria=criteria,
        subjects=tuple(subjects) if subjects is not None else tuple(c.criterion for c in criteria),
        help=help,
        witnesses=witnesses.witnesses,
        unshown=witnesses.unshown,
        effective=study.policy.effective,
        records=_records(study, code, [c.criterion for c in criteria]),
    )


def _records(study: Study, code: str, names: Iterable[str]) -> dict[str, int]:
    """How many listed records of each kind a world held, of the kinds that a claim about criteria depends on."""
    policy, outline = study.policy, study.outline
    kinds: set[str] = set()
    if code in OF_READINGS:  # which range over what is read under other options too
        every = (*policy.rules.values(), *policy.part_rules.values(), *policy.helper_rules.values())
        kinds.update(kind for rules in every for rule in rules for kind in rule.listed)
    else:
        structure = study.structure
        about = structure.roots if code in OF_OUTCOMES else [*names, *(structure.bars if code in OF_BARS else ())]
        kinds.update(kind for name in about for kind in outline.depends_on(name)[1])
    return {kind: study.domain.slots.get(kind, 0) for kind in sorted(kinds)}


def witness(
    study: Study,
    name: str,
    shows: str,
    met: Mapping[str, bool],
    *,
    more: Sequence[Assumption] = (),
    kept: Iterable[Pair] = (),
) -> Proof:
    """The minimal case that shows what some criteria are at once; `more` are further demands on its world.

    There is none where no case can say what the world holds.
    """
    row = Row(study, met)
    world = near_silence(study, [*row.claims, *more])
    return Proof(unshown=(shows,)) if world is None else prove(name, [Exhibit(world, (row,), shows)], kept)


def in_file(study: Study) -> Callable[[str], int]:
    """Where criteria stand in the file: in that order the same is told of them under whichever readings."""
    return [*study.policy.criteria].index


def word(literal: Child) -> str:
    """A criterion as a group reads it: `old`, `not old`."""
    return f"not {literal.name}" if literal.negated else literal.name


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: `a`, `b` and `c`."""
    quoted = [f"`{n}`" for n in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
