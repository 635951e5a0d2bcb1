"""Shared arrays are whole or absent, the same for all, and in memory once."""

import json
import multiprocessing
import re
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as shapes

from assay.core.errors import DataError, SettingsError, StoreError
from assay.workflows.shared_arrays import HALF, open_shared, put, tidy

ROLLUP = Path("/proc/self/smaps_rollup")
needs_rollup = pytest.mark.skipif(not ROLLUP.exists(), reason="there is no smaps_rollup here")
MEGABYTES = 200
SPAWN = multiprocessing.get_context("spawn")


def memory_mb() -> dict[str, float]:
    """Return what this process holds: resident, alone (private), and by its share."""
    text = ROLLUP.read_text()
    kb = {name: int(size) for name, size in re.findall(r"^(\w+):\s+(\d+) kB", text, re.M)}
    return {
        "resident": kb["Rss"] / 1024,
        "private": (kb["Private_Clean"] + kb["Private_Dirty"]) / 1024,
        "share": kb["Pss"] / 1024,
    }


def read_in_two_steps(path: Path, ours: Connection) -> None:
    """Open, touch a slice, touch all; tell the memory each time and wait to be asked on."""
    before = memory_mb()
    array = open_shared(path).arrays["big"]
    touched = float(array[1000:2000].sum())
    slice_only = memory_mb()
    ours.send([before, slice_only, touched])
    ours.recv()
    total = float(array.sum())
    ours.send(total)
    ours.recv()  # the other one has touched all of it too
    ours.send(memory_mb())
    ours.recv()


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an array of `MEGABYTES`, put once."""
    values = np.random.default_rng(5).random(MEGABYTES * 2**20 // 8)
    return put(tmp_path_factory.mktemp("shared"), "big", {"big": values})


@needs_rollup
def test_two_readers_hold_one_copy_and_a_slice_costs_a_slice(big: Path) -> None:
    pipes = [SPAWN.Pipe() for _ in range(2)]
    readers = [
        SPAWN.Process(target=read_in_two_steps, args=(big, theirs), daemon=True)
        for _, theirs in pipes
    ]
    for reader in readers:
        reader.start()

    def all_of_them() -> list[Any]:
        found = [ours.recv() for ours, _ in pipes]
        for ours, _ in pipes:
            ours.send("on")
        return found

    steps, totals, full = all_of_them(), all_of_them(), all_of_them()
    for reader in readers:
        reader.join()

    expected = np.random.default_rng(5).random(MEGABYTES * 2**20 // 8)
    assert totals == [float(expected.sum())] * 2
    for (before, slice_only, touched), after in zip(steps, full, strict=True):
        assert touched == float(expected[1000:2000].sum())
        assert slice_only["resident"] - before["resident"] < 0.1 * MEGABYTES
        assert after["resident"] - before["resident"] > 0.9 * MEGABYTES
        assert after["private"] - before["private"] < 0.1 * MEGABYTES
        # Two readers, perhaps with the page cache of the writer: no more than half each.
        assert after["share"] - before["share"] < 0.6 * MEGABYTES


@given(
    array=shapes.arrays(
        st.one_of(
            shapes.floating_dtypes(),
            shapes.integer_dtypes(),
            shapes.boolean_dtypes(),
            shapes.datetime64_dtypes(),
        ),
        shapes.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)
@settings(deadline=None, max_examples=40)
def test_what_is_put_is_what_is_opened(
    array: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = put(tmp_path_factory.mktemp("law"), "k", {"a": array, "turned": array.T})

    found = open_shared(path, thorough=True).arrays

    np.testing.assert_array_equal(found["a"], array, strict=True)
    np.testing.assert_array_equal(found["turned"], array.T, strict=True)


def test_frames_and_meta_come_back_and_arrays_cannot_be_written(tmp_path: Path) -> None:
    frame = pl.DataFrame({"time": [1, 2, None], "name": ["a", "b", "c"]})

    path = put(tmp_path, "k", {"a/b": np.arange(3)}, {"[bars]": frame}, {"seed": 3})
    found = open_shared(path)

    assert found.frames["[bars]"].collect().equals(frame)
    assert found.frames["[bars]"].select("name").slice(1, 1).collect()["name"].to_list() == ["b"]
    assert found.meta == {"seed": 3}
    assert type(found.arrays["a/b"]) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        found.arrays["a/b"][0] = 9


def test_a_key_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    path = put(tmp_path, "k", {"a": np.arange(3)})
    written = (path / "array-0.npy").stat().st_mtime_ns

    again = put(tmp_path, "k", {"a": np.arange(3)})

    assert again == path
    assert (path / "array-0.npy").stat().st_mtime_ns == written


def cut(path: Path) -> None:
    file = path / "array-0.npy"
    file.write_bytes(file.read_bytes()[:-1])


def swap(path: Path) -> None:
    np.save(path / "array-0.npy", np.arange(100, dtype=np.float64))


def garble(path: Path) -> None:
    (path / "contents.json").write_text("{")


def empty(path: Path) -> None:
    (path / "contents.json").write_text("[]")


def lose(path: Path) -> None:
    (path / "array-0.npy").unlink()


def forge(path: Path) -> None:
    file = path / "array-0.npy"
    file.write_bytes(b"x" * len(file.read_bytes()))


@pytest.mark.parametrize("damage", [cut, swap, garble, empty, lose, forge])
def test_damage_is_a_sentence_and_the_next_put_mends_it(
    damage: Callable[[Path], None], tmp_path: Path
) -> None:
    path = put(tmp_path, "k", {"a": np.arange(100)})
    damage(path)

    with pytest.raises(StoreError, match="remove the folder"):
        open_shared(path)

    put(tmp_path, "k", {"a": np.arange(100)})
    np.testing.assert_array_equal(open_shared(path).arrays["a"], np.arange(100))


def test_a_changed_byte_is_found_by_a_thorough_look(tmp_path: Path) -> None:
    path = put(tmp_path, "k", {"a": np.arange(100)})
    file = path / "array-0.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"\x07")

    with pytest.raises(StoreError, match="was altered"):
        open_shared(path, thorough=True)


def test_absence_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There are no shared arrays in"):
        open_shared(tmp_path / "nothing")


def write_for_ever(folder: Path, ours: Connection) -> None:
    ours.send("begun")
    for number in range(10_000):
        put(folder, f"k{number}", {"a": np.full(2**20, number)})


def test_a_writer_killed_at_any_moment_leaves_nothing_half(tmp_path: Path) -> None:
    ours, theirs = SPAWN.Pipe()
    writer = SPAWN.Process(target=write_for_ever, args=(tmp_path, theirs), daemon=True)
    writer.start()
    ours.recv()
    give_up = time.monotonic() + 30
    while not (tmp_path / "k2").exists() and time.monotonic() < give_up:
        time.sleep(0.001)

    writer.kill()
    writer.join()

    kept = [path for path in tmp_path.iterdir() if path.is_dir() and path.suffix != HALF]
    assert len(kept) >= 3
    for path in kept:
        array = open_shared(path, thorough=True).arrays["a"]
        assert array.size == 2**20
        assert f"k{array[0]}" == path.name
    put(tmp_path, "next", {})  # the lock went with its holder, and what was half goes now
    assert not list(tmp_path.glob(f".*{HALF}"))


def test_tidying_removes_what_was_used_longest_ago(tmp_path: Path) -> None:
    paths = {}
    for key in ("a", "b", "c"):
        paths[key] = put(tmp_path, key, {"x": np.zeros(1000)})
        time.sleep(0.01)
    mapped = open_shared(paths["b"]).arrays["x"]
    time.sleep(0.01)
    open_shared(paths["a"])

    gone = tidy(tmp_path, keep_bytes=20_000)
    rest = tidy(tmp_path, keep_bytes=0)

    assert gone == (paths["c"],)
    assert rest == (paths["b"], paths["a"])
    assert not any(path.exists() for path in paths.values())
    assert mapped.sum() == 0.0


def test_tidying_removes_what_a_killed_writer_left(tmp_path: Path) -> None:
    half = tmp_path / f".k.0000{HALF}"
    half.mkdir()
    (half / "array-0.npy").write_bytes(b"half")

    tidy(tmp_path, keep_bytes=10**9)

    assert not half.exists()


@pytest.mark.parametrize("key", ["", "..", ".k", "a/b", "a\\b", "k" * 200])
def test_a_key_that_is_no_name_of_a_folder_is_refused(key: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="A key of shared arrays"):
        put(tmp_path, key, {})


def test_objects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="must hold numbers"):
        put(tmp_path, "k", {"a": np.array([object()])})


def test_the_contents_are_listed_in_plain_text(tmp_path: Path) -> None:
    path = put(tmp_path, "k", {"a": np.zeros((2, 3))}, {}, {"made_of": ["eur-usd"]})

    contents = json.loads((path / "contents.json").read_text())

    assert contents["arrays"]["a"]["shape"] == [2, 3]
    assert contents["meta"] == {"made_of": ["eur-usd"]}
