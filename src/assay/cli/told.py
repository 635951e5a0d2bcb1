"""What a person may say of a file, as options that several commands share."""

from typing import Annotated

import typer

Dates = Annotated[
    str | None, typer.Option(help="day-first or month-first, for dates like 03/04/2020.")
]
PriceUnit = Annotated[
    float | None, typer.Option(help="What a price of 1 in the file is worth: 0.00001 …")
]
