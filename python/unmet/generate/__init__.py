"""A test suite made from the rules of a policy: pairs that flip the verdict, values at every step, pended cases.

```
worlds  two worlds that differ in as little as they can
steps   the cut points of numbers and the steps of scales
pairs   the pairs of worlds that show something, or the proof that there are none
files   cases made of them, each decided before it is kept
```

Everything is asked of two worlds in one program (`unmet.copies`). A pair for a criterion is masking MC/DC: the first
world meets the criterion, the second does not, either outcome would be another with the other status of the
criterion alone, and as few findings as possible differ (Chilenski, "An investigation of three forms of the modified
condition decision coverage criterion", 2001). That there is none is proved, over all worlds.
"""

from __future__ import annotations

from collections.abc import Mapping

from unmet.generate.files import Files
from unmet.generate.pairs import Search
from unmet.generate.worlds import TwoWorlds
from unmet.generated import GeneratedSuite, NoCase, WhyNot
from unmet.knowledge import Knowledge

__all__ = ["generate"]


def generate(knowledge: Knowledge, name: str, day: str | None, readings: Mapping[str, str]) -> GeneratedSuite:
    """The suite of the version of a policy in force on a day (ISO), of the newest where no day is given.

    Raises:
        RequestError: there is no such policy, version, reading or option.
    """
    policy = knowledge.version(name, day)
    knowledge.check_readings(readings, policy)
    chosen = knowledge.chosen(policy, readings)
    files, missing = Files(knowledge, policy, chosen), []
    for aim, subject, found in Search(TwoWorlds(knowledge, policy, chosen)).everything():
        if isinstance(found, WhyNot):
            missing.append(NoCase(aim, subject, found))
        elif not files.add(found):
            missing.append(NoCase(aim, subject, WhyNot.NO_CASE))
    return GeneratedSuite(policy.name, policy.version, policy.effective, chosen, files.cases(), tuple(missing))
