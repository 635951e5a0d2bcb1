"""The members there are: one file in `zoo`, one member; and the runtimes that serve them."""

from assay.core.catalog import Catalog
from assay.models.contract import Member, Runtime

TRAINING = ("lightgbm", "sklearn", "torch", "optuna", "onnx", "onnxscript")
EXTRAS = dict.fromkeys(TRAINING, "train")
MEMBERS = Catalog(Member, "assay.models.zoo", group="assay.models", extras=EXTRAS)
RUNTIMES = Catalog(Runtime, "assay.models.runtimes", group="assay.runtimes")
