"""Whether a case can be true at all: its statements held against the assumptions and formulas of the vocabulary."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from unmet.case import Scene, Statement
from unmet.diagnostics import Diagnostic
from unmet.facts.domain import Domain, Situation, room
from unmet.facts.terms import waiver
from unmet.solver import Program, minimal
from unmet.vocabulary import Mode, Vocabulary

Slots = tuple[tuple[str, int], ...]


class Assumptions:
    """What the rules of a vocabulary exclude; their programs are prepared when first needed and kept."""

    def __init__(self, vocabulary: Vocabulary, rules: str, place: str) -> None:
        """`rules` is the text of the vocabulary's rules, `place` where its files lie."""
        self._vocabulary, self._rules, self._place = vocabulary, rules, place
        self._programs: dict[tuple[frozenset[str], Slots], tuple[Program, Domain]] = {}
        self._preparing = threading.Lock()

    def conflicts(self, scenes: Iterable[Scene]) -> Iterator[Diagnostic]:
        """Why no world agrees with what scenes state: which statements, and which assumption, each time once."""
        told: set[tuple[str, str | None]] = set()
        for scene in scenes:
            for group in self._touched(scene):
                for diagnostic in self._conflicts(scene, group):
                    if (diagnostic.message, diagnostic.path) not in told:
                        told.add((diagnostic.message, diagnostic.path))
                        yield diagnostic

    def _touched(self, scene: Scene) -> Iterator[frozenset[str]]:
        """The groups of attributes of which the scene states any."""
        stated = {name for _, name in scene.statements}
        return (group for group in self._groups if group & stated)

    @cached_property
    def _groups(self) -> tuple[frozenset[str], ...]:
        """The attributes that rules tie together, directly or through others."""
        return tuple(dict.fromkeys(self._vocabulary.linked(link) for link in self._vocabulary.links))

    def _conflicts(self, scene: Scene, group: frozenset[str]) -> Iterator[Diagnostic]:
        program, domain = self._program(scene, group)
        situation = Situation(domain, scene, dict(scene.listed))
        fixed = [(s, b) for s, b in situation.assumptions() if s.name != "finding"]
        pairs = list(situation.allowed)
        stated = [list(situation.excluded(pair, situation.allowed[pair])) for pair in pairs]
        texts = list(program.atoms("impossible", 1))
        while True:
            waived = [[(waiver(t), False)] for t in texts]
            core = minimal(program, fixed, [*stated, *waived])
            if core is None:
                return
            blamed = [texts[i - len(stated)] for i in core if i >= len(stated)]
            involved = [scene.statements[pairs[i]] for i in core if i < len(stated)]
            yield _conflict(involved, [t.arguments[0].string for t in blamed])
            if blamed:
                texts.remove(blamed[0])
            else:
                gone = min(i for i in core if i < len(stated))
                del pairs[gone], stated[gone]

    def _program(self, scene: Scene, group: frozenset[str]) -> tuple[Program, Domain]:
        """The program of the vocabulary alone, about these attributes: its assumptions can be waived one by one."""
        slots = tuple((kind, room(scene.listed.get(kind, 0))) for kind in self._listed)
        with self._preparing:
            if (group, slots) not in self._programs:
                domain = Domain.of(self._vocabulary, group, {}, dict(slots))
                text = domain.program() + "\n_waivable(T) :- impossible(T)."
                program = Program((self._rules,), (), text, ("world", "prepared"), self._place)
                self._programs[group, slots] = program, domain
            return self._programs[group, slots]

    @cached_property
    def _listed(self) -> tuple[str, ...]:
        """The listed record kinds that rules of the vocabulary read."""
        records = {self._vocabulary.attributes[name].record for group in self._groups for name in group}
        return tuple(sorted(k for k in records if self._vocabulary.records[k].mode is Mode.LISTED))


def _conflict(involved: Sequence[Statement], texts: Sequence[str]) -> Diagnostic:
    first = min(involved, key=lambda s: s.span)
    names = " and ".join(f"`{s.path}`" for s in sorted(involved, key=lambda s: s.span))
    if texts:
        what = " and ".join(f"`{t}`" for t in texts)
        return Diagnostic(
            "assumption", f"{names}: impossible, {what}", first.span, first.path, "correct what is stated"
        )
    return Diagnostic("contradiction", f"{names} cannot all be true", first.span, first.path, "correct what is stated")
