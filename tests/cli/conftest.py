"""The small knowledge base in a folder, and commands run there."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

import unmet
from tests.cli.small import BRACE, BRACE_2, CASE, ORTHOSIS, WORDS, Ran, Run, loaded
from unmet.cli import main


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small knowledge base, and cases for it: `approved.yaml`, `denied.yaml` ..."""
    home = tmp_path_factory.mktemp("small")
    for name, text in {
        "vocabulary/words.lp": WORDS,
        "policies/knee_brace/2026-01-01.lp": BRACE,
        "policies/knee_brace/2027-01-01.lp": BRACE_2,
        "policies/orthosis/2026-01-01.lp": ORTHOSIS,
    }.items():
        path = home / "kb" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    for name, (code, count) in {
        "approved": ("L1832", '{value: 3, source: "Letter", date: 2026-02-01, quote: "the third time"}'),
        "denied": ("L1832", "1"),
        "pended": ("L1832", "1..3"),
        "referred": ("L9999", "3"),
        "broken": ("L1832", "many"),
    }.items():
        (home / f"{name}.yaml").write_text(
            CASE.lstrip().replace("CODE", code).replace("COUNT", count), encoding="utf-8"
        )
    (home / "partial.yaml").write_text(
        textwrap.dedent("""
        request:
          date_of_service: 2026-03-02
          lines:
            - {code: "L0650", levels: L1-L3}
        level:
          L1-L2: {unstable: yes}
          L2-L3: {unstable: no}
        """),
        encoding="utf-8",
    )
    return home


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, home: Path) -> Run:
    """Runs a command in this process, in the folder of the small cases, where knowledge bases load once."""
    monkeypatch.setattr(unmet, "load", loaded, raising=False)
    monkeypatch.chdir(home)

    def run(*arguments: str, small: bool = True) -> Ran:
        own = ("--kb", str(home / "kb")) if small else ()
        result = CliRunner().invoke(main, [arguments[0], *own, *arguments[1:]])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert "Traceback" not in result.output
        assert "\x1b" not in result.output
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run
