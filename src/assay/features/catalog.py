"""The features there are: one file in `library`, one feature."""

from assay.core.catalog import Catalog
from assay.features.contract import Feature

FEATURES = Catalog(Feature, "assay.features.library", group="assay.features")
