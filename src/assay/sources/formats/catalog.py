"""The formats there are: one file in `library`, one format."""

from assay.core.catalog import Catalog
from assay.sources.formats.contract import Format

FORMATS = Catalog(Format, "assay.sources.formats.library", group="assay.formats")
