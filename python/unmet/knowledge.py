"""A knowledge base: a directory read with all its diagnostics, and what can be found in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from unmet.case import Case, Scene
from unmet.casefile import read_case
from unmet.casemodel import case_model, case_schema
from unmet.coding import Coding
from unmet.diagnostics import Diagnostic, Span, did_you_mean
from unmet.document import Document, of_data, read
from unmet.errors import CaseError, KnowledgeError, RequestError
from unmet.facts.domain import Domain, Situation
from unmet.facts.request import Related, Row, coding_facts, related_of, row_facts
from unmet.facts.terms import waiver
from unmet.policy import Policy
from unmet.solver import Observer, Program, minimal
from unmet.source import PolicySource, Report, VocabularySource, read_coding, read_policy, read_vocabulary
from unmet.vocabulary import Mode, Vocabulary

SHIPPED = (Path(__file__).parent / "kb", Path(__file__).parents[2] / "kb")
"""Where the shipped knowledge base lies: in a wheel, and in a checkout."""


CODING = "coding.lp"
"""The file of a knowledge base that relates the lines of a request."""

UNREAD = ("syntax", "unreadable")
"""The diagnostics of a vocabulary file that could not be read at all."""


def shipped() -> Path:
    """The directory of the knowledge base that comes with the program."""
    return next((path for path in SHIPPED if path.is_dir()), SHIPPED[0])


class Knowledge:
    """A knowledge base that loaded without a defect; programs are prepared when first needed and kept."""

    def __init__(
        self, directory: Path, words: VocabularySource, policies: Iterable[PolicySource], coding: Coding
    ) -> None:
        self.directory = directory
        self.coding = coding
        self.vocabulary: Vocabulary = words.vocabulary
        self._words = words
        self._sources = {(s.policy.name, s.policy.effective): s for s in policies}
        self._programs: dict[tuple[str, str, tuple[tuple[str, int], ...]], tuple[Program, Domain]] = {}

    # -- finding policies -------------------------------------------------------------------------------------

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Every version of every policy, by name and date."""
        return tuple(self._sources[key].policy for key in sorted(self._sources))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the policies."""
        return tuple(dict.fromkeys(p.name for p in self.policies))

    def versions(self, name: str) -> tuple[Policy, ...]:
        """The versions of a policy, oldest first.

        Raises:
            RequestError: there is no such policy.
        """
        if name not in self.names:
            help = did_you_mean(name, self.names)
            raise RequestError(f"there is no policy `{name}`" + (f"; {help}" if help else ""))
        return tuple(p for p in self.policies if p.name == name)

    def in_force(self, name: str, day: str) -> Policy | None:
        """The version of a policy in force on a day (ISO), None where there is none."""
        return next((p for p in reversed(self.versions(name)) if p.effective <= day), None)

    def version(self, name: str, day: str | None = None) -> Policy:
        """The version of a policy in force on a day, the newest where no day is given.

        Raises:
            RequestError: there is no such policy, or no version in force.
        """
        versions = self.versions(name)
        found = versions[-1] if day is None else self.in_force(name, day)
        if found is None:
            raise RequestError(f"no version of `{name}` is in force on {day}; the first is of {versions[0].effective}")
        return found

    def covering(self, code: str) -> tuple[str, ...]:
        """The policies that cover a code in any version."""
        return tuple(dict.fromkeys(p.name for p in self.policies if code in p.covers))

    def check_readings(self, readings: Mapping[str, str]) -> None:
        """Holds chosen readings against all policies.

        Raises:
            RequestError: no policy has such a reading, or none of those that have it has the option.
        """
        known: dict[str, set[str]] = {}
        for policy in self.policies:
            for reading in policy.readings.values():
                for name in (reading.name, f"{policy.name}.{reading.name}"):
                    known.setdefault(name, set()).update(reading.options)
        for name, option in readings.items():
            if name not in known:
                help = did_you_mean(name, known)
                raise RequestError(f"there is no reading `{name}`" + (f"; {help}" if help else ""))
            if option not in known[name]:
                help = did_you_mean(option, known[name])
                raise RequestError(f"`{option}` is not an option of `{name}`" + (f"; {help}" if help else ""))

    def chosen(self, policy: Policy, readings: Mapping[str, str]) -> dict[str, str]:
        """The option of each reading of a policy: the chosen one where it has it, else the default.

        A reading may be named alone (it then holds for every policy that has the option) or as `policy.reading`.
        """
        choice = dict(policy.defaults)
        for name, reading in policy.readings.items():
            for key in (name, f"{policy.name}.{name}"):
                if readings.get(key) in reading.options:
                    choice[name] = readings[key]
        return choice

    # -- programs ---------------------------------------------------------------------------------------------

    def program(self, policy: Policy, scene: Scene) -> tuple[Program, Situation]:
        """The prepared program of a policy with room for the scene's records, and the scene laid over it."""
        slots = {kind: _room(scene.listed.get(kind, 0)) + policy.spares.get(kind, 0) for kind in self.listed(policy)}
        key = (policy.name, policy.effective, tuple(sorted(slots.items())))
        if key not in self._programs:
            self._programs[key] = self.prepare(policy, slots)
        program, domain = self._programs[key]
        most = {kind: scene.listed.get(kind, 0) + policy.spares.get(kind, 0) for kind in slots}
        return program, Situation(domain, scene, most)

    def listed(self, policy: Policy) -> tuple[str, ...]:
        """The listed record kinds that a policy's program holds."""
        names = self.vocabulary.linked(policy.attributes)
        kinds = {self.vocabulary.attributes[n].record for n in names} | set(policy.spares)
        records = self.vocabulary.records
        return tuple(sorted(k for k in kinds if records[k].mode is Mode.LISTED))

    def domain(self, policy: Policy, slots: Mapping[str, int]) -> Domain:
        """What the worlds of a policy's program are made of, with so many slots for listed records."""
        domain = Domain.of(self.vocabulary, policy.attributes, policy.cuts, slots)
        if policy.per is not None and policy.per in domain.cells:
            return domain.narrowed(policy.per, self.vocabulary.records[policy.per].keys)
        return domain

    def prepare(
        self, policy: Policy, slots: Mapping[str, int], observer: Observer | None = None
    ) -> tuple[Program, Domain]:
        """The program of a policy with so many slots for listed records; the observer is told its ground rules."""
        source, domain = self._sources[policy.name, policy.effective], self.domain(policy, slots)
        rules, text = [*self._words.statements, *source.statements, *source.reads], domain.kinds_program()
        encodings = ("world", "prepared", "outcome")
        return Program(rules, domain.facts(), text, encodings, str(policy.path), observer), domain

    def check_program(self, policy: Policy) -> list[Diagnostic]:
        """What clingo says of a policy's program."""
        slots = {kind: max(1, policy.spares.get(kind, 0)) for kind in self.listed(policy)}
        try:
            self.prepare(policy, slots)
        except KnowledgeError as error:
            return list(error.diagnostics)
        return []

    def relate(self, rows: Iterable[Row]) -> Related:
        """What the request rules say of the lines of a request."""
        lines = list(rows)
        if not any(self.coding.concerns(row.code, row.policy) for row in lines):
            return Related(decided={row.line: row.own for row in lines if row.own is not None})
        facts = [*coding_facts(self.coding), *row_facts(lines)]
        program = Program((), facts, "", ("request",), str(self.directory / CODING))
        return related_of(program.only_model())

    # -- cases ------------------------------------------------------------------------------------------------

    @cached_property
    def _model(self) -> Any:
        return case_model(self.vocabulary)

    def read_case(self, path: Path | str) -> Case:
        """The case in a file.

        Raises:
            CaseError: with every problem of the file.
        """
        return self._case(read(Path(path)))

    def case(self, data: Mapping[str, Any], name: str = "case") -> Case:
        """A case from plain data, as a file would hold it.

        Raises:
            CaseError: with every problem of the data.
        """
        return self._case(of_data(name, data))

    def _case(self, document: Document) -> Case:
        case = read_case(document, self.vocabulary, self._model)
        self._check_worlds(case)
        self._check_names(case)
        if document.diagnostics:
            raise CaseError(document.diagnostics)
        return case

    def schema(self, policy: str | None = None) -> dict[str, Any]:
        """The JSON Schema of a case: over the whole vocabulary, or what one policy reads.

        Raises:
            RequestError: there is no such policy.
        """
        if policy is None:
            return case_schema(self.vocabulary)
        names = set().union(*(p.attributes for p in self.versions(policy)))
        return case_schema(self.vocabulary.restricted(self.vocabulary.linked(names)))

    def _check_names(self, case: Case) -> None:
        """What a case calls by name is there: policies, lines, criteria, readings."""
        document = case.document
        for i, line in enumerate(case.lines):
            if line.policy is not None and line.policy not in self.names:
                path = ("request", "lines", i, "policy")
                document.add(
                    "unknown-name", f"there is no policy `{line.policy}`", path, did_you_mean(line.policy, self.names)
                )
            self._check_levels(case, i)
        lines = {line.name: scene for line, scene in zip(case.lines, case.scenes, strict=True)}
        for expectation in case.expectations:
            for name, option in expectation.readings.items():
                try:
                    self.check_readings({name: option})
                except RequestError as error:
                    message, _, help = str(error).partition("; ")
                    named = message.split("`")[1] == name
                    where = (*expectation.place, "readings", name)
                    document.add("unknown-name", message, where, help or None, key=named)
            for name, expected in expectation.lines.items():
                place = (*expectation.place, "lines", name)
                if name not in lines:
                    document.add(
                        "unknown-name", f"the request has no line `{name}`", place, did_you_mean(name, lines), key=True
                    )
                    continue
                policy = self._policy_of(lines[name])
                for criterion in expected.criteria if policy else ():
                    assert policy is not None
                    if criterion not in policy.criteria:
                        document.add(
                            "unknown-name",
                            f"`{policy.name}` has no criterion `{criterion}`",
                            (*place, "criteria", criterion),
                            did_you_mean(criterion, policy.criteria),
                            key=True,
                        )

    def _check_levels(self, case: Case, i: int) -> None:
        """The levels of a line are ones that its policy is decided by, where it is decided level by level."""
        policy = self._policy_of(case.scenes[i])
        if policy is None or policy.per is None:
            return
        keys = self.vocabulary.records[policy.per].keys
        for level in case.lines[i].levels:
            if level not in keys:
                case.document.add(
                    "unknown-word",
                    f"`{level}` is no level that `{policy.name}` is decided by",
                    ("request", "lines", i, "levels"),
                    f"levels are {keys[0]} to {keys[-1]}",
                )

    def _policy_of(self, scene: Scene) -> Policy | None:
        names = (scene.line.policy,) if scene.line.policy else self.covering(scene.line.code or "")
        day = scene.date_of_service()
        return self.in_force(names[0], day) if len(names) == 1 and names[0] in self.names and day else None

    def _check_worlds(self, case: Case) -> None:
        """Some world agrees with the case's statements; if not, which statements and which assumption exclude it."""
        told: set[tuple[str, tuple[str, ...]]] = set()
        for scene in case.scenes:
            for diagnostic in self.conflicts(scene):
                key = (diagnostic.message, (diagnostic.path or "",))
                if key not in told:
                    told.add(key)
                    case.document.diagnostics.append(diagnostic)

    def conflicts(self, scene: Scene) -> list[Diagnostic]:
        """What a scene states that no world agrees with, and by which assumption."""
        program, situation = self._assumptions(scene)
        fixed = [(s, b) for s, b in situation.assumptions() if s.name != "finding"]
        pairs = list(situation.allowed)
        stated = [list(situation.excluded(pair, situation.allowed[pair])) for pair in pairs]
        texts = list(program.atoms("impossible", 1))
        found: list[Diagnostic] = []
        while True:
            waived = [[(waiver(t), False)] for t in texts]
            core = minimal(program, fixed, [*stated, *waived])
            if core is None:
                return found
            blamed = [texts[i - len(stated)] for i in core if i >= len(stated)]
            involved = [scene.statements[pairs[i]] for i in core if i < len(stated)]
            found.append(_conflict(involved, [t.arguments[0].string for t in blamed]))
            if blamed:
                texts.remove(blamed[0])
            else:
                gone = min(i for i in core if i < len(stated))
                del pairs[gone], stated[gone]

    def _assumptions(self, scene: Scene) -> tuple[Program, Situation]:
        """The program of the vocabulary alone: its assumptions can be waived one by one."""
        names = frozenset().union(*self.vocabulary.links)
        records = {self.vocabulary.attributes[n].record for n in names}
        kinds = sorted(k for k in records if self.vocabulary.records[k].mode is Mode.LISTED)
        slots = {kind: _room(scene.listed.get(kind, 0)) for kind in kinds}
        key = ("", "", tuple(slots.items()))
        if key not in self._programs:
            domain = Domain.of(self.vocabulary, names, {}, slots)
            text = domain.kinds_program() + "\n_waivable(T) :- impossible(T)."
            program = Program(
                self._words.statements, domain.facts(), text, ("world", "prepared"), str(self.directory / "vocabulary")
            )
            self._programs[key] = (program, domain)
        program, domain = self._programs[key]
        return program, Situation(domain, scene, dict(scene.listed))


def _conflict(involved: list[Any], texts: list[str]) -> Diagnostic:
    first = min(involved, key=lambda s: s.span)
    names = " and ".join(f"`{s.path}`" for s in sorted(involved, key=lambda s: s.span))
    if texts:
        what = " and ".join(f"`{t}`" for t in texts)
        return Diagnostic(
            "assumption", f"{names}: impossible, {what}", first.span, first.path, "correct what is stated"
        )
    return Diagnostic("contradiction", f"{names} cannot all be true", first.span, first.path, "correct what is stated")


def _room(listed: int) -> int:
    """How many slots a program has for this many listed records: the next power of two, so that few are prepared."""
    return 1 << (listed - 1).bit_length() if listed else 0


def load(directory: Path | str | None = None) -> Knowledge:
    """The knowledge base in a directory, the shipped one where none is named.

    Raises:
        KnowledgeError: with every defect of its files.
    """
    home = Path(directory) if directory is not None else shipped()
    report = Report()
    if not home.is_dir():
        report.add("unreadable", f"there is no knowledge base at `{home}`", Span(str(home), 1, 1))
        raise KnowledgeError(report.diagnostics)
    words = read_vocabulary(sorted((home / "vocabulary").glob("*.lp")), home / "vocabulary", report)
    unread = any(d.code in UNREAD for d in report.diagnostics) or not words.vocabulary.attributes
    if report.diagnostics and unread:  # every word would be unknown to the policies
        raise KnowledgeError(report.diagnostics)
    sources = [s for path in sorted(home.glob("policies/*/*.lp")) if (s := read_policy(path, words.vocabulary, report))]
    _check_places(home, sources, report)
    coding = read_coding(home / CODING, words.vocabulary, [s.policy for s in sources], report)
    knowledge = Knowledge(home, words, sources, coding)
    if not report.diagnostics:
        report.diagnostics += [d for policy in knowledge.policies for d in knowledge.check_program(policy)]
    if report.diagnostics:
        raise KnowledgeError(report.diagnostics)
    return knowledge


def _check_places(home: Path, sources: list[PolicySource], report: Report) -> None:
    """Every file lies where its name and date say, and no two versions share a date."""
    seen: dict[tuple[str, str], Policy] = {}
    for source in sources:
        policy = source.policy
        if policy.effective and (policy.name, policy.effective) in seen:
            report.add(
                "same-date",
                f"`{policy.name}` has another version of {policy.effective}, "
                f"`{seen[policy.name, policy.effective].path}`",
                policy.span,
                "give each version its own date, in `effective` and in the name of its file",
            )
            continue
        seen.setdefault((policy.name, policy.effective), policy)
        if policy.path.parent.name != policy.name or (policy.effective and policy.path.stem != policy.effective):
            report.add(
                "unreadable",
                f"`{policy.path.parent.name}/{policy.path.name}` "
                f"holds `{policy.name}` of {policy.effective or 'no date'}",
                policy.span,
                f"call the file `policies/{policy.name}/{policy.effective}.lp`",
            )
    for folder, depth, place in (("policies", 2, "policies/NAME/DATE.lp"), ("vocabulary", 1, "vocabulary/AREA.lp")):
        for path in sorted((home / folder).rglob("*.lp")):
            if len(path.relative_to(home / folder).parts) != depth:
                message = f"`{path.relative_to(home).as_posix()}` lies where nothing reads it"
                report.add("unreadable", message, Span(str(path), 1, 1), f"such a file lies in `{place}`")
