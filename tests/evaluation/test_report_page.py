"""The page of a backtest reads well whatever there is to report, and says what it is."""

import json
import re
from typing import Any

import pytest

from assay.core.ids import canonical
from assay.evaluation.report.page import page
from tests.evaluation.reports import KEYS, estimate, make_report
from tests.evaluation.test_page import read

WRONG = ("nan", "None", "inf", "Traceback", "{'", "[]")


def words_of(text: str) -> str:
    """Return what a reader sees, without styles and scripts."""
    shown = re.sub(r"<(style|script)[^>]*>.*?</\1>", " ", text, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", shown)


def no_interval(days: int) -> dict[str, Any]:
    figures = {key: estimate(0.1, days=days) | {"low": None, "high": None} for key in KEYS}
    return {name: figures | {"days": days} for name in ("chain", "buy and hold", "naive")}


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(make_report(60, trades=0), id="no trade"),
        pytest.param(make_report(60, trades=1), id="one trade, which won"),
        pytest.param(make_report(60, trades=2), id="one that lost"),
        pytest.param(make_report(1, trades=1), id="one day"),
        pytest.param(make_report(0, trades=0), id="no day"),
        pytest.param(make_report(40, trades=5, performance=no_interval(40)), id="no interval"),
        pytest.param(make_report(400, trades=300, instruments=9), id="many instruments"),
        pytest.param(
            make_report(60, worst=[], months={}, methods=[], folds=[]), id="parts missing"
        ),
    ],
)
def test_it_reads_well_whatever_there_is(report: dict[str, Any]) -> None:
    text = page(json.loads(canonical(report)))

    read(text)
    said = words_of(text)
    assert not [word for word in WRONG if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said)]
    assert said.count("Were the probabilities right?") == 2, "in the links and as a heading"


@pytest.mark.parametrize("simulated", [True, False])
def test_every_section_says_that_it_is_simulated_or_none_does(simulated: bool) -> None:
    text = page(make_report(simulated=simulated))

    heads = re.findall(r"<h2.*?</h2>", text)
    assert len(heads) > 10
    assert all(("simulated" in head) is simulated for head in heads)


def test_the_chart_is_attributed_as_its_licence_asks() -> None:
    said = words_of(page(make_report()))

    assert "TradingView Lightweight Charts" in said
    assert "Copyright" in said
    assert "https://www.tradingview.com/" in said
    assert "Apache License 2.0" in said


def test_no_word_from_outside_ends_a_script_or_begins_one() -> None:
    told = "</script><script>alert(1)</script>"
    report = make_report(trades=4)
    report["charts"]["instruments"][0]["symbol"] = told
    report["worst"][0] |= dict.fromkeys(("symbol", "what", "cost"), told) | {"why": [told]}
    report["worst"][0]["tags"] = [told]

    text = page(report)

    assert "<script>alert" not in text
    assert text.count("</script>") == 4, "the library, what pages share, our own, and the data"


def test_the_worst_trades_are_told_in_order_with_a_drawing_each() -> None:
    report = make_report(trades=30)

    text = page(report)

    cards = re.findall(r'<article class="card">.*?</article>', text, flags=re.DOTALL)
    assert len(cards) == len(report["worst"]) == 12
    assert all(card.count("<svg") == 1 for card in cards)
    assert "What it cost." in cards[0]


def test_more_instruments_than_are_drawn_are_counted() -> None:
    said = words_of(page(make_report(trades=30, instruments=9)))

    assert "3 more instruments are not drawn here" in said


def test_the_wheel_brings_the_chart_and_its_licence() -> None:
    from importlib.resources import files

    vendor = files("assay.evaluation").joinpath("vendor")
    script = vendor.joinpath("lightweight-charts.standalone.production.js").read_text("utf-8")

    assert "v5.2.1" in script[:200]
    assert "Apache License" in vendor.joinpath("LICENSE").read_text("utf-8")
    assert "tradingview.com" in vendor.joinpath("NOTICE").read_text("utf-8")
