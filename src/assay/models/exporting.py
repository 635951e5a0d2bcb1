"""The fresh process that exports one graph: `python -m assay.models.exporting`, asked by stdin.

It is told an architecture's shape and where to write; it builds the net with weights that mean
nothing, exports it, and refuses a graph whose axes are not those that were asked for.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import onnx
import torch
from onnxscript import optimizer

from assay.core.errors import ArtefactError
from assay.models.catalog import MEMBERS
from assay.models.nets import Net
from assay.models.sessions import INPUTS, OUTPUTS
from assay.models.vocabulary import Vocabulary

LARGEST_FOLDED = 2**20
"""Values of a constant that is worked out while exporting."""


def export(shape: dict[str, Any], path: Path) -> None:
    """Export the net of `shape` to `path`; axes that differ are an `ArtefactError`."""
    settings = {k: tuple(v) if isinstance(v, list) else v for k, v in shape["settings"].items()}
    member = MEMBERS.get(shape["member"])(**settings)
    assert isinstance(member, Net)
    symbols = [(f"S{n}", "") for n in range(shape["symbols"])]
    frames = [("S0", f"T{n}") for n in range(1, shape["timeframes"])]
    dimensions = shape["dimensions"]
    horizons = dimensions["quantiles"][1]
    net = member.seeded(shape["columns"], Vocabulary((*symbols, *frames)), horizons, 0).eval()
    batch = torch.export.Dim("batch")
    example = (torch.zeros(3, *dimensions["x"][1:]), torch.zeros(3, 2, dtype=torch.int64))
    program = torch.onnx.export(
        net,
        example,
        dynamo=True,
        optimize=False,  # the weights keep their names, so that others can take their place
        external_data=False,
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamic_shapes=({0: batch}, {0: batch}),
        verbose=False,
    )
    assert program is not None
    model = simplified(program.model_proto, set(net.state_dict()))
    refuse_other_axes(model, dimensions)
    path.write_bytes(model.SerializeToString(deterministic=True))


def simplified(model: onnx.ModelProto, weights: set[str]) -> onnx.ModelProto:
    """Return the graph with all that hangs on no weight worked out; the weights keep their names.

    The exporter writes shapes as dozens of nodes. The weights are made inputs while these are
    folded, or they would be folded in too.
    """
    kept = [onnx.TensorProto.FromString(i.SerializeToString()) for i in model.graph.initializer]
    del model.graph.initializer[:]
    model.graph.initializer.extend(tensor for tensor in kept if tensor.name not in weights)
    for tensor in (each for each in kept if each.name in weights):
        shape = list(tensor.dims)
        value = onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, shape)
        model.graph.input.append(value)
    made = optimizer.optimize(
        model, input_size_limit=LARGEST_FOLDED, output_size_limit=LARGEST_FOLDED
    )
    inputs = [value for value in made.graph.input if value.name not in weights]
    del made.graph.input[:]
    made.graph.input.extend(inputs)
    made.graph.initializer.extend(tensor for tensor in kept if tensor.name in weights)
    return made


def refuse_other_axes(model: onnx.ModelProto, dimensions: dict[str, list[Any]]) -> None:
    """Refuse a graph whose inputs and outputs are not those of `dimensions`, by name."""
    found = {value.name: _axes(value) for value in (*model.graph.input, *model.graph.output)}
    for name in sorted(set(found) | set(dimensions)):
        if found.get(name) != dimensions.get(name):
            raise ArtefactError(
                f"model.onnx: {name} has the axes {found.get(name)}, not {dimensions.get(name)}"
            )


def _axes(value: onnx.ValueInfoProto) -> list[Any]:
    return [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]


def main() -> None:
    """Read what is asked from stdin and export it."""
    asked = json.load(sys.stdin)
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, about its own insides
        export(asked["shape"], Path(asked["path"]))


if __name__ == "__main__":
    main()
