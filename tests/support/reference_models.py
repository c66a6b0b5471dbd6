"""The 23 models of the reference graph, by what they compute in."""

from __future__ import annotations

from pathlib import Path

INT8 = (
    "ARM_CNN_Small_keyword_spotting",
    "ARM_DS_CNN_Small_",
    "ARM_MicroNet_Small_anomaly_detection",
    "ARM_MicroNet_VWW_3",
    "Anomaly_Detection_Autoencoder",
    "Hello_World",
    "Magic_Wand_2",
    "Micro_Speech_Forward_Backward",
    "Micro_Speech_Up_Down_Go",
    "Micro_Speech_Yes_No_1",
    "Micro_Speech_Yes_No_2",
    "Micro_Speech_Yes_No_3",
    "Micro_Speech_Yes_No_4",
    "Motion_Trainer_Left_Right",
    "Motion_Trainer_Up_Forward",
    "Move",
    "Snoring_Guardian",
    "Visual_Alarm_Clock",
    "Voice_Turn",
)
FLOAT32 = ("Magic_Wand_1", "Mapping_Dance", "Squats_Counter")
UINT8 = ("Person_Detection",)


def reference_path(shared_data: Path, name: str) -> Path:
    """The model's file."""
    return shared_data / "reference_kg" / "models" / f"{name}.tflite"
