"""What runs here: versions, the kind of database and its schema, what the machine offers."""

import platform
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from assay.store.schema import HEAD
from assay.workflows.desk import Desk
from assay.workflows.machine import installed, processors

SERVER, FILE = "PostgreSQL", "SQLite"


@dataclass(frozen=True, slots=True)
class About:
    """What answers at `now` (UTC).

    `schema` is the revision of the database, None where there is none yet, `newest_schema` the one
    this version knows; `simulated` says whether every stored series is.
    """

    now: datetime
    assay: str
    python: str
    platform: str
    processors: int
    database: str
    schema: str | None
    newest_schema: str
    libraries: dict[str, str]
    series: int
    simulated: bool


SHOWN = ("fastapi", "lightgbm", "numba", "numpy", "onnxruntime", "polars", "sqlalchemy", "torch")


def about(desk: Desk) -> About:
    """Return what runs here; looks at no bar and no model."""
    series = desk.bars.series([])
    there = {name: installed(name) for name in SHOWN}
    return About(
        now=desk.clock.now(),
        assay=version("assay"),
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        processors=processors(),
        database=SERVER if desk.database_url else FILE,
        schema=desk.database.revision() if desk.has_database else None,
        newest_schema=HEAD,
        libraries={name: found for name, found in there.items() if found},
        series=len(series),
        simulated=bool(series) and all(info.simulated for info in series),
    )
