"""The page of candles: it stands alone, moves to what is missing or flagged, and reads without."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.evaluation.candles import encode
from assay.evaluation.stored.candled import candled_page
from assay.evaluation.svg_candles import gap_plot
from tests.browser import Browser, browser
from tests.evaluation.test_page import read

START = datetime(2022, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
RANGE = "[Number(stage.dataset.from), Number(stage.dataset.to)]"


def told(bars: int = 400, **about: Any) -> dict[str, Any]:
    """Return hours of which 30 are missing after the hundredth, and the 200th is flagged."""
    hours = np.array([n for n in range(bars) if not 100 <= n < 130])
    minutes = int(START.timestamp()) // 60 + hours * 60
    chance = np.random.default_rng(3)
    close = 110_000 + np.cumsum(chance.integers(-40, 41, len(hours)))
    opened = np.concatenate([close[:1], close[:-1]])
    prices = np.column_stack(
        [opened, np.maximum(opened, close) + 9, np.minimum(opened, close) - 9, close]
    )
    gap = {"first": START + 100 * HOUR, "last": START + 129 * HOUR, "bars": 30}
    flaw = {
        "code": "spike", "severity": "misleading", "rows": 1, "sentence": "its <high> lies far off",
        "first": START + 200 * HOUR, "last": START + 200 * HOUR,
    }  # fmt: skip
    return {
        "symbol": "EURUSD",
        "timeframe": "1h",
        "source": "file:</script>.csv",
        "simulated": False,
        "tick": 0.00001,
        "digits": 5,
        "bars": len(hours),
        "first": START,
        "last": START + (bars - 1) * HOUR,
        "candles": encode(minutes, prices),
        "missing": [int(START.timestamp()) // 60 + n * 60 for n in range(100, 124)],
        "gaps": [gap],
        "flaws": [flaw],
        **about,
    }


def test_it_stands_alone_and_no_word_from_outside_is_markup() -> None:
    text = candled_page(told())

    found = read(text)

    assert set(found.outside) == {"https://www.tradingview.com/"}
    assert text.count("</script>") == 4, "the library, what pages share, our own, and the data"
    assert "its &lt;high&gt; lies far off" in text
    assert "30 missing in 1 gap, 1 flag" in text


def test_what_is_marked_stands_in_tables_too() -> None:
    text = candled_page(told())

    for said in ("2022-03-05 04:00", "2022-03-06 09:00", "2022-03-09 08:00", "spike"):
        assert said in text


def test_where_nothing_is_wrong_it_says_so() -> None:
    text = candled_page(told(gaps=[], flaws=[], missing=[]))

    assert "No bar of the stretch is missing" in text
    assert "No rule flags a bar of the stretch" in text


def test_the_drawing_has_a_candle_a_place_and_shades_what_lacks() -> None:
    prices = np.array([[10, 12, 9, 11], [0, 0, 0, 0], [11, 13, 10, 10]])

    drawn = gap_plot(
        prices, ["a", "b", "c"], [False, True, False], [False, False, True], tick=1.0, title="t"
    )

    assert drawn.count('class="lacking"') == 1
    assert drawn.count('class="dot-of"') == 1
    assert sum(drawn.count(f'class="body {way}"') for way in ("up", "down")) == 2
    none = gap_plot(prices[1:2], ["b"], [True], [False], tick=1.0, title="t")
    assert "there is too little to draw" in none


@pytest.fixture(scope="module")
def seen() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "candles.html"
    path.write_text(candled_page(told()), encoding="utf-8")
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits_fetches_nothing_and_complains_of_nothing(
    seen: Browser, file: Path, width: int, dark: bool
) -> None:
    seen.complaints.clear()
    seen.fetched.clear()

    seen.open(file, width=width, dark=dark)
    seen.run("document.querySelectorAll('button.go')[1].click()")
    seen.settle()

    assert seen.complaints == []
    assert seen.fetched == [file.as_uri()]
    assert seen.run("document.documentElement.scrollWidth") == width
    assert seen.run("document.querySelectorAll('#candles canvas').length") > 0


def test_a_line_of_a_table_leads_to_its_place_and_back(seen: Browser, file: Path) -> None:
    seen.open(file)
    whole = seen.run(RANGE)
    spans = []
    for number in (0, 1):
        seen.run(f"document.querySelectorAll('button.go')[{number}].click()")
        seen.settle()
        spans.append(seen.run(RANGE))
    pressed = seen.run("[...document.querySelectorAll('button.go')].map(b => b.ariaPressed)")
    seen.run("document.getElementById('whole').click()")
    seen.settle()

    gap, flaw = (START + 129 * HOUR).timestamp(), (START + 200 * HOUR).timestamp()
    assert spans[0][0] < gap < spans[0][1]
    assert spans[1][0] < flaw < spans[1][1]
    assert spans[0] != spans[1]
    assert pressed == ["false", "true"]
    assert seen.run(RANGE) == pytest.approx(whole)


def test_without_scripts_the_drawing_stands_in_its_place(seen: Browser, file: Path) -> None:
    display = "getComputedStyle(document.querySelector('{}')).display"
    seen.open(file)
    with_scripts = [seen.run(display.format(name)) for name in (".still", "#stage")]
    seen.scripts(allowed=False)
    try:
        seen.open(file)
        without = [seen.run(display.format(name)) for name in (".still", "#stage")]
    finally:
        seen.scripts(allowed=True)

    assert with_scripts == ["none", "block"]
    assert without == ["block", "none"]
