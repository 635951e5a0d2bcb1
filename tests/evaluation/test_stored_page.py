"""The page of stored bars: every day has its cell, every figure a table, and it stands alone."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assay.evaluation.stored.days import DayCount, year_plot
from assay.evaluation.stored.months import month_table, strips
from assay.evaluation.stored.page import stored_page
from tests.browser import Browser, browser
from tests.evaluation.test_page import read

AT = datetime(2024, 3, 4, 12, tzinfo=UTC)
FORMULA = "score = 100 x coverage x (1 - share of flagged bars)"
CLOSED = {"2023-12-25": "Christmas", "2024-01-01": "New Year's Day"}
GAP = date(2023, 11, 15)


def days_of(first: date, last: date) -> list[DayCount]:
    """Return days with 24 bars from Monday to Friday but on holidays; one is missing, one half."""
    found: list[DayCount] = []
    day = first
    while day <= last:
        if day.weekday() < 5 and str(day) not in CLOSED:
            there = {GAP: 0, GAP + timedelta(days=1): 12}.get(day, 24)
            found.append((day, 24, there, 1 if day == date(2023, 12, 5) else 0))
        day += timedelta(days=1)
    return found


def months_of(days: Sequence[DayCount]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for day, *counts in days:
        month = f"{day:%Y-%m}"
        one = found.setdefault(month, {"month": month, "expected": 0, "there": 0, "flagged": 0})
        for name, count in zip(("expected", "there", "flagged"), counts, strict=True):
            one[name] += count
    return list(found.values())


def told(symbol: str = "EURUSD", timeframe: str = "1h", **about: Any) -> dict[str, Any]:
    days = days_of(date(2023, 11, 1), date(2024, 2, 29))
    expected, there = sum(day[1] for day in days), sum(day[2] for day in days)
    first = datetime(2023, 11, 1, 1, tzinfo=UTC)
    gap = {"first": first, "last": first, "bars": 36}
    return {
        "symbol": symbol,
        "timeframe": timeframe,
        "source": "file:<b>.csv",
        "simulated": False,
        "calendar": "FX",
        "rows": there,
        "first": first,
        "last": datetime(2024, 2, 29, 23, tzinfo=UTC),
        "expected": expected,
        "coverage": there / expected,
        "flagged": 1,
        "score": 97.5,
        "gaps": 1,
        "longest_gap": gap,
        "longest_gaps": [gap],
        "bars_behind": 3,
        "thin": None,
        "corrections": 0,
        "flaws": [{"code": "spike", "severity": "misleading", "times": 1, "bars": 1}],
        "comparisons": [],
        "months": months_of(days),
        **about,
    }


def made(found: Sequence[dict[str, Any]]) -> str:
    days = days_of(date(2023, 11, 1), date(2024, 2, 29))
    return stored_page(found, [days] * len(found), [CLOSED] * len(found), at=AT, formula=FORMULA)


def test_it_stands_alone_and_runs_nothing() -> None:
    found = read(made([told(), told("XAUUSD", thin="massive prints 2 %", corrections=2)]))

    assert not found.outside
    assert not found.tags & {"script", "link", "iframe", "img"}


def test_every_table_has_as_many_cells_in_every_row() -> None:
    compared = {
        "source": "a", "other": "b", "at": AT, "start": AT, "end": AT, "bars": None,
        "median_bps": None, "volume_share": None, "differences": [],
    }  # fmt: skip

    found = read(made([told(comparisons=[compared])]))

    assert len(found.rows) >= 7
    for rows in found.rows:
        assert len(set(rows)) == 1


def test_what_a_person_named_is_text_and_no_markup() -> None:
    assert "<b>.csv" not in made([told()])
    assert "file:&lt;b&gt;.csv" in made([told()])


def cells(plot: str) -> dict[str, int]:
    return {
        "rest": area(plot, "rest"),
        "there": area(plot, "there"),
        "odd": plot.count('<g class="odd">'),
        "flagged": plot.count('<g class="flagged">'),
        "kept": plot.count('class="kept"'),
    }


def area(plot: str, style: str) -> int:
    """Return how many cells the path of a class covers."""
    path = re.search(rf'<path class="{style}" d="([^"]*)"', plot)
    return sum(int(tall) // 14 for tall in re.findall(r"h14v(\d+)h", path[1])) if path else 0


@pytest.mark.parametrize("year", [2023, 2024])
def test_each_day_of_the_span_has_one_cell_that_says_what_it_is(year: int) -> None:
    days = days_of(date(2023, 11, 1), date(2024, 2, 29))
    own = [day for day in days if day[0].year == year]
    span = (date(2023, 11, 1), date(2024, 2, 29))

    plot = year_plot("EURUSD 1h", year, own, CLOSED, span)

    first, last = max(span[0], date(year, 1, 1)), min(span[1], date(year, 12, 31))
    found = cells(plot)
    assert found["kept"] == 1
    assert (found["odd"], found["flagged"]) == ((2, 1) if year == 2023 else (0, 0))
    assert found["rest"] + found["there"] + found["odd"] + found["kept"] == (last - first).days + 1
    assert found["there"] + found["odd"] == len(own)


def test_a_day_that_is_not_whole_can_be_read_and_is_filled_by_what_is_there() -> None:
    days = days_of(date(2023, 11, 1), date(2023, 12, 31))

    plot = year_plot("EURUSD 1h", 2023, days, CLOSED, (days[0][0], days[-1][0]))

    assert "2023-11-15: 0 of 24 bars" in plot
    assert "2023-11-16: 12 of 24 bars" in plot
    assert "2023-12-05: 24 of 24 bars, 1 flagged" in plot
    assert "2023-12-25: no bar is expected, Christmas" in plot
    half = plot[plot.index("2023-11-16") :][:400]
    assert half.count('height="6.0"') == 2


def test_what_the_cells_say_stands_in_the_table_behind_them() -> None:
    page = made([told()])

    behind = page[page.index("3 days that are not whole") :]
    for said in ("2023-11-15", "2023-11-16", "2023-12-05"):
        assert said in behind


def test_months_are_filled_by_what_is_there_and_never_read_as_whole_when_they_are_not() -> None:
    whole = {"month": "2023-01", "expected": 10_000, "there": 10_000, "flagged": 0}
    nearly = {"month": "2023-02", "expected": 10_000, "there": 9_999, "flagged": 2}

    drawn = strips([("EURUSD 1h", "a", [whole, nearly], "99.99%")])
    table = month_table([whole, nearly])

    assert drawn.count('class="lack"') == 1
    assert drawn.count('class="mark"') == 1
    assert "2023-02: 9,999 of 10,000 bars, 2 flagged" in drawn
    assert re.search(r'<td class="n">100</td><td class="n">99\.9 \(2\)</td>', table)


def test_nothing_stored_is_said() -> None:
    page = stored_page([], [], [], at=AT, formula=FORMULA)

    assert "0 series" in page
    assert "No rule flags a bar" in page


@pytest.fixture(scope="module")
def seen() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "stored.html"
    every = [told(f"PAIR{n}", thin="a source that prints little " * 3) for n in range(6)]
    path.write_text(made(every), encoding="utf-8")
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits_fetches_nothing_and_complains_of_nothing(
    seen: Browser, file: Path, width: int, dark: bool
) -> None:
    seen.complaints.clear()
    seen.fetched.clear()

    seen.open(file, width=width, dark=dark)
    seen.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    seen.settle()

    assert seen.complaints == []
    assert seen.fetched == [file.as_uri()]
    assert seen.run("document.documentElement.scrollWidth") == width


CONTRAST = """(() => {
  const lit = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((v) => {
      const s = v / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const found = getComputedStyle(at).backgroundColor;
      if (found !== "rgba(0, 0, 0, 0)") return found;
    }
    return "rgb(255, 255, 255)";
  };
  const ratio = (a, b) => {
    const [x, y] = [lit(a), lit(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const bad = [];
  const texts = document.querySelectorAll("p, td, th, a, b, summary, span, h1, h2, h3, h4, li");
  for (const one of texts) {
    const own = [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own) continue;
    const found = ratio(getComputedStyle(one).color, behind(one));
    if (found < 4.5) bad.push(`${one.tagName} ${one.textContent.slice(0, 30)} ${found.toFixed(2)}`);
  }
  for (const name of [".row-of .there", ".row-of .lack", ".row-of .mark", ".fig .kept"]) {
    const one = document.querySelector(name), style = getComputedStyle(one);
    const colour = style.fill === "none" ? style.stroke : style.fill;
    const found = ratio(colour, behind(one.closest("div, li")));
    if (found < 3) bad.push(`${name} ${found.toFixed(2)}`);
  }
  return bad;
})()"""


@pytest.mark.parametrize("dark", [False, True])
def test_words_and_marks_stand_out_from_what_is_behind_them(
    seen: Browser, file: Path, dark: bool
) -> None:
    seen.open(file, dark=dark)
    seen.run("document.querySelectorAll('details').forEach(one => one.open = true)")

    assert seen.run(CONTRAST) == []


def test_a_link_unfolds_its_series_and_the_keyboard_reaches_everything(
    seen: Browser, file: Path
) -> None:
    seen.open(file)
    shut = seen.run("document.querySelectorAll('details.one[open]').length")
    seen.run("document.querySelector('td a[href=\"#series-PAIR4-1h\"]').click()")
    seen.settle()
    opened = seen.run("document.querySelector('details.one[open] summary').textContent")

    reached = set()
    for _ in range(60):
        for kind in ("keyDown", "keyUp"):
            seen.ask(
                "Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9
            )
        reached.add(
            seen.run(
                "(document.activeElement.tagName + ' ' + document.activeElement.className).trim()"
            )
        )

    assert shut == 0
    assert opened.startswith("PAIR4 1h")
    assert {"SUMMARY", "DIV fig", "DIV scroll"} <= reached
