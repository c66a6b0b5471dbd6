"""The process that runs LiteRT's interpreter; `Interpreter.module` says how it is asked."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from fitgraph.compiler_bridge.reference.tflm_child import input_sets


def main() -> int:
    """Answer one request."""
    n_outputs, keeps_state = int(sys.argv[1]), sys.argv[2] == "keep"
    # The interpreter prints from C; only the answer goes to standard output.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    request = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    try:
        results = _run(request, n_outputs, keeps_state=keeps_state)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        results = {"error": np.asarray(str(error))}
    buffer = io.BytesIO()
    np.savez(buffer, **results)  # type: ignore[arg-type]
    with answer:
        answer.write(buffer.getvalue())
    return 0


def _run(request: Any, n_outputs: int, *, keeps_state: bool) -> dict[str, npt.NDArray[Any]]:  # noqa: ANN401
    model = request["model"].tobytes()
    interpreter = _interpreter(model)
    results = {}
    for set_index, inputs in sorted(input_sets(request).items()):
        if set_index > 0 and not keeps_state:
            interpreter = _interpreter(model)
        details = interpreter.get_input_details()
        for index, value in inputs.items():
            interpreter.set_tensor(details[index]["index"], value)
        interpreter.invoke()
        for index, detail in enumerate(interpreter.get_output_details()[:n_outputs]):
            results[f"{set_index}/{index}"] = np.array(interpreter.get_tensor(detail["index"]))
    return results


def _interpreter(model: bytes) -> Any:  # noqa: ANN401 - it is shipped without types
    interpreter = Interpreter(
        model_content=model,
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
        num_threads=1,
    )
    interpreter.allocate_tensors()
    return interpreter


if __name__ == "__main__":
    sys.exit(main())
