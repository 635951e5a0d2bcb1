"""How sound the bars of a backtest were: coverage, flags by code, and decisions that waited."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from assay.core.values.reason import Reason
from assay.risk.reasons import BIT
from assay.workflows.check import Checked, check_series
from assay.workflows.desk import Desk
from assay.workflows.gather import Prepared, Series
from assay.workflows.learn import in_threads
from assay.workflows.replay import Replayed

COLUMNS = (
    "series",
    "bars",
    "expected",
    "coverage",
    "longest gap, bars",
    "flags",
    "decisions that waited",
)


def checked(desk: Desk, prepared: Mapping[Series, Prepared]) -> dict[Series, Checked]:
    """Return what `assay data check` says of each series of a backtest."""

    def check(series: Series) -> Checked:
        return check_series(desk, series.symbol, series.timeframe)

    return dict(zip(prepared, in_threads(check, list(prepared), desk.jobs), strict=True))


def soundness(found: Mapping[Series, Checked], replays: Sequence[Replayed]) -> dict[str, Any]:
    """Return a row a series: bars, expected, coverage, the longest gap, flags, what waited.

    `waited` counts decisions of the test spans that a flagged bar forbade, `alone` those of them
    that nothing else spoke against; `lacked` those that waited because too many bars were missing.
    """
    rows, by_code = [], Counter[str]()
    waited, alone, decided = (Counter[Series]() for _ in range(3))
    bit, lacked = BIT[Reason.BAD_BAR], 0
    for replay in replays:
        reasons = replay.decisions.reasons
        waited[replay.series] += int(((reasons & bit) != 0).sum())
        alone[replay.series] += int((reasons == bit).sum())
        decided[replay.series] += len(reasons)
        lacked += int(((reasons & BIT[Reason.LOW_COVERAGE]) != 0).sum())
    for series, check in found.items():
        codes = Counter(str(flaw.code).replace("_", " ") for flaw in check.flaws)
        by_code.update(codes)
        rows.append(
            [
                str(series),
                f"{check.rows:,}",
                f"{check.expected:,}",
                f"{check.coverage:.2%}",
                f"{check.gaps[0].bars:,}" if check.gaps else "0",
                ", ".join(f"{name} {n:,}" for name, n in sorted(codes.items())) or "none",
                f"{waited[series]:,} of {decided[series]:,}"
                if decided[series]
                else "not decided on",
            ]
        )
    total = sum(waited.values())
    return {
        "columns": COLUMNS,
        "rows": rows,
        "coverage": [[str(series), check.coverage] for series, check in found.items()],
        "flags": dict(sorted(by_code.items())),
        "waited": total,
        "alone": sum(alone.values()),
        "lacked": lacked,
        "decided": sum(decided.values()),
        "note": "Expected are the bars that the market's calendar has between the first and the "
        "last stored. A decision waits while a flagged bar is in its ATR, known by then.",
    }
