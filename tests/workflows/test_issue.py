"""What a signal says of itself: in or out of the fusion's sample, and the order it was made in."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assay.app import open_desk
from assay.core.errors import SettingsError
from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.store.artefacts import Artefacts
from assay.workflows.gather import Series, moment_of, prepare_all
from assay.workflows.issue import fusion_of, issue
from assay.workflows.payload import is_in_sample
from tests.workflows.chains import market, stored

ISSUE_AND_NAME_IMPORTS = """
import sys
sys.argv[1:], heavy = ["--home", sys.argv[1], "signal", "EURUSD", "--timeframe", "1h"], sys.argv[2]
from assay.__main__ import main
try:
    main()
finally:
    print([name for name in heavy.split() if name in sys.modules])
"""


def test_a_bar_whose_outcome_the_fusion_knew_is_said_to_be_in_sample(own: Path) -> None:
    desk = open_desk(own)
    fitted = fusion_of(desk, desk.instrument("EURUSD"), Timeframe.H1)
    last = moment_of(fitted.last)

    early = issue(desk, "EURUSD", Timeframe.H1, as_of=last - 40 * Timeframe.H1.length)
    newest = issue(desk, "EURUSD", Timeframe.H1)

    assert early.payload["in_sample"] is True
    assert newest.payload["in_sample"] is False
    assert not is_in_sample(fitted, last)


def test_a_past_bar_is_judged_by_a_fusion_that_knew_no_more_than_was_known(own: Path) -> None:
    desk = open_desk(own)
    eurusd = desk.instrument("EURUSD")
    older = fusion_of(desk, eurusd, Timeframe.H1)
    held = Artefacts(desk.database).get(older.id)
    end = datetime.fromisoformat(held.spans["fuse"]["end"]) + timedelta(days=3)
    fitted = replace(older, last=older.last + 1)
    newer = fitted.id
    (desk.models / "fusion" / f"{newer}.json").write_text(fitted.to_json())
    later = replace(
        held,
        id=newer,
        path=f"fusion/{newer}.json",
        made_at=held.made_at + timedelta(days=3),
        spans={"fuse": held.spans["fuse"] | {"end": end.isoformat()}},
    )
    Artefacts(desk.database).add(later)

    assert fusion_of(desk, eurusd, Timeframe.H1).id == newer
    assert fusion_of(desk, eurusd, Timeframe.H1, end).id == newer
    assert fusion_of(desk, eurusd, Timeframe.H1, end - timedelta(hours=1)).id == older.id
    assert fusion_of(desk, eurusd, Timeframe.H1, datetime(1990, 1, 1, tzinfo=UTC)).id == newer


def test_models_of_bars_that_were_corrected_since_take_no_position(own: Path) -> None:
    desk = open_desk(own)
    eurusd = desk.instrument("EURUSD")
    first = desk.bars.read(eurusd, Timeframe.H1).frame.slice(3_000, 1)
    moved = first.with_columns(pl.col("high") * 1.001)
    before = issue(desk, "EURUSD", Timeframe.H1)
    desk.bars.correct(Bars(eurusd, Timeframe.H1, moved), reason="a test", known_at=desk.clock.now())

    after = issue(desk, "EURUSD", Timeframe.H1)

    assert Reason.CORRECTED not in before.payload["reasons"]
    assert Reason.CORRECTED in after.payload["reasons"]
    assert after.decision == "WAIT"
    assert after.id != before.id


def test_nothing_heavy_is_imported_to_issue_a_signal(own: Path) -> None:
    heavy = "numba scipy torch sklearn lightgbm pandas pyarrow optuna"
    said = subprocess.run(
        [sys.executable, "-c", ISSUE_AND_NAME_IMPORTS, str(own), heavy],
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.splitlines()[-1] == "[]"


def test_the_view_is_sealed_before_anything_of_the_models_is_written(own: Path) -> None:
    desk = open_desk(own)

    row = issue(desk, "EURUSD", Timeframe.H1)

    stages = [entry.stage for entry in desk.journal.entries(row.id)]
    assert stages.index("view") < stages.index("conviction") < stages.index("verdict")
    assert stages[-1] == "signal"
    assert row.payload["verdict"]["sealed"] == row.payload["view"]["digest"]
    assert desk.journal.verify().intact


def test_a_series_too_short_is_named_and_stops_nobody(tmp_path: Path) -> None:
    long, other = market(1_500)[:2]
    short = type(other)(other.instrument, other.timeframe, other.frame.head(200))
    desk = stored(tmp_path, [long, short])
    problems: list[str] = []
    wanted = [Series(b.instrument.symbol, b.timeframe) for b in (long, short)]

    ready = prepare_all(desk, wanted, problems=problems)

    assert list(ready) == [wanted[0]]
    assert len(problems) == 1
    assert str(wanted[1]) in problems[0]


def test_a_workspace_that_is_a_file_is_the_persons_mistake(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")

    with pytest.raises(SettingsError, match="is a file; name a folder"):
        open_desk(tmp_path / "home")


def test_bars_of_a_new_peer_change_nothing_until_it_is_trained_with(own: Path) -> None:
    before = issue(open_desk(own), "EURUSD", Timeframe.H1)
    other = instrument("EURJPY")
    desk = open_desk(own)
    bars = desk.bars.read(desk.instrument("EURUSD"), Timeframe.H1).frame
    prices = [pl.col(name) * 130.0 for name in ("open", "high", "low", "close")]
    stranger = Bars(other, Timeframe.H1, bars.with_columns(prices))
    desk.bars.append(stranger, source="test", known_at=desk.clock.now())

    after = issue(open_desk(own), "EURUSD", Timeframe.H1)

    assert other in open_desk(own).peers_of(desk.instrument("EURUSD"), Timeframe.H1)
    assert after.id == before.id
