"""What only the plan can supply to a notice: the named slots, when each is needed, and a file that fills them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from unmet import document
from unmet.diagnostics import did_you_mean
from unmet.errors import CaseError, RequestError
from unmet.results import Verdict
from unmet.values import ValueFault, clip, describe, visible

ADVERSE = frozenset({Verdict.DENIED, Verdict.PARTIAL, Verdict.MOOT})
"""The verdicts after which somebody may want to appeal."""


class Needed(StrEnum):
    """When a notice needs a slot."""

    ALWAYS = "always"
    ADVERSE = "adverse"
    PENDED = "pended"


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that the plan supplies; `text` is None until it does."""

    name: str
    label: str
    needed: Needed
    text: str | None = None


SLOTS = (
    Slot("plan_name", "Name of the plan", Needed.ALWAYS),
    Slot("reference_number", "Reference number", Needed.ALWAYS),
    Slot("member", "Member", Needed.ALWAYS),
    Slot("requesting_provider", "Requesting provider", Needed.ALWAYS),
    Slot("decision_date", "Date of this notice", Needed.ALWAYS),
    Slot("reviewer_name", "Reviewer", Needed.ALWAYS),
    Slot("reviewer_credentials", "The reviewer's credentials", Needed.ALWAYS),
    Slot("response_deadline", "The day by which the documents are needed", Needed.PENDED),
    Slot("peer_to_peer", "How to speak with the reviewer", Needed.ADVERSE),
    Slot("appeal_rights", "The right to appeal, and how", Needed.ADVERSE),
    Slot("external_review", "The right to an external review, and how", Needed.ADVERSE),
    Slot("criteria_copy", "How to have a copy of the policy free of charge", Needed.ADVERSE),
    Slot("contact", "Whom to ask about this notice", Needed.ALWAYS),
    Slot("language_help", "Help in other languages and formats", Needed.ALWAYS),
)
"""Every slot, in the order of a notice."""


def filled(given: Mapping[str, str], verdicts: Iterable[Verdict]) -> tuple[Slot, ...]:
    """The slots that a notice of these verdicts needs, and those that are given besides.

    Raises:
        RequestError: a slot is given that does not exist, or without text.
    """
    for name, text in given.items():
        check(name, text)
    found = set(verdicts)
    needed = {Needed.ALWAYS}
    needed |= {Needed.ADVERSE} if found & ADVERSE else set()
    needed |= {Needed.PENDED} if Verdict.PENDED in found else set()
    return tuple(
        Slot(s.name, s.label, s.needed, given.get(s.name)) for s in SLOTS if s.needed in needed or s.name in given
    )


def check(name: str, text: str) -> None:
    """Refuses a slot that does not exist, or without text.

    Raises:
        RequestError: it is so.
    """
    if fault := _fault(name, text):
        raise RequestError(fault.message, fault.help)


def _fault(name: str, text: object) -> ValueFault | None:
    """What is wrong with a slot, None where nothing is."""
    known = [s.name for s in SLOTS]
    if name not in known:
        help = did_you_mean(name, known) or f"the slots are {', '.join(f'`{n}`' for n in known)}"
        return ValueFault("unknown-key", f"a notice has no slot `{clip(name)}`", help)
    if not isinstance(text, str):
        return ValueFault("wrong-type", f"the slot `{name}` is text, not {describe(text)}", "write it in quotes")
    if not text.strip():
        return ValueFault("wrong-type", f"the slot `{name}` is given without text")
    if visible(text) != text:
        return ValueFault("wrong-type", f"the slot `{name}` holds control characters: `{clip(visible(text))}`")
    return None


def read(path: Path) -> dict[str, str]:
    """The slots that a YAML or JSON file fills: names with their text, which a number is as it is written.

    Raises:
        CaseError: with every problem of the file.
    """
    found = document.read(path, "slots")
    data = found.data
    if not found.diagnostics and not isinstance(data, dict):
        help = document.SHOWN[found.what]
        found.add("wrong-type", f"slots are a mapping of names to text, not {describe(data)}", (), help)
    slots: dict[str, str] = {}
    for name, value in data.items() if isinstance(data, dict) else ():
        slots[name] = text = found.written.get((name,)) or value
        if fault := _fault(name, text):
            found.add(fault.code, fault.message, (name,), fault.help, key=fault.code == "unknown-key")
    if found.diagnostics:
        raise CaseError(found.diagnostics)
    return slots
