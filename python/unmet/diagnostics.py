"""What is wrong, and where: a diagnostic is a value, and every code it can carry stands in one table.

Messages are lower case, one sentence, with the user's words in backticks; advice stands apart as `help`.
docs/diagnostics.md has a section for every code below.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


KNOWLEDGE_CODES: dict[str, str] = {
    "syntax": "clingo cannot read the program",
    "unreadable": "a file or folder cannot be read, or is not where it belongs",
    "forbidden-statement": "a statement that a knowledge base may not hold",
    "unknown-predicate": "a predicate that nothing defines",
    "wrong-arguments": "a known predicate with arguments of the wrong number or kind",
    "unknown-record": "a record kind, or a key of one, that the vocabulary does not declare",
    "unknown-attribute": "an attribute that the vocabulary does not declare",
    "wrong-record": "an attribute read from a record of another kind",
    "unknown-option": "a word that is none of the attribute's options",
    "value-outside-type": "a value that the attribute cannot have",
    "word-comparison": "words compared by order",
    "number-use": "a number used otherwise than in a comparison with constants",
    "other-records": "a rule about one record that reads further records",
    "negative-assumption": "a domain assumption that depends on something not being so",
    "unknown-reading": "a reading or an option of one that the policy does not declare",
    "undefined-criterion": "a criterion or a part that is used or declared and has no rule",
    "unused-criterion": "a criterion, part, helper or reading that nothing uses",
    "undescribed": "a criterion, part or attribute without its text or citation",
    "declared-twice": "two declarations of one thing",
    "circular": "a criterion or helper that depends on itself",
    "mixed-shape": "a criterion of no one shape",
    "missing-statement": "a statement that must be there and is not",
    "same-date": "two versions of a policy with one date",
    "covered-twice": "a code that one policy covers twice",
}

CASE_CODES: dict[str, str] = {
    "yaml": "the file is not YAML (or JSON)",
    "unreadable-case": "the file cannot be read",
    "anchor": "an anchor, alias or tag",
    "too-deep": "nesting deeper than any case needs",
    "too-large": "a file larger than any case needs",
    "duplicate-key": "a key written twice",
    "unknown-key": "a key that nothing reads",
    "missing-key": "a key that must be there and is not",
    "wrong-type": "a value of the wrong type",
    "out-of-range": "a number outside its bounds",
    "unknown-word": "a word that is none of the attribute's options",
    "code-as-number": "a procedure code written as a number",
    "no-such-date": "a date that does not exist",
    "contradiction": "statements that cannot all be true",
    "assumption": "statements that a domain assumption excludes",
    "unknown-name": "a name in an expectation or a line that nothing carries",
}

CODES: dict[str, str] = KNOWLEDGE_CODES | CASE_CODES


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. `path` is the place in a case's structure (`patient.age`), None for a knowledge base."""

    code: str
    message: str
    location: Span
    path: str | None = None
    help: str | None = None
    severity: Severity = Severity.ERROR

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise KeyError(self.code)

    def __str__(self) -> str:
        where = f" (at `{self.path}`)" if self.path else ""
        return advised(f"{self.location}: {self.severity}[{self.code}]: {self.message}{where}", self.help)


def advised(message: str, help: str | None) -> str:
    """A message, and on a line of its own the advice that goes with it, if any."""
    return f"{message}\n  help: {help}" if help else message


def in_one_line(message: str, help: str | None) -> str:
    """The same for a cell of a table."""
    return f"{message}; {help}" if help else message


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each diagnostic once, by place, then code and message."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.location, d.code, d.message)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The help for a misspelt word: the nearest known one; None where none is near."""
    close = get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The help for a misspelt word: the nearest known one, or all of them where they are few; else None."""
    candidates = sorted(set(known))
    if help := nearest(word, candidates):
        return help
    if 0 < len(candidates) <= 8:
        return "one of " + ", ".join(f"`{c}`" for c in candidates)
    return None
