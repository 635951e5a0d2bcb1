"""The scorers there are: one file in `scorers`, one scorer."""

from assay.core.catalog import Catalog
from assay.text.contract import Scorer

SCORERS = Catalog(Scorer, "assay.text.scorers", group="assay.text")
