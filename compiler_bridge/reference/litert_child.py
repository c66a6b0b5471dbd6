"""The process that runs LiteRT's interpreter; `Interpreter.module` says how it is asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ai_edge_litert.interpreter import Interpreter, OpResolverType

from fitgraph.compiler_bridge.reference.answering import Array, answer_request
from fitgraph.compiler_bridge.reference.mediapipe_operators import as_builtin
from fitgraph.compiler_bridge.reference.older_versions import as_listed


class LitertSession:
    """A model in LiteRT with its reference kernels."""

    def __init__(self, model: bytes) -> None:
        self._model = as_builtin(as_listed(model))
        self.reset()

    def reset(self) -> None:
        """Begins again: variables keep their values as long as their interpreter."""
        self._interpreter = Interpreter(
            model_content=self._model,
            experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
            num_threads=1,
        )
        self._interpreter.allocate_tensors()

    def outputs(self, inputs: dict[int, Array]) -> Iterator[Array]:
        """See ``Session.outputs``."""
        details = self._interpreter.get_input_details()
        for index, value in inputs.items():
            self._interpreter.set_tensor(details[index]["index"], value)
        self._interpreter.invoke()
        for detail in self._interpreter.get_output_details():
            yield self._interpreter.get_tensor(detail["index"])


if __name__ == "__main__":
    sys.exit(answer_request(LitertSession))
