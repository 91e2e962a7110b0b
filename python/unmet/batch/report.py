"""What a batch came to: counts that add up, over any number of blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Summary:
    """The counts of a batch.

    `rows` are all, of which `rejected` have no verdict; `verdicts` counts the rest. `routes` says how they were
    decided: `algebra`, `expanded`, `solver`. `against` counts for each condition the denied rows in which it stands
    against approval, `alone` those in which it does so alone; `missing` for each finding the undecided rows in which
    it is silent or unclear and can still matter.
    """

    rows: int = 0
    rejected: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)
    against: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)

    def add(self, other: Summary) -> None:
        """Adds the counts of other rows."""
        self.rows += other.rows
        self.rejected += other.rejected
        for name in COUNTERS:
            getattr(self, name).update(getattr(other, name))

    def data(self) -> dict[str, Any]:
        """The counts as plain data, in stable order: verdicts and routes by name, the rest from the most frequent."""
        found: dict[str, Any] = {"rows": self.rows, "rejected": self.rejected}
        for name in COUNTERS:
            counter: Counter[str] = getattr(self, name)
            if name in ("verdicts", "routes"):
                found[name] = {key: counter[key] for key in sorted(counter)}
            else:
                found[name] = dict(sorted(counter.items(), key=lambda each: (-each[1], each[0])))
        return found

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Summary:
        """Counts from plain data."""
        return cls(data["rows"], data["rejected"], *(Counter(data[name]) for name in COUNTERS))


COUNTERS = ("verdicts", "routes", "against", "alone", "missing")
"""The fields that count by name."""
