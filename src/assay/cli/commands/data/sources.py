"""`assay data sources`: where data can come from, on which terms, and whether the key is there."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

if TYPE_CHECKING:
    from assay.workflows.syncing.offered import Offered

EXAMPLES = "Examples: assay data sources\n\nassay data sources massive alpaca"
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def run(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE]…", help="Say more of these; all if left out."),
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """List the sources of bars, news and figures: what each has, its limits, and its key.

    A key is read from the environment, from the file that the same name with _FILE names, or from
    the system's keyring (service assay); never from assay.toml.
    """
    from assay.workflows.syncing.offered import offered

    found = offered(desk(context), names or ())
    if json:
        say.as_json([one.to_json() for one in found])
    elif names:
        for one in found:
            say.page().print(say.facts(_facts(one)))
            typer.echo("")
    else:
        columns = ("source", "gives", "bars", "live", "free limits", "key")
        say.console().print(say.table("", columns, [_row(one) for one in found]))
        typer.echo("assay data sources NAME says more: terms, documents, where its key belongs")


def _row(one: "Offered") -> tuple[str, ...]:
    return one.name, one.gives, _bars(one.bars), _bars(one.live), _limits(one), one.key


def _facts(one: "Offered") -> list[tuple[str, str]]:
    rows = [("source", f"{one.name}, {one.title}"), ("gives", one.gives)]
    rows += [("bars", f"{kind}: {', '.join(lengths)}") for kind, lengths in one.bars.items()]
    rows += [("live", f"{kind}: {', '.join(lengths)}") for kind, lengths in one.live.items()]
    used = ", ".join(f"{u:,} of {lim.calls:,}" for u, lim in zip(one.used, one.limits, strict=True))
    rows += [
        ("limits", f"{_limits(one)}; used now: {used or 'nothing'}{_a_call(one)}"),
        ("key", " and ".join((one.key, *one.variables)) if one.variables else one.key),
        ("licence", one.licence),
        ("document", one.document),
    ]
    if one.bars:
        rows.append(("prices", "divided by later splits" if one.adjusted else "as traded"))
    return rows + ([("sign up", one.sign_up)] if one.sign_up else [])


def _a_call(one: "Offered") -> str:
    """Return how much one call gives, where that is told."""
    return "" if one.a_call is None else f"; {one.a_call:,} {one.gives} a call"


def _bars(bars: Mapping[str, Sequence[str]]) -> str:
    """Return kinds of instruments with the shortest and the longest bars."""
    return "; ".join(
        f"{kind} {lengths[0]}" + (f"–{lengths[-1]}" if len(lengths) > 1 else "")
        for kind, lengths in bars.items()
    )


def _limits(one: "Offered") -> str:
    return ", ".join(f"{limit.calls:,}/{_span(limit.seconds)}" for limit in one.limits)


def _span(seconds: int) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return unit if seconds == size else f"{seconds // size} {unit}"
