"""One line of a request as a whole: decided once, or level by level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from unmet.case import Scene
from unmet.determine import apart
from unmet.determine.decision import Decision
from unmet.determine.governing import governing
from unmet.knowledge import Knowledge
from unmet.policy import Policy
from unmet.results import Cause, Evidence, LevelDecision, LineDetermination, Presumption, Silence, Verdict
from unmet.values import Values
from unmet.vocabulary import LEVEL


@dataclass(frozen=True)
class DecidedLine:
    """A line under the version that governs it; `computed` is what follows for it from the request's other lines."""

    knowledge: Knowledge
    scene: Scene
    silence: Silence
    readings: Mapping[str, str]
    computed: Mapping[str, Values]

    @cached_property
    def governed(self) -> tuple[Policy | None, Cause | None]:
        """The governing version, or why there is none."""
        return governing(self.knowledge, self.scene)

    @property
    def policy(self) -> Policy | None:
        """The governing version."""
        return self.governed[0]

    @cached_property
    def units(self) -> tuple[Decision, ...]:
        """The decisions of the line: one for each level of a policy that is decided per level, else one."""
        policy = self.policy
        if policy is None:
            return ()
        chosen = self.knowledge.chosen(policy, self.readings)
        scene = self.scene.stating(self.computed, "the lines of the request")
        levels: tuple[str | None, ...] = self.scene.line.levels if policy.per == LEVEL else ()
        return tuple(Decision(self.knowledge, policy, scene.at(level), chosen) for level in levels or (None,))

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdict of each unit on the policy's criteria."""
        return tuple(unit.verdict(self.silence) for unit in self.units)

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict of the line on its own: that of its units, `partial` where they differ and none is pended."""
        if self.policy is None or self.governed[1] is not None:
            return Verdict.REFERRED
        if Verdict.PENDED in self.verdicts:
            return Verdict.PENDED
        return self.verdicts[0] if len(set(self.verdicts)) == 1 else Verdict.PARTIAL

    def determination(self, verdict: Verdict, cause: Cause | None) -> LineDetermination:
        """The answer, with the verdict that the request's rules give the line and their reason, if they have one."""
        policy, line = self.policy, self.scene.line
        blank = LineDetermination(
            line=line.name, code=line.code, policy=None, title=None, version=None, effective=None,
            verdict=verdict, on_criteria=self.verdict, criteria=(), levels=(), level_of_care=None, population=None,
            cause=self.cause(cause), presumed=(), missing=(), readings={}, warnings=(),
        )  # fmt: skip
        if policy is None:
            return blank
        vocabulary = self.knowledge.vocabulary
        per_level = policy.per == LEVEL
        return replace(
            blank,
            policy=policy.name,
            title=policy.title,
            version=policy.version,
            effective=policy.effective,
            criteria=() if per_level else tuple(self.units[0].criteria(self.silence)),
            levels=tuple(self._levels()) if per_level else (),
            level_of_care=apart.level_of_care(policy, self.scene, vocabulary),
            population=apart.population(policy, self.scene, vocabulary),
            presumed=_each_once(unit.presumed for unit in self.units),
            missing=_all_missing(unit.missing for unit in self.units),
            readings=dict(self.units[0].chosen),
            warnings=tuple(dict.fromkeys([*self._overridden(), *apart.warnings(policy, self.scene, self.units)])),
        )

    def cause(self, within: Cause | None) -> Cause | None:
        """Why the line is referred, or has what the request's rules give it: what they say (`within`) comes first."""
        own = self.governed[1]
        return within or own or (self._referral(self.units[0], self.verdict) if self.units else None)

    def _overridden(self) -> Iterable[str]:
        """What the line states otherwise than the other lines of the request have it; the statement stands."""
        for name, values in self.computed.items():
            statement = self.scene.of_request(name)
            if statement is not None and statement.values != values:
                attribute = self.knowledge.vocabulary.attributes[name]
                stated = attribute.format(statement.values) if statement.values else "unclear"
                made = attribute.format(values)
                yield f"`{name}` is stated as `{stated}`, and the lines of the request make it `{made}`"

    @staticmethod
    def _referral(unit: Decision, verdict: Verdict) -> Cause | None:
        return unit.referral() if verdict is Verdict.REFERRED else None

    def _levels(self) -> Iterable[LevelDecision]:
        names: tuple[str | None, ...] = self.scene.line.levels or (None,)
        for level, unit, verdict in zip(names, self.units, self.verdicts, strict=True):
            yield LevelDecision(
                level=level,
                verdict=verdict,
                criteria=tuple(unit.criteria(self.silence)),
                cause=self._referral(unit, verdict),
                presumed=unit.presumed,
                missing=unit.missing,
            )


def _each_once(found: Iterable[tuple[Presumption, ...]]) -> tuple[Presumption, ...]:
    return tuple(dict.fromkeys(item for items in found for item in items))


def _all_missing(found: Iterable[tuple[Evidence, ...]]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(item for items in found for item in items))
