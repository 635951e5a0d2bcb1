"""The sizing rules there are: one file in `sizing`, one rule."""

from assay.core.catalog import Catalog
from assay.risk.contract import Sizing

SIZINGS = Catalog(Sizing, "assay.risk.sizing", group="assay.risk")
