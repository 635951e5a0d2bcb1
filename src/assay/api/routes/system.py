"""What runs here, and whether everything is in order."""

from fastapi import APIRouter, Depends

from assay.api.guards import needs
from assay.api.parts import DeskDep
from assay.api.shapes.system import ExaminedOut, SystemOut
from assay.core.values.scope import Scope
from assay.workflows.about import about
from assay.workflows.doctor import examine

router = APIRouter(prefix="/api/v1/system", tags=["system"])


@router.get("", dependencies=[Depends(needs(Scope.READ))])
def system(desk: DeskDep) -> SystemOut:
    """Return what runs here: versions, the kind of database, its schema."""
    return SystemOut.of(about(desk))


@router.post("/examine", dependencies=[Depends(needs(Scope.ADMIN))])
def examined(desk: DeskDep) -> ExaminedOut:
    """Look at everything, as `assay doctor` does: every hash, every model; takes seconds."""
    return ExaminedOut.of(examine(desk), desk.clock.now())
