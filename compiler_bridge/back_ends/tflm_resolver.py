"""The operators of a model as the methods that add them to TFLM's resolver.

Source: tensorflow/tflite-micro, tensorflow/lite/micro/micro_mutable_op_resolver.h. A method is
called ``Add`` and the operator's name in camel case, but for those listed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from fitgraph.compiler_bridge.back_ends.protocol import BackEndError

_EXCEPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "AVERAGE_POOL_2D": "AddAveragePool2D",
        "BATCH_MATMUL": "AddBatchMatMul",
        "CONV_2D": "AddConv2D",
        "CUMSUM": "AddCumSum",
        "DEPTHWISE_CONV_2D": "AddDepthwiseConv2D",
        "L2_POOL_2D": "AddL2Pool2D",
        "MAX_POOL_2D": "AddMaxPool2D",
        "PADV2": "AddPadV2",
        "UNIDIRECTIONAL_SEQUENCE_LSTM": "AddUnidirectionalSequenceLSTM",
    }
)
# Operators that TFLM has besides the builtin ones.
_CUSTOM: Mapping[str, str] = MappingProxyType(
    {
        "CIRCULAR_BUFFER": "AddCircularBuffer",
        "SignalDelay": "AddDelay",
        "SignalEnergy": "AddEnergy",
        "SignalFftAutoScale": "AddFftAutoScale",
        "SignalFilterBank": "AddFilterBank",
        "SignalFilterBankLog": "AddFilterBankLog",
        "SignalFilterBankSpectralSubtraction": "AddFilterBankSpectralSubtraction",
        "SignalFilterBankSquareRoot": "AddFilterBankSquareRoot",
        "SignalFramer": "AddFramer",
        "SignalIrfft": "AddIrfft",
        "SignalOverlapAdd": "AddOverlapAdd",
        "SignalPCAN": "AddPCAN",
        "SignalRfft": "AddRfft",
        "SignalStacker": "AddStacker",
        "SignalWindow": "AddWindow",
        "TFLite_Detection_PostProcess": "AddDetectionPostprocess",
        "ethos-u": "AddEthosU",
    }
)
CUSTOM_PREFIX = "CUSTOM:"


def resolver_methods(operators: Iterable[str]) -> tuple[str, ...]:
    """One method for each kind of operator, sorted.

    Args:
        operators: as ``CONV_2D`` or ``CUSTOM:ethos-u``.

    Raises:
        BackEndError: TFLM has no such custom operator.
    """
    return tuple(sorted({_method(name) for name in operators}))


def _method(op_type: str) -> str:
    if op_type.startswith(CUSTOM_PREFIX):
        name = op_type.removeprefix(CUSTOM_PREFIX)
        if name not in _CUSTOM:
            raise BackEndError(
                f"TFLM has no custom operator {name!r}",
                hint="register it in op_resolver.h by hand, or export the model without it",
            )
        return _CUSTOM[name]
    camel = "".join(part.capitalize() for part in op_type.split("_"))
    return _EXCEPTIONS.get(op_type, f"Add{camel}")
