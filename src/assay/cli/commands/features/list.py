"""`assay features list`: every feature, by group."""

from typing import Annotated

import typer

from assay.cli import say

EXAMPLES = "Examples: assay features list\n\nassay features list --group trend --group volatility"


def run(
    group: Annotated[
        list[str] | None, typer.Option(help="Only this group, such as trend; may be given again.")
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """List the features by group, each with what it is."""
    from assay.workflows.catalogue import features

    found = features(group or ())
    if json:
        say.as_json(found)
        return
    rows, last = [], None
    for one in found:
        rows.append(("" if one["group"] == last else one["group"], one["name"], one["summary"]))
        last = one["group"]
    page = say.page()
    page.print(say.table("", ("group", "feature", "what it is"), rows))
    columns = sum(len(one["columns"]) for one in found)
    page.print(f"{len(found)} features make {columns} columns. assay features show NAME says more.")
