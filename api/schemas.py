"""What is written in the OpenAPI document besides our own records."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, Field

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
