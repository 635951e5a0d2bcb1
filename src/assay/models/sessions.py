"""ONNX Runtime sessions: one thread each, as many as are in use, and no more than a bound."""

import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import onnxruntime

from assay.core.errors import ArtefactError

INPUTS = ("x", "ids")
OUTPUTS = ("quantiles", "logits")
CAPACITY = 128
"""Sessions kept open: 45 series of two nets each, and room."""


def open_session(graph: bytes) -> onnxruntime.InferenceSession:
    """Return a session of `graph` on one thread; one that cannot be read is an `ArtefactError`.

    The graph is run as it is: it was simplified when it was made (`folded_graph`), and a session
    that need not do so again opens in a fifth of the time. Without an arena of its own each, 90
    sessions take 140 MiB less and are no slower.
    """
    options = _options(onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL)
    options.enable_cpu_mem_arena = False
    return _opened(graph, options)


def folded_graph(graph: bytes) -> bytes:
    """Return `graph` with all that does not hang on its inputs worked out, in plain ONNX."""
    options = _options(onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "folded.onnx"
        options.optimized_model_filepath = str(path)
        _opened(graph, options)
        return path.read_bytes()


def _options(level: onnxruntime.GraphOptimizationLevel) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.graph_optimization_level = level
    return options


def _opened(graph: bytes, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ArtefactError(f"model.onnx: cannot be read ({error})") from error


class Sessions:
    """Open sessions by the digest of their graph; the one longest unused makes room.

    Who asks brings the graph only when it must be opened: 90 graphs in memory are 80 MiB.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._open: OrderedDict[str, onnxruntime.InferenceSession] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: str, graph: Callable[[], bytes]) -> onnxruntime.InferenceSession:
        """Return the session of the graph whose digest is `key`; opened if it is not."""
        with self._lock:
            found = self._open.get(key)
            if found is not None:
                self._open.move_to_end(key)
                return found
        made = open_session(graph())
        with self._lock:
            self._open[key] = made
            while len(self._open) > self._capacity:
                self._open.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._open)


SHARED = Sessions()
"""The sessions of this process."""
