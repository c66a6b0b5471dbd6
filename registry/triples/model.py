"""A model as triples, in the graph of its IRI.

Triples of its operators are theirs (``operator_to_triples``), for models share them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import NamedNode, Triple

from fitgraph.registry.facts import ModelFacts, OperatorUse
from fitgraph.registry.iris import model_iri, operator_iri, operator_name, part_iri
from fitgraph.registry.model_graph import DType
from fitgraph.registry.model_record import ModelRecord
from fitgraph.registry.triples.reading import Facts, local_name, refusing_damage
from fitgraph.registry.triples.tensor import (
    tensor_from_triples,
    tensor_iri,
    tensor_spec,
    tensor_to_triples,
)
from fitgraph.registry.triples.terms import literal
from fitgraph.registry.triples.writing import describe, individual, iri

#: Dublin Core's, as policies and catalogues say it.
LICENSE: Final = "http://purl.org/dc/terms/license"


def model_to_triples(record: ModelRecord) -> Iterator[Triple]:
    """All triples of a model."""
    subject = model_iri(record.sha256)
    facts = record.facts
    uses = [(part_iri(subject, "use", str(i)), use) for i, use in enumerate(facts.operators)]
    works = [(part_iri(subject, "work", op), op, n) for op, n in facts.macs_by_op.items()]
    yield from describe(
        subject,
        "Model",
        name=record.names,
        sha256=record.sha256,
        model_format=record.model_format,
        file_bytes=record.file_bytes,
        parameters=facts.params,
        constant_bytes=facts.const_bytes,
        macs=facts.macs,
        macs_unknown_for=tuple(iri(operator_iri(name)) for name in facts.macs_unknown_for),
        activation_dtype=tuple(map(individual, facts.activation_dtypes)),
        weight_dtype=tuple(map(individual, facts.weight_dtypes)),
        peak_live_bytes=facts.peak_activation_bytes,
        peak_operator_index=facts.peak_op_index,
        has_operator_use=tuple(iri(part) for part, _ in uses),
        has_operator_work=tuple(iri(part) for part, _, _ in works),
        has_tensor=tuple(iri(tensor_iri(subject, t.position)) for t in record.tensors),
        input=tuple({iri(tensor_iri(subject, index)) for index in record.inputs}),
        output=tuple({iri(tensor_iri(subject, index)) for index in record.outputs}),
        task=record.tasks,
    )
    for licence in record.licences:
        yield Triple(iri(subject), NamedNode(LICENSE), literal(licence))
    for part, use in uses:
        yield from _use_to_triples(part, use)
    for part, op_type, macs in works:
        yield from describe(part, "OperatorWork", op_type=op_type, macs=macs)
    for tensor in record.tensors:
        yield from tensor_to_triples(subject, tensor, record.inputs, record.outputs)


@refusing_damage
def model_from_triples(triples: Iterable[Triple]) -> ModelRecord:
    """The model that the triples of its graph describe.

    ``op_counts`` and ``macs_by_op`` come sorted by operator type.

    Raises:
        RegistryError: they lack something that a model has.
    """
    facts = Facts(triples)
    subject = facts.only("Model")
    tensors = sorted(
        (tensor_from_triples(facts, part) for part in facts.texts(subject, "hasTensor")),
        key=lambda tensor: tensor.position,
    )
    inputs = _positions(facts, facts.texts(subject, "input"), "inputPosition")
    outputs = _positions(facts, facts.texts(subject, "output"), "outputPosition")
    by_position = {tensor.position: tensor for tensor in tensors}
    operators = _operators(facts, subject)
    return ModelRecord(
        sha256=facts.text(subject, "sha256"),
        names=facts.texts(subject, "name"),
        model_format=facts.text(subject, "modelFormat"),
        file_bytes=facts.integer(subject, "fileBytes"),
        tensors=tuple(tensors),
        inputs=inputs,
        outputs=outputs,
        tasks=facts.texts(subject, "task"),
        licences=facts.texts(subject, LICENSE),
        facts=ModelFacts(
            operators=operators,
            op_counts=_counts(operators),
            inputs=tuple(tensor_spec(by_position[index]) for index in inputs),
            outputs=tuple(tensor_spec(by_position[index]) for index in outputs),
            params=facts.integer(subject, "parameters"),
            const_bytes=facts.integer(subject, "constantBytes"),
            macs=facts.optional_integer(subject, "macs"),
            macs_by_op=_macs_by_op(facts, subject),
            macs_unknown_for=_names(facts.texts(subject, "macsUnknownFor")),
            activation_dtypes=_dtypes(facts.texts(subject, "activationDtype")),
            weight_dtypes=_dtypes(facts.texts(subject, "weightDtype")),
            peak_activation_bytes=facts.optional_integer(subject, "peakLiveBytes"),
            peak_op_index=facts.optional_integer(subject, "peakOperatorIndex"),
        ),
    )


def _use_to_triples(subject: str, use: OperatorUse) -> Iterator[Triple]:
    dtypes = {dtype for dtype in (*use.input_dtypes, *use.output_dtypes) if dtype is not None}
    yield from describe(
        subject,
        "OperatorUse",
        operator=iri(operator_iri(use.name)),
        version=use.version,
        dtype=tuple(individual(dtype) for dtype in sorted(dtypes)),
        signature=f"{_list(use.input_dtypes)}->{_list(use.output_dtypes)}",
        count=use.count,
    )


def _operators(facts: Facts, model: str) -> tuple[OperatorUse, ...]:
    uses = (_use_from(facts, part) for part in facts.texts(model, "hasOperatorUse"))
    return tuple(
        sorted(uses, key=lambda u: (u.name, u.version, str(u.input_dtypes), str(u.output_dtypes)))
    )


def _use_from(facts: Facts, subject: str) -> OperatorUse:
    inputs, _, outputs = facts.text(subject, "signature").partition("->")
    return OperatorUse(
        name=operator_name(facts.text(subject, "operator")),
        version=facts.integer(subject, "version"),
        input_dtypes=tuple(DType(word) if word else None for word in _words(inputs)),
        output_dtypes=tuple(DType(word) for word in _words(outputs)),
        count=facts.integer(subject, "count"),
    )


def _list(dtypes: Iterable[DType | None]) -> str:
    """``int8,,int32``: nothing for an input that is left out; ``()`` for no tensors at all."""
    words = ["" if dtype is None else dtype.value for dtype in dtypes]
    return ",".join(words) if words else "()"


def _words(text: str) -> list[str]:
    return [] if text == "()" else text.split(",")


def _counts(operators: Iterable[OperatorUse]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for use in operators:
        counts[use.name.partition(":")[2]] += use.count
    return dict(sorted(counts.items()))


def _macs_by_op(facts: Facts, model: str) -> dict[str, int]:
    parts = facts.texts(model, "hasOperatorWork")
    return dict(sorted((facts.text(p, "opType"), facts.integer(p, "macs")) for p in parts))


def _positions(facts: Facts, tensors: Iterable[str], place: str) -> tuple[int, ...]:
    """Positions in the file of the inputs or outputs, in their order."""
    places = [
        (int(at), facts.integer(tensor, "position"))
        for tensor in tensors
        for at in facts.values(tensor, place)
    ]
    return tuple(position for _, position in sorted(places))


def _names(operators: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(operator_name(operator) for operator in operators))


def _dtypes(individuals: Iterable[str]) -> tuple[DType, ...]:
    return tuple(sorted(DType(local_name(individual)) for individual in individuals))
