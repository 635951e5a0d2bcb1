"""The shape every label answers in, with the rules that hold for all of them."""

import math

import polars as pl

from assay.core.errors import DataError, SettingsError


def outcome(bars: pl.DataFrame, volatility: pl.Series, value: pl.Expr, t1: pl.Expr) -> pl.DataFrame:
    """Return `time`, `value` and `t1` of `bars`, where `value` and `t1` are null together.

    The expressions may use the columns of `bars` and `volatility`. A row is null where either is
    null or not finite, or where volatility is null or NaN (warm-up).
    """
    if volatility.len() != bars.height:
        raise DataError(
            f"A label needs one volatility a bar; found {volatility.len():,} for {bars.height:,}"
        )
    sound = (
        pl.col("volatility").is_not_null()
        & pl.col("value").is_finite()
        & pl.col("t1").is_not_null()
    )
    return (  # in one pass: a label is asked for thousands of times
        bars.lazy()
        .with_columns(volatility.rename("volatility"))
        .with_columns(pl.col("volatility").cast(pl.Float64).fill_nan(None))
        .select("time", "volatility", value=value.cast(pl.Float64), t1=t1)
        .select(
            "time", value=pl.when(sound).then(pl.col("value")), t1=pl.when(sound).then(pl.col("t1"))
        )
        .collect()
    )


def check_horizon(bars: int) -> None:
    """Refuse a horizon under one bar."""
    if bars < 1:
        raise SettingsError(f"A label looks at least 1 bar ahead; found {bars}")


def log_return(horizon_bars: int) -> pl.Expr:
    """Return the log return from each close to the one `horizon_bars` rows later."""
    return (pl.col("close").shift(-horizon_bars) / pl.col("close")).log()


def end_time(horizon_bars: int) -> pl.Expr:
    """Return the close of the bar `horizon_bars` rows later."""
    return pl.col("time").shift(-horizon_bars)


def expected_move(horizon_bars: int) -> pl.Expr:
    """Return the standard deviation of a return over `horizon_bars` independent bars."""
    return pl.col("volatility") * math.sqrt(horizon_bars)
