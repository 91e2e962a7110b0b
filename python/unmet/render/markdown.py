"""A notice as Markdown; whatever comes from a case, a policy or a slot is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from unmet.explanation import Change, Reason
from unmet.notice import Notice, NoticeLine, NoticeUnit
from unmet.render import asking, noticed, wording
from unmet.results import Evidence
from unmet.slots import Slot
from unmet.values import visible


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    plain = visible(" ".join(text.split()))
    plain = re.sub(r"([\\`*\[\]|~])", r"\\\1", plain)
    plain = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", plain)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def notice(it: Notice) -> str:
    """The notice: what the plan supplies, then each line in plain language and for clinicians."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_notice(it))).rstrip() + "\n"


def _notice(it: Notice) -> Iterator[str]:
    yield f"# {noticed.title(it)}"
    yield ""
    if it.draft:
        yield from (f"> **{escaped(noticed.BANNER)}**", "")
    yield f"Request: {escaped(noticed.request(it))}, {noticed.standing(it, it.request.outcome)}"
    yield ""
    if noticed.silence(it):
        yield from (noticed.silence(it), "")
    yield from (f"- {escaped(slot.label)}: {_slot(slot)}" for slot in it.slots)
    for line in it.lines:
        yield from ("", f"## Line {escaped(line.line)}: {noticed.standing(it, line.verdict)}", "")
        yield from ("### In plain language", "")
        yield from _plain(line)
        yield from ("", "### For clinicians", "")
        yield from _clinical(it, line)
    yield from ("", "---", "", escaped(noticed.closing(it)))


def _slot(slot: Slot) -> str:
    return escaped(slot.text) if slot.text is not None else f"**\\[{slot.name}: to be filled in\\]**"


def _list(items: Iterable[str], indent: str = "") -> Iterator[str]:
    yield from (f"{indent}- {escaped(wording.sentence(item))}" for item in items)


# -- in plain language ----------------------------------------------------------------------------------------


def _plain(line: NoticeLine) -> Iterator[str]:
    yield f"You asked for: {escaped(noticed.procedure(line))}. {noticed.PLAIN[line.verdict]}"
    if line.cause:
        yield from ("", f"The reason: {escaped(line.cause.message)}.")
    for unit in line.units:
        yield ""
        if unit.level:
            yield from (f"**{escaped(unit.level)}.** {noticed.PLAIN[unit.verdict]}", "")
        yield from _plain_unit(unit)


def _plain_unit(unit: NoticeUnit) -> Iterator[str]:
    if unit.reasons_found:
        yield from (f"{noticed.WHY}", "")
        for reason in unit.reasons:
            head, members = noticed.because(reason)
            yield from _list([head])
            yield from _list(members, "  ")
        if not unit.reasons:
            yield from _list([noticed.without_reason(unit)])
        yield ""
    if noticed.no_fix(unit):
        yield noticed.no_fix(unit)
    elif unit.fix:
        yield from ("What the policy would need:", "")
        yield from _list(map(noticed.need, unit.fix.changes))
        yield from ("", noticed.others(unit)) if noticed.others(unit) else ()
    if unit.questions:
        yield from ("What is still needed to decide:", "")
        yield from _list(map(noticed.question, unit.questions))


# -- for clinicians -------------------------------------------------------------------------------------------


def _clinical(it: Notice, line: NoticeLine) -> Iterator[str]:
    yield from _list(noticed.particulars(line))
    for unit in line.units:
        yield ""
        if unit.level:
            yield from (f"**{escaped(unit.level)}: {noticed.standing(it, unit.verdict)}**", "")
        yield from _unit(unit, line)
    yield from _table("Evidence considered", line.evidence)
    yield from ("", "**Not documented**", "")
    yield from _list(noticed.undocumented(line))
    if line.presumed:
        yield from ("", "**Presumed, as nothing is documented**", "")
        yield from _list(f"{wording.subject(p.entity, p.label)}: {wording.spoken(p.value)}" for p in line.presumed)
    if line.readings:
        yield from ("", "**Readings of the policy that were used**", "")
        yield from (f"- {escaped(f'{r.name}={r.option}: {r.meaning}')}" for r in line.readings)


def _unit(unit: NoticeUnit, line: NoticeLine) -> Iterator[str]:
    if unit.reasons_found:
        yield from (f"**Specific reasons** ({noticed.reasons_found(unit)})", "")
        yield from _reasons(unit.reasons)
        yield ""
    if unit.no_path:
        yield from ("**No path to approval under this version.** What stands in the way and may not change:", "")
        yield from _list(map(wording.evidence, unit.blockers))
    elif unit.fixes_found:
        yield from (f"**What the policy would need** ({noticed.fixes_found(unit)})", "")
    if unit.fix:
        for change in unit.fix.changes:
            yield from _change(change)
        still = wording.sentence(wording.still_needed(unit.fix))
        yield from ("", still if still.endswith(":") else f"{still}.", "")
        if still.endswith(":"):
            yield from _list(map(asking.together, asking.choices(unit.fix.then_document)))
    if unit.questions:
        rest = "nothing else is" if unit.questions_complete else "there may be more"
        yield from (f"**Needed to decide the request, and why** ({rest})", "")
        for asked in unit.questions:
            yield f"- {escaped(noticed.question(asked))}: {escaped(noticed.why_asked(asked, line))}"
    if unit.carried:
        yield from (f"**What carries the verdict {unit.verdict}**", "")
        yield from _list(map(wording.evidence, unit.carried))


def _reasons(reasons: Iterable[Reason]) -> Iterator[str]:
    for reason in reasons:
        if len(reason.features) > 1:
            yield "- All of these together:"
            yield from _list(map(wording.feature, reason.features), "  ")
        else:
            yield from _list([wording.reason(reason)])


def _change(change: Change) -> Iterator[str]:
    yield from _list([wording.change(change)])
    yield from _list([wording.taking(change)], "  ")


def _table(title: str, found: tuple[Evidence, ...]) -> Iterator[str]:
    yield from ("", f"**{title}**", "")
    if not found:
        yield "- None"
        return
    yield "| finding | value | source | quote |"
    yield "|---|---|---|---|"
    for each in found:
        finding, value = wording.subject(each.entity, each.label), wording.evidence_value(each)
        cells = (finding, value, wording.source(each), each.quote or "")
        yield f"| {' | '.join(map(escaped, cells))} |"
