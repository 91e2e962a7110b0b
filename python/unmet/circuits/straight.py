"""A circuit as one Python function of a single case: straight-line code without a loop, a line for each gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from unmet.circuits.formula import Op
from unmet.circuits.gates import Circuit, Gate

Straight = Callable[[Sequence[int]], tuple[bool, ...]]
"""Tells each output, from the mask of the values that a case allows each variable."""


def straight(circuit: Circuit, outputs: Sequence[int]) -> Straight:
    """The function of some gates.

    Its text is made of numbers alone: names of variables are their positions.
    """
    lines = ["def run(x):", *(f" g{number} = {_line(number, gate)}" for number, gate in circuit.needed(outputs))]
    lines.append(f" return ({''.join(f'g{number}, ' for number in outputs)})")
    names: dict[str, Straight] = {}
    exec("\n".join(lines), {}, names)
    return names["run"]


def _line(number: int, gate: Gate) -> str:
    match gate.op:
        case Op.CONSTANT:
            return str(bool(number))
        case Op.LITERAL:
            return f"x[{gate.variable}] & {gate.mask} != 0"
        case Op.AT_LEAST:
            return f"{' + '.join(_names(gate))} >= {gate.least}"
        case _:
            return f" {'and' if gate.op is Op.AND else 'or'} ".join(_names(gate))


def _names(gate: Gate) -> Iterator[str]:
    return (f"g{each}" for each in gate.inputs)
