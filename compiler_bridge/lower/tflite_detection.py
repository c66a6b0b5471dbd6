"""TFLite_Detection_PostProcess: from the boxes and scores of a detector to what it has found."""

from __future__ import annotations

import math

from fitgraph.compiler_bridge.lower.flex_options import flex_options
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

BOXES, SCORES, ANCHORS = 0, 1, 2  # inputs
COORDINATES = 4
USUAL_A_CLASS = 100  # most detections of a class where the file does not say
NO_SCORE = -3.4e38  # what the kernel gives to boxes that are out
_SCALES = ("y", "x", "h", "w")


def lower_detection(operator: Operator, context: TfliteContext) -> None:
    """The best boxes, those that overlap better ones left out, and their number."""
    boxes, scores, anchors = (context.tensor(operator, i) for i in (BOXES, SCORES, ANCHORS))
    tensors = [boxes, scores, anchors, *(context.output(operator, i) for i in range(4))]
    if {tensor.dtype for tensor in tensors} != {DType.FLOAT32}:
        raise context.refusal(operator, "its tensors are not all float32")
    options = _Options(operator, context)
    n, classes = boxes.static_shape[1:2], options.integer("num_classes", 1)
    if not n or boxes.static_shape[:1] != (1,) or len(boxes.shape) != 3:
        raise context.refusal(operator, f"its boxes have shape {list(boxes.shape)}")
    n_boxes, values = boxes.static_shape[1:]
    n_scores = scores.static_shape[-1]
    if (
        values < COORDINATES
        or scores.static_shape != (1, n_boxes, n_scores)
        or n_scores - classes not in (0, 1)
        or anchors.static_shape != (n_boxes, COORDINATES)
    ):
        raise context.refusal(
            operator,
            f"its scores {list(scores.shape)} and anchors {list(anchors.shape)} do not suit "
            f"{classes} classes of {n_boxes} boxes",
        )
    most = options.integer("max_detections", 1)
    _expect_outputs(operator, context, most)
    fields: dict[str, Field] = {
        "boxes": n_boxes,
        "values": values,
        "classes": classes,
        "scores": n_scores,
        "most": most,
        **options.suppression(),
        **options.scales(),
    }
    inputs = tuple(context.operand(operator, i) for i in (BOXES, SCORES, ANCHORS))
    outputs = [context.new_output(operator, i) for i in range(4)]
    label = context.builder.label
    work = [
        context.builder.value(f"{label} corners", (n_boxes, COORDINATES), DType.FLOAT32),
        context.builder.value(f"{label} scores", (n_boxes,), DType.FLOAT32),
    ]
    also = (*outputs[1:], *work)
    context.builder.step("detections_f32", fields, inputs, outputs[0], also=also)


def _expect_outputs(operator: Operator, context: TfliteContext, most: int) -> None:
    for position, n in enumerate((most * COORDINATES, most, most, 1)):
        declared = context.output(operator, position)
        if declared.n_elements != n:
            raise context.refusal(
                operator,
                f"its output {position} has shape {list(declared.shape)} for {most} detections",
            )


class _Options:
    """The operator's options, held to what can be computed."""

    def __init__(self, operator: Operator, context: TfliteContext) -> None:
        self._operator, self._context = operator, context
        try:
            self._found = flex_options(operator.attributes.get("custom_options", b""))
        except (ValueError, IndexError) as error:
            raise context.refusal(operator, str(error)) from error

    def integer(self, name: str, least: int, default: int | None = None) -> int:
        value = self._found.get(name, default)
        if not isinstance(value, int) or not least <= value < 2**31:
            raise self._context.refusal(self._operator, f"its {name} is {value}")
        return value

    def real(self, name: str, low: float, high: float) -> float:
        value = self._found.get(name)
        if value is None or not low < value <= high:
            raise self._context.refusal(self._operator, f"its {name} is {value}")
        return float(value)

    def suppression(self) -> dict[str, Field]:
        """What makes a box give way to others."""
        by_class = self.integer("use_regular_nms", 0, 0) != 0
        if not by_class and self.integer("max_classes_per_detection", 1) != 1:
            raise self._context.refusal(self._operator, "a box may be of several classes")
        return {
            "most_a_class": self.integer("detections_per_class", 1, USUAL_A_CLASS),
            "by_class": int(by_class),
            "least_score": self.real("nms_score_threshold", NO_SCORE, math.inf),
            "most_overlap": self.real("nms_iou_threshold", 0.0, 1.0),
        }

    def scales(self) -> dict[str, Field]:
        """By which the boxes' values are divided."""
        names = ("y_scale", "x_scale", "height_scale", "width_scale")
        found = (self.real(f"{short}_scale", 0.0, 1e30) for short in _SCALES)
        return dict(zip(names, found, strict=True))


TABLE: LoweringTable = {
    "CUSTOM:TFLite_Detection_PostProcess": lowering(lower_detection, DType.FLOAT32, max_version=1),
}
