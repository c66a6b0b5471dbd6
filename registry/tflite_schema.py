"""Where the TFLite schema keeps what: field ids, and the fields of the builtin options.

Source: tensorflow/lite/schema/schema.fbs, version 3 (file identifier ``TFL3``). Enumerations
come from the ``tflite`` package; a test compares the options with that package's accessors.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from tflite.ActivationFunctionType import ActivationFunctionType
from tflite.BuiltinOperator import BuiltinOperator
from tflite.BuiltinOptions import BuiltinOptions
from tflite.CombinerType import CombinerType
from tflite.FullyConnectedOptionsWeightsFormat import FullyConnectedOptionsWeightsFormat
from tflite.LSHProjectionType import LSHProjectionType
from tflite.LSTMKernelType import LSTMKernelType
from tflite.MirrorPadMode import MirrorPadMode
from tflite.Padding import Padding
from tflite.TensorType import TensorType

FILE_IDENTIFIER = b"TFL3"
SCHEMA_VERSION = 3


class ModelField(IntEnum):
    """Fields of the root table."""

    VERSION = 0
    OPERATOR_CODES = 1
    SUBGRAPHS = 2
    BUFFERS = 4
    METADATA = 6


class MetadataField(IntEnum):
    """Fields of one entry of the list of metadata."""

    NAME = 0
    BUFFER = 1


class OperatorCodeField(IntEnum):
    """Fields of one entry of the list of operator codes."""

    DEPRECATED_BUILTIN_CODE = 0
    CUSTOM_CODE = 1
    VERSION = 2
    BUILTIN_CODE = 3


class SubGraphField(IntEnum):
    """Fields of a subgraph."""

    TENSORS = 0
    INPUTS = 1
    OUTPUTS = 2
    OPERATORS = 3
    NAME = 4


class TensorField(IntEnum):
    """Fields of a tensor."""

    SHAPE = 0
    TYPE = 1
    BUFFER = 2
    NAME = 3
    QUANTIZATION = 4
    IS_VARIABLE = 5
    SPARSITY = 6


class QuantizationField(IntEnum):
    """Fields of a tensor's quantization parameters."""

    SCALE = 2
    ZERO_POINT = 3
    QUANTIZED_DIMENSION = 6


class OperatorField(IntEnum):
    """Fields of an operator."""

    OPCODE_INDEX = 0
    INPUTS = 1
    OUTPUTS = 2
    BUILTIN_OPTIONS_TYPE = 3
    BUILTIN_OPTIONS = 4
    CUSTOM_OPTIONS = 5
    INTERMEDIATES = 8


class BufferField(IntEnum):
    """Fields of a buffer; offset and size speak of bytes after the flatbuffer."""

    DATA = 0
    OFFSET = 1
    SIZE = 2


def _names(enumeration: type) -> Mapping[int, str]:
    """Number to name of one of the package's enumerations."""
    return {value: name for name, value in vars(enumeration).items() if not name.startswith("_")}


OPERATOR_NAMES = _names(BuiltinOperator)
TENSOR_TYPE_NAMES = _names(TensorType)
OPTIONS_NAMES = _names(BuiltinOptions)

ENUMERATIONS: Mapping[str, Mapping[int, str]] = {
    "padding": _names(Padding),
    "activation": _names(ActivationFunctionType),
    "tensor_type": TENSOR_TYPE_NAMES,
    "weights_format": _names(FullyConnectedOptionsWeightsFormat),
    "lstm_kernel": _names(LSTMKernelType),
    "mirror_mode": _names(MirrorPadMode),
    "combiner": _names(CombinerType),
    "lsh_projection": _names(LSHProjectionType),
}

_ACTIVATION = "fused_activation_function:activation"
_STRIDES = "stride_w:i32 stride_h:i32"
_DILATIONS = "dilation_w_factor:i32=1 dilation_h_factor:i32=1"
_CLIPS = "cell_clip:f32 proj_clip:f32"
_ASYMMETRIC = "asymmetric_quantize_inputs:bool"
_BIAS_TYPE = "quantized_bias_type:tensor_type"

OPTIONS_FIELDS: Mapping[str, str] = {
    # Fields in the order of their ids, as "name:kind" or "name:kind=default"; "_" is a field
    # that the schema has retired.
    "Conv2DOptions": f"padding:padding {_STRIDES} {_ACTIVATION} {_DILATIONS} {_BIAS_TYPE}",
    "DepthwiseConv2DOptions": (
        f"padding:padding {_STRIDES} depth_multiplier:i32 {_ACTIVATION} {_DILATIONS}"
    ),
    "ConcatEmbeddingsOptions": (
        "num_channels:i32 num_columns_per_channel:i32s embedding_dim_per_channel:i32s"
    ),
    "LSHProjectionOptions": "type:lsh_projection",
    "Pool2DOptions": f"padding:padding {_STRIDES} filter_width:i32 filter_height:i32 {_ACTIVATION}",
    "SVDFOptions": f"rank:i32 {_ACTIVATION} {_ASYMMETRIC}",
    "RNNOptions": f"{_ACTIVATION} {_ASYMMETRIC}",
    "FullyConnectedOptions": (
        f"{_ACTIVATION} weights_format:weights_format keep_num_dims:bool {_ASYMMETRIC} {_BIAS_TYPE}"
    ),
    "SoftmaxOptions": "beta:f32",
    "ConcatenationOptions": f"axis:i32 {_ACTIVATION}",
    "AddOptions": f"{_ACTIVATION} pot_scale_int16:bool=1",
    "L2NormOptions": _ACTIVATION,
    "LocalResponseNormalizationOptions": "radius:i32 bias:f32 alpha:f32 beta:f32",
    "LSTMOptions": f"{_ACTIVATION} {_CLIPS} kernel_type:lstm_kernel {_ASYMMETRIC}",
    "ResizeBilinearOptions": "_ _ align_corners:bool half_pixel_centers:bool",
    "CallOptions": "subgraph:u32",
    "ReshapeOptions": "new_shape:i32s",
    "SkipGramOptions": "ngram_size:i32 max_skip_size:i32 include_all_ngrams:bool",
    "SpaceToDepthOptions": "block_size:i32",
    "EmbeddingLookupSparseOptions": "combiner:combiner",
    "MulOptions": _ACTIVATION,
    "GatherOptions": "axis:i32 batch_dims:i32",
    "ReducerOptions": "keep_dims:bool",
    "SubOptions": f"{_ACTIVATION} pot_scale_int16:bool=1",
    "DivOptions": _ACTIVATION,
    "SqueezeOptions": "squeeze_dims:i32s",
    "SequenceRNNOptions": f"time_major:bool {_ACTIVATION} {_ASYMMETRIC}",
    "StridedSliceOptions": (
        "begin_mask:i32 end_mask:i32 ellipsis_mask:i32 new_axis_mask:i32 shrink_axis_mask:i32 "
        "offset:bool"
    ),
    "SplitOptions": "num_splits:i32",
    "CastOptions": "in_data_type:tensor_type out_data_type:tensor_type",
    "ArgMaxOptions": "output_type:tensor_type",
    "TransposeConvOptions": f"padding:padding {_STRIDES} {_ACTIVATION} {_BIAS_TYPE}",
    "SparseToDenseOptions": "validate_indices:bool",
    "ShapeOptions": "out_type:tensor_type",
    "ArgMinOptions": "output_type:tensor_type",
    "FakeQuantOptions": "min:f32 max:f32 num_bits:i32 narrow_range:bool",
    "PackOptions": "values_count:i32 axis:i32",
    "OneHotOptions": "axis:i32",
    "UnpackOptions": "num:i32 axis:i32",
    "BidirectionalSequenceLSTMOptions": (
        f"{_ACTIVATION} {_CLIPS} merge_outputs:bool time_major:bool=1 {_ASYMMETRIC}"
    ),
    "BidirectionalSequenceRNNOptions": (
        f"time_major:bool {_ACTIVATION} merge_outputs:bool {_ASYMMETRIC}"
    ),
    "UnidirectionalSequenceLSTMOptions": (
        f"{_ACTIVATION} {_CLIPS} time_major:bool {_ASYMMETRIC} diagonal_recurrent_tensors:bool"
    ),
    "ResizeNearestNeighborOptions": "align_corners:bool half_pixel_centers:bool",
    "LeakyReluOptions": "alpha:f32",
    "MirrorPadOptions": "mode:mirror_mode",
    "SplitVOptions": "num_splits:i32",
    "UniqueOptions": "idx_out_type:tensor_type=2",
    "ReverseSequenceOptions": "seq_dim:i32 batch_dim:i32",
    "IfOptions": "then_subgraph_index:i32 else_subgraph_index:i32",
    "WhileOptions": "cond_subgraph_index:i32 body_subgraph_index:i32",
    "DepthToSpaceOptions": "block_size:i32",
    "BatchMatMulOptions": f"adj_x:bool adj_y:bool {_ASYMMETRIC}",
    "CumsumOptions": "exclusive:bool reverse:bool",
    "CallOnceOptions": "init_subgraph_index:i32",
    "Conv3DOptions": (
        f"padding:padding stride_d:i32 {_STRIDES} {_ACTIVATION} dilation_d_factor:i32=1 "
        f"{_DILATIONS}"
    ),
    "HashtableOptions": "table_id:i32 key_dtype:tensor_type value_dtype:tensor_type",
    "VarHandleOptions": "container:str shared_name:str",
    "RandomOptions": "seed:i64 seed2:i64",
    "BucketizeOptions": "boundaries:f32s",
    "GeluOptions": "approximate:bool",
}
