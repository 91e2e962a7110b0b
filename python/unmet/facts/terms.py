"""Entities, values and findings as clingo terms, and back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from clingo import Function, Number, String, Symbol, SymbolType

from unmet.values import is_identifier
from unmet.vocabulary import Entity

Cell = str | tuple[int, int]
"""A word, or a class of numbers (an interval that no rule tells apart)."""

Pair = tuple[Entity, str]
"""An attribute of an entity."""


def word_symbol(word: str) -> Symbol:
    """A word as a term: an identifier as a constant, any other as a string."""
    return Function(word) if is_identifier(word) else String(word)


def symbol_of(name: str, arguments: Sequence[Symbol] = ()) -> Symbol:
    """An atom or term by its name."""
    return Function(name, list(arguments))


def number_term(number: int) -> Symbol:
    """A number as a term."""
    return Number(number)


@cache
def entity_symbol(entity: Entity) -> Symbol:
    """`patient`, `hip(left)`, `injection(2)`."""
    if entity.key is None:
        return Function(entity.record)
    key = Number(entity.key) if isinstance(entity.key, int) else word_symbol(entity.key)
    return Function(entity.record, [key])


def entity_of(symbol: Symbol) -> Entity:
    """The entity a term stands for."""
    if not symbol.arguments:
        return Entity(symbol.name)
    key = symbol.arguments[0]
    return Entity(symbol.name, key.number if key.type is SymbolType.Number else text_of(key))


def text_of(symbol: Symbol) -> str:
    """A word or a criterion's name from its term."""
    return symbol.string if symbol.type is SymbolType.String else str(symbol)


def cell_symbol(cell: Cell) -> Symbol:
    """The value that stands for a word or a class in a program: the class's least number."""
    return word_symbol(cell) if isinstance(cell, str) else Number(cell[0])


@cache
def finding(pair: Pair, cell: Cell) -> Symbol:
    """The atom `finding(E, A, V)`."""
    return Function("finding", [entity_symbol(pair[0]), Function(pair[1]), cell_symbol(cell)])


@cache
def presence(entity: Entity) -> Symbol:
    """The atom that a listed record is there."""
    return Function("_present", [entity_symbol(entity)])


@cache
def statable(pair: Pair) -> Symbol:
    """The atom that says that a finding is stated."""
    return Function("_stated", [entity_symbol(pair[0]), Function(pair[1])])


@cache
def outcome(name: str) -> Symbol:
    """The atom that a world's outcome is `approve`, `deny` or `refer`."""
    return Function("_outcome", [Function(name)])


def waiver(impossible: Symbol) -> Symbol:
    """The atom that waives the domain assumption of an atom `impossible(T)`."""
    return Function("_waived", impossible.arguments)


@cache
def chosen_symbol(reading: str, option: str) -> Symbol:
    """The atom `chosen(R, O)`."""
    return Function("chosen", [Function(reading), Function(option)])


def pair_terms(pair: Pair) -> list[Symbol]:
    """The arguments by which an atom names a finding."""
    return [entity_symbol(pair[0]), Function(pair[1])]
