"""The labels there are: one file in `library`, one label."""

from assay.core.catalog import Catalog
from assay.labels.contract import Label

LABELS = Catalog(Label, "assay.labels.library", group="assay.labels")
