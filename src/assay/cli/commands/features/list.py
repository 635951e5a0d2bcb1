"""`assay features list`: every feature, by group."""

from typing import Annotated, Literal

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = (
    "Examples: assay features list\n\nassay features list --group trend --group volatility\n\n"
    "assay features list --set full"
)
MARKS = {"standard": "standard", "full": "full only", None: "own"}


def run(
    context: typer.Context,
    group: Annotated[
        list[str] | None, typer.Option(help="Only this group, such as trend; may be given again.")
    ] = None,
    which: Annotated[
        Literal["standard", "full"] | None,
        typer.Option(
            "--set", help="Only the standard set, or only what the full one has beside it."
        ),
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """List the features by group: what each is, and whether it is in the standard set.

    Members read the standard set; where the setting features is full they read every feature.
    """
    from assay.workflows.catalogue import features

    found = features(group or (), which)
    if json:
        say.as_json(found)
        return
    rows, last = [], None
    for one in found:
        first = "" if one["group"] == last else one["group"]
        rows.append((first, one["name"], MARKS[one["set"]], one["summary"]))
        last = one["group"]
    page = say.page()
    page.print(say.table("", ("group", "feature", "set", "what it is"), rows))
    columns = sum(len(one["columns"]) for one in found)
    standard = sum(one["set"] == "standard" for one in found)
    page.print(
        f"{len(found)} features make {columns} columns; {standard} are in the standard set. This "
        f"workspace reads the {desk(context).features} set (setting features). assay features show "
        "NAME says more."
    )
