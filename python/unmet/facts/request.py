"""The lines of a request as facts, and what the request rules say of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from clingo import Function, Number, String, Symbol, SymbolType

from unmet.coding import Coding
from unmet.facts.terms import word_symbol
from unmet.results import Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the request rules see it.

    `amount` is how many levels or units it asks for, at least and at most; `own` its verdict on its policy's
    criteria, None while it is not decided; `units` the verdicts of its levels; `outpatient` whether its policy allows
    outpatient care only.
    """

    line: str
    code: str | None
    policy: str | None
    stage: int | None
    levels: tuple[str, ...]
    amount: tuple[int, int]
    own: Verdict | None = None
    units: tuple[Verdict, ...] = ()
    outpatient: bool = False


@dataclass
class Related:
    """What the request rules say: the verdict of each line, why it differs, and what follows from other lines.

    `because` holds the rule and, where it names one, another line or a level; `sums`, `least` and `most` the value of
    an attribute by line and name; `ambulatory` the stays whose lines are all for outpatients.
    """

    decided: dict[str, Verdict] = field(default_factory=dict)
    because: dict[str, list[tuple[str, str | None]]] = field(default_factory=dict)
    sums: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    least: dict[tuple[str, str], int] = field(default_factory=dict)
    most: dict[tuple[str, str], int] = field(default_factory=dict)
    ambulatory: set[str] = field(default_factory=set)


def coding_facts(coding: Coding) -> Iterator[Symbol]:
    """The tables of a knowledge base's coding file."""
    tables: Mapping[str, Mapping[str, Sequence[str]]] = {
        "group": coding.groups,
        "add_on": coding.add_ons,
        "counts": coding.counts,
        "tallies": coding.tallies,
    }
    for name, table in tables.items():
        for key, members in table.items():
            first = String(key) if name == "add_on" else Function(key)
            yield from (Function(name, [first, _member(m, coding)]) for m in members)
    for code, levels in coding.regions.items():
        yield from (Function("region", [String(code), String(level)]) for level in levels)
    yield from (Function("incidental", [String(code)]) for code in sorted(coding.incidental))
    yield from (Function("stay", [Function(policy)]) for policy in sorted(coding.stays))


def _member(member: str, coding: Coding) -> Symbol:
    """A code as a string; a group, a policy or `any` as a constant."""
    return word_symbol(member) if member in coding.groups or member[:1].islower() else String(member)


def row_facts(rows: Iterable[Row]) -> Iterator[Symbol]:
    """The lines of a request, with the decisions made so far."""
    for row in rows:
        line = String(row.line)
        yield Function("line", [line])
        if row.code is not None:
            yield Function("code", [line, String(row.code)])
        if row.policy is not None:
            yield Function("policy", [line, Function(row.policy)])
        if row.stage is not None:
            yield Function("stage", [line, Number(row.stage)])
        yield Function("amount", [line, Number(row.amount[0]), Number(row.amount[1])])
        if row.own is not None:
            yield Function("own", [line, Function(row.own)])
        if row.outpatient:
            yield Function("outpatient", [line])
        yield from (Function("level", [line, String(level)]) for level in row.levels)
        yield from (Function("unit", [line, Number(i), Function(v)]) for i, v in enumerate(row.units))


def related_of(atoms: Iterable[Symbol]) -> Related:
    """The request rules' answer from their atoms."""
    related = Related()
    for atom in sorted(atoms):
        line, *rest = atom.arguments
        name = line.string
        match atom.name:
            case "decided":
                related.decided[name] = Verdict(rest[0].name)
            case "because":
                other = rest[1] if len(rest) == 2 else None
                text = None if other is None else other.string if other.type is SymbolType.String else str(other)
                related.because.setdefault(name, []).append((rest[0].name, text))
            case "sum":
                related.sums[name, rest[0].name] = (rest[1].number, rest[2].number)
            case "least" | "most":
                table = related.least if atom.name == "least" else related.most
                table[name, rest[0].name] = rest[1].number
            case "ambulatory_only":
                related.ambulatory.add(name)
    return related
