"""The gate's checks: one folder a tier, one file a check."""

from assay.core.catalog import Catalog
from assay.evaluation.gate.contract import Check, Tier

CHECKS = {
    tier: Catalog(Check, f"assay.evaluation.gate.{tier}", group=f"assay.gate.{tier}")
    for tier in Tier
}
