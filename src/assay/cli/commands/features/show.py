"""`assay features show`: one feature, with its formula and what it reads."""

from typing import Annotated

import typer

from assay.cli import say

EXAMPLES = "Examples: assay features show adx\n\nassay features show adx_14 --json"


def run(
    name: Annotated[str, typer.Argument(help="A feature, or one of its columns.")],
    *,
    json: say.Json = False,
) -> None:
    """Show a feature: its formula, settings, inputs, and how many bars it needs."""
    from assay.cli.cards import feature_facts
    from assay.workflows.catalogue import feature

    found = feature(name)
    if json:
        say.as_json(found)
        return
    feature_facts(found)
