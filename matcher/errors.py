"""What can go wrong while a model is held against a board."""

from __future__ import annotations

from fitgraph.ontology.errors import FitgraphError


class MatchError(FitgraphError):
    """The records do not allow an answer."""

    code = "match-error"


class InvalidDemandError(MatchError):
    """What is asked cannot be: a negative reserve, an unknown region, a policy that is no shape."""

    code = "invalid-demand"
