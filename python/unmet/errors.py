"""The exceptions of unmet.

```
UnmetError
├── DiagnosticError      carries all the diagnostics of what was read
│   ├── KnowledgeError   a knowledge base does not load
│   └── CaseError        a case does not load
└── RequestError         a question names something that is not there (a policy, a reading)
```
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from unmet.diagnostics import Diagnostic, advised, in_order


class UnmetError(Exception):
    """Whatever unmet raises on purpose."""


class DiagnosticError(UnmetError):
    """Something read from files is wrong; `diagnostics` holds every problem, in order of place."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_order(diagnostics)
        super().__init__("\n".join(map(str, self.diagnostics)))


class KnowledgeError(DiagnosticError):
    """A knowledge base does not load."""


class CaseError(DiagnosticError):
    """A case does not load."""


class RequestError(UnmetError):
    """A question cannot be put so: it names what is not there, say. `help` is advice, or the nearest name."""

    def __init__(self, message: str, help: str | None = None) -> None:
        self.message, self.help = message, help
        super().__init__(advised(message, help))


class Choice(StrEnum):
    """A few words of which one is chosen; another is a `RequestError`."""

    @classmethod
    def _missing_(cls, value: object) -> None:
        words = ", ".join(f"`{word}`" for word in cls)
        raise RequestError(f"`{value}` is no {cls.__name__.lower()}", f"one of {words}")


def reason(error: OSError) -> str:
    """Why the system refused, as a part of a sentence: `no such file or directory`."""
    said = error.strerror or str(error)
    return said[:1].lower() + said[1:]
