"""`assay gate checks`: what the gate asks, with its thresholds."""

from typing import Annotated

import typer

from assay.cli import say

EXAMPLES = "Examples: assay gate checks\n\nassay gate checks --profile strict --json"


def run(
    profile: Annotated[str, typer.Option(help="How hard: standard or strict.")] = "standard",
    *,
    json: say.Json = False,
) -> None:
    """List the questions in the order in which they are asked, each with what it is held to."""
    from assay.workflows.verdicts import asked_by

    found = asked_by(profile)
    if json:
        say.as_json(found)
        return
    from assay.cli.gates import questions

    say.console().print(questions(found, profile))
