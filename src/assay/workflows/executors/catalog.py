"""The executors there are: one file in `library`, one way to run many pieces of work."""

from assay.core.catalog import Catalog
from assay.workflows.executors.contract import Executor

EXECUTORS = Catalog(
    Executor, "assay.workflows.executors.library", group="assay.executors", extras={"ray": "scale"}
)
