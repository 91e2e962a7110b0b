"""unmet: a policy knowledge base for medical-necessity review.

```
kb/*.lp ──► source ──► vocabulary, policy ──► knowledge ──┐
                                                          ├─► determine ──► results ──► render ──► cli
case.yaml ──► document ──► case ──► facts ──► solver ─────┘
```

    import unmet
    kb = unmet.load()
    case = kb.read_case("cases/hip_core_decompression/denied_age_fifty.yaml")
    print(kb.determine(case).request.outcome)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unmet.case import Case
    from unmet.diagnostics import Diagnostic
    from unmet.errors import CaseError, KnowledgeError, RequestError, UnmetError
    from unmet.explanation import Depth, Explanation
    from unmet.facade import KnowledgeBase, load
    from unmet.notice import Notice
    from unmet.results import Determination, Silence, Status, Verdict

__all__ = [
    "Case",
    "CaseError",
    "Depth",
    "Determination",
    "Diagnostic",
    "Explanation",
    "KnowledgeBase",
    "KnowledgeError",
    "Notice",
    "RequestError",
    "Silence",
    "Status",
    "UnmetError",
    "Verdict",
    "load",
]

_HOMES = {
    "case": ("Case",),
    "diagnostics": ("Diagnostic",),
    "errors": ("CaseError", "KnowledgeError", "RequestError", "UnmetError"),
    "explanation": ("Depth", "Explanation"),
    "facade": ("KnowledgeBase", "load"),
    "notice": ("Notice",),
    "results": ("Determination", "Silence", "Status", "Verdict"),
}


def __getattr__(name: str) -> Any:
    """Names are imported when first used, so that `unmet --help` need not wait for clingo and pydantic."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"unmet.{home}"), name)
    raise AttributeError(f"module 'unmet' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
