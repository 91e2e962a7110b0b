"""An explanation for people: for each line its verdict, why, what would change it, and the tree of criteria."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from unmet.explanation import (
    Change,
    Denial,
    Enumeration,
    Explanation,
    Factor,
    Fix,
    LineExplanation,
    Opening,
    Question,
    Support,
    UnitExplanation,
)
from unmet.render import asking, wording
from unmet.render.asking import Choice
from unmet.render.text import MOST_NAMED, VERDICT_STYLE, below_head, heading, level_head, notes, particulars, trees
from unmet.render.wording import Names
from unmet.results import Evidence, LineDetermination, Origin, Silence, Status, Verdict

MOST_SHOWN = 8
"""How many sets of one kind are written out for people; JSON holds all that were found."""

MOST_TOGETHER = 2
"""How many members of a set stand in one sentence; more are listed."""

MOST_CHANGES = 6
"""Up to how many changes all fixes are written out one by one; more are shown as groups of alternatives."""


def explanation(answer: Explanation) -> RenderableType:
    """The outcome of the request, and every line explained."""
    silence = answer.determination.request.silence
    lines = [below_head(line.determination, list(_line(line, silence))) for line in answer.lines]
    return Group(heading(answer.determination), *lines, Text(""), Text(f"This is {wording.RECOMMENDATION}."))


def _line(line: LineExplanation, silence: Silence) -> Iterator[RenderableType]:
    determined = line.determination
    yield from particulars(determined)
    if determined.verdict is not determined.on_criteria:
        yield Text(f"by its policy's criteria alone it is {determined.on_criteria}")
    if not line.units:
        yield Text("no policy decides this line, so there are no criteria to explain")
    for unit in line.units:
        parts = Group(*_unit(unit, determined))
        if determined.levels:
            yield Group(Text(""), level_head(unit.level, unit.verdict))
        yield Padding(parts, (0, 0, 0, 2)) if determined.levels else parts
    yield from notes(determined, silence)


def _unit(unit: UnitExplanation, line: LineDetermination) -> Iterator[RenderableType]:
    names = wording.names_of(line, unit)
    if unit.denial:
        yield from _denial(unit.denial, unit.verdict, names)
    if unit.opening:
        yield from _opening(unit.opening, names)
    if unit.support:
        yield from _support(unit.support, unit.verdict)
    yield from _readings(unit)
    yield _title("criteria")
    yield _below(*trees(wording.criteria_of(line, unit), wording.remarks(unit, names)))


def _readings(unit: UnitExplanation) -> Iterator[Text]:
    if not unit.readings:
        yield _title(wording.no_reading(unit))
        return
    yield _title("readings that change this verdict")
    yield from (Text(f"  {wording.reading_effect(effect)}") for effect in unit.readings)


def _title(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _below(*parts: RenderableType, by: int = 2) -> RenderableType:
    return Padding(Group(*parts), (0, 0, 0, by))


def _item(mark: str, *parts: RenderableType) -> Iterator[RenderableType]:
    """A mark before the first of several parts, all indented alike."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(mark, Group(*parts))
    yield Padding(grid, (0, 0, 0, 2))


def _several(named: Sequence[str]) -> str:
    """Names in one line, of many the first."""
    more = [f"{len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    return "; ".join([*named[:MOST_NAMED], *more])


# -- denied ---------------------------------------------------------------------------------------------------


def _denial(denial: Denial, verdict: Verdict, names: Names) -> Iterator[RenderableType]:
    yield from _reasons(denial, verdict)
    yield from _fixes(denial, names)


def _reasons(denial: Denial, verdict: Verdict) -> Iterator[RenderableType]:
    shown = denial.reasons[:MOST_SHOWN]
    enough = ", each enough by itself" if denial.reasons_found.total != 1 else ""
    many = wording.how_many(denial.reasons_found, "reason", len(shown))
    yield _title(f"why it is {verdict}: {many}{enough if shown else ''}")
    if not shown:
        yield Text(f"  {wording.without_reason(denial.reasons_found)}")
    for reason in shown:
        together = len(reason.features) > MOST_TOGETHER
        parts: list[RenderableType] = [Text("all of these together:" if together else wording.reason(reason))]
        if together:
            parts += [i for f in reason.features for i in _item("-", Text(wording.feature(f)))]
        if reason.outcome is not None and reason.outcome is not verdict:
            parts.append(Text(f"by itself this means: {reason.outcome}", style=VERDICT_STYLE[reason.outcome]))
        yield from _item("-", *parts)


def _fixes(denial: Denial, names: Names) -> Iterator[RenderableType]:
    found = denial.fixes_found
    if found.total == 0:
        yield _title("no path to approval under this version")
        if denial.blockers:
            yield Text("  what stands in the way and may not change: " + _findings(denial.blockers))
        return
    yield _title(f"what would make it approvable: {wording.how_many(found, 'fix', len(denial.fixes))}")
    if not denial.fixes:
        return
    few = len(denial.fixes) == found.total and sum(len(f.changes) for f in denial.fixes) <= MOST_CHANGES
    written = denial.fixes if few else denial.fixes[:1]
    if not few and found.total != 1:
        yield Text(
            "  the one of fewest changes:" if found.complete else "  the one of fewest changes among those found:"
        )
    for number, fix in enumerate(written, 1):
        yield from _item(f"{number}." if len(written) > 1 else "-", *_fix(fix))
    if not few and found.total != 1:
        yield from _factors(denial.factors, found)
    yield Text("")
    if found.total != 1 and (few or not found.complete):
        yield from _roles(denial, names)
    if denial.irrelevant:
        named = _several([names.text(n) for n in denial.irrelevant])
        yield Text.assemble(("in no fix: ", "bold"), named, style="dim")


def _fix(fix: Fix) -> Iterator[RenderableType]:
    if not fix.changes:
        yield Text("no criterion would have to change")
    for change in fix.changes:
        yield from _change(change)
    yield Text(wording.still_needed(fix), style="dim")
    if fix.then_document != ((),):
        yield _below(*_answers(asking.choices(fix.then_document)), by=0)


def _change(change: Change) -> Iterator[RenderableType]:
    yield Text(wording.change(change))
    yield _below(Text(wording.taking(change), style="dim"))


def _factors(factors: Sequence[Factor], found: Enumeration) -> Iterator[RenderableType]:
    """Every fix at once: one alternative of each group."""
    yield Text("  all of them: every fix takes one alternative of each group")
    always = [c for f in factors if len(f.alternatives) == 1 for c in f.alternatives[0]]
    if always:
        yield from _item("-", Text("in every fix"), *(b for c in always for b in _brief([c])))
    for factor in (f for f in factors if len(f.alternatives) > 1):
        yield from _item("-", *_alternatives(factor))
    if not found.complete:
        yield Text("  not all of the alternatives are here: the smallest ones are", style="yellow")


def _alternatives(factor: Factor) -> Iterator[RenderableType]:
    if (some := wording.any_of(factor)) is not None:
        number, changes = some
        yield Text(f"any {number} of these {len(changes)}")
        for change in changes:
            yield from _brief([change])
        return
    yield Text(f"one of {wording.counted(len(factor.alternatives), 'alternative')}")
    for each in factor.alternatives[:MOST_SHOWN]:
        yield from _brief(each)
    if (more := len(factor.alternatives) - MOST_SHOWN) > 0:
        yield Text(f"and {more} more", style="dim")


def _brief(changes: Sequence[Change]) -> Iterator[RenderableType]:
    yield from _item("-", *(Text(wording.change(c)) for c in changes))


def _roles(denial: Denial, names: Names) -> Iterator[Text]:
    """Which criteria are in every fix, and which in some."""
    could = [names(n) for n in denial.could_fix if n not in denial.must_fix]
    yield Text.assemble(("in every fix: ", "bold"), _several([names(n) for n in denial.must_fix]) or "none")
    yield Text.assemble(("in some fixes: ", "bold"), _several(could) or "none")


# -- pended ---------------------------------------------------------------------------------------------------


def _opening(opening: Opening, names: Names) -> Iterator[RenderableType]:
    yield from _asked(opening, names)
    sides = (("approve", opening.approving, opening.approving_found), ("deny", opening.denying, opening.denying_found))
    for verb, sets, found in sides:
        rows = asking.choices(sets)[:MOST_SHOWN]
        shown = sum(map(asking.sets_in, rows))
        yield _title(f"answers that would {verb} it: {wording.how_many(found, 'smallest set', shown)}")
        yield from _answers(rows)
    settled = [names.criteria[n] for n in opening.settled if n in names.criteria]
    met = sum(c.status is Status.MET for c in settled)
    yield Text(f"\nsettled already: {met} of {len(names.criteria)} criteria met, {len(settled) - met} unmet")
    if opening.irrelevant:
        named = [wording.subject(e.entity, e.label) for e in opening.irrelevant]
        yield Text.assemble(("cannot matter any more: ", "bold"), _several(named), style="dim")


def _asked(opening: Opening, names: Names) -> Iterator[RenderableType]:
    """The question to ask first, and the others."""
    first, others = opening.next_question, opening.ask[1:]
    all_known = opening.approving_found.complete and opening.denying_found.complete
    rest = "nothing else" if all_known else "there may be more: the search did not go to its end"
    if first is None:
        yield _title(f"no question about a single finding was found; {rest}")
        return
    yield _title("the next question")
    yield from _item("-", *_question(first), Text(f"why: {asking.why_asked(first, names)}", style="dim"))
    if not others:
        yield Text(f"\nworth asking besides: {rest}")
        return
    yield _title(f"worth asking besides: {wording.counted(len(others), 'finding')}; {rest}")
    for question in others[:MOST_SHOWN]:
        yield from _item("-", *_question(question))
    if len(others) > MOST_SHOWN:
        named = [asking.asked(q) for q in others[MOST_SHOWN:]]
        yield from _item("-", Text("; ".join(named)))


def _question(question: Question) -> Iterator[Text]:
    yield Text(asking.asked(question))
    effects = [f"{asking.outcome(v)} if {values}" for v, values in asking.effects(question)]
    alone = "none of its answers settles the line by itself"
    yield Text("  " + (alone if asking.undecided(question) else "; ".join(effects)))


def _answers(rows: Sequence[Sequence[Choice]]) -> Iterator[RenderableType]:
    """Sets of answers; what all of them have in common once."""
    common, besides = wording.shared(rows)
    if len(rows) == 1 or not common:
        for row in rows:
            yield from _item("-", Text(asking.together(row)))
        return
    yield from _item("-", Text(f"in each set shown: {asking.together(common)}"))
    for number, own in enumerate(besides, 1):
        yield from _item(f"{number}.", Text(f"besides: {asking.together(own)}"))


# -- approved -------------------------------------------------------------------------------------------------


def _support(support: Support, verdict: Verdict) -> Iterator[RenderableType]:
    shown = support.sets[:MOST_SHOWN]
    many = wording.how_many(support.found, "smallest set", len(shown))
    yield _title(f"what carries the verdict {verdict}: {many} of findings")
    common, besides = wording.shared(shown)
    if len(shown) > 1:
        yield Text("  in each set shown:")
    yield from _carried(common)
    for number, own in enumerate(besides, 1) if len(shown) > 1 else ():
        yield from _item(f"{number}.", Text(f"besides: {_findings(own)}"))


def _carried(found: Sequence[Evidence]) -> Iterator[RenderableType]:
    """What is stated one by one, what is presumed in one paragraph."""
    for each in found:
        if each.origin is not Origin.PRESUMED:
            where = f" ({wording.source(each)})" if wording.source(each) else ""
            yield from _item("-", Text.assemble(wording.evidence(each), (where, "dim")))
    presumed = [f"{wording.subject(e.entity, e.label)}: {e.value}" for e in found if e.origin is Origin.PRESUMED]
    if presumed:
        yield from _item("-", Text(f"presumed, as nothing is documented: {'; '.join(presumed)}"))


def _findings(found: Sequence[Evidence]) -> str:
    return "; ".join(map(wording.evidence, found))
