"""A test suite that was made from the rules of a policy. Plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from unmet.results import Verdict


class Aim(StrEnum):
    """What a case is made to show."""

    FLIP = "flip"
    BOUNDARY = "boundary"
    PENDED = "pended"


class WhyNot(StrEnum):
    """Why there is no such case."""

    NEVER_MET = "never_met"
    ALWAYS_MET = "always_met"
    NEVER_DECISIVE = "never_decisive"
    DECISIVE_IF_MET = "decisive_if_met"
    DECISIVE_IF_UNMET = "decisive_if_unmet"
    NO_PAIR = "no_pair"
    ONE_SIDE = "one_side"
    NOT_TOLD_APART = "not_told_apart"
    NEVER_ALONE = "never_alone"
    NO_CASE = "no_case"


WHY_NOT = {
    WhyNot.NEVER_MET: "no world meets it",
    WhyNot.ALWAYS_MET: "every world meets it",
    WhyNot.NEVER_DECISIVE: "no world's outcome turns on it",
    WhyNot.DECISIVE_IF_MET: "only where it is met does an outcome turn on it",
    WhyNot.DECISIVE_IF_UNMET: "only where it is not met does an outcome turn on it",
    WhyNot.NO_PAIR: "the outcomes that turn on it are the same where it is met and where it is not",
    WhyNot.ONE_SIDE: "only values on one side of it can occur",
    WhyNot.NOT_TOLD_APART: "no criterion in use tells these values apart",
    WhyNot.NEVER_ALONE: "its value alone never settles a case",
    WhyNot.NO_CASE: "worlds show it, and no case of one line was found that does",
}
"""The sentence for each of them; all but the last are proved."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a case is made for: an aim, the criterion or finding it is about, and a sentence."""

    aim: Aim
    subject: str
    sentence: str


@dataclass(frozen=True, slots=True)
class GeneratedCase:
    """One case file: its name, what it is made for, the verdict it expects, and its data."""

    file: str
    purposes: tuple[Purpose, ...]
    verdict: Verdict
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NoCase:
    """What no case was made for."""

    aim: Aim
    subject: str
    why: WhyNot


@dataclass(frozen=True, slots=True)
class GeneratedSuite:
    """The cases made from one version of a policy under a choice of readings."""

    policy: str
    version: str
    effective: str
    readings: dict[str, str]
    cases: tuple[GeneratedCase, ...]
    missing: tuple[NoCase, ...]
