"""A knowledge base: what can be found in it, its prepared programs, and cases held against it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unmet.assumptions import Assumptions
from unmet.case import Case, Scene
from unmet.diagnostics import Diagnostic, did_you_mean
from unmet.document import Document, of_data, read
from unmet.errors import CaseError, RequestError
from unmet.facts.answers import READS, SHOWN
from unmet.facts.domain import Domain, Situation, room
from unmet.facts.request import Related, Row, coding_facts, related_of, row_facts
from unmet.policy import Policy
from unmet.prepared import Prepared
from unmet.solver import Observer, Program, Rules
from unmet.sources import PolicySource, Sources, Version, covering
from unmet.values import check_day
from unmet.vocabulary import Mode, Vocabulary

if TYPE_CHECKING:
    from unmet.casemodel import CaseModels
    from unmet.circuits.rules import Ground

REQUEST = ("lines", "request", "stay")
"""The encodings that relate the lines of a request."""

MOST_REQUESTS = 4_096
"""Of how many requests it is remembered what the request rules say: most are like one before."""

CODING = "coding.lp"
"""The file of a knowledge base that relates the lines of a request."""


class Knowledge:
    """A knowledge base that loaded without a defect; programs are prepared when first needed and kept."""

    def __init__(self, directory: Path, sources: Sources) -> None:
        self.directory = directory
        self.sources = sources
        self.coding = sources.coding
        self.vocabulary: Vocabulary = sources.words.vocabulary
        home = str(directory / "vocabulary")
        self._assumptions = Assumptions(self.vocabulary, sources.words.rules, home)
        self._programs: dict[tuple[str, str, tuple[tuple[str, int], ...]], Prepared] = {}
        self._listed: dict[Version, tuple[str, ...]] = {}
        self._preparing = threading.Lock()
        self._relate = lru_cache(MOST_REQUESTS)(self._ground_request)
        self._in_force = lru_cache(MOST_REQUESTS)(self._find_in_force)

    def source(self, policy: Policy) -> PolicySource:
        """A version of a policy with its text."""
        return self.sources.policies[policy.name, policy.effective]

    def with_version(self, source: PolicySource) -> Knowledge:
        """The knowledge base in which this version is the only one of its policy."""
        others = {v: s for v, s in self.sources.policies.items() if v[0] != source.policy.name}
        return self._holding(others, source)

    def holding(self, source: PolicySource) -> Knowledge:
        """The knowledge base that also holds this version, for the one of its date where there is one."""
        return self._holding(self.sources.policies, source)

    def _holding(self, others: Mapping[Version, PolicySource], source: PolicySource) -> Knowledge:
        found = {**others, (source.policy.name, source.policy.effective): source}
        policies = {v: found[v] for v in sorted(found)}
        codes = covering(s.policy for s in policies.values())
        return Knowledge(self.directory, replace(self.sources, policies=policies, codes=codes))

    # -- finding policies -------------------------------------------------------------------------------------

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """Every version of every policy, by name and date."""
        return tuple(source.policy for source in self.sources.policies.values())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the policies."""
        return tuple(dict.fromkeys(name for name, _ in self.sources.policies))

    def versions(self, name: str) -> tuple[Policy, ...]:
        """The versions of a policy, oldest first.

        Raises:
            RequestError: there is no such policy.
        """
        if name not in self.names:
            help = did_you_mean(name, self.names)
            raise RequestError(f"there is no policy `{name}`", help)
        return tuple(source.policy for version, source in self.sources.policies.items() if version[0] == name)

    def in_force(self, name: str, day: str) -> Policy | None:
        """The version of a policy in force on a day (ISO), None where there is none."""
        return self._in_force(name, day)

    def _find_in_force(self, name: str, day: str) -> Policy | None:
        known = self.sources.policies
        found = [version for version in known if version[0] == name and version[1] <= day]
        return known[found[-1]].policy if found else None

    def version(self, name: str, day: str | None = None) -> Policy:
        """The version of a policy in force on a day, the newest where no day is given.

        Raises:
            RequestError: there is no such policy, no such day, or no version in force.
        """
        versions = self.versions(name)
        check_day(day)
        found = versions[-1] if day is None else self.in_force(name, day)
        if found is None:
            raise RequestError(
                f"no version of `{name}` is in force on {day}", f"the first is of {versions[0].effective}"
            )
        return found

    def covering(self, code: str) -> tuple[str, ...]:
        """The policies that cover a code in any version."""
        return self.sources.codes.get(code, ())

    def check_readings(self, readings: Mapping[str, str], policy: Policy | None = None) -> None:
        """Holds chosen readings against all policies, and against one where it alone is asked about.

        Raises:
            RequestError: no policy has such a reading, or none of those that have it has the option; or that one has
                no such reading or option.
        """
        if not readings:
            return
        known = options_of(self.policies)
        own = known if policy is None else options_of([policy])
        where = "" if policy is None else f"`{policy.name}` of {policy.effective}"
        for name, option in readings.items():
            if name not in known:
                raise RequestError(f"there is no reading `{name}`", did_you_mean(name, known))
            if option not in known[name]:
                help = did_you_mean(option, own.get(name, known[name]))
                raise RequestError(f"`{option}` is not an option of `{name}`", help)
            if policy is not None and name not in own:
                raise RequestError(f"{where} has no reading `{name}`", did_you_mean(name, policy.readings))
            if option not in own[name]:
                help = did_you_mean(option, own[name])
                raise RequestError(f"`{option}` is not an option of `{name}` in {where}", help)

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
        prepared, situation = self.prepared(policy, scene)
        return prepared.program, situation

    def prepared(
        self, policy: Policy, scene: Scene, *, more: Mapping[str, int] | None = None
    ) -> tuple[Prepared, Situation]:
        """As `program`, with what is kept beside the program.

        `more` is room for further records of a kind, beyond those that the rules can tell apart.
        """
        listed = scene.listed
        spares = {k: n + (more or {}).get(k, 0) for k, n in policy.spares.items()} if more else policy.spares
        kinds = self.listed(policy)
        slots = tuple([(kind, room(listed.get(kind, 0)) + spares.get(kind, 0)) for kind in kinds])
        key = (policy.name, policy.effective, slots)
        found = self._programs.get(key)
        if found is None or found.program.is_full:
            with self._preparing:
                found = self._programs.get(key)
                if found is None or found.program.is_full:
                    found = self._programs[key] = self._prepared(policy, dict(slots))
        most = {kind: listed.get(kind, 0) + spares.get(kind, 0) for kind in kinds}
        return found, Situation(found.domain, scene, most)

    def _prepared(self, policy: Policy, slots: Mapping[str, int]) -> Prepared:
        program, domain = self.prepare(policy, slots)
        return Prepared(program, domain, partial(self.ground, policy, slots))

    def ground(self, policy: Policy, slots: Mapping[str, int], chosen: Mapping[str, str] | None) -> Ground:
        """The rules of a policy's program as formulas, under a choice of readings; with these open, where none is."""
        from unmet.circuits.rules import GroundRules, ground

        rules = GroundRules()
        program, domain = self.prepare(policy, slots, observer=rules)
        return ground(program, rules, domain, policy, chosen, (*SHOWN, READS))

    def listed(self, policy: Policy) -> tuple[str, ...]:
        """The listed record kinds that a policy's program holds."""
        version = (policy.name, policy.effective)
        if version not in self._listed:
            names = self.vocabulary.linked(policy.attributes)
            kinds = {self.vocabulary.attributes[n].record for n in names} | set(policy.spares)
            records = self.vocabulary.records
            self._listed[version] = tuple(sorted(k for k in kinds if records[k].mode is Mode.LISTED))
        return self._listed[version]

    def domain(self, policy: Policy, slots: Mapping[str, int]) -> Domain:
        """What the worlds of a policy's program are made of, with so many slots for listed records."""
        domain = Domain.of(self.vocabulary, policy.attributes, policy.cuts, slots, policy.documented)
        return domain.narrowed(policy.per)

    def prepare(
        self,
        policy: Policy,
        slots: Mapping[str, int],
        rules: Sequence[Rules] | None = None,
        observer: Observer | None = None,
    ) -> tuple[Program, Domain]:
        """The program of a policy with so many slots for the records of each listed kind.

        Args:
            rules: those of the vocabulary and the policy in another form than as text.
            observer: is told each ground rule.

        Raises:
            KnowledgeError: clingo has something to say about it.
        """
        source, domain = self.source(policy), self.domain(policy, slots)
        program = Program(
            rules or (self.sources.words.rules, source.text, source.reads),
            (),
            domain.program(),
            ("world", "prepared", "outcome", "criteria", "statuses"),
            str(policy.path),
            observer,
        )
        return program, domain

    def relate(self, rows: Iterable[Row]) -> Related:
        """What the request rules say of the lines of a request."""
        lines = tuple(rows)
        if not any(self.coding.concerns(row.code, row.policy) for row in lines):
            return Related(decided={row.line: row.own for row in lines if row.own is not None})
        return self._relate(lines)

    def _ground_request(self, rows: tuple[Row, ...]) -> Related:
        program = Program((self._coding_rules,), row_facts(rows), "", REQUEST, str(self.directory / CODING))
        return related_of(program.only_model())

    @cached_property
    def _coding_rules(self) -> str:
        return "".join(f"{fact}." for fact in coding_facts(self.coding))

    # -- cases ------------------------------------------------------------------------------------------------

    def conflicts(self, scene: Scene) -> list[Diagnostic]:
        """What a scene states that no world agrees with, and by which assumption."""
        return list(self._assumptions.conflicts([scene]))

    @cached_property
    def _models(self) -> CaseModels:
        from unmet.casemodel import CaseModels  # with pydantic, which only those need who read cases

        return CaseModels(self.vocabulary)

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
        from unmet.casefile import read_case

        case = read_case(document, self.vocabulary, self._models)
        document.diagnostics.extend(self._assumptions.conflicts(case.scenes))
        self._check_names(case)
        if document.diagnostics:
            raise CaseError(document.diagnostics)
        return case

    def schema(self, policy: str | None = None) -> dict[str, Any]:
        """The JSON Schema of a case: over the whole vocabulary, or what one policy reads.

        Raises:
            RequestError: there is no such policy.
        """
        from unmet.casemodel import case_schema

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
                    named = error.message.split("`")[1] == name
                    where = (*expectation.place, "readings", name)
                    document.add("unknown-name", error.message, where, error.help, key=named)
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


def options_of(policies: Iterable[Policy]) -> dict[str, set[str]]:
    """The options that any of some policies has of a reading, which is called by its name alone or with the policy."""
    found: dict[str, set[str]] = {}
    for policy in policies:
        for reading in policy.readings.values():
            for name in (reading.name, f"{policy.name}.{reading.name}"):
                found.setdefault(name, set()).update(reading.options)
    return found
