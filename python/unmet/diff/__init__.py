"""Two versions, files or readings of a policy compared over all worlds: what is approved, denied, referred otherwise.

Both sides judge the same world in one program (`unmet.copies`), so that equivalence is a proof: no world has one
outcome under the one and another under the other. Every difference comes with the criteria in which it begins and the
smallest case that shows it. What a policy declares beside its criteria is compared as it stands, with a case for each
kind of line that it answers otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

from unmet.case import Case
from unmet.comparison import Comparison, Relation
from unmet.diff.impact import impact
from unmet.diff.judge import Judge, read_judge
from unmet.diff.lines import changed_declarations
from unmet.diff.texts import changed_criteria
from unmet.diff.worlds import Differences
from unmet.knowledge import Knowledge

__all__ = ["Judge", "compare", "diff", "read_judge"]


def diff(knowledge: Knowledge, policy: str, old: str, new: str, cases: Iterable[Case] = ()) -> Comparison:
    """Compares two sides of a policy, each a file, or a version and readings (`unmet.sides`).

    Raises:
        RequestError: there is no such policy, version, reading or option, or a file is of another policy.
        KnowledgeError: a file does not load.
    """
    knowledge.versions(policy)
    return compare(read_judge(knowledge, policy, old), read_judge(knowledge, policy, new), cases)


def compare(old: Judge, new: Judge, cases: Iterable[Case] = ()) -> Comparison:
    """Compares two sides, and decides cases under both."""
    found = Differences(old, new)
    pairs = found.pairs
    decided = tuple(cases)
    return Comparison(
        old=old.side(),
        new=new.side(),
        approval=_relation("approve", pairs, more_is_looser=True),
        denial=_relation("deny", pairs, more_is_looser=False),
        referral=_relation("refer", pairs, more_is_looser=False),
        records=dict(found.copies.domain.slots),
        declared=tuple(changed_declarations(found)),
        changes=tuple(changed_criteria(old, new)),
        differences=tuple(found.differences()),
        impact=impact(old, new, decided) if decided else None,
    )


def _relation(outcome: str, pairs: Iterable[tuple[str, str]], *, more_is_looser: bool) -> Relation:
    """How the worlds with an outcome change, from the pairs of outcomes that some world has."""
    gained = any(after == outcome for _, after in pairs)
    lost = any(before == outcome for before, _ in pairs)
    if gained and lost:
        return Relation.INCOMPARABLE
    if not gained and not lost:
        return Relation.EQUIVALENT
    return Relation.LOOSER if gained is more_is_looser else Relation.STRICTER
