"""The pydantic models of what a case file expects of the answer; imported when a case expects anything."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from unmet.case import NOT_SAID
from unmet.casetypes import Strict, Text, Word
from unmet.results import Silence, Status, Verdict

_Judged = Annotated[str | None, Word((*Status, NOT_SAID))]
"""What is judged apart from necessity, or that nothing is said of it."""


class ExpectedLevelModel(Strict):
    verdict: Annotated[str | None, Word((*Verdict, NOT_SAID))] = None
    criteria: dict[str, Annotated[str, Word(Status)]] = Field(default={})


class ExpectedLineModel(Strict):
    verdict: Annotated[str | None, Word(Verdict)] = None
    criteria: dict[str, Annotated[str, Word(Status)]] = Field(default={})
    level_of_care: _Judged = None
    days: _Judged = None
    population: _Judged = None
    cause: Annotated[str | None, Text()] = None
    levels: dict[str, ExpectedLevelModel] = Field(default={})


class ExpectationModel(Strict):
    silence: Annotated[str, Word(Silence)] = Silence.OPEN.value
    readings: dict[str, Annotated[str, Text()]] = Field(default={})
    outcome: Annotated[str | None, Word(Verdict)] = None
    lines: dict[str, ExpectedLineModel] = Field(default={})
