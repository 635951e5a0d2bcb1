"""The sources there are: one file in `adapters`, `news` or `macro`, one source."""

from assay.core.catalog import Catalog
from assay.sources.contract import Source
from assay.sources.figures import MacroProvider
from assay.sources.newsroom import NewsProvider

SOURCES = Catalog(Source, "assay.sources.adapters", group="assay.sources")
NEWS = Catalog(NewsProvider, "assay.sources.news", group="assay.news")
MACRO = Catalog(MacroProvider, "assay.sources.macro", group="assay.macro")
