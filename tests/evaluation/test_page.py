import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.ids import canonical
from assay.evaluation.page import figures, show
from assay.evaluation.report.page import page
from assay.evaluation.svg import HEIGHT, WIDTH, Band, Line, ticks, time_plot
from assay.evaluation.svg_rows import interval_plot, spans_plot, strip
from tests.evaluation.reports import KEYS, estimate, make_report

VOID = {"meta", "br", "img", "hr", "link", "input"}


class Reader(HTMLParser):
    """Collects what a browser would: tags in balance, links out, cells a row."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []
        self.tags: set[str] = set()
        self.rows: list[list[int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        if tag == "table":
            self.rows.append([])
        elif tag == "tr":
            self.rows[-1].append(0)
        elif tag in ("td", "th"):
            self.rows[-1][-1] += int(found.get("colspan") or 1)
        self.outside += [v or "" for k, v in attrs if k in ("src", "href") and v and v[0] != "#"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert not reader.open
    return reader


def test_the_page_stands_alone() -> None:
    text = page(make_report())

    found = read(text)

    assert set(found.outside) == {"https://www.tradingview.com/"}
    assert not found.tags & {"link", "iframe", "img", "object"}
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in text
    style = text.split("<style>")[1].split("</style>")[0]
    assert "@import" not in style
    assert "url(" not in style


def test_without_trades_the_page_has_no_script() -> None:
    text = page(make_report(trades=0))

    found = read(text)

    assert not found.outside
    assert "script" not in found.tags
    assert "script-src" not in text


def test_every_row_of_a_table_is_as_wide_as_its_head() -> None:
    found = read(page(make_report()))

    assert found.rows
    for table in found.rows:
        assert len(set(table)) == 1


def test_links_lead_to_sections_that_are_there() -> None:
    text = page(make_report())

    wanted = re.findall(r'href="#([^"]+)"', text)

    assert len(wanted) > 5
    assert all(f'id="{name}"' in text for name in wanted)


def test_json_draws_the_same_page_as_the_run_itself() -> None:
    report = make_report()

    again = json.loads(canonical(report))

    assert list(again["performance"]) != list(report["performance"])
    assert page(again) == page(report)
    assert figures(again)[0] == ["figure", "chain", "buy and hold", "naive"]


def test_words_from_outside_stay_words() -> None:
    told = "<script>alert(1)</script>"
    block = {"columns": [told], "rows": [[told]], "note": told}

    text = page(make_report(title=told, subtitle=told, summary=[told], regimes=block))

    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;") >= 6


@pytest.mark.parametrize("simulated", [True, False])
def test_a_simulation_says_so(simulated: bool) -> None:
    text = page(make_report(simulated=simulated))

    assert ('<span class="badge">simulated</span>' in text) is simulated
    assert ("comes from a simulated market" in text) is simulated


@pytest.mark.parametrize(("low", "high", "style"), [(0.1, 0.5, "above"), (-0.9, -0.1, "below")])
def test_the_reading_of_the_sharpe_has_the_colour_of_its_interval(
    low: float, high: float, style: str
) -> None:
    report = make_report()
    report["performance"]["chain"]["sharpe"] = estimate((low + high) / 2, low, high)

    assert f'class="verdict {style}"' in page(report)


def test_a_run_without_trades_is_still_a_page() -> None:
    days = 40
    report = make_report(days, trades=0)
    nothing = {key: estimate(None, days=days) for key in KEYS} | {"days": days}
    report["performance"]["chain"] = nothing
    report["equity"]["curves"]["chain"] = [1.0] * days
    report["members"] = {"columns": ["member"], "rows": [], "plot": [], "note": ""}
    names = ("said", "happened", "low", "high", "n", "left", "right", "members")
    report["reliability"] = {name: [] for name in names} | {"histogram": None, "brier": None}
    report["equity"] |= {"low": [1.0] * days, "high": [1.0] * days}
    report["folds"] = []

    text = page(report)

    read(text)
    assert "there is too little to draw" in text
    assert "Equity never stood below its last peak" in text
    assert "95 % band" not in text


@pytest.mark.parametrize(("days", "trades", "instruments"), [(5_200, 9, 1), (2_600, 6_000, 10)])
def test_a_long_run_stays_under_three_megabytes(days: int, trades: int, instruments: int) -> None:
    report = make_report(days, trades=trades, instruments=instruments)

    assert len(page(report).encode()) < 3_000_000


def test_a_year_is_its_months_compounded() -> None:
    assert "<td>+4.5</td>" in page(make_report())  # 1.10 x 0.95 - 1


@pytest.mark.parametrize(
    ("found", "percent", "said"),
    [
        (estimate(0.012, -0.004, 0.028), True, "1.20 % [-0.40, 2.80]"),
        (estimate(-0.0001, -0.004, 0.0), False, "0.00 [0.00, 0.00]"),
        (estimate(1.5, -0.25, 3.0, days=12), False, "1.50 [-0.25, 3.00] too few days"),
        (estimate(None), True, "–"),
        ({"value": 1.0, "low": None, "high": None, "days": 90}, False, "1.00 [–, –]"),
    ],
)
def test_an_estimate_is_said_with_its_interval(found: Any, percent: bool, said: str) -> None:
    assert show(found, percent=percent) == said


def names_of(svg: str) -> list[tuple[float, float, str]]:
    found = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" class="name [^"]*">([^<]*)', svg)
    return [(float(x), float(y), text) for x, y, text in found]


@given(ends=st.lists(st.floats(0.5, 1.5), min_size=1, max_size=6))
def test_the_names_of_curves_never_cover_each_other(ends: list[float]) -> None:
    lines = [Line(f"line {n}", [1.0, 1.0, end], "a") for n, end in enumerate(ends)]
    band = Band("band", [0.9] * 3, [1.1] * 3)

    labels = names_of(time_plot(["2020-01-01"] * 3, lines, band, unit="", title="t"))

    heights = sorted(y for _, y, _ in labels)
    assert len(labels) == len(ends) + 1
    assert min(np.diff(heights)) >= 14.9
    assert heights[0] >= 0
    assert heights[-1] <= HEIGHT


def test_a_curve_that_would_flatten_the_others_leaves_and_says_where_it_ended() -> None:
    days = [f"2020-01-{n:02}" for n in range(1, 11)]
    calm = Line("calm", np.linspace(1.0, 1.02, 10).tolist(), "a")
    ruin = Line("ruin", np.geomspace(1.0, 0.001, 10).tolist(), "b")

    svg = time_plot(days, [calm, ruin], None, unit="", title="t")

    assert "ruin 0.00 ↓" in svg
    heights = [float(y) for y in re.findall(r",([\d.-]+)", svg.split('class="curve a"')[0][-200:])]
    assert max(heights) - min(heights) > 5


def test_a_gap_in_a_curve_stays_a_gap() -> None:
    line = Line("a", [1.0, 2.0, float("nan"), 3.0, 4.0], "a")

    svg = time_plot(["2020-01-01"] * 5, [line], None, unit="", title="t")

    path = re.search(r'<path d="([^"]*)"', svg)
    assert path is not None
    assert path[1].count("M") == 2


@given(low=st.floats(-1e5, 1e5), width=st.floats(1e-4, 1e5), wanted=st.integers(3, 8))
def test_ticks_are_round_even_and_inside(low: float, width: float, wanted: int) -> None:
    high = low + width

    found = ticks(low, high, wanted)

    values = np.array([value for value, _ in found])
    assert 2 <= len(found) <= 2 * wanted + 1
    assert values.min() >= low - width * 1e-6
    assert values.max() <= high + width * 1e-6
    assert np.allclose(np.diff(values), values[1] - values[0])
    told = [float(text.replace(",", "").replace("−", "-")) for _, text in found]
    assert np.allclose(told, values, atol=width * 1e-6)


rows_of_intervals = st.lists(
    st.tuples(st.floats(-500, 500), st.floats(0, 300), st.floats(0, 300)), min_size=1, max_size=8
)


@given(drawn=rows_of_intervals)
def test_no_interval_leaves_its_plot(drawn: list[tuple[float, float, float]]) -> None:
    rows = [(f"row {n}", v, v - down, v + up) for n, (v, down, up) in enumerate(drawn)]

    svg = interval_plot(rows, title="t", unit="", strong="row 0")

    places = [float(x) for x in re.findall(r' (?:x1|x2|cx)="(-?[\d.]+)"', svg)]
    assert min(places) >= 129.9
    assert max(places) <= WIDTH - 189.9
    assert all(f">row {n}<" in svg for n in range(len(rows)))


def test_an_interval_far_from_the_others_is_an_arrow_with_its_value() -> None:
    rows = [(f"row {n}", 0.0, -1.0, 1.0) for n in range(5)] + [("far", -300.0, -400.0, -200.0)]

    svg = interval_plot(rows, title="t", unit="")

    assert svg.count("<path") == 1
    assert "−300.0 [−400.0, −200.0]" in svg


def test_nothing_is_drawn_of_nothing() -> None:
    none = float("nan")

    assert "too little" in interval_plot([("a", none, none, none)], title="t", unit="")
    assert "too little" in spans_plot([], title="t")
    assert "too little" in time_plot([], [], None, unit="", title="t")
    assert strip(None, 0.0, 1.0) == ""
    assert strip(0.0, 0.0, 0.0) == ""


def test_spans_are_drawn_in_the_order_of_time() -> None:
    fold = make_report()["folds"][0]

    svg = spans_plot([dict(reversed(list(fold.items())))], title="t")

    assert svg.index("part train") < svg.index("part test")
    left = [float(x) for x in re.findall(r'<rect x="([\d.]+)"', svg)]
    assert left == sorted(left)
