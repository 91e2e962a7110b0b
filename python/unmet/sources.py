"""The files of a knowledge base once they are read: what each declares, and its text, which is the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unmet.coding import Coding
from unmet.policy import Policy
from unmet.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class VocabularySource:
    """A vocabulary, and as text what a program needs of its files: rules and scales. A domain's facts say all else."""

    vocabulary: Vocabulary
    rules: str


@dataclass(frozen=True, slots=True)
class PolicySource:
    """A version of a policy, the text of its file, and the rules that tell which findings its leaves read."""

    policy: Policy
    text: str
    reads: str


Version = tuple[str, str]
"""A version of a policy by its name and the day it takes effect (ISO)."""


@dataclass(frozen=True, slots=True)
class Sources:
    """A knowledge base without a defect. `codes` holds for each code the names of the policies that cover it."""

    words: VocabularySource
    policies: Mapping[Version, PolicySource]
    coding: Coding
    codes: Mapping[str, tuple[str, ...]]


def covering(policies: Iterable[Policy]) -> dict[str, tuple[str, ...]]:
    """For each code the names of the policies that cover it in any version."""
    found: dict[str, dict[str, None]] = {}
    for policy in policies:
        for code in policy.covers:
            found.setdefault(code, {})[policy.name] = None
    return {code: tuple(names) for code, names in found.items()}
