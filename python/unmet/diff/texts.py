"""What changed in the text of a policy: its criteria with their rules, and what it declares beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from unmet.comparison import Change, CriterionChange, CriterionText, Declared
from unmet.diff.judge import Judge
from unmet.policy import Policy
from unmet.source.written import rules_in_force, skeleton
from unmet.vocabulary import SETTING

# -- criteria -------------------------------------------------------------------------------------------------


def changed_criteria(old: Judge, new: Judge) -> Iterator[CriterionChange]:
    """The criteria in use on either side that are not the same, in the order of the new side's tree."""
    before, after = (j.policy.outline(j.chosen).criteria for j in (old, new))
    for name in dict.fromkeys([*after, *before]):
        a = _text(old, name) if name in before else None
        b = _text(new, name) if name in after else None
        if changes := tuple(_changed(old, new, name, a, b)):
            yield CriterionChange(name, changes, a, b)


def _changed(
    old: Judge, new: Judge, name: str, before: CriterionText | None, after: CriterionText | None
) -> Iterator[Change]:
    if before is None or after is None:
        yield Change.ADDED if before is None else Change.REMOVED
        return
    if before.text != after.text:
        yield Change.TEXT
    if before.citation != after.citation:
        yield Change.CITATION
    if sorted(before.rules) != sorted(after.rules):
        skeletons = [sorted(map(skeleton, rules_in_force(j.source, name, j.chosen))) for j in (old, new)]
        grouped = any(j.policy.outline(j.chosen).shape(name).children for j in (old, new))
        if skeletons[0] == skeletons[1]:
            yield Change.THRESHOLDS
        else:
            yield Change.STRUCTURE if grouped else Change.RULES


def _text(judge: Judge, name: str) -> CriterionText:
    criterion = judge.policy.criteria[name]
    rules = tuple(map(str, rules_in_force(judge.source, name, judge.chosen)))
    return CriterionText(criterion.text, criterion.citation, str(criterion.span), rules)


# -- what is declared beside them -----------------------------------------------------------------------------


def changed_declarations(old: Judge, new: Judge) -> Iterator[Declared]:
    """What the sides declare otherwise beside their criteria, in the order in which a policy file states it."""
    sides = _Sides(old, new)
    for name, before in declared(old.policy).items():
        after = declared(new.policy)[name]
        if set(before) != set(after):
            places = [str(span) if (span := judge.policy.places.get(name)) else None for judge in (old, new)]
            yield Declared(name, before, after, places[0], places[1], sides.lines(name, before, after))


def declared(policy: Policy) -> dict[str, tuple[str, ...]]:
    """What a version declares beside its criteria, by the name of the statement; nothing where it has none."""
    return {
        "policy": (policy.title,),
        "version": (policy.version,),
        "document": (policy.document,),
        "effective": (policy.effective,),
        "review_due": (policy.review_due,) if policy.review_due else (),
        "covers": policy.covers,
        "unlisted": policy.unlisted,
        "population": policy.population,
        "setting": policy.setting,
        "days": (f"{policy.days[0]} to {policy.days[1]}",) if policy.days else (),
        "per": (policy.per,) if policy.per else (),
    }


@dataclass(frozen=True)
class _Sides:
    """Which lines are answered otherwise because of what is declared otherwise (docs/semantics.md)."""

    old: Judge
    new: Judge

    def lines(self, name: str, before: Collection[str], after: Collection[str]) -> tuple[str, ...]:
        """A sentence for each kind of line that is; none for what only names or dates a version."""
        only = (
            ("old", [word for word in before if word not in after]),
            ("new", [word for word in after if word not in before]),
        )
        match name:
            case "covers":
                return tuple(self._governed(code, side) for side, codes in only for code in codes)
            case "unlisted":
                return tuple(
                    f"a line with the code {code}: by the {side} side alone it is referred as an unlisted code"
                    for side, codes in only
                    for code in codes
                )
            case "population":
                return tuple(_apart("population", "a patient who is {}", before, after))
            case "setting":
                return tuple(self._settings())
            case "days":
                return tuple(self._days())
            case "per":
                side = "old" if before else "new"
                return (f"a line that names levels: by the {side} side alone it is decided for each of them",)
        return ()

    def _governed(self, code: str, side: str) -> str:
        judge = self.old if side == "old" else self.new
        others = [name for name in judge.knowledge.covering(code) if name != judge.policy.name]
        if not others:
            return f"a line with the code {code}: by the {side} side alone it is covered; by the other it is referred"
        also = " and ".join(f"`{name}`" for name in others)
        beside = f"by the {side} side alone it is covered here and by {also}"
        return f"a line with the code {code}: {beside}, and referred where both are in force"

    def _settings(self) -> Iterator[str]:
        """Where a policy says anything of the level of care, and no setting, it allows all; a stay reads its lines'."""
        attributes = self.old.knowledge.vocabulary.attributes
        every = attributes[SETTING].options if SETTING in attributes else ()
        policies = self.old.policy, self.new.policy
        allowed = [(p.setting or every) if p.setting or p.days else () for p in policies]
        yield from _apart("level of care", "a line that asks for {}", *allowed)
        outpatient = [p.setting == ("outpatient",) for p in policies]
        if self.old.knowledge.coding.stays and outpatient[0] is not outpatient[1]:
            side = "old" if outpatient[0] else "new"
            yield f"a stay that serves such a line: by the {side} side alone the line is for outpatients only"

    def _days(self) -> Iterator[str]:
        """Fewer days than the least that is set are no objection, so the most alone decides."""
        old, new = self.old.policy.days, self.new.policy.days
        if old is None or new is None:
            side = "new" if old is None else "old"
            yield f"every line: the {side} side alone sets days of stay"
        elif old[1] != new[1]:
            side, least, most = ("old", new[1], old[1]) if old[1] > new[1] else ("new", old[1], new[1])
            days = str(most) if most == least + 1 else f"{least + 1} to {most}"
            yield f"a stay of {days} days: by the {side} side alone the days are within those it sets"


def _apart(answer: str, who: str, before: Collection[str], after: Collection[str]) -> Iterator[str]:
    """What is judged apart from necessity: met by one side alone, or not said by one at all."""
    if not before or not after:
        if before or after:
            yield f"every line: the {'old' if before else 'new'} side alone says something of the {answer}"
        return
    for side, words, others in (("old", before, after), ("new", after, before)):
        for word in words:
            if word not in others:
                yield f"{who.format(word)}: by the {side} side alone the {answer} is met"
