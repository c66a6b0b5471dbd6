"""What a request can do wrong by the rules of HTTP, each with its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fitgraph.ontology.errors import FitgraphError


class RequestError(FitgraphError):
    """A request that HTTP itself has a status for.

    Attributes:
        status: of the response.
        headers: that the response carries.
    """

    code: ClassVar[str] = "bad-request"
    status: ClassVar[int] = 400

    def __init__(
        self, message: str, *, hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.headers = dict(headers or {})


class UnauthorizedError(RequestError):
    """Nobody is known to be asking, or the token is not valid."""

    code = "unauthorized"
    status = 401


class ForbiddenError(RequestError):
    """Who asks may not."""

    code = "forbidden"
    status = 403


class NotAcceptableError(RequestError):
    """None of the media types that are asked for can be given."""

    code = "not-acceptable"
    status = 406


class SlowBodyError(RequestError):
    """The body did not arrive in time."""

    code = "slow-body"
    status = 408


class PreconditionFailedError(RequestError):
    """The resource is not what the client thinks it is."""

    code = "precondition-failed"
    status = 412


class TooLargeError(RequestError):
    """The body is larger than is taken."""

    code = "too-large"
    status = 413


class UnsupportedMediaTypeError(RequestError):
    """The body is of a kind that is not taken."""

    code = "unsupported-media-type"
    status = 415


class OverloadedError(RequestError):
    """More is asked at once than can be answered; later it may be."""

    code = "overloaded"
    status = 503


class DeadlineError(RequestError):
    """The answer takes longer than it may."""

    code = "deadline"
    status = 504
