"""What the variables of a rule stand for: numbers, words, keys, entities; and where two uses of one can never be equal.

ASP joins `finding(patient, age, X), finding(K, side, X)` without a word, and the rule never holds. A helper's
arguments are compared with those of the rules that define it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from unmet.diagnostics import Span
from unmet.source.syntax import Report
from unmet.vocabulary import Attribute, Record, Type


@dataclass(frozen=True, slots=True)
class Sort:
    """What a variable stands for; `words` are those it can be, `record` the kind of an entity."""

    text: str
    number: bool = False
    words: frozenset[str] = frozenset()
    record: str | None = None

    def meets(self, other: Sort) -> bool:
        """Whether anything is of both sorts."""
        if self.number or other.number:
            return self.number and other.number
        if self.record or other.record:
            return self.record == other.record
        return bool(self.words & other.words)


@dataclass(frozen=True, slots=True)
class Use:
    """A variable at a place where it is of a sort."""

    variable: str
    sort: Sort
    span: Span


def of_value(attribute: Attribute) -> Sort:
    """The sort of an attribute's values."""
    if attribute.type is Type.NUMBER:
        return Sort(f"the number `{attribute.name}`", number=True)
    return Sort(f"a word of `{attribute.name}`", words=frozenset(attribute.options))


def of_key(record: Record) -> Sort:
    """The sort of a record kind's keys."""
    return Sort(f"a key of `{record.name}`", words=frozenset(record.keys))


def of_entity(record: str) -> Sort:
    """The sort of a record kind's entities."""
    return Sort(f"an entity of `{record}`", record=record)


def check_rule(uses: Iterable[Use], report: Report) -> dict[str, Sort]:
    """The sort of each variable of a rule; a diagnostic where two uses of one can never be equal."""
    found: dict[str, Sort] = {}
    for use in uses:
        known = found.setdefault(use.variable, use.sort)
        if not known.meets(use.sort):
            complain(use, known, report)
    return found


def complain(use: Use, known: Sort, report: Report) -> None:
    """Says that two uses of a variable can never be equal."""
    sorts = (known, use.sort)
    code = "unknown-option"
    if any(s.record for s in sorts):
        code = "wrong-record"
    elif any(s.number for s in sorts):
        code = "number-use"
    message = f"`{use.variable}` is {known.text} and {use.sort.text}, which are never equal"
    report.add(code, message, use.span)
