"""Training leaves whole, registered artefacts; run again it goes on, and mends what is damaged."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.core.errors import ArtefactError, HistoryError, NotFoundError
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.features.contract import Group
from assay.features.pipeline import Pipeline, make_feature
from assay.models.loading import load
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.workflows import gather
from assay.workflows.desk import Desk
from assay.workflows.gather import pipeline_of
from assay.workflows.issue import issue
from assay.workflows.train import Trained, train
from tests.factories import make_bars
from tests.workflows.workspace import LIGHT, copied, open_at


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, workspace: Path) -> Path:
    """Return a workspace whose newest models are of all the bars that are stored."""
    home = copied(workspace, tmp_path_factory.mktemp("small") / "home")
    desk = open_at(home)
    train(desk, members=LIGHT)
    desk.database.close()
    return home


@pytest.fixture
def mine(small: Path, tmp_path: Path) -> Path:
    return copied(small, tmp_path / "home")


def again(home: Path) -> Trained:
    desk = open_at(home)
    done = train(desk, members=LIGHT)
    desk.database.close()
    return done


def rows_of(desk: Desk, done: Trained) -> list[ArtefactRow]:
    registry = Artefacts(desk.database)
    return [registry.get(row.id) for row in done.members]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x20
    path.write_bytes(bytes(content))


def test_every_member_of_every_series_is_written_and_registered(mine: Path) -> None:
    desk = open_at(mine)

    done = train(desk, members=LIGHT)

    assert sorted((r.member, r.timeframe) for r in done.members) == sorted(
        (name, frame) for name in LIGHT for frame in ("1h", "4h")
    )
    assert done.problems == ()
    for row in rows_of(desk, done):
        assert row.kind is ArtefactKind.MEMBER
        assert row.symbols == ("EURUSD",)
        assert row.quarantined is None
        assert set(row.spans) == {"train", "stop", "calibrate", "fuse", "key"}
        assert load(desk.models / row.path).id == row.id
    registry = Artefacts(desk.database)
    for fitted in done.fusions:
        row = registry.get(fitted.id)
        assert row.kind is ArtefactKind.FUSION
        stored = json.loads((desk.models / row.path).read_text())
        assert stored["symbol"] == "EURUSD"
        assert {p.artefact for p in fitted.producers} <= {m.id for m in done.members}


def test_the_second_run_makes_nothing_and_names_the_same(mine: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in (mine / "models").rglob("*.json")}

    first, second = again(mine), again(mine)

    assert first.reused == second.reused == len(second.members) == 6
    assert [r.id for r in first.members] == [r.id for r in second.members]
    assert [f.id for f in first.fusions] == [f.id for f in second.fusions]
    members = [p for p in before if p.parent.name != "fusion"]
    assert all(p.stat().st_mtime_ns == before[p] for p in members)


@pytest.mark.parametrize("stop_at", [("Training members", 2), ("Fitting fusions", 1)])
def test_a_run_that_was_stopped_goes_on_where_it_was(
    small: Path, tmp_path: Path, stop_at: tuple[str, int]
) -> None:
    whole = again(small)
    home = tmp_path / "home"
    copied(small, home)
    shutil.rmtree(home / "models")
    for name in ("assay.db", "assay.db-wal", "assay.db-shm", "journal.head"):
        (home / name).unlink(missing_ok=True)

    def tick(what: str, done: int, total: int) -> None:
        del total
        if (what, done) == stop_at:
            raise KeyboardInterrupt

    desk = open_at(home)
    with pytest.raises(KeyboardInterrupt):
        train(desk, members=LIGHT, tick=tick)
    kept = Artefacts(desk.database).list(kind=ArtefactKind.MEMBER)
    desk.database.close()
    done = again(home)

    assert len(kept) == (2 if stop_at[0] == "Training members" else 6)
    assert done.reused == len(kept)
    assert [r.id for r in done.members] == [r.id for r in whole.members]
    assert [f.id for f in done.fusions] == [f.id for f in whole.fusions]
    assert not list((home / "models").rglob(".writing-*"))


@pytest.mark.parametrize("noticed", [True, False])
@pytest.mark.parametrize("damage", ["flipped", "emptied", "gone", "all gone"])
def test_training_again_mends_damaged_models(mine: Path, damage: str, *, noticed: bool) -> None:
    desk = open_at(mine)
    whole = train(desk, members=LIGHT)
    victim = desk.models / whole.members[2].path
    if damage == "flipped":
        flip(victim / "manifest.json")
    elif damage == "emptied":
        for path in victim.iterdir():
            path.write_bytes(b"")
    else:
        shutil.rmtree(desk.models if damage == "all gone" else victim)
    if noticed and damage != "all gone":
        issue(desk, "EURUSD", whole.members[2].timeframe)

    mended = train(desk, members=LIGHT)

    assert [r.id for r in mended.members] == [r.id for r in whole.members]
    assert [f.id for f in mended.fusions] == [f.id for f in whole.fusions]
    assert mended.reused == (0 if damage == "all gone" else 5)
    assert [row.quarantined for row in rows_of(desk, mended)] == [None] * 6
    assert train(desk, members=LIGHT).reused == 6


def test_a_signal_does_without_a_damaged_model_and_says_so(mine: Path) -> None:
    desk = open_at(mine)
    done = train(desk, members=LIGHT)
    victim = next(r for r in done.members if (r.member, r.timeframe) == ("momentum", "1h"))
    flip(max((desk.models / victim.path).iterdir(), key=lambda p: p.stat().st_size))

    row = issue(desk, "EURUSD", Timeframe.H1)

    assert row.decision == "WAIT"
    assert "quarantined" in row.payload["reasons"]
    silent = next(m for m in row.payload["members"] if m["artefact"] == victim.id)
    assert silent["classes"] is None
    assert silent["part"] == 0.0
    kept = Artefacts(desk.database).get(victim.id)
    assert kept.quarantined


def test_without_any_model_the_signal_leans_to_no_side(mine: Path) -> None:
    desk = open_at(mine)
    for row in train(desk, members=LIGHT).members:
        flip(desk.models / row.path / "manifest.json")

    payload = issue(desk, "EURUSD", Timeframe.H1).payload

    assert payload["decision"] == "WAIT"
    assert payload["evidence"] == "NONE"
    assert payload["direction"] == "NONE"
    assert payload["conviction"] == 0.0


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe{", None])
def test_a_damaged_fusion_is_named_and_training_mends_it(mine: Path, content: bytes | None) -> None:
    desk = open_at(mine)
    fitted = train(desk, members=LIGHT).fusions[0]
    path = desk.models / "fusion" / f"{fitted.id}.json"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)

    with pytest.raises(ArtefactError, match="fusion"):
        issue(desk, "EURUSD", fitted.timeframe)
    train(desk, members=LIGHT)

    assert issue(desk, "EURUSD", fitted.timeframe).payload["fusion"]["artefact"] == fitted.id


def slower(pipeline: Pipeline) -> Pipeline:
    """Return the pipeline with a slower RSI."""
    slow = make_feature("rsi", {"window": 21})
    return Pipeline(tuple(slow if type(f) is type(slow) else f for f in pipeline.features))


def test_a_model_of_fewer_features_is_served(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_at(mine, datetime(2022, 1, 3, 13, tzinfo=UTC))
    few = frozenset({Group.RETURNS, Group.MOMENTUM})
    with monkeypatch.context() as other:
        other.setattr(
            gather,
            "pipeline_of",
            lambda kind, frame, *_, **__: pipeline_of(kind, frame, groups=few),
        )
        train(desk, members=LIGHT)

    row = issue(desk, "EURUSD", Timeframe.H1)

    assert all(member["classes"] for member in row.payload["members"])


def test_a_model_of_other_features_is_refused_by_name(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_at(mine, datetime(2022, 1, 3, 13, tzinfo=UTC))  # later than what it replaces
    with monkeypatch.context() as other:
        other.setattr(
            gather, "pipeline_of", lambda kind, frame, *_, **__: slower(pipeline_of(kind, frame))
        )
        trained = train(desk, members=LIGHT)

    row = issue(desk, "EURUSD", Timeframe.H1)

    assert row.decision == "WAIT"
    assert "quarantined" in row.payload["reasons"]
    now = pipeline_of(AssetClass.FX, Timeframe.H1)
    for kept in (r for r in rows_of(desk, trained) if r.timeframe is Timeframe.H1):
        assert "features.hash" in str(kept.quarantined)
        assert kept.id[:12] in str(kept.quarantined)
        assert now.hash[:12] in str(kept.quarantined)


def test_too_little_history_names_the_series_and_what_it_takes(tmp_path: Path) -> None:
    desk = open_at(tmp_path)
    desk.bars.append(make_bars(400), source="test", known_at=desk.clock.now())

    with pytest.raises(HistoryError, match=r"EURUSD 1h: 400 bars are stored, .* need [\d,]+"):
        train(desk, members=LIGHT)
    assert not (tmp_path / "models").exists()


def test_an_unknown_series_is_named_with_what_there_is(workspace: Path) -> None:
    desk = open_at(workspace)

    with pytest.raises(NotFoundError, match="no bars of GBPUSD; stored: EURUSD 1h, EURUSD 4h"):
        train(desk, ("GBPUSD",))
