"""Statements a second time, under other names, so that one program can hold two sets of rules, or two worlds.

A copy of a predicate has the same arguments and the name `_other_NAME`. Which predicates are copied follows from the
record kinds that the two sides have *apart*: findings and records of those kinds are copied, those of all other kinds
are shared, and whatever a policy defines is copied always.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from clingo import Function, Symbol
from clingo.ast import ASTType

from unmet.source.again import MOST_TEXTS, parsed
from unmet.source.marked import Atom, Statement, as_rule, marked
from unmet.source.readings import READING_PREDICATES
from unmet.source.statements import POLICY, VOCABULARY
from unmet.source.syntax import atom_of
from unmet.vocabulary import Vocabulary

PREFIX = "_other_"


def other(symbol: Symbol) -> Symbol:
    """The atom in the copy that stands for this one."""
    return Function(PREFIX + symbol.name, symbol.arguments)


def copied(text: str, vocabulary: Vocabulary, apart: Collection[str]) -> tuple[str, ...]:
    """The statements of a text over copied predicates, without the facts of a vocabulary, which both sides share."""
    own = frozenset(apart)

    def copy(atom: Atom) -> str | None:
        """The text of an atom in the copy, None for one that is shared."""
        return PREFIX + atom.text if _is_copied(atom, vocabulary, own) else None

    return tuple(statement.written(copy) for statement in marked(text) if not _is_shared(statement))


def _is_copied(atom: Atom, vocabulary: Vocabulary, apart: frozenset[str]) -> bool:
    """Whether an atom, or what is declared of a predicate (without arguments), is renamed."""
    if atom.name in VOCABULARY:
        return False
    if atom.name in vocabulary.records and atom.arguments:
        return atom.name in apart
    if atom.name in READING_PREDICATES and len(atom.arguments) > 1:
        attribute = vocabulary.attributes.get(atom.arguments[1])
        return attribute is None or attribute.record in apart
    return True


def _is_shared(statement: Statement) -> bool:
    """Whether a statement is a fact that no rule reads, or that both sides share: a declaration."""
    if statement.head is None or statement.body or not statement.head.plain:
        return False
    name = statement.head.atoms[0].name
    return name in VOCABULARY or (name in POLICY and name != "reading")


def computing(words: str) -> Iterator[str]:
    """The formulas of a vocabulary, with `_computed(E, A, V)` for what they give."""
    for statement in marked(words):
        if statement.head is not None and statement.body and statement.head.atoms[0].name == "finding":
            given = ", ".join(statement.head.atoms[0].arguments)
            yield as_rule(f"_computed({given})", (each.written(lambda _: None) for each in statement.body))


@lru_cache(MOST_TEXTS)
def attributes_of_several(words: str) -> frozenset[str]:
    """The attributes in rules of a vocabulary that speak of more than one record: such a rule ties records together."""
    found: set[str] = set()
    for statement in parsed(words):
        if statement.ast_type is ASTType.Rule and statement.body:
            literals = (each for each in (statement.head, *statement.body) if each.ast_type is ASTType.Literal)
            atoms = [atom for atom in map(atom_of, literals) if atom is not None and atom[0] != "impossible"]
            read = [arguments for name, arguments in atoms if name in READING_PREDICATES]
            if len({str(arguments[0]) for _, arguments in atoms if arguments}) > 1:
                found.update(str(arguments[1]) for arguments in read)
    return frozenset(found)
