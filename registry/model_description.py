"""What somebody wrote of a model: a description, with or without the model's file beside it."""

from __future__ import annotations

from dataclasses import dataclass

from fitgraph.registry.claim import Claim, ClaimValue


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """A model as its describers know it.

    Nothing of it is a fact of the model: the figures are claims, which ``fitgraph audit`` holds
    against the model's file where that is known.

    Attributes:
        description_id: last part of its IRI; the describers' own identifier where they have one.
        name: what the describers call the model; several descriptions may share it.
        model_sha256: of the file that is described; None where the file is not known.
        input_sensors: kinds of sensors that the input comes from: ``microphone``.
        summary: what the model is for, in the describers' words.
        input_info: what is fed to it, in their words.
        output_info: what comes out of it, in their words.
        derived_from: IRIs of the descriptions in other vocabularies that this one was made of.
        sources: who describes it.
    """

    description_id: str
    name: str
    model_sha256: str | None = None
    input_sensors: tuple[str, ...] = ()
    summary: str = ""
    input_info: str = ""
    output_info: str = ""
    claims: tuple[Claim, ...] = ()
    derived_from: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def claimed(self, property_name: str) -> tuple[ClaimValue, ...]:
        """All values that sources claim of one property."""
        return tuple(c.value for c in self.claims if c.property_name == property_name)
