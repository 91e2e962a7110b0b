"""Explanations as HTML: one page that needs no network, no script and no colour to be understood.

The templates stand beside this module in `templates/`; all that comes from a case or a policy is escaped.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from unmet.explanation import Explanation
from unmet.notice import Notice
from unmet.render import asking, nodes, noticed, wording
from unmet.results import Status, Verdict
from unmet.values import visible

MOST_SHOWN = 8
"""How many sets of one kind stand open on a page; the rest is folded."""

STATUS_CLASS = {Status.MET: "good", Status.UNMET: "bad", Status.UNKNOWN: "open"}
STATUS_MARK = {Status.MET: "✓", Status.UNMET: "✗", Status.UNKNOWN: "?"}
VERDICT_CLASS = {
    Verdict.APPROVED: "good",
    Verdict.DENIED: "bad",
    Verdict.PARTIAL: "open",
    Verdict.PENDED: "open",
    Verdict.REFERRED: "other",
    Verdict.BUNDLED: "other",
    Verdict.MOOT: "other",
}
VERDICT_MARK = {
    Verdict.APPROVED: "✓",
    Verdict.DENIED: "✗",
    Verdict.PARTIAL: "±",
    Verdict.PENDED: "?",
    Verdict.REFERRED: "→",
    Verdict.BUNDLED: "+",
    Verdict.MOOT: "–",
}


def explanation(answer: Explanation) -> str:
    """A page that explains every line of a request."""
    anchors = {line.determination.line: f"line-{i}" for i, line in enumerate(answer.lines, 1)}
    return page("explanation.html", answer=answer, anchors=anchors)


def notice(it: Notice) -> str:
    """The notice of a determination as a page."""
    return page("notice.html", notice=it)


def page(template: str, **values: Any) -> str:
    """A template filled in; blank lines that its statements leave are dropped."""
    return re.sub(r"\n\s*\n+", "\n", environment().get_template(template).render(**values)).strip() + "\n"


@cache
def environment() -> Environment:
    """The templates, with what they share."""
    made = Environment(
        loader=PackageLoader("unmet.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if isinstance(value, str) else value,
    )
    made.globals |= {
        "words": wording,
        "asking": asking,
        "said": noticed,
        "trees": nodes.trees,
        "most": MOST_SHOWN,
        "status_class": STATUS_CLASS,
        "status_mark": STATUS_MARK,
        "verdict_class": VERDICT_CLASS,
        "verdict_mark": VERDICT_MARK,
    }
    made.filters |= {
        "sentence": wording.sentence,
        "named": lambda name, names: names(name),
        "featured": wording.feature,
        "evidenced": wording.evidence,
        "together": asking.together,
        "needed": noticed.need,
        "asked": noticed.question,
    }
    made.tests["tells"] = wording.tells
    return made
