"""The facts that a knowledge base may state: one table for the vocabulary, one for policies, and their reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from clingo import Symbol, SymbolType
from clingo.ast import AST

from unmet.diagnostics import Span, nearest
from unmet.findings import CHECKS
from unmet.policy import Acknowledgement
from unmet.source.syntax import Report, constants, is_string, span_of, word_of
from unmet.values import ValueFault, is_identifier, parse_date
from unmet.vocabulary import Mode

BUILT_IN = ("finding", "documented", "at_least", "at_most", "met", "chosen", "impossible")
"""The predicates of rules that are no facts."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One ground fact: its values in Python, and where it and each argument stand."""

    name: str
    values: tuple[Any, ...]
    span: Span
    spans: tuple[Span, ...]


def acknowledgement(fact: Fact) -> Acknowledgement:
    """What a fact `acknowledged(CODE, SUBJECT, REASON)` says."""
    code, subjects, reason = fact.values
    return Acknowledgement(code, subjects, reason, fact.span)


def _name(symbol: Symbol) -> str | None:
    word = word_of(symbol)
    return word if word is not None and not is_string(symbol) else None


def _word(symbol: Symbol) -> str | None:
    word = word_of(symbol)
    return None if not word or word.isspace() or (is_string(symbol) and is_identifier(word)) else word


def _string(symbol: Symbol) -> str | None:
    return symbol.string if is_string(symbol) else None


def _text(symbol: Symbol) -> str | None:
    return symbol.string if is_string(symbol) and symbol.string.strip() else None


def _integer(symbol: Symbol) -> int | None:
    return symbol.number if symbol.type is SymbolType.Number else None


def _value(symbol: Symbol) -> str | int | None:
    return _integer(symbol) if symbol.type is SymbolType.Number else _word(symbol)


def _ranked(symbol: Symbol) -> tuple[str, int] | None:
    if symbol.type is SymbolType.Function and symbol.name == "" and len(symbol.arguments) == 2:
        word, rank = _word(symbol.arguments[0]), _integer(symbol.arguments[1])
        if word is not None and rank is not None:
            return word, rank
    return None


def _mode(symbol: Symbol) -> Mode | None:
    name = _name(symbol)
    return Mode(name) if name in list(Mode) else None


def _date(symbol: Symbol) -> str | None:
    try:
        return parse_date(_string(symbol)).isoformat()
    except ValueFault:
        return None


def _age_group(symbol: Symbol) -> str | None:
    name = _name(symbol)
    return name if name in ("adult", "pediatric") else None


def _change(symbol: Symbol) -> str | None:
    name = _name(symbol)
    return name if name in ("document", "obtain", "treat", "wait", "clinical") else None


def _unit(symbol: Symbol) -> str | None:
    name = _name(symbol)
    return name if name in ("years", "months", "weeks", "days") else None


def _check(symbol: Symbol) -> str | None:
    code = _string(symbol)
    return code if code in CHECKS else None


def _subjects(symbol: Symbol) -> tuple[str, ...] | None:
    """What a finding is about: a word, or several as a tuple."""
    several = symbol.type is SymbolType.Function and symbol.name == "" and len(symbol.arguments) > 1
    found = tuple(word_of(each) for each in (symbol.arguments if several else [symbol]))
    words = tuple(word for word in found if word and not word.isspace())
    return words if len(words) == len(found) else None


def _member(symbol: Symbol) -> str | None:
    return word_of(symbol)


@dataclass(frozen=True, slots=True)
class Argument:
    """What an argument of a fact is, for the reader and in the words of a message; `known` are all that it may be."""

    words: str
    read: Callable[[Symbol], Any]
    known: tuple[str, ...] = ()


NAME = Argument("an identifier such as `left_knee`", _name)
WORD = Argument("an identifier, or a string where it cannot be one", _word)
STRING = Argument("a string", _string)
TEXT = Argument("a string that is not empty", _text)
INTEGER = Argument("an integer", _integer)
VALUE = Argument("a word or an integer", _value)
RANKED = Argument("a word with its rank, such as `(mild, 1)`", _ranked)
MODE = Argument("`one`, `keyed` or `listed`", _mode)
DATE = Argument('a date that exists, such as `"2025-07-24"`', _date)
AGE_GROUP = Argument("`adult` or `pediatric`", _age_group)
MEMBER = Argument("a code in quotes, or the name of a group or policy", _member)
CHANGE = Argument("`document`, `obtain`, `treat`, `wait` or `clinical`", _change)
CHECK = Argument('a code of docs/checks.md in quotes, such as `"gap"`', _check, tuple(CHECKS))
SUBJECTS = Argument("a name, a code in quotes, or several of them, such as `(early, late)`", _subjects)
UNIT = Argument("`years`, `months`, `weeks` or `days`", _unit)

Signatures = Mapping[str, tuple[tuple[str, Argument], ...]]

VOCABULARY: Signatures = {
    "record": (("kind", NAME), ("mode", MODE)),
    "key": (("kind", NAME), ("key", WORD)),
    "flag": (("kind", NAME), ("attribute", NAME)),
    "choice": (("kind", NAME), ("attribute", NAME), ("option", WORD)),
    "scale": (("kind", NAME), ("attribute", NAME), ("(word, rank)", RANKED)),
    "number": (("kind", NAME), ("attribute", NAME), ("low", INTEGER), ("high", INTEGER)),
    "date": (("kind", NAME), ("attribute", NAME)),
    "places": (("attribute", NAME), ("decimals", INTEGER)),
    "derived": (("attribute", NAME), ("unit", UNIT), ("from", NAME), ("to", NAME)),
    "text": (("attribute", NAME), ("unit", STRING), ("label", STRING)),
    "presumed": (("attribute", NAME), ("value", VALUE)),
    "immutable": (("attribute", NAME),),
    "grows": (("attribute", NAME),),
    "burden": (("attribute", NAME), ("weight", INTEGER)),
    "worse_is_needier": (("attribute", NAME),),
    "changed_by": (("attribute", NAME), ("kind", CHANGE)),
}

POLICY: Signatures = {
    "policy": (("name", NAME), ("title", TEXT)),
    "version": (("version", TEXT),),
    "document": (("document", TEXT),),
    "effective": (("date", DATE),),
    "review_due": (("date", DATE),),
    "covers": (("code", TEXT),),
    "unlisted": (("code", TEXT),),
    "population": (("group", AGE_GROUP),),
    "setting": (("setting", WORD),),
    "days": (("least", INTEGER), ("most", INTEGER)),
    "per": (("kind", NAME),),
    "criterion": (("name", NAME), ("text", STRING), ("citation", STRING)),
    "row": (("criterion", NAME),),
    "reading": (("name", NAME), ("option", NAME), ("why", STRING)),
    "default": (("reading", NAME), ("option", NAME)),
    "complementary": (("criterion", NAME), ("criterion", NAME)),
    "acknowledged": (("code", CHECK), ("subject", SUBJECTS), ("reason", TEXT)),
}


CODING: Signatures = {
    "group": (("name", NAME), ("member", MEMBER)),
    "add_on": (("code", STRING), ("primary", MEMBER)),
    "incidental": (("code", STRING),),
    "region": (("code", STRING), ("level", WORD)),
    "counts": (("attribute", NAME), ("member", MEMBER)),
    "stay": (("policy", NAME),),
    "tallies": (("attribute", NAME), ("member", MEMBER)),
    "ambulatory": (("attribute", NAME),),
    "acknowledged": (("check", CHECK), ("subject", SUBJECTS), ("reason", TEXT)),
}


def read_fact(name: str, arguments: list[AST], span: Span, signatures: Signatures, report: Report) -> list[Fact]:
    """The facts a head states, its pools unfolded; none, and a diagnostic, where an argument is of the wrong kind."""
    signature = signatures[name]
    usage = f"{name}({', '.join(label for label, _ in signature)})"
    if len(arguments) != len(signature):
        report.add(
            "wrong-arguments",
            f"`{name}` takes {len(signature)} argument{'s' * (len(signature) != 1)}, not {len(arguments)}",
            span,
            f"write `{usage}`",
        )
        return []
    columns: list[list[tuple[Any, Span]]] = []
    for term, (label, kind) in zip(arguments, signature, strict=True):
        found = constants(term)
        bad = next(((str(symbol), place) for symbol, place in found or () if kind.read(symbol) is None), None)
        if found is None:
            bad = report.quote(term), span_of(term)
        if bad is not None or not found:
            word, place = bad or (report.quote(term), span_of(term))
            message = f"the {label} of `{name}` is {kind.words}, not `{word}`"
            report.add("wrong-arguments", message, place, nearest(word.strip('"'), kind.known) or f"write `{usage}`")
            return []
        columns.append([(kind.read(symbol), place) for symbol, place in found])
    return [Fact(name, tuple(v for v, _ in row), span, tuple(s for _, s in row)) for row in product(*columns)]
