"""Every form of a few cases, whole, as it was last looked at."""

from __future__ import annotations

import pytest

from tests.golden import FOLDER, GOLDEN, Golden, forms


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: g.name)
def test_the_forms_are_those_that_were_looked_at(golden: Golden) -> None:
    """`python -m tests.golden` writes them anew; look at the difference before it is committed."""
    for ending, content in forms(golden).items():
        kept = (FOLDER / f"{golden.name}.{ending}").read_text(encoding="utf-8")
        assert content == kept, f"{golden.name}.{ending} differs"


def test_nothing_else_is_kept() -> None:
    kept = {p.name.partition(".")[0] for p in FOLDER.iterdir()}
    assert kept == {golden.name for golden in GOLDEN}
