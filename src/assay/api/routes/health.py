"""Is it alive, is it ready, and what has it counted: for whoever watches over the service."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from assay.api.guards import open_to_all
from assay.api.metrics import MEDIA_TYPE
from assay.api.parts import PartsDep
from assay.workflows.readiness import Readiness, readiness

router = APIRouter(tags=["health"], dependencies=[Depends(open_to_all)])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """Whether questions can be answered; `checks` says what is wrong with each part, if it is."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str | None] = Field(examples=[{"database": None, "bars": None}])


def readiness_of(parts: PartsDep) -> Readiness:
    """Return what the stores say of themselves."""
    return readiness(parts.desk, started=parts.is_ready)


@router.get("/healthz")
async def healthz() -> Alive:
    """Say that the process is alive; looks at nothing else."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Ready}})
def readyz(found: Annotated[Readiness, Depends(readiness_of)], response: Response) -> Ready:
    """Say whether the stores answer; 503 if one does not, and while the service stops."""
    response.status_code = 200 if found.is_ready else 503
    return Ready(status="ready" if found.is_ready else "not ready", checks=dict(found.checks))


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(parts: PartsDep) -> Response:
    """Return what the service has counted, for Prometheus."""
    return Response(parts.metrics.page(), media_type=MEDIA_TYPE)
