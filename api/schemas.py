"""What is written in the OpenAPI document besides our own records."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, EncodedBytes, Field

T = TypeVar("T")


class FieldErrorDocument(BaseModel):
    """What is wrong at one place."""

    field: str
    description: str


class ProblemDocument(BaseModel):
    """A problem (RFC 9457)."""

    type: str = Field(description="URI of the kind of problem.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="URN of the request.")
    code: str = Field(description="Stable name of the kind of problem.")
    hint: str | None = Field(default=None, description="What to do about it.")
    validationErrors: list[FieldErrorDocument] | None = None  # noqa: N815 - WoT Discovery's name


class HealthDocument(BaseModel):
    """Whether the server lives, or can answer."""

    status: str


class PageDocument(BaseModel, Generic[T]):
    """A page of a list."""

    items: list[T]
    total: int = Field(description="On all pages.")
    next: str | None = Field(description="Address of the next page.")


class AddedDocument(BaseModel):
    """What came of adding something."""

    iri: str
    is_new: bool = Field(description="False where it was there already with the same content.")


Name = Annotated[str, Field(min_length=1, max_length=500)]


class StrictBase64:
    """Base64 (RFC 4648, section 4) in which no other character is passed over."""

    @classmethod
    def decode(cls, data: bytes) -> bytes:
        """The bytes that a text stands for.

        Raises:
            ValueError: it is no Base64.
        """
        return base64.b64decode(data, validate=True)

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return base64.b64encode(value)

    @classmethod
    def get_json_format(cls) -> Literal["base64"]:
        return "base64"


Data = Annotated[
    Annotated[bytes, EncodedBytes(encoder=StrictBase64)] | None,
    Field(description="An .npz file in Base64."),
]
Option = Annotated[str, Field(max_length=1000)]


class OrderDocument(BaseModel):
    """What a job is asked for with; a field that nobody knows is an error, not passed over."""

    model_config = ConfigDict(extra="forbid")


class BuildOrder(OrderDocument):
    """What is to be built; the options of `fitgraph build`."""

    model: Name
    board: Name | None = None
    isa: Name | None = Field(None, description="Instead of a board: an ISA class.")
    runtime: Name = "fitgraph-c"
    options: dict[Option, Option] = Field(
        default={}, max_length=50, description="Of another runtime's back end."
    )
    package: Literal["cmake", "arduino", "zephyr", "platformio"] | None = None
    streaming: int | None = Field(None, ge=1, le=10**6, description="Rows between two runs.")
    streaming_axis: int | None = Field(None, ge=0, le=8)
    inputs: Data = None
    test: Data = None
    metric: Literal["accuracy", "roc-auc"] = "accuracy"
    samples: int | None = Field(None, ge=1, le=10**6)
    arena_budget: int | None = Field(None, ge=1, le=10**12, description="Bytes.")
    pack_weights: bool | None = Field(
        None, description="Whether weights in int8 that fit 4 or 2 bits are kept in these."
    )
    weights_in: Name | None = Field(None, description="A flash region for the weights alone.")
    arena_in: list[Name] | None = Field(
        None, max_length=20, description="RAM regions for the arena, the fastest first."
    )
    reserve: dict[Name, Annotated[int, Field(ge=0, le=10**12)]] | None = Field(
        None,
        max_length=50,
        description="Bytes by region; else what the board's profile says.",
    )


class VariantOrder(OrderDocument):
    """What variant is to be made, or measured."""

    model: Name = Field(description="That it is made of.")
    recipe: Literal["int8", "int4", "int2", "prune", "measure"]
    name: Name | None = Field(
        None, description="Of the variant; else the model's with an ending. `measure` needs it."
    )
    per_channel: bool = True
    rate: float | None = Field(None, gt=0, lt=1, description="Share of channels to prune.")
    calibration: Data = None
    test: Data = None
    metric: Literal["accuracy", "roc-auc"] = "accuracy"
    said: Option = Field("", description="For `measure`: how the variant was made.")


class JobDocument(BaseModel):
    """A job."""

    id: str
    kind: Literal["build", "variant", "verification"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    model: str
    board: str
    runtime: str
    package: str
    who: str
    stage: str
    stages_done: int
    stages: int
    queued_at: str
    started_at: str
    ended_at: str
    attempts: int
    artifact_sha256: str
    proof: str
    order: dict[str, Any] = Field(description="What was asked for, without data.")
    result: dict[str, Any] | None
    error: dict[str, Any] | None = Field(description="A problem (RFC 9457).")


class PolicyDocument(BaseModel):
    """One policy in the list."""

    name: str
    bytes: int
