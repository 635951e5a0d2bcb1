"""The view of the rules: what of a brief it may lean on."""

from datetime import timedelta
from typing import Any

import pytest

from assay.analyst.blind import build_blind_brief
from assay.core.instruments import instrument
from assay.core.values.timeframe import Timeframe
from assay.llm.rules.view import view_of
from tests.analyst.makers import AS_OF, CALM, OPEN, drifting_bars

H4 = (Timeframe.H4, 4)


def brief(hours_behind: float) -> dict[str, Any]:
    """Return a brief on 4h bars whose 1h bars rose steeply and ended `hours_behind` ago."""
    frames = {
        Timeframe.H1: drifting_bars(0.002, until=AS_OF - timedelta(hours=hours_behind)),
        Timeframe.H4: drifting_bars(-0.001, timeframe=Timeframe.H4),
    }
    return build_blind_brief(frames, CALM, AS_OF, OPEN, instrument("EURUSD"), horizon=H4).bundle


def refs(view: dict[str, Any]) -> set[str]:
    points = view["evidence"] + view["counter_evidence"]
    return {point["ref"].partition(".")[0] for point in points}


@pytest.mark.parametrize(
    ("hours_behind", "heard"), [(0, True), (3, True), (5, False), (900, False)]
)
def test_bars_left_behind_are_no_evidence_of_now(hours_behind: float, *, heard: bool) -> None:
    view = view_of(brief(hours_behind))

    assert ("1h" in refs(view)) == heard
    assert "4h" in refs(view)


def test_a_timeframe_left_behind_moves_nothing() -> None:
    behind, without = brief(900), brief(900)
    del without["frames"]["1h"]

    assert view_of(behind) == view_of(without)
