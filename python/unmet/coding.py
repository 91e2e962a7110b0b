"""What relates the lines of a request, as data: add-on codes, bundling, regions, and what a stay depends on.

`unmet.source` reads it from `kb/coding.lp`; `encodings/request.lp` holds the rules that use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Coding:
    """The tables of `kb/coding.lp`. A member is a code, the name of a policy (a line without a code), or a group.

    `counts` are attributes of the request that sum the levels (or units) of its lines; `tallies` those that a stay's
    policy reads of the lines it serves: how many of their units are approved; `ambulatory` those that say whether
    the policies of these lines all allow outpatient care only.
    """

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    add_ons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    incidental: frozenset[str] = frozenset()
    regions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stays: frozenset[str] = frozenset()
    tallies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ambulatory: tuple[str, ...] = ()

    def concerns(self, code: str | None, policy: str | None) -> bool:
        """Whether any table speaks of a line with this code and policy, so that other lines can matter to it."""
        tables = (self.groups, self.add_ons, self.counts, self.tallies)
        members = {m for table in tables for found in table.values() for m in found}
        return policy in self.stays or bool(
            {code, policy} & (members | set(self.add_ons) | set(self.regions) | self.incidental)
        )
