"""What the workspace is set to: to be read, not changed, and no secret in it."""

from fastapi import APIRouter, Depends

from assay.api.guards import needs
from assay.api.parts import PartsDep
from assay.api.shapes.settings import SettingsOut
from assay.core.values.scope import Scope
from assay.workflows.chosen import secrets_of

router = APIRouter(
    prefix="/api/v1/settings", tags=["settings"], dependencies=[Depends(needs(Scope.READ))]
)


@router.get("")
def settings(parts: PartsDep) -> SettingsOut:
    """Return what the workspace and the service are set to; of secrets whether they are set."""
    return SettingsOut.of(parts.desk, parts.serving, secrets_of(parts.desk))
