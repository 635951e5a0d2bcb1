"""What the endpoints work with, handed to them by `service.make`."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from assay.api.metrics import Metrics
from assay.api.push.hub import Hub
from assay.api.push.live import Live
from assay.api.serving import Serving
from assay.api.throttling import Throttle
from assay.workflows.access.door import Door
from assay.workflows.desk import Desk
from assay.workflows.jobs.office import Office
from assay.workflows.jobs.planning import schedule_of


@dataclass
class Parts:
    """One running service: its desk, how it is run, and what it counts.

    `is_ready` is false before the first answer can be given and while it is being stopped.
    `predictors` is how many processes issue signals when bars close; see `Live`.
    `working` does the jobs; without, they are only queued.
    """

    desk: Desk
    serving: Serving
    metrics: Metrics = field(default_factory=Metrics)
    throttle: Throttle = field(default_factory=Throttle)
    is_ready: bool = False
    predictors: int | None = None
    working: Office | None = None

    @cached_property
    def hub(self) -> Hub:
        """Return what numbers and keeps what is pushed."""
        return Hub(self.desk.clock, self.metrics)

    @cached_property
    def live(self) -> Live:
        """Return what looks for news while nobody asks."""
        return Live(self.desk, self.serving, self.hub, self.predictors)

    @cached_property
    def door(self) -> Door:
        """Return what lets people and programs in."""
        return Door(self.desk)

    @cached_property
    def office(self) -> Office:
        """Return where jobs are asked for."""
        return self.working or Office(self.desk, schedule_of())


def parts_of(connection: HTTPConnection) -> Parts:
    """Return the parts of the service that answers."""
    found: Parts = connection.app.state.parts
    return found


def desk_of(connection: HTTPConnection) -> Desk:
    """Return the desk of the service that answers."""
    return parts_of(connection).desk


def office_of(connection: HTTPConnection) -> Office:
    """Return the jobs of the service that answers."""
    return parts_of(connection).office


async def _parts(connection: HTTPConnection) -> Parts:
    return parts_of(connection)


async def _desk(connection: HTTPConnection) -> Desk:
    return desk_of(connection)


async def _office(connection: HTTPConnection) -> Office:
    return office_of(connection)


# Asked for by coroutines: FastAPI would hand a plain function to another thread, and back.
PartsDep = Annotated[Parts, Depends(_parts)]
DeskDep = Annotated[Desk, Depends(_desk)]
OfficeDep = Annotated[Office, Depends(_office)]
