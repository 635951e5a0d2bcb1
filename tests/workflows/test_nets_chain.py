"""Nets through the whole chain: trained, stopped, gone on with, heard in a signal, explained."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.models.contract import Progress
from assay.models.loading import load
from assay.store.artefacts import ArtefactRow
from assay.store.signals import Signals
from assay.workflows import learn
from assay.workflows.desk import Desk
from assay.workflows.explain import _part, explain
from assay.workflows.fits import TRAINING
from assay.workflows.gather import Prepared, Series, micros, prepare, prepare_all
from assay.workflows.issue import fusion_of, hear, issue
from assay.workflows.keeping import voice_of
from assay.workflows.train import Trained, stored_series, train, train_prepared
from assay.workflows.warm import warm
from tests.factories import make_bars
from tests.workflows.chains import END, market, other_future, stored
from tests.workflows.workspace import copied, open_at

ROWS = 5_000
SYMBOLS = ("BTCUSDT", "EURUSD", "GBPUSD")
MEMBERS = ("naive", "ridge", "cnn_lstm", "patchtst")
NETS = ("cnn_lstm", "patchtst")
FOUR_HOURS = (Timeframe.H4,)
SMALL: Mapping[str, Any] = {
    "look_back": 12,
    "hidden": 8,
    "names_width": 4,
    "epochs": 3,
    "batch_rows": 64,
    "rows_an_epoch": 512,
    "stop_rows": 256,
    "rows_needed": 100,
    "stop_rows_needed": 30,
}
"""One architecture a member for all panels here: a graph takes seconds to export."""
OWN: Mapping[str, Mapping[str, Any]] = {
    "cnn_lstm": {"filters": 6, "units": 8},
    "patchtst": {"patch": 4, "stride": 2, "width": 8, "heads": 2, "layers": 1, "inner": 16},
}


@pytest.fixture(scope="module", autouse=True)
def small_nets() -> Iterator[None]:
    """Let every training here make nets that take a second."""
    nets = {name: {**SMALL, **OWN[name]} for name in NETS}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn, "SETTINGS", {**learn.SETTINGS, **nets})
        yield


@cache
def world() -> tuple[Bars, ...]:
    """Return hourly bars of two pairs and of a coin."""
    return (*market(ROWS), make_bars(ROWS * 7 // 5, symbol="BTCUSDT", gaps=False, seed=3))


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("untrained") / "home"
    stored(home, world())
    return home


@pytest.fixture(scope="module")
def trained(untrained: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trained]:
    """Return a workspace that no test may change, and what its training left."""
    home = copied(untrained, tmp_path_factory.mktemp("trained") / "home")
    desk = open_at(home, END)
    done = train(desk, members=MEMBERS)
    desk.database.close()
    return home, done


def nets_of(done: Trained, timeframe: Timeframe | None = None) -> list[ArtefactRow]:
    return [
        row for row in done.members if row.member in NETS and timeframe in (None, row.timeframe)
    ]


def ids(rows: Sequence[ArtefactRow]) -> list[str]:
    return [row.id for row in rows]


def left_in(home: Path) -> list[str]:
    """Return what a training under way leaves: half-written files and checkpoints."""
    odd = (*home.rglob(".writing-*"), *home.rglob("*.checkpoint"))
    return sorted(path.name for path in odd)


def test_one_net_covers_every_series_of_a_timeframe(trained: tuple[Path, Trained]) -> None:
    home, done = trained

    covered = sorted((row.member, row.timeframe, row.symbols) for row in nets_of(done))

    assert done.problems == ()
    assert covered == sorted((name, frame, SYMBOLS) for name in NETS for frame in ("1h", "4h"))
    for row in nets_of(done):
        model = load(home / "models" / row.path)
        assert model.scope == "panel"
        assert model.runtime.names == tuple((symbol, str(row.timeframe)) for symbol in SYMBOLS)
        assert model.bars_read == 12
    apart = [row.symbols for row in done.members if row.member == "ridge"]
    assert sorted(apart) == sorted([(symbol,) for symbol in SYMBOLS] * 2)
    assert left_in(home) == []


def test_training_again_makes_nothing(trained: tuple[Path, Trained], tmp_path: Path) -> None:
    home = copied(trained[0], tmp_path / "home")
    heard: list[str] = []

    again = train(open_at(home, END), members=MEMBERS, watch=lambda what, _: heard.append(what))

    assert again.reused == len(again.members) == len(trained[1].members)
    assert ids(again.members) == ids(trained[1].members)
    assert [f.id for f in again.fusions] == [f.id for f in trained[1].fusions]
    assert heard == []


def test_apart_every_series_has_a_net_of_its_own(untrained: Path, tmp_path: Path) -> None:
    desk = open_at(copied(untrained, tmp_path / "home"), END)

    done = train(desk, SYMBOLS[:2], FOUR_HOURS, members=("cnn_lstm",), apart=True)

    assert [row.symbols for row in done.members] == [("BTCUSDT",), ("EURUSD",)]
    for row in done.members:
        model = load(desk.models / row.path)
        assert model.scope == "series"
        assert model.settings["mode"] == "series"
        assert model.runtime.names == ((row.symbols[0], "4h"),)
    assert train(desk, SYMBOLS[:2], FOUR_HOURS, members=("cnn_lstm",), apart=True).reused == 2


@pytest.mark.parametrize("stopped", NETS)
def test_a_training_stopped_inside_a_net_goes_on_to_the_same_models(
    trained: tuple[Path, Trained], untrained: Path, tmp_path: Path, stopped: str
) -> None:
    home = copied(untrained, tmp_path / "home")
    epochs: list[int] = []

    def stop(what: str, progress: Progress) -> None:
        if what == f"{stopped} 3 x 4h" and progress.epoch == 2:
            raise KeyboardInterrupt

    def watch(what: str, progress: Progress) -> None:
        if what.startswith(stopped):
            epochs.append(progress.epoch)

    desk = open_at(home, END)
    with pytest.raises(KeyboardInterrupt):
        train(desk, timeframes=FOUR_HOURS, members=MEMBERS, watch=stop)
    left = [path.name.partition("-")[0] for path in (home / TRAINING).glob("*.checkpoint")]
    done = train(desk, timeframes=FOUR_HOURS, members=MEMBERS, watch=watch)

    assert left == [stopped]
    assert sorted(set(epochs)) == [2, 3]
    whole = [row for row in trained[1].members if row.timeframe is Timeframe.H4]
    assert ids(done.members) == ids(whole)
    assert left_in(home) == []


@pytest.fixture(scope="module")
def signalled(trained: tuple[Path, Trained], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with one signal of EURUSD that no test may change."""
    home = copied(trained[0], tmp_path_factory.mktemp("signalled") / "home")
    desk = open_at(home, END)
    issue(desk, "EURUSD", Timeframe.H1)
    desk.database.close()
    return home


def payload_of(home: Path) -> dict[str, Any]:
    desk = open_at(home, END)
    found = Signals(desk.journal).list()[0].payload
    desk.database.close()
    return dict(found)


def test_both_families_of_nets_are_heard_with_an_account_or_why_not(signalled: Path) -> None:
    members = payload_of(signalled)["members"]

    nets = [one for one in members if one["member"] in NETS]
    assert sorted((one["member"], one["timeframe"]) for one in nets) == [
        (name, frame) for name in NETS for frame in ("1h", "4h")
    ]
    assert len({one["family"] for one in nets}) == 2
    for one in nets:
        told = one["account"]
        assert one["classes"] is not None
        assert (told["withheld"] is None) == bool(told["drivers"])
        assert told["method"] == (None if told["withheld"] else "occlusion")
        if told["drivers"]:
            bars = [bar for first, last, _ in told["moments"] for bar in range(last, first + 1)]
            assert sorted(bars) == list(range(12))
            assert told["leans_on"]


def test_nets_that_two_series_share_say_the_same_on_a_desk_that_remembers(
    trained: tuple[Path, Trained],
) -> None:
    plain = open_at(trained[0], END)
    kept = warm(plain)
    pairs = [
        (name, frame) for name in ("EURUSD", "GBPUSD") for frame in (Timeframe.H1, *FOUR_HOURS)
    ]

    told = [hear(kept, *each).spoken for each in pairs * 2]

    assert told[: len(pairs)] == told[len(pairs) :] == [hear(plain, *each).spoken for each in pairs]
    assert any(each.method == "occlusion" for one in told for each in one.accounts.values())
    plain.database.close()


def test_a_net_that_two_series_share_is_opened_once(signalled: Path) -> None:
    desk = warm(open_at(signalled, END))
    one, other = (
        desk.voices(fusion_of(desk, desk.instrument(name), Timeframe.H4)).models
        for name in ("EURUSD", "GBPUSD")
    )
    nets = {producer.artefact: model for producer, model in one.items() if producer.member in NETS}

    shared = {p.artefact: model for p, model in other.items() if p.artefact in nets}
    assert len(shared) == len(nets) > 0
    assert all(model is nets[artefact] for artefact, model in shared.items())


def test_a_signal_of_nets_is_what_the_whole_history_says(signalled: Path) -> None:
    desk = open_at(signalled, END)
    payload = payload_of(signalled)

    for one in (one for one in payload["members"] if one["member"] in NETS):
        model = load(desk.models / one["artefact"])
        item = prepare(desk, Series("EURUSD", Timeframe(one["timeframe"]))).only(model.reads)
        _, whole = model.predict(item.asked(np.array([len(item.x) - 1])), item.columns)
        live = [one["classes"][side] for side in ("down", "flat", "up")]
        np.testing.assert_allclose(live, whole.classes[0], rtol=0, atol=1e-4)


def test_a_restart_without_the_older_bars_says_the_same(
    trained: tuple[Path, Trained], signalled: Path, tmp_path: Path
) -> None:
    home = copied(trained[0], tmp_path / "home")
    (home / "bars").rename(tmp_path / "all_bars")
    short = [Bars(each.instrument, each.timeframe, each.frame.tail(4_200)) for each in world()]

    issue(stored(home, short), "EURUSD", Timeframe.H1)

    payload, before = payload_of(home), payload_of(signalled)
    assert payload["as_of"] == before["as_of"]
    assert payload["data"]["bars"] == before["data"]["bars"]
    for one, other in zip(payload["members"], before["members"], strict=True):
        assert one["artefact"] == other["artefact"]
        own, theirs = (list(each["classes"].values()) for each in (one, other))
        np.testing.assert_allclose(own, theirs, rtol=0, atol=1e-4)


def test_a_signal_of_nets_is_explained_as_plain_data(signalled: Path) -> None:
    desk = open_at(signalled, END)

    found = explain(desk, payload_of(signalled)["id"])

    assert json.loads(json.dumps(found.to_json(), allow_nan=False)) == json.loads(
        json.dumps(found.to_json())
    )
    why = found.why
    total = why.base_log_odds + sum(part.part for part in why.parts)
    assert total == pytest.approx(why.log_odds, abs=1e-9)
    assert {part.member for part in why.parts} == set(MEMBERS)
    assert found.what_if.repool.same
    for part in (part for part in why.parts if part.member in NETS):
        assert bool(part.drivers) == (part.withheld is None)


def test_a_signal_of_the_time_before_accounts_is_still_explained(signalled: Path) -> None:
    member = next(one for one in payload_of(signalled)["members"] if one["member"] == "ridge")
    driver = {"feature": "log_return", "value": 0.1, "moved": -0.2}
    old = {name: value for name, value in member.items() if name != "account"}

    told = _part(old | {"drivers": [driver]}, {})
    silent, newer = _part(old | {"drivers": []}, {}), _part(member | {"account": None}, {})

    assert [(one.column, one.value, one.moved) for one in told.drivers] == [
        ("log_return", 0.1, -0.2)
    ]
    assert told.method is told.withheld is None
    assert (*told.moments, *told.leans_on) == ()
    assert silent.drivers == newer.drivers == ()


def known_at(desk: Desk, known: datetime | None) -> dict[Series, Prepared]:
    return prepare_all(desk, stored_series(desk, (), FOUR_HOURS), until=known)


def test_another_future_changes_no_net_and_no_earlier_answer(
    untrained: Path, tmp_path: Path
) -> None:
    known = world()[0].frame["time"][-1_000]
    as_is = open_at(copied(untrained, tmp_path / "as_is"), END)
    other = stored(tmp_path / "other", [other_future(each, known) for each in world()])

    done = [train_prepared(desk, known_at(desk, known), members=NETS) for desk in (as_is, other)]
    told = [
        [
            answers(desk, row, item, known)
            for row in made.members
            for item in known_at(desk, None).values()
        ]
        for desk, made in zip((as_is, other), done, strict=True)
    ]

    assert ids(done[0].members) == ids(done[1].members)
    assert len(done[0].members) == 2
    for (then, later), (now, else_later) in zip(*told, strict=True):
        assert len(then) > 500
        np.testing.assert_array_equal(then, now)
        assert not np.array_equal(later, else_later, equal_nan=True)


def answers(
    desk: Desk, row: ArtefactRow, item: Prepared, known: datetime
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a net says of the bars up to `known`, and of those after."""
    voice = voice_of(desk, row)
    classes = voice.answer(item.only(voice.reads).asked(np.arange(len(item.x)))).classes
    before = item.time <= micros(known)
    return classes[before], classes[~before]
