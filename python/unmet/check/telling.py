"""From a claim to a finding: the criteria it cites, where it stands, and the case that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from unmet.check.study import Study
from unmet.check.witness import near_silence, shown_by, stated_of, written
from unmet.diagnostics import Span
from unmet.facts.terms import Pair
from unmet.findings import OF_BARS, OF_OUTCOMES, OF_READINGS, Finding, Witness
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
        about = study.roots if code in OF_OUTCOMES else [*names, *(study.bars if code in OF_BARS else ())]
        kinds.update(kind for name in about for kind in outline.depends_on(name)[1])
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
