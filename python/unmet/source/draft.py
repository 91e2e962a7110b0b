"""A policy file while it is being read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from clingo.ast import AST

from unmet.diagnostics import Span
from unmet.policy import Criterion, Part, Reading
from unmet.source.contents import Body
from unmet.source.statements import Fact
from unmet.source.syntax import Report
from unmet.vocabulary import Vocabulary


@dataclass
class ReadRule:
    """One rule as it was read: its head, its body, and the outline made of them."""

    name: str
    arguments: tuple[AST, ...]
    statement: AST
    body: Body
    span: Span
    position: int


@dataclass
class Draft:
    """A policy file while it is being read."""

    path: Path
    vocabulary: Vocabulary
    report: Report
    home: Span
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    tried: set[tuple[str, str]] = field(default_factory=set)
    """Statements that could not be read, by predicate and first argument: nothing is said of their absence."""
    criteria: dict[str, Criterion] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    part_kinds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    rules: dict[str, list[ReadRule]] = field(default_factory=dict)
    part_rules: dict[str, list[ReadRule]] = field(default_factory=dict)
    helper_rules: dict[str, list[ReadRule]] = field(default_factory=dict)

    def every_rule(self) -> list[ReadRule]:
        """All rules of criteria, parts and helpers."""
        tables = (self.rules, self.part_rules, self.helper_rules)
        return [rule for table in tables for rules in table.values() for rule in rules]
