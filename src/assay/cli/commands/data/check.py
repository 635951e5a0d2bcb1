"""`assay data check`: what is missing, what is wrong, and a newer version without it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.cli.stored import series_of
from assay.core.errors import SettingsError
from assay.core.values.timeframe import Timeframe

if TYPE_CHECKING:
    from assay.workflows.check import Checked
    from assay.workflows.desk import Desk
    from assay.workflows.mend import Plan

EXAMPLES = (
    "Examples: assay data check EURUSD --timeframe 1h\n\n"
    "assay data check EURUSD --timeframe 1h --html eurusd.html\n\n"
    "assay data check EURUSD --timeframe 1h --fix\n\n"
    "assay data check --json"
)
SHOWN_FLAWS = 20
LISTED = ("series", ">bars", ">coverage", ">score", ">outside", ">flags", "which")


def run(
    context: typer.Context,
    symbol: Annotated[str | None, typer.Argument(help="A stored symbol; none checks all.")] = None,
    timeframe: Annotated[str | None, typer.Option(help="For example 1h; none checks all.")] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write every day's coverage as a page to FILE.")
    ] = None,
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Take flagged bars away, put moved weeks back.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Mend without asking.")] = False,
    json: say.Json = False,
) -> None:
    """Compare stored bars with what their calendar expects, and look for bad ones by rule.

    Broken is what no bar can be: doubled, out of order, a high below the low, no number, off the
    grid, a week in another zone. Misleading is what hardly ever is: a spike that is taken back,
    closes that stand still, an unadjusted split, a volume that is almost nothing; a signal waits
    while such a bar is in its ATR. With --fix a newer version is stored without spikes and standing
    bars and with moved weeks put back; the version before stays readable.
    """
    opened = desk(context)
    series = series_of(opened, [symbol] if symbol else (), timeframe)
    if len(series) != 1:
        if html or fix:
            raise SettingsError("--html and --fix are for one series: name SYMBOL and --timeframe")
        _all(opened, series, json=json)
        return
    from assay.workflows.check import check_series

    found = check_series(opened, *series[0])
    if html is not None:
        from assay.workflows.reports import write_check

        write_check(found, html)
    if fix:
        _fix(opened, *series[0], ask=not (yes or json), json=json)
        return
    if json:
        say.as_json(found.to_json())
        return
    _say(found)
    if html is not None:
        typer.echo(f"Every day: {html}")


def _all(opened: "Desk", series: list[tuple[str, Timeframe]], *, json: bool) -> None:
    from assay.workflows.check import check_series
    from assay.workflows.flagged import FORMULA
    from assay.workflows.mend import counted

    checked = []
    with say.progress(quiet=json) as tick:
        for number, one in enumerate(series, 1):
            checked.append(check_series(opened, *one))
            tick("Checking series", number, len(series))
    if json:
        say.as_json([found.to_json() for found in checked])
        return
    rows = [
        (
            f"{found.symbol} {found.timeframe}",
            f"{found.rows:,}",
            f"{found.coverage:.2%}",
            f"{found.score:.2f}",
            f"{found.outside:,}",
            f"{len(found.flaws):,}",
            ", ".join(f"{count:,} {code}" for code, _, count, _ in counted(found.flaws)),
        )
        for found in checked
    ]
    say.console().print(say.table("", LISTED, rows))
    typer.echo(FORMULA)
    for found in checked:
        if found.thin:
            typer.echo(f"! {found.symbol} {found.timeframe}: {found.thin}")


def _fix(opened: "Desk", symbol: str, timeframe: Timeframe, *, ask: bool, json: bool) -> None:
    from assay.workflows.mend import mend, plan_mending

    plan = plan_mending(opened, symbol, timeframe)
    if ask:
        _say_plan(plan)
    if plan and ask:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise SettingsError("Nothing was changed: --fix asks first; say --yes to go ahead")
        typer.confirm("Store this as a newer version?", abort=True)
    touched = mend(opened, plan)
    if json:
        say.as_json(plan.to_json() | {"touched": touched})
    elif plan:
        typer.echo(
            f"{plan.symbol} {plan.timeframe}: {touched:,} bars were touched ({plan.words}); the "
            "version before is kept. Bars made of them and models are old now: assay data "
            "resample, assay train"
        )


def _say_plan(plan: "Plan") -> None:
    from assay.workflows.mend import LEFT, counted

    for code, _, count, bars in counted(plan.mended):
        typer.echo(f"{count:,} x {code} in {bars:,} bars: to be mended")
    for code, _, count, bars in counted(plan.left):
        why = LEFT.get(code, "it would run into its neighbours")
        typer.echo(f"{count:,} x {code} in {bars:,} bars: left, {why}")
    if not plan:
        typer.echo("There is nothing to mend")


def _say(found: "Checked") -> None:
    from assay.workflows.mend import counted

    typer.echo(
        f"{found.symbol} {found.timeframe}: {found.rows:,} bars, {found.coverage:.2%} of the "
        f"{found.expected:,} that the calendar expects; {_outside(found)}"
    )
    typer.echo(f"Score {found.score_words}")
    if found.thin:
        typer.echo(f"! {found.thin}")
    typer.echo(f"{found.zero_volume:,} bars have no volume, {found.flat:,} did not move at all")
    for split in found.splits:
        typer.echo(f"! {split.doubt()}{_then(found)}")
    if found.flaws:
        kinds = [
            (code, severity, f"{count:,}", f"{bars:,}")
            for code, severity, count, bars in counted(found.flaws)
        ]
        say.console().print(say.table("Flags", ("code", "severity", ">times", ">bars"), kinds))
        flaws = [
            (
                f"{flaw.first:%Y-%m-%d %H:%M}",
                flaw.code,
                f"{flaw.end - flaw.start + 1:,}",
                flaw.sentence,
            )
            for flaw in found.flaws[:SHOWN_FLAWS]
        ]
        say.console().print(say.table("", ("first close UTC", "code", ">bars", "why"), flaws))
        if len(found.flaws) > SHOWN_FLAWS:
            typer.echo(f"and {len(found.flaws) - SHOWN_FLAWS:,} more (--json shows all)")
    else:
        typer.echo("No rule flags a bar")
    years = [(y.year, f"{y.rows:,}", f"{y.coverage:.1%}", f"{y.volume:,.0f}") for y in found.years]
    heads = ("year", ">bars", ">of those expected", ">median volume")
    say.console().print(say.table("By year", heads, years))
    if found.gaps:
        rows = [
            (f"{g.first:%Y-%m-%d %H:%M}", f"{g.last:%Y-%m-%d %H:%M}", g.bars) for g in found.gaps
        ]
        columns = ("first missing close UTC", "last missing close UTC", ">bars")
        say.console().print(say.table("Longest gaps", columns, rows))
    typer.echo(
        f"{len(found.holidays):,} holidays and shortened days fell in the span; an empty holiday "
        "is no gap"
    )


def _outside(found: "Checked") -> str:
    if found.outside_span is None:
        return "0 lie where it is closed"
    first, last = (f"{moment:%Y-%m-%d %H:%M}" for moment in found.outside_span)
    return f"{found.outside:,} lie where it is closed, from {first} to {last} UTC"


def _then(found: "Checked") -> str:
    """Return what is to be done after the import, where the bars were made of shorter ones."""
    shorter = found.source.partition("resampled:")[2]
    if not shorter:
        return ""
    return f" ({shorter} bars), then run assay data resample again"
