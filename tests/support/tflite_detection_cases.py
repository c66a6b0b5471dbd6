"""Random detectors' last operators; as in ``tflite_cases``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flatbuffers import flexbuffers

from tests.support.tflite_case import Case, Draw
from tests.support.tflite_float_cases import real_result

ENOUGH = 40  # boxes of which some remain whatever overlaps
FEW = 3


def detections(case: Case) -> None:
    """TFLM leaves the places of boxes that are not found as they are, but not by class."""
    by_class, background = case.chance(0.6), case.chance(0.5)
    n_boxes = case.between(1, 30) if by_class else ENOUGH
    classes, values = case.between(1, 4), case.pick([4, 4, 6])
    most = case.between(1, 12) if by_class else case.between(1, FEW)
    case.label = f"Detection {n_boxes} of {classes}, {most}, {by_class} {background}"
    scores_shape = (1, n_boxes, classes + background)
    boxes = (case.random.standard_normal((1, n_boxes, values)) * 2).astype(np.float32)
    scores = case.random.uniform(0, 1, scores_shape).astype(np.float32)
    if case.chance(0.3):
        scores = np.round(scores, 1)
    places = case.random.uniform(0, 1, (n_boxes, 2))
    sizes = case.random.uniform(0.05, 0.4, (n_boxes, 2))
    anchors = np.concatenate([places, sizes], axis=1).astype(np.float32)
    inputs = [
        case.graph.input(boxes, None),
        case.graph.input(scores, None),
        case.graph.tensor(anchors.shape, "float32", value=anchors),
    ]
    outputs = [real_result(case, shape) for shape in ((1, most, 4), (1, most), (1, most), (1,))]
    options = {
        "max_detections": most,
        "max_classes_per_detection": 1,
        "detections_per_class": case.between(1, 10),
        "use_regular_nms": by_class,
        "nms_score_threshold": case.pick([0.0, 0.1, 0.5]) if by_class else 1e-8,
        "nms_iou_threshold": case.pick([0.3, 0.6, 1.0]),
        "num_classes": classes,
        "y_scale": 10.0,
        "x_scale": 10.0,
        "h_scale": 5.0,
        "w_scale": 5.0,
    }
    custom = bytes(flexbuffers.Dumps(options))
    case.graph.node("CUSTOM:TFLite_Detection_PostProcess", inputs, outputs, custom=custom)


DETECTION_DRAWS: Sequence[Draw] = (detections,)
