"""What a run over case files found, and what the cases cover: text, JSON and JUnit XML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from unmet.covered import WHY, Coverage, PolicyCoverage, Share, State
from unmet.render.wording import number_of
from unmet.results import Mismatch
from unmet.suite import CheckedFile, SuiteRun

# -- text -----------------------------------------------------------------------------------------------------


def as_text(run: SuiteRun, covered: Coverage | None) -> RenderableType:
    """What failed, expected beside actual, and the count; then what is covered."""
    parts: list[RenderableType] = []
    if run.failed:
        parts.append(_failures(run.failed))
    wrong = f", {len(run.failed)} not as expected" if run.failed else ", all as expected" if run.expectations else ""
    unread = f", {number_of(len(run.broken), 'problem')} in case files" if run.broken else ""
    counts = f"{number_of(len(run.files), 'case')}, {number_of(len(run.expectations), 'expectation')}"
    parts.append(Text(f"{counts}{wrong}{unread}", style="bold"))
    if covered is not None:
        parts += [Text(""), coverage_text(covered)]
    return Group(*parts)


def _failures(failed: Sequence[Mismatch]) -> Table:
    table = _table("place", "what", "expected", "actual")
    for m in failed:
        table.add_row(m.place, m.path, m.expected, m.actual)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for i, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=i >= 2)
    return table


def coverage_text(covered: Coverage) -> RenderableType:
    """A row a version, then what is missing, what no case can show, and the share of all."""
    table = _table("policy", "version", "decided", "seen", "reachable", "coverage")
    for column in table.columns[2:]:
        column.justify = "right"
    for p in covered.policies:
        table.add_row(
            p.policy, p.effective, str(p.decided), str(p.share.seen), str(p.share.reachable), f"{p.share.percent:.1f} %"
        )
    parts: list[RenderableType] = [table]
    for state, title in ((State.MISSING, "missing"), (State.UNREACHABLE, "proved out of reach, and not counted")):
        for policy in covered.policies:
            if rows := list(_goals(policy, state)):
                head = Text.assemble(f"\n{title}: ", (f"{policy.policy}, {policy.effective}", "bold"))
                parts += [head, _goal_table(rows)]
    parts.append(Text(f"\n{share_text(covered.share)}", style="bold"))
    return Group(*parts)


def share_text(share: Share) -> str:
    """`932 of 935 goals seen, 99.6 %`"""
    return f"{share.seen} of {number_of(share.reachable, 'goal')} seen, {share.percent:.1f} %"


def _goals(policy: PolicyCoverage, state: State) -> Iterator[tuple[str, str, str, str]]:
    """A row for the goals of one criterion that have the same reason: criterion, citation, goals, reason."""
    for criterion in policy.criteria:
        found = [g for g in criterion.goals if g.state is state]
        for why in dict.fromkeys(g.why for g in found):
            goals = ", ".join(g.goal for g in found if g.why is why)
            yield criterion.criterion, criterion.citation, goals, WHY[why] if why else ""


def _goal_table(rows: Iterable[tuple[str, str, str, str]]) -> Table:
    table = _table("criterion", "citation", "goals", "why")
    table.columns[0].no_wrap = True
    table.columns[3].no_wrap = False
    for row in rows:
        table.add_row(*row)
    return table


# -- JSON -----------------------------------------------------------------------------------------------------


def as_json(run: SuiteRun, covered: Coverage | None) -> dict[str, Any]:
    """What `unmet test` found; with `coverage` where it was asked for."""
    found: dict[str, Any] = {
        "cases": len(run.files),
        "expectations": len(run.expectations),
        "failed": [asdict(m) for m in run.failed],
        "diagnostics": [asdict(d) for d in run.broken],
    }
    return found if covered is None else found | {"coverage": coverage_json(covered)}


def coverage_json(covered: Coverage) -> dict[str, Any]:
    """The dataclasses of `unmet.covered`, with the percentage of each share and the sentence of each reason."""
    return {
        **_share(covered.share),
        "policies": [
            {
                "policy": p.policy,
                "title": p.title,
                "version": p.version,
                "effective": p.effective,
                "decided": p.decided,
                **_share(p.share),
                "criteria": [asdict(c) for c in p.criteria],
            }
            for p in covered.policies
        ],
    }


def _share(share: Share) -> dict[str, Any]:
    return {**asdict(share), "percent": share.percent}


# -- JUnit XML ------------------------------------------------------------------------------------------------


def junit(run: SuiteRun) -> str:
    """A suite a folder, a test case an expectation; a file that does not load is an error."""
    root = ElementTree.Element("testsuites", name="unmet test")
    folders: dict[str, list[CheckedFile]] = {}
    for file in run.files:
        folders.setdefault(file.file.parent.as_posix(), []).append(file)
    for folder, files in folders.items():
        suite = ElementTree.SubElement(root, "testsuite", name=printable(folder))
        for file in files:
            _junit_file(suite, folder, file)
    for element in (root, *root):
        for tag, attribute in (("testcase", "tests"), ("failure", "failures"), ("error", "errors")):
            element.set(attribute, str(len(list(element.iter(tag)))))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _junit_file(suite: ElementTree.Element, folder: str, file: CheckedFile) -> None:
    if file.broken:
        case = ElementTree.SubElement(suite, "testcase", classname=printable(folder), name=printable(file.file.name))
        error = ElementTree.SubElement(case, "error", type="CaseError", message=printable(file.broken[0].message))
        error.text = printable("\n".join(map(str, file.broken)))
    for expectation in file.expectations:
        name = printable(f"{file.file.name} {expectation.path}")
        case = ElementTree.SubElement(suite, "testcase", classname=printable(folder), name=name)
        if expectation.failed:
            said = [f"{m.place}: {m.path}: expected {m.expected}, found {m.actual}" for m in expectation.failed]
            failure = ElementTree.SubElement(case, "failure", type="Mismatch", message=printable(said[0]))
            failure.text = printable("\n".join(said))


def printable(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    text = text.encode("utf-8", "replace").decode()
    return "".join(c if c in "\t\n" or (ord(c) >= 32 and c not in "\ufffe\uffff") else "\ufffd" for c in text)
