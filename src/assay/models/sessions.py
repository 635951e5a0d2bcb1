"""ONNX Runtime sessions: one thread each, as many as are in use, and no more than a bound."""

import threading
from collections import OrderedDict

import onnxruntime

from assay.core.errors import ArtefactError

INPUTS = ("x", "ids")
OUTPUTS = ("quantiles", "logits")
CAPACITY = 128
"""Sessions kept open: 45 series of two nets each, and room."""


def open_session(graph: bytes) -> onnxruntime.InferenceSession:
    """Return a session of `graph` on one thread; one that cannot be read is an `ArtefactError`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ArtefactError(f"model.onnx: cannot be read ({error})") from error


class Sessions:
    """Open sessions by the digest of their graph; the one longest unused makes room."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._open: OrderedDict[str, onnxruntime.InferenceSession] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: str, graph: bytes) -> onnxruntime.InferenceSession:
        """Return the session of `graph`, whose digest is `key`; opened if it is not."""
        with self._lock:
            found = self._open.get(key)
            if found is not None:
                self._open.move_to_end(key)
                return found
        made = open_session(graph)
        with self._lock:
            self._open[key] = made
            while len(self._open) > self._capacity:
                self._open.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._open)


SHARED = Sessions()
"""The sessions of this process."""
