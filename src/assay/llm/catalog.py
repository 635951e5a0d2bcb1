"""The providers there are: one file in `providers`, one provider."""

from assay.core.catalog import Catalog
from assay.llm.contract import Provider

EXTRAS = {"httpx2": "llm"}
PROVIDERS = Catalog(Provider, "assay.llm.providers", group="assay.llm", extras=EXTRAS)
