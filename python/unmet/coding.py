"""What relates the lines of a request, as data: add-on codes, bundling, regions, and what a stay depends on.

`unmet.source` reads it from `kb/coding.lp`; the rules that use it are `encodings/lines.lp`, `request.lp` and `stay.lp`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from unmet.policy import Acknowledgement


@dataclass(frozen=True)
class Coding:
    """The tables of `kb/coding.lp`. A member is a code, the name of a policy (a line without a code), or a group.

    `counts` are attributes of the request that sum the levels (or units) of its lines; `tallies` those that a stay's
    policy reads of the lines it serves: how many of their units are approved; `ambulatory` those that say whether
    the policies of these lines all allow outpatient care only. `acknowledged` are findings of `unmet check` that
    concern several policies, and stay.
    """

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    add_ons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    incidental: frozenset[str] = frozenset()
    regions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stays: frozenset[str] = frozenset()
    tallies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ambulatory: tuple[str, ...] = ()
    acknowledged: tuple[Acknowledgement, ...] = ()

    def concerns(self, code: str | None, policy: str | None) -> bool:
        """Whether the request's rules can say of a line with this code and policy more than its own decision.

        A line that other lines only look at, such as the primary of an add-on, is not concerned itself.
        """
        name = policy if code is None else code
        return policy in self.stays or code in self._by_code or name in self._counted or "any" in self._counted

    def filled(self, policy: str) -> dict[str, str | int]:
        """What a request of one line gives the attributes of the line that are computed: of a stay that serves none."""
        if policy not in self.stays:
            return {}
        return dict.fromkeys(self.tallies, 0) | dict.fromkeys(self.ambulatory, "no")

    @cached_property
    def _by_code(self) -> frozenset[str]:
        """The codes whose decision depends on other lines, or on the levels of their own."""
        return frozenset(self.add_ons) | frozenset(self.regions) | self.incidental

    @cached_property
    def _counted(self) -> frozenset[str]:
        """What is counted over the request: codes, policies and groups, with all that the groups hold."""
        found = {member for members in self.counts.values() for member in members}
        while more := {m for group in found & set(self.groups) for m in self.groups[group]} - found:
            found |= more
        return frozenset(found)
