"""The knowledge base as its users see it: load one, read cases, ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unmet import loading
from unmet.case import Case
from unmet.determine import determine, verdict
from unmet.knowledge import Knowledge
from unmet.policy import Outline, Policy
from unmet.results import Determination, Mismatch, Silence, Verdict
from unmet.tables import Tables
from unmet.vocabulary import Vocabulary

if TYPE_CHECKING:
    from unmet.comparison import Comparison
    from unmet.covered import Coverage
    from unmet.explanation import Change, Denial, Depth, Explanation
    from unmet.findings import CheckReport
    from unmet.generated import GeneratedSuite
    from unmet.notice import Notice
    from unmet.plain import Plain
    from unmet.suite import SuiteRun


class KnowledgeBase(Tables):
    """A loaded knowledge base. Every method may be called from several threads."""

    def __init__(self, inner: Knowledge) -> None:
        super().__init__(inner)

    @property
    def directory(self) -> Path:
        """Where it was loaded from."""
        return self._inner.directory

    @property
    def vocabulary(self) -> Vocabulary:
        """The words a case may use."""
        return self._inner.vocabulary

    def with_draft(self, path: Path | str) -> KnowledgeBase:
        """The knowledge base that also holds the version in a file, for the one of its date where there is one.

        Raises:
            KnowledgeError: the file does not load.
        """
        from unmet.directory import read_version

        return KnowledgeBase(self._inner.holding(read_version(self._inner, Path(path))))

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Every version of every policy, by name and date."""
        return self._inner.policies

    def policy(self, name: str, day: str | None = None) -> Policy:
        """The version of a policy in force on a day (ISO date), the newest where no day is given.

        Raises:
            RequestError: there is no such policy, or no version in force.
        """
        return self._inner.version(name, day)

    def outline(
        self, name: str, day: str | None = None, readings: Mapping[str, str] | None = None
    ) -> tuple[Policy, Outline]:
        """A version of a policy and its tree of criteria under a choice of readings.

        Raises:
            RequestError: there is no such policy, version, reading or option.
        """
        policy = self.policy(name, day)
        self._inner.check_readings(readings or {}, policy)
        return policy, policy.outline(self._inner.chosen(policy, readings or {}))

    def read_case(self, path: Path | str) -> Case:
        """The case in a YAML or JSON file.

        Raises:
            CaseError: with every problem of the file.
        """
        return self._inner.read_case(path)

    def case(self, data: Mapping[str, Any], name: str = "case") -> Case:
        """A case from plain data, as a file would hold it.

        Raises:
            CaseError: with every problem of the data.
        """
        return self._inner.case(data, name)

    def schema(self, policy: str | None = None) -> dict[str, Any]:
        """The JSON Schema of a case: over the whole vocabulary, or what one policy reads.

        Raises:
            RequestError: there is no such policy.
        """
        return self._inner.schema(policy)

    def determine(
        self, case: Case, *, silence: Silence | str = Silence.OPEN, readings: Mapping[str, str] | None = None
    ) -> Determination:
        """Decides every line of a request.

        Args:
            silence: `open`, or `closed` for the state after the information deadline.
            readings: an option for each reading that is not to be taken by default.

        Raises:
            RequestError: there is no such reading or option.
        """
        return determine(self._inner, case, Silence(silence), readings)

    def verdict(
        self, case: Case, *, silence: Silence | str = Silence.OPEN, readings: Mapping[str, str] | None = None
    ) -> Verdict:
        """The outcome of a request alone: that of `determine`, several times sooner.

        Args:
            silence: as in `determine`.
            readings: as in `determine`.

        Raises:
            RequestError: there is no such reading or option.
        """
        return verdict(self._inner, case, Silence(silence), readings)

    def explain(
        self,
        case: Case,
        *,
        line: str | None = None,
        depth: Depth | str = "leaf",
        silence: Silence | str = Silence.OPEN,
        readings: Mapping[str, str] | None = None,
    ) -> Explanation:
        """Explains every line of a request, or one: why it is decided so, and what would change it.

        Args:
            line: the name of the only line to explain; the whole request is decided all the same.
            depth: `leaf`, or `top` for the policy's own summary rows.
            silence: as in `determine`.
            readings: as in `determine`.

        Raises:
            RequestError: there is no such line, reading or option.
        """
        from unmet.explain import explain
        from unmet.explanation import Depth

        return explain(self._inner, case, Silence(silence), readings, line=line, depth=Depth(depth))

    def every_fix(self, denial: Denial) -> Iterator[tuple[Change, ...]]:
        """Every fix of an explained denial, lightest first, each made when it is asked for.

        `denial.fixes` holds the lightest, with what is to be documented after them; `denial.fixes_found.complete`
        says whether these are all there are.
        """
        from unmet.explain import every_fix

        return every_fix(denial)

    def notice(
        self,
        case: Case,
        *,
        line: str | None = None,
        silence: Silence | str = Silence.OPEN,
        readings: Mapping[str, str] | None = None,
        slots: Mapping[str, str] | None = None,
    ) -> Notice:
        """What a notice of the determination must hold; a draft recommendation until every slot is filled.

        Args:
            line: the name of the only line to speak of.
            silence: as in `determine`.
            readings: as in `determine`.
            slots: what only the plan can supply, by the name of the slot.

        Raises:
            RequestError: there is no such line, reading, option or slot.
        """
        from unmet.notice import gather

        explained = self.explain(case, line=line, silence=silence, readings=readings)
        return gather(explained, case, self.policies, slots or {})

    def facts(
        self, case: Case, *, line: str | None = None, readings: Mapping[str, str] | None = None
    ) -> Iterable[Plain]:
        """The program of each line (or of one) for plain clingo.

        Raises:
            RequestError: there is no such line, reading or option.
        """
        from unmet.plain import plain

        return plain(self._inner, case, line, readings)

    def test_files(self, files: Iterable[Path]) -> SuiteRun:
        """Reads case files and holds every expectation against the answer; a file that does not load is part of it."""
        from unmet.suite import run

        return run(self._inner, files)

    def coverage(self, cases: Iterable[Case], policies: Iterable[str] = ()) -> Coverage:
        """What cases cover of the criteria of some policies, of all where none is named.

        Raises:
            RequestError: there is no such policy.
        """
        from unmet.coverage import coverage

        return coverage(self._inner, cases, policies)

    def diff(self, policy: str, old: str, new: str, cases: Iterable[Case] = ()) -> Comparison:
        """Compares two sides of a policy over all worlds, and decides cases by both.

        Args:
            old, new: a file; or a date (the version in force then), `default`, `name=option`, or several with commas.

        Raises:
            RequestError: there is no such policy, version, reading or option, or a file is of another policy.
            KnowledgeError: a file does not load.
        """
        from unmet.diff import diff

        return diff(self._inner, policy, old, new, cases)

    def generate(
        self, policy: str, day: str | None = None, readings: Mapping[str, str] | None = None
    ) -> GeneratedSuite:
        """A test suite made from the rules of a version of a policy (the newest where no day is given).

        Raises:
            RequestError: there is no such policy, version, reading or option.
        """
        from unmet.generate import generate

        return generate(self._inner, policy, day, readings or {})

    def check(
        self,
        policies: Iterable[str] = (),
        *,
        day: str,
        readings: Mapping[str, str] | None = None,
        records: int | None = None,
        few: int | None = None,
        jobs: int = 1,
    ) -> CheckReport:
        """Proves policies consistent, or says what is wrong or doubtful about them; all of them where none is named.

        Args:
            day: the day (ISO date) on which reviews are held to be due.
            readings: an option for each reading that is not to be taken by default.
            records: how many records of each listed kind a world may hold; by default as many as rules can tell apart.
            few: approvals that need at most so many stated findings are reported (`unmet.findings.FEW` by default).
            jobs: how many processes work at it; copies of this one, made where it has no other threads.

        Raises:
            RequestError: there is no such policy, reading or option, or no such number of processes.
        """
        from unmet.check import check
        from unmet.findings import FEW

        few = FEW if few is None else few
        return check(self._inner, tuple(policies), day=day, chosen=readings, records=records, few=few, jobs=jobs)

    def test(self, case: Case) -> Iterator[Mismatch]:
        """What the case file expects and the answer does not hold."""
        from unmet.suite import mismatches

        return mismatches(self._inner, case)


def load(directory: Path | str | None = None) -> KnowledgeBase:
    """The knowledge base in a directory, the shipped one where none is named.

    Raises:
        KnowledgeError: with every defect of its files.
    """
    return KnowledgeBase(loading.load(directory))
