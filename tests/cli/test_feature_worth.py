"""`assay features plot`, `importance` and `drift`: how columns look, what they are worth."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.features.catalog import FEATURES
from assay.features.sets import STANDARD
from assay.store.artefacts import ArtefactKind, Artefacts
from assay.workflows.columns import features_by_name
from assay.workflows.gather import Series, prepare
from tests.cli.conftest import Run
from tests.cli.test_bad_input import MISTAKE, one_sentence
from tests.factories import make_bars
from tests.workflows.workspace import open_at, trending_bars

HOUR = ("--timeframe", "1h")
REMOTE = re.compile(r"""(?:src|href)=["']?(?:https?:)?//|@import|url\(|<script""")


def page_of(path: str | Path) -> str:
    text = Path(path).read_text(encoding="utf-8")
    assert not REMOTE.search(text), "a page needs no network"
    assert text.startswith("<!doctype html>")
    assert "NaN" not in text.replace("NaN policy", "")
    assert text.count("<svg") == text.count("</svg>")
    return text


# List and show


def test_the_list_says_which_features_are_in_the_standard_set(tmp_path: Path, assay: Run) -> None:
    every = assay(tmp_path, "features", "list", "--json").json
    standard = assay(tmp_path, "features", "list", "--set", "standard", "--json").json
    beside = assay(tmp_path, "features", "list", "--set", "full", "--json").json
    text = assay(tmp_path, "features", "list", "--group", "trend").out

    assert {one["name"] for one in standard} == STANDARD
    assert len(standard) + len(beside) == len(every)
    assert not STANDARD & {one["name"] for one in beside}
    assert "full only" in text
    assert "This workspace reads the standard set" in " ".join(text.split())
    assert not list(tmp_path.iterdir()), "listing makes no workspace"


def test_a_feature_says_which_set_it_is_in(tmp_path: Path, assay: Run) -> None:
    own, other = (assay(tmp_path, "features", "show", name).out for name in ("adx", "ichimoku"))

    assert "standard: members read it" in own
    assert "full only: members read it where the setting features is full" in other


def test_a_set_nobody_knows_is_refused(tmp_path: Path, assay: Run) -> None:
    said = assay(tmp_path, "features", "list", "--set", "huge")

    assert said.code == MISTAKE
    assert "huge" in said.err


# Plot


def test_a_plot_is_written_into_the_reports(own: Path, assay: Run) -> None:
    said = assay(own, "features", "plot", "EURUSD", "rsi", "adx", *HOUR)

    assert said.code == 0
    path = said.out.rpartition("Plot: ")[2].strip()
    assert Path(path).parent == own / "reports"
    text = page_of(path)
    for words in ("rsi_14", "adx_14", "directional_14", "Wilder (1978)", "autocorrelation"):
        assert words in text
    assert text.count("<svg") == 4
    assert "rsi_14: Now " in said.out


def test_the_plain_data_are_those_that_members_read(own: Path, assay: Run) -> None:
    found = assay(own, "features", "plot", "EURUSD", "rsi_14", *HOUR, "--bars", "80", "--json").json
    whole = prepare(open_at(own), Series("EURUSD", Timeframe.H1))

    (one,) = found["columns"]
    column = whole.x[:, whole.columns.index("rsi_14")]
    assert one["values"] == pytest.approx(column[-80:].tolist(), rel=1e-5, abs=1e-6)
    assert len(found["times"]) == len(found["close"]) == found["shown"] == 80
    known = column[np.isfinite(column)]
    spread = one["distribution"]
    assert spread["known"] == len(known)
    assert sum(spread["counts"]) == len(known)
    assert spread["mean"] == pytest.approx(float(known.mean()), abs=1e-5)
    assert spread["percentile"] == pytest.approx((known < known[-1]).mean() * 100, abs=0.1)
    assert found["page"] is None
    assert not list((own / "reports").glob("features-*"))


@pytest.mark.parametrize("name", FEATURES.names())
def test_every_feature_can_be_drawn(name: str, workspace: Path, tmp_path: Path, assay: Run) -> None:
    out = tmp_path / "page.html"

    said = assay(workspace, "features", "plot", "EURUSD", name, *HOUR, "--out", str(out))

    assert (said.code, said.err) == (0, "")
    text = page_of(out)
    for column in features_by_name(AssetClass.FX, Timeframe.H1)[name].names:
        assert f'id="{column}"' in text
    assert "First value after" in text


def test_a_column_is_known_by_the_name_that_the_list_shows(workspace: Path, assay: Run) -> None:
    (listed,) = (n for n in FEATURES.get("opening_range")().names if "high" in n)
    words = ("features", "plot", "EURUSD", listed, *HOUR, "--json")

    (one,) = assay(workspace, *words).json["columns"]

    assert one["feature"] == "opening_range"
    assert one["column"] == listed.replace("_288_", "_24_")


def test_until_draws_the_past_as_it_was(workspace: Path, tmp_path: Path, assay: Run) -> None:
    asked = ("features", "plot", "EURUSD", "macd", *HOUR, "--bars", "50", "--json")
    now = assay(workspace, *asked).json
    moment = now["times"][-20]

    then = assay(workspace, *asked, "--until", moment).json

    assert then["last"] == moment
    for before, after in zip(then["columns"], now["columns"], strict=True):
        assert before["values"][-31:] == after["values"][:31]
    assert then["rows"] == now["rows"] - 19


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("EURUSD", "rsj", *HOUR), "did you mean rsi"),
        (("EURUSX", "rsi", *HOUR), "'EURUSX'"),
        (("GBPUSD", "rsi", *HOUR), "GBPUSD 1h"),
        (("EURUSD", "rsi", "--timeframe", "7h"), "'7h'"),
        (("EURUSD", "rsi", *HOUR, "--until", "tomorrow"), "--until must be a time"),
        (("EURUSD", "rsi", *HOUR, "--until", "1990-01-01"), "no bars are stored up to"),
        (("EURUSD", "rsi", *HOUR, "--until", "2020-01-06T12:00"), "needs 15"),
        (("EURUSD", "rsi", *HOUR, "--bars", "1"), "--bars"),
    ],
)
def test_a_plot_that_cannot_be_drawn_is_one_sentence(
    words: tuple[str, ...], said: str, workspace: Path, assay: Run
) -> None:
    found = assay(workspace, "features", "plot", *words)

    assert said in one_sentence(found, MISTAKE)


# Importance: what is asked, what is said


def test_members_are_the_default_where_some_are_trained(workspace: Path, assay: Run) -> None:
    found = assay(workspace, "features", "importance", "--json").json

    assert found["by"] == "members"
    shares = [one["share"] for one in found["columns"]]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)
    assert sum(one["share"] for one in found["groups"]) == pytest.approx(1.0)
    assert sum(one["share"] for one in found["features"]) == pytest.approx(1.0)
    models = len(found["models"])
    assert models >= 2
    assert all(one["in_top_quarter"] <= one["reading"] <= models for one in found["columns"])
    assert any("naive" in name for name in found["unmoved"])
    assert found["partly"] == 0


def test_what_is_said_of_one_model_is_what_it_was_measured_by(workspace: Path, assay: Run) -> None:
    from assay.models.loading import load

    desk = open_at(workspace)
    rows = Artefacts(desk.database).list(kind=ArtefactKind.MEMBER, member="ridge")
    models = {row.id: load(desk.models / row.path) for row in rows}
    found = assay(workspace, "features", "importance", "--json").json

    told = [one["artefact"] for one in found["models"]]
    assert set(models) <= set(told)
    total: dict[str, float] = {}
    for artefact in told:
        model = models.get(artefact) or load(desk.models / artefact)
        for name, by in zip(model.columns, model.metrics["explanation"]["swapped"], strict=True):
            total[name] = total.get(name, 0.0) + by / len(told)
    assert {one["column"]: one["moved"] for one in found["columns"]} == pytest.approx(total)


def test_a_group_keeps_its_share_of_the_whole(workspace: Path, assay: Run) -> None:
    whole = assay(workspace, "features", "importance", "--json").json
    trend = assay(workspace, "features", "importance", "--group", "trend", "--json").json

    assert trend["columns"] == [one for one in whole["columns"] if one["group"] == "trend"]
    assert trend["groups"] == whole["groups"]


def test_coefficients_are_the_default_where_nothing_is_trained(tmp_path: Path, assay: Run) -> None:
    desk = open_at(tmp_path)
    desk.bars.append(trending_bars(3_000), source="test", known_at=desk.clock.now())

    said = assay(tmp_path, "features", "importance")

    assert said.code == 0
    assert "An honest one is 0.03 to 0.05" in " ".join(said.out.split())


@pytest.mark.parametrize("by", ["members", "ic"])
def test_importance_has_a_page(by: str, own: Path, tmp_path: Path, assay: Run) -> None:
    words = ("features", "importance", "--by", by, *HOUR, "--top", "7")
    said = assay(own, *words, "--html")
    other = assay(own, *words, "--out", str(tmp_path / "here.html"))

    assert said.code == other.code == 0
    path = own / "reports" / f"features-importance-{by}.html"
    assert str(path) in said.out
    assert page_of(path) == page_of(tmp_path / "here.html")


def test_the_whole_history_is_marked(workspace: Path, assay: Run) -> None:
    said = assay(workspace, "features", "importance", *HOUR, "--span", "all")

    assert said.code == 0
    assert "WHOLE HISTORY" in said.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--by", "members", "--span", "all"), "--by ic"),
        (("--by", "members", "--timeframe", "1d"), "assay train"),
        (("--by", "ic"), "--timeframe 1h"),
        (("EURUSX",), "'EURUSX'"),
        (("GBPUSD",), "GBPUSD"),
        (("--group", "momentm"), "momentum"),
        (("--by", "guess"), "guess"),
    ],
)
def test_importance_that_cannot_be_said_is_one_sentence(
    words: tuple[str, ...], said: str, workspace: Path, assay: Run
) -> None:
    found = assay(workspace, "features", "importance", *words, "--json")

    assert said in one_sentence(found, MISTAKE)


def test_too_few_bars_are_one_sentence(tmp_path: Path, assay: Run) -> None:
    desk = open_at(tmp_path)
    desk.bars.append(make_bars(900), source="test", known_at=desk.clock.now())

    for name in ("importance", "drift"):
        said = assay(tmp_path, "features", name, "--json")
        assert "EURUSD 1h" in one_sentence(said, MISTAKE)


# Drift


def test_drift_compares_with_what_the_models_were_trained_on(workspace: Path, assay: Run) -> None:
    found = assay(workspace, "features", "drift", *HOUR, "--json").json

    (one,) = found["series"]
    row = Artefacts(open_at(workspace).database).get(one["model"])
    assert row.spans["train"]["start"] <= one["reference"]["start"]
    assert one["reference"]["end"] <= row.spans["train"]["end"]
    assert one["newest"]["bars"] == found["recent"] == 500
    assert sum(one["counts"].values()) == len(one["columns"])
    assert f"{one['counts']['steady']} are steady" in one["summary"]


def test_without_a_model_the_first_part_of_history_stands_in(tmp_path: Path, assay: Run) -> None:
    desk = open_at(tmp_path)
    bars = trending_bars(4_000)
    desk.bars.append(bars, source="test", known_at=desk.clock.now())

    found = assay(tmp_path, "features", "drift", "--recent", "200", "--json").json

    (one,) = found["series"]
    assert one["model"] is None
    assert "nothing is trained" in one["summary"]
    length = bars.last_time - bars.first_time
    assert one["reference"]["end"] <= (bars.first_time + 0.6 * length).isoformat()


def test_a_market_that_becomes_wild_is_noticed_and_ends_with_0(tmp_path: Path, assay: Run) -> None:
    bars = trending_bars(4_000)
    late = pl.int_range(pl.len()) >= 3_600
    close = bars.frame["close"].to_numpy().copy()
    steps = np.random.default_rng(1).normal(0, 0.01, 400)
    close[3_600:] = close[3_599] * np.exp(np.cumsum(steps))
    opened = np.concatenate([[close[0]], close[:-1]])
    frame = bars.frame.with_columns(
        open=pl.when(late).then(pl.Series(opened)).otherwise(pl.col("open")),
        close=pl.Series(close),
        high=pl.when(late).then(np.maximum(opened, close) * 1.001).otherwise(pl.col("high")),
        low=pl.when(late).then(np.minimum(opened, close) / 1.001).otherwise(pl.col("low")),
    )
    desk = open_at(tmp_path)
    wild = Bars(bars.instrument, bars.timeframe, frame)
    desk.bars.append(wild, source="test", known_at=desk.clock.now())

    said = assay(tmp_path, "features", "drift", "--recent", "200")
    found = assay(tmp_path, "features", "drift", "--recent", "200", "--json").json

    assert said.code == 0
    verdicts = {one["column"]: one["verdict"] for one in found["series"][0]["columns"]}
    assert verdicts["realised_vol_20"] == "drifted"
    assert verdicts["day_sine"] == "steady"
    assert "realised_vol_20" in said.out


def test_drift_has_a_page_with_every_column(own: Path, assay: Run) -> None:
    said = assay(own, "features", "drift", "--html")

    assert said.code == 0
    path = own / "reports" / "features-drift.html"
    text = page_of(path)
    found = assay(own, "features", "drift", "--json").json
    for one in found["series"]:
        assert all(f">{column['column']}<" in text for column in one["columns"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--recent", "5000", *HOUR), "--recent"),
        (("--recent", "10"), "--recent"),
        (("EURUSX",), "'EURUSX'"),
        (("--timeframe", "1d"), "1d"),
    ],
)
def test_drift_that_cannot_be_said_is_one_sentence(
    words: tuple[str, ...], said: str, workspace: Path, assay: Run
) -> None:
    found = assay(workspace, "features", "drift", *words, "--json")

    assert said in one_sentence(found, MISTAKE)


def test_a_damaged_model_is_named_and_the_rest_is_told(own: Path, assay: Run) -> None:
    desk = open_at(own)
    row = Artefacts(desk.database).list(kind=ArtefactKind.MEMBER, member="ridge")[0]
    (desk.models / row.path / "metrics.json").write_text("{}")

    found = assay(own, "features", "importance", "--json").json

    assert any(row.id[:12] in problem for problem in found["problems"])
    assert row.id not in {one["artefact"] for one in found["models"]}
