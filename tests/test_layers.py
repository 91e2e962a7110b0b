"""The modules stand in layers, and each imports only from its own layer or one above it in the table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "python" / "unmet"
MOST_LINES = 400

LAYERS = (
    ("diagnostics", "errors"),
    (
        "values",
        "vocabulary",
        "results",
        "explanation",
        "covered",
        "comparison",
        "generated",
        "findings",
        "sides",
        "slots",
        "coding",
        "policy",
        "sources",
        "codec",
        "document",
        "case",
        "casetypes",
        "expectmodel",
        "casemodel",
        "casewriter",
        "casefile",
    ),
    ("source", "facts", "solver", "circuits"),
    (
        "processes",
        "assumptions",
        "cache",
        "prepared",
        "knowledge",
        "directory",
        "loading",
        "copies",
        "determine",
        "plain",
        "suite",
        "turning",
        "coverage",
        "outlined",
        "structure",
        "witness",
        "lists",
        "fewest",
        "diff",
        "generate",
        "explain",
        "check",
        "notice",
        "batch",
    ),
    ("render",),
    ("tables", "facade", "__init__"),
    ("cli",),
)
"""The table of the design, by the first part of a module's name: `source` is `unmet.source` and all within."""

QUESTIONS = {
    "processes": set(),
    "assumptions": set(),
    "cache": set(),
    "prepared": set(),
    "knowledge": {"knowledge", "prepared", "assumptions"},
    "directory": {"directory", "knowledge"},
    "loading": {"loading", "directory", "cache", "knowledge"},
    "copies": {"copies", "knowledge"},
    "determine": {"determine", "prepared", "knowledge"},
    "plain": {"plain", "determine", "knowledge"},
    "suite": {"suite", "determine", "knowledge"},
    "turning": {"turning", "determine", "knowledge"},
    "coverage": {"coverage", "turning", "copies", "determine", "knowledge"},
    "outlined": {"outlined", "copies", "knowledge"},
    "structure": set(),
    "witness": {"witness", "copies", "knowledge"},
    "lists": {"witness"},
    "fewest": {"fewest"},
    "diff": {"diff", "outlined", "structure", "witness", "fewest", "copies", "determine", "directory", "knowledge"},
    "generate": {"generate", "outlined", "witness", "lists", "turning", "copies", "determine", "knowledge"},
    "check": {"check", "structure", "witness", "lists", "fewest", "copies", "knowledge", "processes"},
    "explain": {"explain", "determine", "prepared", "knowledge"},
    "batch": {"batch", "determine", "loading", "knowledge"},
    "notice": {"notice"},
}
"""What a module of the fourth layer may import of that layer: questions never import each other."""

ONLY_IN = {
    "clingo": ("source", "facts", "solver", "circuits.rules"),
    "numpy": ("batch",),
    "pyarrow": ("batch", "tables"),  # for its types alone
    "yaml": ("document",),
    "rich": (
        "render.coloured",
        "render.drawn",
        "render.outlines",
        "render.text",
        "render.explained",
        "render.suite",
        "render.comparison",
        "render.generated",
        "render.checked",
        "render.batch",
    ),
    "jinja2": ("render.html", "render.coverage_page"),
    "click": ("cli",),
    "platformdirs": ("cache",),
    "pydantic": ("casetypes", "casemodel", "expectmodel", "casefile"),
    "pydantic_core": ("casetypes",),
    "dateutil": ("case",),
}
"""Where a dependency may be imported, whatever the layer."""


@dataclass(frozen=True)
class Import:
    """An import: the module that is imported, and whether it happens as soon as the importing one is imported."""

    module: str
    at_once: bool


@cache
def modules() -> dict[str, Path]:
    """The package's modules by name, without the package's own: `source.body`, `__init__`."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        found[name] = path
    return found


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file by absolute name, also those within functions."""

    def below(node: ast.AST, at_once: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from (Import(alias.name, at_once) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path} imports relatively"
                yield from (Import(f"{child.module}.{alias.name}", at_once) for alias in child.names)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                yield from below(child, False)
            else:
                inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
                yield from below(child, at_once and not inside)

    yield from below(ast.parse(path.read_text(encoding="utf-8")), True)


def own(name: str) -> str | None:
    """The package's module that an imported name lies in, None for one of another package."""
    first, _, rest = name.partition(".")
    if first != "unmet":
        return None
    while rest and rest not in modules():
        rest = rest.rpartition(".")[0]
    return rest or "__init__"


def first_part(module: str) -> str:
    return module.partition(".")[0]


def layer(module: str) -> int:
    return next(i for i, names in enumerate(LAYERS) if first_part(module) in names)


def owns(module: str) -> set[tuple[str, bool]]:
    """The package's modules that one imports, each with whether at once."""
    found = {(name, i.at_once) for i in imports(modules()[module]) if (name := own(i.module)) is not None}
    return {(name, at_once) for name, at_once in found if name != module}


def test_the_table_names_every_module_and_no_other() -> None:
    named = [name for names in LAYERS for name in names]
    assert len(named) == len(set(named))
    assert set(named) == {first_part(m) for m in modules()}


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_from_layers_above_it(module: str) -> None:
    below = sorted(f"{name} (layer {layer(name)})" for name, _ in owns(module) if layer(name) > layer(module))
    assert not below, f"{module} (layer {layer(module)}) imports {', '.join(below)}"


@pytest.mark.parametrize("module", [m for m in modules() if first_part(m) in QUESTIONS])
def test_questions_do_not_import_each_other(module: str) -> None:
    allowed = QUESTIONS[first_part(module)]
    beside = {name for name, _ in owns(module) if first_part(name) in QUESTIONS and first_part(name) not in allowed}
    assert not beside


def test_the_command_line_uses_the_facade() -> None:
    asked = {name for m in modules() if first_part(m) == "cli" for name, _ in owns(m) if layer(name) in (2, 3)}
    assert not asked


def test_the_facade_is_imported_when_it_is_used() -> None:
    """`unmet --help` must not wait for clingo and pydantic."""
    entry = [m for m in modules() if first_part(m) in ("__init__", "cli")]
    at_once = {name for m in entry for name, at_once in owns(m) if at_once}
    assert {first_part(name) for name in at_once} <= {"__init__", "cli"}


def test_no_module_imports_itself_through_others() -> None:
    """Not even by an import within a function, or for types alone."""
    edges = {module: {name for name, _ in owns(module)} for module in modules()}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for name in sorted(edges[module]):
                visit(name, (*path, module))
            done.add(module)

    for module in edges:
        visit(module, ())


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_dependency_is_imported_in_one_place(package: str) -> None:
    places = {m for m, path in modules().items() if any(i.module.split(".")[0] == package for i in imports(path))}
    outside = {m for m in places if not any(m == home or m.startswith(f"{home}.") for home in ONLY_IN[package])}
    assert places
    assert not outside


def test_modules_are_short() -> None:
    lengths = {m: len(path.read_text(encoding="utf-8").splitlines()) for m, path in modules().items()}
    assert not {m for m, length in lengths.items() if length > MOST_LINES}


def test_encodings_say_what_they_read_define_and_show() -> None:
    for path in sorted((PACKAGE / "encodings").glob("*.lp")):
        text = path.read_text(encoding="utf-8")
        assert "% Reads:" in text, path
        assert "% Defines:" in text, path
        assert max(map(len, text.splitlines())) <= 100, path
        assert len(text.splitlines()) <= 60, path
