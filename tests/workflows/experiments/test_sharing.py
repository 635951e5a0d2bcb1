"""A shared series is the series: written once, read from anywhere, the same to the bit."""

from dataclasses import replace
from pathlib import Path

import pytest

from assay.core.errors import AssayError
from assay.workflows.experiments.fitted import as_they_are
from assay.workflows.experiments.folded import FoldResult, run_fold
from assay.workflows.experiments.sharing import PRICES, opened, share, shared
from assay.workflows.experiments.working import cut_of, cut_to_json, fold, permuted
from assay.workflows.gather import Prepared
from tests.workflows.experiments.worlds import (
    EURUSD,
    LABELS,
    cuts_of,
    experiment,
    pair,
    prepared,
    read,
)

ARRAYS = ("time", "x", "volatility", "atr", "doubted")


@pytest.fixture(scope="module")
def item() -> Prepared:
    """Return a series some of whose bars are doubted."""
    found = prepared(pair())
    found.doubted[1_700:1_720] = True
    return replace(found, peers=("GBPUSD", "USDJPY"))


def bits(result: FoldResult) -> dict[str, bytes]:
    """Return the arrays of a fold to the bit."""
    return {name: values.tobytes() for name, values in result.arrays.items()}


def test_a_series_is_read_back_as_it_was(item: Prepared, tmp_path: Path) -> None:
    again = shared(share(tmp_path, item).path)

    for name in ARRAYS:
        before, now = getattr(item, name), getattr(again, name)
        assert (now.dtype, now.tobytes()) == (before.dtype, before.tobytes()), name
    assert again.bars.frame.equals(item.bars.frame)
    assert again.bars.frame.schema == item.bars.frame.schema
    assert (again.series, again.instrument, again.peers) == (
        item.series,
        item.instrument,
        item.peers,
    )
    assert again.pipeline.hash == item.pipeline.hash
    assert again.columns == item.columns


@pytest.mark.parametrize("kind", sorted(LABELS))
def test_a_fold_of_a_shared_series_is_the_fold_of_the_series(
    item: Prepared, tmp_path: Path, kind: str
) -> None:
    asked = experiment(label=dict(LABELS[kind]))
    (cut,) = cuts_of(item)
    again = shared(share(tmp_path, item).path)

    before, now = (run_fold(asked, read(asked, each), cut, 1) for each in (item, again))

    assert bits(before) == bits(now)
    assert before.metrics == now.metrics
    assert before.metrics["trades"] > 0


@pytest.mark.parametrize("variant", ["plain", "permuted"])
def test_a_worker_finds_what_is_found_here(item: Prepared, tmp_path: Path, variant: str) -> None:
    asked = experiment()
    (cut,) = cuts_of(item)
    place = share(tmp_path, item)
    changed = permuted(7) if variant == "permuted" else as_they_are

    here = run_fold(asked, read(asked, item), cut, 7, changed=changed)
    there = fold(
        experiment=asked.model_dump(mode="json", by_alias=True),
        series=[str(place.path)],
        cut=cut_to_json(cut),
        seed=7,
        variant=variant,
    )

    assert there["metrics"] == here.metrics
    arrays = {name: values.tobytes() for name, values in there.items() if name != "metrics"}
    assert arrays == bits(here)


def test_the_placebo_is_another_fold(item: Prepared) -> None:
    asked = experiment()
    (cut,) = cuts_of(item)

    plain = run_fold(asked, read(asked, item), cut, 7)
    placebo = run_fold(asked, read(asked, item), cut, 7, changed=permuted(7))

    assert bits(plain)["loss"] != bits(placebo)["loss"]
    assert bits(plain)["hold"] == bits(placebo)["hold"]
    assert bits(plain)["momentum"] == bits(placebo)["momentum"]


@pytest.mark.parametrize("kind", ["chronological", "expanding", "rolling", "combinatorial"])
def test_a_cut_is_read_back_as_it_was_written(item: Prepared, kind: str) -> None:
    for cut in cuts_of(item, kind, folds=2, groups=4):
        assert cut_of(cut_to_json(cut)) == cut


def test_the_same_series_is_written_once(item: Prepared, tmp_path: Path) -> None:
    first = share(tmp_path, item)
    written = {path: path.stat().st_mtime_ns for path in first.path.glob("*.npy")}

    again = share(tmp_path, replace(item))

    assert again == first
    assert len(written) == len(ARRAYS) + len(PRICES)
    assert {path: path.stat().st_mtime_ns for path in again.path.glob("*.npy")} == written


@pytest.mark.parametrize("changed", ["x", "high", "volume", "doubted", "atr", "peers"])
def test_another_series_lies_elsewhere(item: Prepared, tmp_path: Path, changed: str) -> None:
    if changed in ("high", "volume"):
        frame = item.bars.frame.clone()
        values = frame[changed].to_numpy().copy()
        values[900] *= 1.0001
        bars = replace(item.bars, frame=frame.with_columns(**{changed: values}))
        other = replace(item, bars=bars)
    elif changed == "peers":
        other = replace(item, peers=())
    else:
        values = getattr(item, changed).copy()
        values[900] = not values[900] if changed == "doubted" else values[900] + 1
        other = replace(item, **{changed: values})

    places = [share(tmp_path, each) for each in (item, other)]

    assert places[0].path != places[1].path
    assert places[0].fingerprint != places[1].fingerprint


def test_nobody_can_change_what_is_shared(item: Prepared, tmp_path: Path) -> None:
    again = shared(share(tmp_path, item).path)

    with pytest.raises(ValueError, match="read-only"):
        again.x[0, 0] = 1.0
    assert opened([str(share(tmp_path, item).path)])[EURUSD] is again


def test_a_place_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssayError):
        shared(tmp_path / "nowhere")


def test_prices_that_change_places_are_another_series(item: Prepared, tmp_path: Path) -> None:
    volume = item.bars.frame["volume"].to_numpy().copy()
    volume[[900, 901]] = volume[[901, 900]]
    bars = replace(item.bars, frame=item.bars.frame.with_columns(volume=volume))

    places = [share(tmp_path, each) for each in (item, replace(item, bars=bars))]

    assert places[0].fingerprint != places[1].fingerprint


def test_an_instrument_that_was_redefined_is_another_series(item: Prepared, tmp_path: Path) -> None:
    coarser = replace(item.instrument, tick=10 * item.instrument.tick)

    places = [share(tmp_path, each) for each in (item, replace(item, instrument=coarser))]

    assert places[0].fingerprint != places[1].fingerprint
