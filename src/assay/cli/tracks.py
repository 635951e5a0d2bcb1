"""How the track record looks in a terminal."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assay.cli import say

if TYPE_CHECKING:
    from assay.evaluation.track import Figure
    from assay.workflows.desk import Desk
    from assay.workflows.resolving import Resolved
    from assay.workflows.track import Followed
    from assay.workflows.track_rows import Asked

NOTHING = "–"
FEW = " few"
WAITING = {
    "not_due": "whose horizon is not over",
    "trade_open": "whose trade has not ended",
    "bars_missing": "whose bars are missing (assay data sync)",
    "bar_gone": "whose own bar is gone",
    "no_bars": "of series that are not stored any more",
    "bad_bars": "on bars that cannot be traded on",
}


def show(desk: "Desk", asked: "Asked", by: str, done: "Resolved", *, json: bool) -> None:
    """Print the record by one grouping."""
    from assay.workflows.track import By, track

    found = track(desk, asked, By(by))
    if json:
        told = [
            {"name": one.name, "kind": one.kind, "record": _plain(asdict(one.record))}
            | {"too_few": one.record.too_few}
            for one in found.groups
        ]
        rest = {"by": by, "open": found.open, "left_out": found.left_out}
        say.as_json({**rest, "groups": told, "resolving": done.to_json()})
        return
    typer.echo(_round(done))
    typer.echo('"few" is under 30 outcomes or 10 days: no interval, and nothing to lean on.')
    if not found.groups:
        typer.echo("No signal asked for is resolved yet.")
    else:
        columns = (
            *(by, "kind", ">n", ">moved", ">right side", ">Brier", ">usual", ">net a trade"),
            ">missed/spared",
        )
        rows = [
            (
                *(one.name, one.kind, f"{one.record.count:,}", f"{one.record.moved:,}"),
                _share(one.record.hit_rate),
                _number(one.record.brier.loss),
                _value(one.record.brier.baseline),
                _share(one.record.net, digits=3),
                f"{one.record.missed:,}/{one.record.spared:,}",
            )
            for one in found.groups
        ]
        say.console().print(say.table("", columns, rows))
    if found.left_out:
        typer.echo(
            f"{found.left_out:,} more are in sample: the fusion had learnt from what came of them "
            "(--sample in)"
        )


def show_signals(desk: "Desk", asked: "Asked", limit: int, *, json: bool) -> None:
    """Print the newest signals with what came of them."""
    from assay.workflows.track import signals

    found = signals(desk, asked, limit=limit)
    if json:
        say.as_json([_told(one) for one in found.items])
        return
    columns = (
        *("signal", "series", "bar", "kind", "decision", ">P(up)", "came", "right"),
        *("trade", ">R net", "open because"),
    )
    say.console().print(say.table("", columns, [_row(one) for one in found.items]))


def show_gaps(desk: "Desk", asked: "Asked", *, json: bool) -> None:
    """Print each series beside its newest backtest."""
    from assay.workflows.track_gap import gaps

    found = gaps(desk, asked)
    if json:
        say.as_json([_plain(asdict(one)) for one in found])
        return
    rows: list[Sequence[object]] = []
    for one in found:
        name = f"{one.symbol} {one.timeframe}"
        if one.problem:
            rows.append((name, one.kind, one.problem, "", "", ""))
        for figure in one.figures:
            apart = _interval(figure.difference, figure.low, figure.high)
            then = _number(figure.then)
            rows.append((name, one.kind, figure.name, _number(figure.now), then, apart))
    columns = ("series", "kind", "figure", ">now", ">backtest", ">difference")
    say.console().print(say.table("", columns, rows))


def show_calibration(desk: "Desk", asked: "Asked", by: str, *, json: bool) -> None:
    """Print what was said beside what came true."""
    from assay.workflows.track import By, calibration

    found = calibration(desk, asked, By(by))
    if json:
        told = [
            {"name": one.name, "kind": one.kind, "n": one.count}
            | {"bins": one.bins.to_json() if one.bins else None}
            for one in found
        ]
        say.as_json(told)
        return
    rows: list[Sequence[object]] = []
    for one in found:
        if one.bins is None:
            rows.append((one.name, one.kind, NOTHING, f"too few: {one.count:,}", "", ""))
            continue
        bins = one.bins.to_json()
        for said, came, low, high, count in zip(
            *(bins[name] for name in ("said", "happened", "low", "high", "n")), strict=True
        ):
            said_, came_ = f"{said:.1%}", _interval(came, low, high, percent=True)
            rows.append((one.name, one.kind, said_, came_, f"{count:,.0f}", ""))
    say.console().print(say.table("", (by, "kind", ">said up", ">came up", ">n", ""), rows))


def write(desk: "Desk", asked: "Asked", place: Path) -> None:
    """Write the signals with their outcomes as comma-separated text."""
    from assay.store.files import write_atomic
    from assay.workflows.track_csv import csv_lines

    lines = list(csv_lines(desk, asked))
    write_atomic(place, "".join(lines).encode())
    typer.echo(f"{place}: {len(lines) - 1:,} signals", err=True)


def _round(done: "Resolved") -> str:
    said = f"Resolved now: {done.horizons:,} horizons and {done.trades:,} trades"
    if done.corrected:
        said += f"; {done.corrected:,} again, for bars were corrected"
    left = [f"{count:,} {WAITING[code]}" for code, count in done.waiting.items()]
    return f"{said}. Open: {', '.join(left) or 'none'}."


def _row(one: "Followed") -> tuple[object, ...]:
    signal = one.signal
    horizon = one.horizon.found if one.horizon else {}
    trade = one.trade.found if one.trade else {}
    right = {True: "yes", False: "no", None: NOTHING}[horizon.get("hit")]
    ended = trade.get("withheld") or ("taken" if trade else NOTHING)
    return (
        *(signal.id, f"{signal.symbol} {signal.timeframe}", f"{signal.as_of:%Y-%m-%d %H:%M}"),
        *(one.kind, signal.decision, f"{signal.probability:.3f}"),
        *(horizon.get("outcome") or horizon.get("unknown") or NOTHING, right),
        f"{ended}, {trade['end']}" if trade else ended,
        f"{trade['r_net']:+.2f}" if trade else NOTHING,
        one.why.sentence if one.why else "",
    )


def _told(one: "Followed") -> dict[str, Any]:
    signal = asdict(one.signal)
    del signal["outcomes"]
    parts = {
        name: asdict(part) if part else None
        for name, part in (("horizon", one.horizon), ("trade", one.trade))
    }
    why = {"why_open": asdict(one.why) if one.why else None}
    return {**signal, "kind": one.kind, "open": one.is_open, **parts, **why}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a record holds
    """Return `value` with null for each number that is none."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _share(figure: "Figure", digits: int = 1) -> str:
    return _shown(figure, digits, percent=True)


def _number(figure: "Figure") -> str:
    return _shown(figure, 4, percent=False)


def _value(figure: "Figure") -> str:
    return NOTHING if math.isnan(figure.value) else f"{figure.value:.4f}"


def _shown(figure: "Figure", digits: int, *, percent: bool) -> str:
    if not figure.count:
        return NOTHING
    said = _interval(figure.value, figure.low, figure.high, digits, percent=percent)
    return said + FEW if figure.too_few else said


def _interval(
    value: float, low: float, high: float, digits: int | None = None, *, percent: bool = False
) -> str:
    if math.isnan(value):
        return NOTHING
    factor, sign = (100.0, " %") if percent else (1.0, "")
    places = digits if digits is not None else 1 if percent else 4
    said = f"{value * factor:.{places}f}{sign}"
    if math.isnan(low) or math.isnan(high):
        return said
    return f"{said} [{low * factor:.{places}f}, {high * factor:.{places}f}]"
