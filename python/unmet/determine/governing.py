"""Which version of which policy decides a line, or why none does."""

from __future__ import annotations

from unmet.case import Scene
from unmet.knowledge import Knowledge
from unmet.policy import Policy
from unmet.results import Cause


def governing(knowledge: Knowledge, scene: Scene) -> tuple[Policy | None, Cause | None]:
    """The version that decides a line, or why none does; an unlisted code has both."""
    line, day = scene.line, scene.date_of_service()
    names = (line.policy,) if line.policy is not None else knowledge.covering(line.code or "")
    if not names:
        return None, Cause("no_policy", f"no policy covers the code {line.code}")
    if day is None:
        return None, Cause("not_in_force", "the date of service is unclear, so no version can be chosen")
    found = [p for name in names if (p := knowledge.in_force(name, day)) and (line.policy or line.code in p.covers)]
    if not found:
        first = min(p.effective for name in names for p in knowledge.versions(name))
        return None, Cause(
            "not_in_force", f"no version of {' or '.join(names)} is in force on {day}; the first known is of {first}"
        )
    if len(found) > 1:
        return None, Cause("two_policies", f"the code {line.code} is covered by {' and '.join(p.name for p in found)}")
    if line.code in found[0].unlisted:
        return found[0], Cause("unlisted_code", f"{line.code} is an unlisted code, which names no procedure of its own")
    return found[0], None
