"""What a knowledge base can do with tables: decide their rows, and compare two sides over them (docs/batch.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from unmet.knowledge import Knowledge
from unmet.results import Silence

if TYPE_CHECKING:
    import pyarrow as pa

    from unmet.batch.decide import Batch, BatchResult
    from unmet.batch.impact import Impact
    from unmet.batch.run import Ran

Side: TypeAlias = tuple[str | None, Mapping[str, str] | None]
"""A version by a day on which it is in force (None: the newest), and readings."""


class Tables:
    """The part of a knowledge base that needs the extra `batch`."""

    def __init__(self, inner: Knowledge) -> None:
        self._inner = inner
        self._batches: dict[tuple[str, str, tuple[tuple[str, str], ...]], Batch] = {}

    def batch(
        self,
        table: pa.Table,
        policy: str,
        *,
        on: str | None = None,
        silence: Silence | str = Silence.OPEN,
        readings: Mapping[str, str] | None = None,
        statuses: bool = False,
        unmet: bool = False,
        blocking: bool = False,
        drivers: bool = False,
    ) -> BatchResult:
        """Decides every row of a table by one version of a policy (docs/batch.md says what its columns mean).

        Args:
            table: an Arrow table or record batch; one row a case.
            on: the version in force on this day (ISO date), the newest where none is given.
            statuses: whether the status of every criterion is wanted.
            unmet: whether the conditions that stand against approval are wanted.
            blocking: whether the one condition that alone stands against approval is wanted.
            drivers: whether the summary is to count what drives the denials, and what is missing.

        Raises:
            RequestError: there is no such policy, version, reading or option; or columns say nothing.
        """
        from unmet.batch.decide import Wanted, as_table

        prepared = self._batch(policy, on, readings)
        return prepared.decide(as_table(table), Silence(silence), Wanted(statuses, unmet, blocking, drivers))

    def _batch(self, policy: str, on: str | None, readings: Mapping[str, str] | None) -> Batch:
        from unmet.batch.decide import Batch

        version = self._inner.version(policy, on)
        self._inner.check_readings(readings or {}, version)
        chosen = self._inner.chosen(version, readings or {})
        key = (version.name, version.effective, tuple(sorted(chosen.items())))
        if key not in self._batches:
            self._batches[key] = Batch(self._inner, version, readings or {})
        return self._batches[key]

    def run_batch(
        self,
        input: Path | str,
        output: Path | str,
        policy: str,
        *,
        rejects: Path | str | None = None,
        on: str | None = None,
        silence: Silence | str = Silence.OPEN,
        readings: Mapping[str, str] | None = None,
        statuses: bool = False,
        unmet: bool = False,
        blocking: bool = False,
        jobs: int = 1,
        restart: bool = False,
        progress: Callable[[int, int, int], None] | None = None,
    ) -> Ran:
        """Decides every row of a file and writes the answers to another, or continues where that was ended.

        Args:
            rejects: where rows go that have no answer; `OUTPUT.rejects.csv` where not given.
            jobs: how many threads work at it; more than there are cores gain nothing.
            restart: whether what an earlier run left is thrown away.
            progress: told of rows or bytes done, of how many, and of rows decided.

        Raises:
            RequestError: as for `batch`; or a file cannot be read or written.
        """
        from unmet.batch.decide import Wanted
        from unmet.batch.run import Job, run

        wanted, readings = Wanted(statuses, unmet, blocking), dict(readings or {})
        bad = Path(rejects or f"{output}.rejects.csv")
        directory, silence = self._inner.directory, Silence(silence)
        job = Job(directory, Path(input), Path(output), bad, policy, on, readings, silence, wanted, jobs)
        return run(job, self._inner, progress, restart=restart)

    def impact(
        self,
        table: pa.Table,
        policy: str,
        old: Side,
        new: Side,
        *,
        silence: Silence | str = Silence.OPEN,
        samples: int = 5,
    ) -> Impact:
        """Which rows of a table two versions or readings of a policy answer differently, and through what.

        Args:
            old: a day (ISO) that chooses a version (None: the newest), and readings; `new` likewise.
            samples: how many rows of each kind are named.

        Raises:
            RequestError: as for `batch`.
        """
        from unmet.batch.decide import as_table
        from unmet.batch.impact import impact

        batches = [self._batch(policy, *side) for side in (old, new)]
        return impact(batches[0], batches[1], iter([as_table(table)]), Silence(silence), samples)

    def file_impact(
        self,
        input: Path | str,
        policy: str,
        old: Side,
        new: Side,
        *,
        silence: Silence | str = Silence.OPEN,
        samples: int = 5,
        jobs: int = 1,
    ) -> Impact:
        """The same for the rows of a file, on so many threads."""
        from unmet.batch.impact import file_impact

        batches = [self._batch(policy, *side) for side in (old, new)]
        return file_impact(batches[0], batches[1], Path(input), Silence(silence), samples, jobs)
