"""A knowledge base from its files: read, held against every limit of the language, with all that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from unmet.coding import Coding
from unmet.diagnostics import Diagnostic, Span
from unmet.errors import KnowledgeError
from unmet.knowledge import CODING, Knowledge
from unmet.policy import Policy
from unmet.solver import Rules
from unmet.source import ParsedPolicy, ParsedVocabulary, Report, read_coding, read_policy, read_vocabulary
from unmet.sources import PolicySource, Sources, covering

UNREAD = ("syntax", "unreadable")
"""The diagnostics of a vocabulary file that could not be read at all."""


def read(home: Path) -> Sources:
    """The knowledge base in a directory.

    Raises:
        KnowledgeError: with every defect of its files.
    """
    report = Report()
    if not home.is_dir():
        report.add("unreadable", f"there is no knowledge base at `{home}`", Span(str(home), 1, 1))
        raise KnowledgeError(report.diagnostics)
    words = read_vocabulary(sorted((home / "vocabulary").glob("*.lp")), home / "vocabulary", report)
    unread = any(d.code in UNREAD for d in report.diagnostics) or not words.vocabulary.attributes
    if report.diagnostics and unread:  # every word would be unknown to the policies
        raise KnowledgeError(report.diagnostics)
    parsed = [p for path in sorted(home.glob("policies/*/*.lp")) if (p := read_policy(path, words.vocabulary, report))]
    policies = [p.source.policy for p in parsed]
    _check_places(home, policies, report)
    coding = read_coding(home / CODING, words.vocabulary, policies, report)
    sources = _together(words, parsed, coding)
    if not report.diagnostics:
        knowledge = Knowledge(home, sources)
        for policy in parsed:
            report.diagnostics.extend(said(knowledge, words.statements, policy))
    if report.diagnostics:
        raise KnowledgeError(report.diagnostics)
    return sources


def _together(words: ParsedVocabulary, parsed: list[ParsedPolicy], coding: Coding) -> Sources:
    found = {(p.source.policy.name, p.source.policy.effective): p.source for p in parsed}
    policies = {version: found[version] for version in sorted(found)}
    return Sources(words.source, policies, coding, covering(s.policy for s in policies.values()))


def read_version(knowledge: Knowledge, path: Path) -> PolicySource:
    """A version of a policy from a file beside a knowledge base, in the words of its vocabulary.

    Raises:
        KnowledgeError: with every defect of the file.
    """
    report = Report()
    parsed = read_policy(path, knowledge.vocabulary, report)
    if parsed is None or report.diagnostics:
        raise KnowledgeError(report.diagnostics)
    if found := said(knowledge.with_version(parsed.source), [knowledge.sources.words.rules], parsed):
        raise KnowledgeError(found)
    return parsed.source


def said(knowledge: Knowledge, words: Sequence[Rules], parsed: ParsedPolicy) -> list[Diagnostic]:
    """What clingo says of a policy's program, ground from the parsed rules, so that it can name their places.

    Args:
        words: the rules of the vocabulary.
    """
    policy = parsed.source.policy
    slots = {kind: max(1, policy.spares.get(kind, 0)) for kind in knowledge.listed(policy)}
    try:
        knowledge.prepare(policy, slots, [*words, *parsed.statements])
    except KnowledgeError as error:
        return list(error.diagnostics)
    return []


def _check_places(home: Path, policies: list[Policy], report: Report) -> None:
    """Every file lies where its name and date say, and no two versions share a date."""
    seen: dict[tuple[str, str], Policy] = {}
    for policy in policies:
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
                f"call the file `policies/{policy.name}/{policy.effective}.lp`" if policy.effective else None,
            )
    for folder, depth, place in (("policies", 2, "policies/NAME/DATE.lp"), ("vocabulary", 1, "vocabulary/AREA.lp")):
        for path in sorted((home / folder).rglob("*.lp")):
            if len(path.relative_to(home / folder).parts) != depth:
                message = f"`{path.relative_to(home).as_posix()}` lies where nothing reads it"
                report.add("unreadable", message, Span(str(path), 1, 1), f"such a file lies in `{place}`")
