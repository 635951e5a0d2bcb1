"""Sessions are opened once, kept up to a bound, and safe to share."""

import threading
from functools import cache, partial

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from assay.core.errors import ArtefactError
from assay.models.sessions import Sessions, open_session

X = np.arange(6, dtype=np.float32).reshape(3, 2)


@cache
def graph(number: int) -> bytes:
    """Return a graph that adds `number`."""
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("Add", ["x", "number"], ["y"])],
            "adds",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 2])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 2])],
            [numpy_helper.from_array(np.array([number], dtype=np.float32), "number")],
        ),
        opset_imports=[helper.make_opsetid("", 20)],
        ir_version=10,
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def answers(session: onnxruntime.InferenceSession, number: int) -> bool:
    return bool((session.run(None, {"x": X})[0] == X + number).all())


def test_a_session_is_opened_once() -> None:
    sessions = Sessions(2)

    first, again = sessions.of("1", partial(graph, 1)), sessions.of("1", partial(graph, 1))

    assert first is again
    assert len(sessions) == 1
    assert answers(first, 1)


def test_the_longest_unused_makes_room_and_is_opened_again() -> None:
    sessions = Sessions(2)
    one, two = sessions.of("1", partial(graph, 1)), sessions.of("2", partial(graph, 2))
    sessions.of("1", partial(graph, 1))

    sessions.of("3", partial(graph, 3))

    assert len(sessions) == 2
    assert sessions.of("1", partial(graph, 1)) is one
    assert (again := sessions.of("2", partial(graph, 2))) is not two
    assert answers(again, 2)
    assert answers(two, 2)


@settings(max_examples=40, deadline=None)
@given(asked=st.lists(st.integers(0, 5), min_size=1, max_size=30), capacity=st.integers(1, 4))
def test_it_keeps_the_last_used_and_no_more_than_its_bound(asked: list[int], capacity: int) -> None:
    sessions, found = Sessions(capacity), {}
    for number in asked:
        found[number] = sessions.of(str(number), partial(graph, number))
        assert answers(found[number], number)
        assert len(sessions) <= capacity

    recent = list(dict.fromkeys(reversed(asked)))[:capacity]

    assert len(sessions) == len(recent)
    for number in recent:
        assert sessions.of(str(number), partial(graph, number)) is found[number]


def test_a_session_has_one_thread() -> None:
    options = open_session(graph(1)).get_session_options()

    assert options.intra_op_num_threads == 1
    assert options.inter_op_num_threads == 1


def test_four_threads_share_a_small_cache() -> None:
    sessions, wrong = Sessions(2), []
    together = threading.Barrier(4)

    def ask(seed: int) -> None:
        chance = np.random.default_rng(seed)
        together.wait()
        for number in chance.integers(0, 5, 60):
            session = sessions.of(str(number), partial(graph, int(number)))
            if not answers(session, int(number)) or len(sessions) > 3:
                wrong.append(number)

    for number in range(5):
        graph(number)
    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert len(sessions) == 2


@pytest.mark.parametrize("content", [b"", b"no graph", graph(1)[:40]], ids=["empty", "text", "cut"])
def test_what_is_no_graph_is_refused(content: bytes) -> None:
    sessions = Sessions(2)

    with pytest.raises(ArtefactError, match=r"model.onnx: cannot be read \("):
        sessions.of("x", lambda: content)
    assert len(sessions) == 0
    assert answers(sessions.of("x", partial(graph, 1)), 1)
