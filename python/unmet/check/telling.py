"""From a claim to a finding: the criteria it cites, where it stands, and the case that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from unmet.check.study import Study
from unmet.check.witness import near_silence, shown_by, stated_of, written
from unmet.diagnostics import Span
from unmet.facts.terms import Pair
from unmet.findings import Finding, Witness
from unmet.results import Status
from unmet.solver import Assumption
from unmet.witness import minimal

VERDICTS = {"approve": "approved", "deny": "denied", "refer": "referred"}


def finding(
    study: Study,
    code: str,
    message: str,
    names: Iterable[str] = (),
    *,
    help: str | None = None,
    witnesses: Iterable[Witness] = (),
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
        witnesses=tuple(witnesses),
        effective=study.policy.effective,
        records=records_of(study, [c.criterion for c in criteria] or list(study.roots)),
    )


def records_of(study: Study, names: Iterable[str]) -> dict[str, int]:
    """How many listed records of each kind a world held, of the kinds that some criteria range over."""
    leaves = {leaf for name in names for leaf in study.outline.leaves_below(name)}
    kinds = {kind for leaf in leaves for _, rule in study.outline.support(leaf) for kind in rule.listed}
    return {kind: study.domain.slots.get(kind, 0) for kind in sorted(kinds)}


def word(truth: bool) -> Status:
    return Status.MET if truth else Status.UNMET


def claims_of(study: Study, met: Mapping[str, bool], outcome: str | None) -> tuple[Assumption, ...]:
    """The atoms that say what criteria are and what the outcome is."""
    found = [study.met(name, truth) for name, truth in met.items()]
    return tuple(found + ([(study.outcome(outcome), True)] if outcome else []))


def expected(study: Study, met: Mapping[str, bool], outcome: str | None) -> dict[str, Any]:
    """What a case file expects of its line.

    The outcome is expected of the roots: what other lines of a request make of it is no matter of the policy.
    """
    roots = {"approve": {"necessary": True}, "deny": {"necessary": False}, "refer": {"referral": True}}
    both = dict(met) | (roots[outcome] if outcome else {})
    if outcome in ("approve", "deny") and "referral" in study.roots:
        both["referral"] = False
    return {"criteria": {name: str(word(truth)) for name, truth in both.items()}}


def expect(study: Study, line: Mapping[str, Any]) -> dict[str, Any]:
    """The expectation of a witness: its one line, under the readings."""
    readings = {f"{study.policy.name}.{name}": option for name, option in study.chosen.items()}
    return ({"readings": readings} if readings else {}) | {"lines": {"asked": dict(line)}}


def witness(
    study: Study,
    name: str,
    shows: str,
    met: Mapping[str, bool],
    *,
    more: Sequence[Assumption] = (),
    kept: Iterable[Pair] = (),
) -> tuple[Witness, ...]:
    """The minimal case that shows what some criteria are at once; `more` are further demands on its world.

    There is none where no case can say what the world holds.
    """
    claims = claims_of(study, met, None)
    world = near_silence(study, [*claims, *more])
    shown = None if world is None else shown_by(study, world, claims)
    stated = None if shown is None else minimal([shown], kept)
    if shown is None or stated is None:
        return ()
    expectation = expect(study, expected(study, met, None))
    return (Witness(name, shows, written(study, stated_of(shown.world, stated), shows, expectation)),)


def named(study: Study, code: str, *subjects: str) -> str:
    """The name of a witness: policy, code and subjects."""
    return "-".join([study.policy.name, code, *subjects])


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: `a`, `b` and `c`."""
    quoted = [f"`{n}`" for n in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
