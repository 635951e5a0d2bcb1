"""Keep what a calibration found, batch by batch, so that a kill costs a batch and no more."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.core.errors import AssayError, DataError, NotFoundError, StoreError
from assay.core.ids import canonical
from assay.store.files import cannot_write, locked, write_atomic
from assay.workflows.desk import Tick
from assay.workflows.executors.contract import Executor, Outcome, Work
from assay.workflows.experiments import built

FOLDER = "calibration"
STATISTICS, CHAIN = "statistics", "chain"
"""What is measured: the checks of returns alone, or everything with members and markets."""


@dataclass(slots=True)
class Rows:
    """What is known by key, and the file that each new row is added to as a line of JSON."""

    path: Path
    found: dict[str, dict[str, Any]] = field(default_factory=dict)

    def read(self) -> None:
        """Read the file; a last line that a kill cut off is dropped, and so is its batch."""
        text = self.path.read_bytes() if self.path.exists() else b""
        whole, _, torn = text.rpartition(b"\n")
        if torn:
            write_atomic(self.path, whole + b"\n" if whole else b"")
        for line in whole.splitlines():
            try:
                row = json.loads(line)
                self.found[row["key"]] = row
            except (ValueError, KeyError) as error:
                raise StoreError(
                    f"{self.path} holds a line that is no row of ours: {line[:40]!r}; move the "
                    "file away to begin again"
                ) from error

    def add(self, key: str, value: Mapping[str, Any], seconds: float) -> None:
        """Keep one row, on the disk before this returns."""
        row = {**value, "key": key, "seconds": seconds, "code": built.code_digest()[:12]}
        try:
            with self.path.open("ab") as file:
                file.write(canonical(row) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(cannot_write(self.path, error)) from error
        self.found[key] = row


@contextmanager
def kept(home: Path, name: str) -> Iterator[Rows]:
    """Hold the rows called `name` of a workspace; a second holder at a time is a `StoreError`."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / f"{name}.lock", 0.0):
        rows = Rows(folder / f"{name}.jsonl")
        rows.read()
        yield rows


def carry_on(
    rows: Rows,
    works: Sequence[tuple[str, Work]],
    executor: Executor,
    *,
    tick: Tick,
    stop: Callable[[], bool],
) -> None:
    """Do what of `works`, each under the name of its bar, is not kept yet; keep it as it finishes.

    Pieces that failed are an `AssayError` once the others are done; they are tried again next time.
    """
    bars = {work.key: bar for bar, work in works}
    total = {bar: sum(each == bar for each in bars.values()) for bar in bars.values()}
    done = {bar: sum(k in rows.found and b == bar for k, b in bars.items()) for bar in total}
    for bar, count in total.items():
        tick(bar, done[bar], count)
    left = [work for _, work in works if work.key not in rows.found]
    failed: list[Outcome] = []
    with closing(executor.run(left, stop=stop)) as outcomes:  # type: ignore[type-var] # a generator
        for outcome in outcomes:
            if outcome.failure is not None:
                failed.append(outcome)
                continue
            rows.add(outcome.key, outcome.value, outcome.seconds)
            bar = bars[outcome.key]
            done[bar] += 1
            tick(bar, done[bar], total[bar])
    if failed and failed[0].failure is not None:
        raise AssayError(
            f"{len(failed)} of {len(left)} pieces of the calibration failed, the first because: "
            f"{failed[0].failure.sentence}; the others are kept, and the same command tries again"
        )


def published(path: Path, section: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Write `found` into the JSON file `path` as its `section`; return all sections there are."""
    told = read_published(path) if path.exists() else {}
    told[section] = json.loads(canonical(found))
    text = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False)
    write_atomic(path, text.encode() + b"\n")
    return told


def read_published(path: Path) -> dict[str, Any]:
    """Return the sections of a file that `published` wrote; anything else is a `DataError`."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFoundError(f"There is no {path}; --keep {path} makes one") from None
    except ValueError as error:
        raise DataError(f"{path} is no JSON ({error}); name a file that --keep wrote") from error
    if not isinstance(told, dict) or not set(told) <= {STATISTICS, CHAIN}:
        raise DataError(f"{path} was not written by --keep; name one that was, or a new one")
    return told
