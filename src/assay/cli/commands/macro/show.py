"""`assay macro show`: one series as it was known at a time, with its revisions."""

from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import desk

if TYPE_CHECKING:
    from assay.workflows.macro.looking import Known, Shown

EXAMPLES = (
    "Examples: assay macro show cpi_index --as-of 2022-06-01\n\n"
    "assay macro show PAYEMS --versions\n\n"
    "assay macro show policy_rate_percent --currency EUR"
)

COLUMNS = (
    "currency", "about", "first known UTC", ">first said", ">expected", ">as known then",
    ">revised", "",
)  # fmt: skip
EVERY = ("currency", "about", "known from UTC", ">figure", "")


def run(
    context: typer.Context,
    macro_series: Annotated[
        str, typer.Argument(metavar="SERIES", help="As `assay macro list` names it, or FRED does.")
    ],
    as_of: Annotated[
        str | None, typer.Option(help="What was known then (UTC): 2022-06-01, 2022-06-10T12:29.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="Where figures on several are stored: USD, EUR …")
    ] = None,
    last: Annotated[int, typer.Option(min=1, help="How many figures, the newest.")] = 24,
    *,
    versions: Annotated[
        bool, typer.Option("--versions", help="Every version in a line of its own.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Show the newest figures of SERIES as they were known then, beside what was said at first.

    A figure that was not known by then is not shown, a revision that came later is not in it.
    """
    from assay.workflows.macro.looking import shown_macro

    by = moment(as_of, "--as-of") if as_of else None
    found = shown_macro(desk(context), macro_series, by, currency, last)
    if json:
        say.as_json(found.to_json())
        return
    _say(found, versions=versions)


def _say(found: "Shown", *, versions: bool) -> None:
    unit = f", {found.unit}" if found.unit else ""
    shown = len(found.figures)
    typer.echo(
        f"{found.series}{unit}: {found.of:,} figures known by {found.as_of:%Y-%m-%d %H:%M} UTC"
        + (f", the last {shown:,}" if shown < found.of else "")
    )
    if versions:
        rows = [line for one in found.figures for line in _versions(one)]
        say.console().print(say.table("", EVERY, rows))
    else:
        say.console().print(say.table("", COLUMNS, [_line(one) for one in found.figures]))
    if any(one.assumed for one in found.figures):
        typer.echo(
            "ASSUMED: nobody told when these were known; the time is a late one by a rule, and the "
            "figure is a later version than was known then"
        )


def _about(one: "Known") -> str:
    return one.period or f"{one.event_at:%Y-%m-%d %H:%M}"


def _line(one: "Known") -> tuple[str, ...]:
    seen, said = one.first
    times = len(one.versions) - 1
    return (
        one.currency,
        _about(one),
        f"{seen:%Y-%m-%d %H:%M}",
        f"{said:,.10g}",
        "" if one.consensus is None else f"{one.consensus:,.10g}",
        f"{one.newest[1]:,.10g}",
        f"{times}×" if times else "",
        "ASSUMED" if one.assumed else "",
    )


def _versions(one: "Known") -> list[tuple[str, ...]]:
    mark = "ASSUMED" if one.assumed else ""
    return [
        (one.currency, _about(one), f"{seen:%Y-%m-%d %H:%M}", f"{value:,.10g}", mark)
        for seen, value in one.versions
    ]
