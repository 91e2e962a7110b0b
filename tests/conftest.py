"""Knowledge bases are read anew in tests, unless a test says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["UNMET_CACHE"] = "off"


@pytest.fixture(scope="session")
def _kept_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def kept(_kept_at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test that runs many commands, whose knowledge base need not be read anew by each."""
    monkeypatch.setenv("UNMET_CACHE", str(_kept_at))
