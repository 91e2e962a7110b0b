"""A small knowledge base with cases, and how commands are run on it.

Exact output is held against this one, so that a word changed in the shipped one breaks nothing; shapes and exit codes
against the shipped one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import unmet
from tests.shipped import ROOT, kb

WORDS = """
record(patient, one).
number(patient, age, 0, 120).  text(age, "years", "Age").

record(request, one).
date(request, date_of_service).  text(date_of_service, "", "Date of service").
choice(request, side, (left; right)).  text(side, "", "Side").
choice(request, setting, (inpatient; outpatient)).  text(setting, "", "Setting").
choice(request, level, ("L1-L2"; "L2-L3")).  text(level, "", "Level").

record(knee, keyed).  key(knee, (left; right)).
number(knee, dislocations, 0, 20).  text(dislocations, "", "Dislocations").
flag(knee, infection).  text(infection, "", "Infection").  presumed(infection, no).

record(level, keyed).  key(level, ("L1-L2"; "L2-L3")).
flag(level, unstable).  text(unstable, "", "Unstable").
"""

BRACE = """
policy(knee_brace, "Knee brace").
version("1").  document("Example guideline, version 1").
effective("2026-01-01").  review_due("2027-01-01").
population((adult; pediatric)).  setting(outpatient).
covers(("L1832"; "L9999")).  unlisted("L9999").

reading(often, two_or_more, "The text says repeatedly").
reading(often, exactly_two, "The text says the second").
default(often, two_or_more).

criterion(necessary, "A brace is necessary", "Criteria").
met(necessary) :- met(dislocated), not met(infected).

criterion(dislocated, "Dislocated again", "Criteria 1").
met(dislocated) :- requested_knee(K), finding(K, dislocations, N), N >= 2, chosen(often, two_or_more).
met(dislocated) :- requested_knee(K), finding(K, dislocations, N), N = 2, chosen(often, exactly_two).

criterion(infected, "Infected", "Exclusions 1").
met(infected) :- requested_knee(K), finding(K, infection, yes).

requested_knee(knee(Side)) :- finding(request, side, Side).
"""

BRACE_2 = """
policy(knee_brace, "Knee brace").
version("2").  document("Example guideline, version 2").
effective("2027-01-01").
covers("L1832").

criterion(necessary, "A brace is necessary", "Criteria").
met(necessary) :- requested_knee(K), finding(K, dislocations, N), N >= 1.

requested_knee(knee(Side)) :- finding(request, side, Side).
"""

ORTHOSIS = """
policy(orthosis, "Orthosis of the spine").
version("1").  document("Example guideline").
effective("2026-01-01").
covers("L0650").
per(level).

criterion(necessary, "An orthosis is necessary", "Criteria").
met(necessary) :- requested(L), finding(L, unstable, yes).

requested(level(Level)) :- finding(request, level, Level).
"""

CASE = """
request:
  date_of_service: 2026-03-02
  lines:
    - {line: brace, code: "CODE", side: left, setting: outpatient}
patient: {age: 30}
knee:
  left: {dislocations: COUNT}
"""


@cache
def loaded(directory: Path | None) -> unmet.KnowledgeBase:
    return unmet.facade.KnowledgeBase(unmet.loading.load(directory)) if directory else kb()


@dataclass(frozen=True)
class Ran:
    """What a command wrote, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Run(Protocol):
    """Runs a command; with the small knowledge base, or the shipped one."""

    def __call__(self, *arguments: str, small: bool = True) -> Ran: ...


def command(*arguments: str, cwd: Path = ROOT) -> Ran:
    """Runs the command as people do."""
    code = "import sys; from unmet.cli import main; sys.argv[0] = 'unmet'; main()"
    ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=cwd)
    assert "Traceback" not in ran.stderr
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def text(block: str) -> str:
    return textwrap.dedent(block).lstrip("\n")
