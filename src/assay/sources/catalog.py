"""The sources there are: one file in `adapters`, one source."""

from assay.core.catalog import Catalog
from assay.sources.contract import Source

SOURCES = Catalog(Source, "assay.sources.adapters", group="assay.sources")
