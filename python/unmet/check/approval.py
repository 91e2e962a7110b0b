"""Checks of what a policy can answer at all, and the smallest approval."""

from __future__ import annotations

from collections.abc import Iterator

from unmet.check.conflict import conflict, told
from unmet.check.pairs import Pairs
from unmet.check.study import Study
from unmet.check.telling import finding
from unmet.check.witness import Proof
from unmet.facts.outline import OUTCOMES
from unmet.findings import Finding, Smallest
from unmet.policy import NECESSARY, Child


def check(study: Study, pairs: Pairs, smallest: Smallest | None, few: int) -> Iterator[Finding]:
    """It can approve, deny and pend; and an approval does not rest on too little."""
    if not study.is_shown("outcome", "approve"):
        yield _never(study, "never-approves", "no case can be approved", Child(NECESSARY))
    if not study.is_shown("outcome", "deny"):
        yield _never(study, "never-denies", "no case can be denied", Child(NECESSARY, True))
    if sum(study.is_shown("outcome", n) for n in OUTCOMES) > 1 and not can_pend(study, pairs):
        help = "unless that is meant, ask for what is so, and not only for what is documented"
        yield finding(study, "never-pends", "no case can be pended", ["necessary"], help=help)
    rests_on_findings = study.policy.name not in study.knowledge.coding.stays  # else on the decisions of other lines
    if smallest is not None and smallest.stated <= few and rests_on_findings:
        message = _enough(smallest.stated)
        yield finding(
            study,
            "small-approval",
            message,
            ["necessary"],
            witnesses=Proof((smallest.witness,)),
            help="see whether the document means that",
        )


def _never(study: Study, code: str, message: str, root: Child) -> Finding:
    """That no world has an outcome: what the root comes down to, with no referral, cannot hold together."""
    blamed = conflict(study, root, *study.structure.unreferred)
    names = dict.fromkeys([NECESSARY, *(c.name for c in blamed)])
    help = f"{told(blamed)}; correct {'one of them' if len(blamed) > 1 else 'that'}, unless it is meant"
    return finding(study, code, message, names, help=help, subjects=[NECESSARY])


def can_pend(study: Study, pairs: Pairs) -> bool:
    """Whether two worlds of one case differ in outcome; two that state nothing are tried first."""
    silent = [(study.stated(p), False) for p in study.domain.pairs]
    possible = [n for n in OUTCOMES if study.program.satisfiable([*study.under, *silent, (study.outcome(n), True)])]
    return len(possible) > 1 or pairs.can_pend()


def _enough(number: int) -> str:
    """That a number of stated findings is enough."""
    words = {0: "an approval needs no stated finding at all", 1: "one stated finding is enough for an approval"}
    return words.get(number, f"{number} stated findings are enough for an approval")
