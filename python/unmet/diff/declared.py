"""What the sides declare otherwise beside their criteria, and which kinds of lines that answers otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from unmet.case import THE_REQUEST
from unmet.diff.judge import Judge
from unmet.facts.terms import Pair
from unmet.policy import Policy
from unmet.vocabulary import ADULT_AGE, AGE, DAYS, LEVEL, PATIENT, SETTING, Attribute, Entity


@dataclass(frozen=True)
class Kind:
    """A kind of line that is answered otherwise: in a sentence, and as a case asks for it.

    `answers` are what is not answered alike, by the names of an expectation; `states` is what the case says of the
    request or the patient. The line has a `code`, which so many policies `beside` this one cover on the day, or it
    names the policy. `of_stay` says that what is answered otherwise is a stay that serves the line.
    """

    sentence: str
    answers: tuple[str, ...]
    states: Mapping[Pair, str | int] = field(default_factory=dict)
    code: str | None = None
    beside: int = 0
    of_stay: bool = False


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
class Declarations:
    """Two sides by what they declare (docs/semantics.md)."""

    old: Judge
    new: Judge

    def changed(self) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        """What is not the same on both, in the order in which a policy file states it, with both values."""
        after = declared(self.new.policy)
        for name, before in declared(self.old.policy).items():
            if set(before) != set(after[name]):
                yield name, before, after[name]

    def kinds(self, name: str) -> Iterator[Kind]:
        """The kinds of lines that a change answers otherwise; none where it only names or dates a version."""
        old, new = self.old.policy, self.new.policy
        match name:
            case "covers":
                yield from (self._governed(side, code) for side, code in _only(old.covers, new.covers))
            case "unlisted":
                yield from (_unlisted(side, code) for side, code in _only(old.unlisted, new.unlisted))
            case "population":
                yield from self._populations(old.population, new.population)
            case "setting":
                yield from self._settings()
            case "days":
                yield from self._days()
            case "per":
                yield self._per("old" if old.per else "new")

    def _governed(self, side: str, code: str) -> Kind:
        judge = self.old if side == "old" else self.new
        others = judge.others(code)
        if not others:
            beside = "it is covered; by the other it is referred"
        else:
            also = " and ".join(f"`{name}`" for name in others)
            beside = f"it is covered here and by {also}, and referred where both are in force"
        sentence = f"a line with the code {code}: by the {side} side alone {beside}"
        return Kind(sentence, ("verdict", "cause"), code=code, beside=min(len(others), 1))

    def _populations(self, before: Collection[str], after: Collection[str]) -> Iterator[Kind]:
        age, person = self._attribute(AGE), Entity(PATIENT)
        if age is None:
            return
        if kind := _of_every_line("population", bool(before), bool(after)):
            yield kind
            return
        for side, group in _only(before, after):
            years = ADULT_AGE if group == "adult" else ADULT_AGE - 1
            if age.low <= years <= age.high:
                yield _met(side, f"a patient who is {group}", "population", {(person, AGE): years})

    def _settings(self) -> Iterator[Kind]:
        """Where a policy says anything of the level of care, and no setting, it allows all; a stay reads its lines'."""
        old, new = self.old.policy, self.new.policy
        setting = self._attribute(SETTING)
        every = setting.options if setting else ()
        says = [bool(policy.setting or policy.days) for policy in (old, new)]
        if kind := _of_every_line("level_of_care", *says):
            yield kind
        else:
            for side, word in _only(old.setting or every, new.setting or every):
                if word in every:
                    states = {(THE_REQUEST, SETTING): word}
                    yield _met(side, f"a line that asks for {word}", "level_of_care", states)
        outpatient = [policy.setting == ("outpatient",) for policy in (old, new)]
        if self.old.knowledge.coding.stays and outpatient[0] is not outpatient[1]:
            side = "old" if outpatient[0] else "new"
            sentence = f"a stay that serves such a line: by the {side} side alone the line is for outpatients only"
            yield Kind(sentence, ("verdict", "cause"), of_stay=True)

    def _days(self) -> Iterator[Kind]:
        """Fewer days than the least that is set are no objection, so the most alone decides."""
        attribute = self._attribute(DAYS)
        old, new = self.old.policy.days, self.new.policy.days
        if attribute is None:
            return
        if old is None or new is None:
            yield Kind(f"every line: the {'new' if old is None else 'old'} side alone sets days of stay", ("days",))
            return
        side = "old" if old[1] > new[1] else "new"
        least, most = sorted((old[1], new[1]))
        least, most = max(least + 1, attribute.low), min(most, attribute.high)
        if least <= most:
            days = str(most) if most == least else f"{least} to {most}"
            sentence = f"a stay of {days} days: by the {side} side alone the days are within those it sets"
            yield Kind(sentence, ("days",), {(THE_REQUEST, DAYS): least})

    def _per(self, side: str) -> Kind:
        level = self.old.knowledge.vocabulary.records[LEVEL].keys[0]
        sentence = f"a line that names levels: by the {side} side alone it is decided for each of them"
        return Kind(sentence, ("levels",), {(THE_REQUEST, LEVEL): level})

    def _attribute(self, name: str) -> Attribute | None:
        return self.old.knowledge.vocabulary.attributes.get(name)


def _only(before: Collection[str], after: Collection[str]) -> Iterator[tuple[str, str]]:
    """What one side alone has, with the name of the side."""
    yield from (("old", word) for word in before if word not in after)
    yield from (("new", word) for word in after if word not in before)


def _unlisted(side: str, code: str) -> Kind:
    sentence = f"a line with the code {code}: by the {side} side alone it is referred as an unlisted code"
    return Kind(sentence, ("verdict", "cause"), code=code)


def _of_every_line(answer: str, *says: bool) -> Kind | None:
    """The kind where one side alone says anything."""
    if says[0] is says[1]:
        return None
    side = "old" if says[0] else "new"
    return Kind(f"every line: the {side} side alone says something of the {answer.replace('_', ' ')}", (answer,))


def _met(side: str, who: str, answer: str, states: Mapping[Pair, str | int]) -> Kind:
    """The kind of which one side alone answers that it is met."""
    return Kind(f"{who}: by the {side} side alone the {answer.replace('_', ' ')} is met", (answer,), states)
