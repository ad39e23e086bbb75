"""Networks in ONNX files, run by ONNX Runtime, which is loaded when the first of them is. May import `extras`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Singles
from logidsl.diagnostics import InputError
from logidsl.extras import needed


class Node(Protocol):
    """An input of a network."""

    name: str
    type: str
    shape: list[object]


class Metadata(Protocol):
    """What a file says about itself."""

    custom_metadata_map: dict[str, str]


class Session(Protocol):
    """A network that is ready to run."""

    def run(self, names: None, feed: dict[str, npt.NDArray[np.generic]]) -> list[Singles]:
        """The outputs for named inputs."""
        ...

    def get_inputs(self) -> list[Node]:
        """The inputs."""
        ...

    def get_modelmeta(self) -> Metadata:
        """What the file says about itself."""
        ...


def session(model: bytes | Path, called: str, purpose: str) -> Session:
    """A network that is ready to run, on as many threads as `OMP_NUM_THREADS` allows, so on one in a worker process.

    Parameters
    ----------
    model : bytes or Path
        An ONNX file.
    called : str
        What messages call it.
    purpose : str
        What ONNX Runtime is needed for, where it is missing: "running a detector".

    Raises
    ------
    InputError
        If ONNX Runtime is not installed or cannot load the network.
    """
    runtime = needed("onnxruntime", "onnx", purpose)
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    threads = os.environ.get("OMP_NUM_THREADS", "")
    options.intra_op_num_threads = int(threads) if threads.isdecimal() else 0
    data = model if isinstance(model, bytes) else str(model)
    try:
        made: Session = runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - the runtime has an exception of its own for each way to be broken
        raise InputError(f"{called} cannot be loaded by ONNX Runtime: {str(error).splitlines()[0]}") from None
    return made
