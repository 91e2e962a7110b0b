"""From a claim to a finding: the criteria it cites, where it stands, and the case that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from unmet.check.study import Study
from unmet.check.witness import Exhibit, Proof, Row, near_silence, prove
from unmet.diagnostics import Span
from unmet.facts.terms import Pair
from unmet.findings import Finding
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
        records=records_of(study, [c.criterion for c in criteria] or list(study.roots)),
    )


def records_of(study: Study, names: Iterable[str]) -> dict[str, int]:
    """How many listed records of each kind a world held, of the kinds that some criteria range over."""
    leaves = {leaf for name in names for leaf in study.outline.leaves_below(name)}
    kinds = {kind for leaf in leaves for _, rule in study.outline.support(leaf) for kind in rule.listed}
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


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: `a`, `b` and `c`."""
    quoted = [f"`{n}`" for n in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
