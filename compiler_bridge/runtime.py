"""What the runtime ``fitgraph-c`` says of itself, and what its compiler says of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import onnx

from fitgraph.compiler_bridge import texts
from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.lower import (
    onnx_classical,
    onnx_requant_shift,
    tflite_pairs,
    tflite_signal,
    tflite_stream,
)
from fitgraph.compiler_bridge.lower.onnx_fold import FOLDED_OPERATORS
from fitgraph.compiler_bridge.lower.onnx_graph import ONNX_LOWERINGS
from fitgraph.compiler_bridge.lower.support import Lowering
from fitgraph.compiler_bridge.lower.tflite_graph import TFLITE_LOWERINGS
from fitgraph.matcher.facts import CompilerAnswer
from fitgraph.registry.errors import RegistryError
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.model_graph import DType, ModelGraph
from fitgraph.registry.runtime import FootprintMethod, Maintenance, OperatorSupport, Runtime

RUNTIME_NAME = "fitgraph-c"

# Dtypes of biases, shapes, axes and handles, which accompany the data of any operator.
_COMPANIONS = frozenset({DType.INT32, DType.INT64, DType.RESOURCE})
# What else operators read or write than the dtype that their table entry goes by.
_ALSO = {
    "DEQUANTIZE": frozenset({DType.FLOAT32}),
    "SVDF": frozenset({DType.INT16}),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": frozenset({DType.INT16}),
    **dict.fromkeys(tflite_pairs.COMPARISONS, frozenset(tflite_pairs.COMPARED)),
    **dict.fromkeys(("ARG_MAX", "ARG_MIN"), frozenset({DType.FLOAT32, DType.INT8})),
    **dict.fromkeys(("SELECT", "SELECT_V2"), frozenset({DType.BOOL})),
    **dict.fromkeys(tflite_signal.TABLE, frozenset({DType.INT16, DType.UINT32, DType.UINT64})),
    **dict.fromkeys(tflite_stream.TABLE, frozenset({DType.BOOL})),
}
# A QDQ graph has float operators between 8-bit ones.
_ONNX_COMPANIONS = _COMPANIONS | {DType.FLOAT32, DType.INT8, DType.UINT8}
# Operators of ONNX that files may have from ONNX Runtime, before ONNX had them or their dtypes.
_IN_BOTH_DOMAINS = ("Gelu", "QuantizeLinear", "DequantizeLinear")
_OLDEST_OPSET = 7  # what the ONNX reader takes


def fitgraph_c_runtime(isa_classes: Iterable[str]) -> Runtime:
    """The runtime's record.

    Args:
        isa_classes: classes that there is a compiler for.
    """
    return Runtime(
        name=RUNTIME_NAME,
        label="fitgraph C",
        operators=_supported_operators(),
        isa_classes=tuple(sorted(isa_classes)),
        footprint_from=Evidence.MEASURED,
        source="fitgraph: the compiler's own tables",
        licence="Apache-2.0",
        maintenance=Maintenance.MAINTAINED,
        footprint_method=FootprintMethod.BUILD,
    )


@cache
def _supported_operators() -> tuple[OperatorSupport, ...]:
    tflite = [
        OperatorSupport(f"tflite:{name}", _dtypes(name, entry), entry.max_version)
        for name, entry in TFLITE_LOWERINGS.items()
    ]
    onnx_operators = [_onnx_support(name, entry) for name, entry in ONNX_LOWERINGS.items()]
    onnx_operators += [
        OperatorSupport(f"{onnx_requant_shift.DOMAIN}:{name}", tuple(sorted(entry.dtypes)), 1)
        for name, entry in onnx_requant_shift.TABLE.items()
    ]
    onnx_operators += [_microsoft_support(name) for name in _IN_BOTH_DOMAINS]
    onnx_operators += [_folded_support(name) for name in FOLDED_OPERATORS - ONNX_LOWERINGS.keys()]
    return tuple(sorted((*tflite, *onnx_operators), key=lambda support: support.operator))


def _microsoft_support(name: str) -> OperatorSupport:
    dtypes = tuple(sorted(ONNX_LOWERINGS[name].dtypes | _ONNX_COMPANIONS))
    return OperatorSupport(f"com.microsoft:{name}", dtypes, 1)


def _folded_support(name: str) -> OperatorSupport:
    """Of an operator that is computed when compiling, where its inputs are constants."""
    newest = onnx.defs.onnx_opset_version()
    dtypes = tuple(sorted(_ONNX_COMPANIONS | {DType.BOOL}))
    return OperatorSupport(f"onnx:{name}", dtypes, newest, _OLDEST_OPSET)


def _dtypes(name: str, entry: Lowering) -> tuple[DType, ...]:
    return tuple(sorted(entry.dtypes | _COMPANIONS | _ALSO.get(name, frozenset())))


def _onnx_support(name: str, entry: Lowering) -> OperatorSupport:
    carried = {DType.STRING} if name in texts.CARRIERS else frozenset()
    dtypes = tuple(sorted(entry.dtypes | _ONNX_COMPANIONS | carried))
    if name in onnx_classical.TABLE:
        return _classical_support(name, entry, dtypes)
    if name in onnx_requant_shift.TABLE:
        return OperatorSupport(f"onnx:{name}", dtypes, onnx.defs.onnx_opset_version())
    if not onnx.defs.has(name):
        return OperatorSupport(f"com.microsoft:{name}", dtypes, entry.max_version)
    return OperatorSupport(f"onnx:{name}", dtypes, _newest_opset(name, entry), _OLDEST_OPSET)


def _classical_support(name: str, entry: Lowering, dtypes: tuple[DType, ...]) -> OperatorSupport:
    """Of an operator of ai.onnx.ml, whose sets are counted on their own."""
    domain = onnx_classical.DOMAIN
    newest = max(s.since_version for s in onnx.defs.get_all_schemas() if s.domain == domain)
    meant = [
        v for v in range(1, newest + 1) if _since_version(name, v, domain) <= entry.max_version
    ]
    return OperatorSupport(f"{domain}:{name}", dtypes, max(meant))


def _newest_opset(name: str, entry: Lowering) -> int:
    """Newest opset in which the operator still means what is lowered."""
    newest = onnx.defs.onnx_opset_version()
    meant = [
        opset
        for opset in range(_OLDEST_OPSET, newest + 1)
        if _since_version(name, opset) <= entry.max_version
    ]
    return max(meant, default=_OLDEST_OPSET)


def _since_version(name: str, opset: int, domain: str = "") -> int:
    try:
        return int(onnx.defs.get_schema(name, opset, domain).since_version)
    except onnx.defs.SchemaError:
        return 0


class FitgraphCompiler:
    """Answers the matcher by really generating code; answers are kept.

    Args:
        load: reads a model of the registry by its digest.
    """

    def __init__(self, load: Callable[[str], ModelGraph]) -> None:
        self._load = load
        self._answers: dict[str, CompilerAnswer | None] = {}

    def answer(self, model_sha256: str) -> CompilerAnswer | None:
        """Whether the model can be compiled; None where its file cannot be read."""
        if model_sha256 not in self._answers:
            self._answers[model_sha256] = self._ask(model_sha256)
        return self._answers[model_sha256]

    def _ask(self, model_sha256: str) -> CompilerAnswer | None:
        try:
            generated = generate(self._load(model_sha256))
        except BridgeError as error:
            return CompilerAnswer(error.message, error.hint)
        except RegistryError:
            return None
        return CompilerAnswer(
            arena_bytes=generated.arena_bytes,
            weights_bytes=generated.weights_bytes,
            arena_bound_bytes=generated.whole_bound_bytes,
        )
