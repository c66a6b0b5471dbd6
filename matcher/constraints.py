"""Whether a runtime has the operators and runs on the core, each a pure function."""

from __future__ import annotations

from dataclasses import replace

from fitgraph.matcher.doubt import doubt_of_core, with_doubt
from fitgraph.matcher.facts import CompilerAnswer, ModelNeeds, Refusal
from fitgraph.matcher.operator_support import complaints, open_questions
from fitgraph.matcher.verdict import PROVEN, Constraint, missing, only_known
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import runtime_iri
from fitgraph.registry.runtime import Runtime


def operators(
    model: ModelNeeds,
    runtime: Runtime,
    footprint: Footprint | None = None,
    answer: CompilerAnswer | None = None,
    refusal: Refusal | None = None,
) -> Constraint:
    """Whether the runtime has every operator of the model, in its version and dtypes.

    A build shows it; else the runtime's own compiler or interpreter knows; else what the runtime
    declares counts.
    """
    shown = _operators_by_evidence(model, runtime, footprint, answer, refusal)
    return shown or _operators_by_declaration(model, runtime)


def _operators_by_evidence(
    model: ModelNeeds,
    runtime: Runtime,
    footprint: Footprint | None,
    answer: CompilerAnswer | None,
    refusal: Refusal | None,
) -> Constraint | None:
    """What a build, the compiler or the interpreter showed of the very model; None for nothing."""
    n_used, kinds = _kinds(model)
    if footprint is not None and footprint.evidence is Evidence.MEASURED:
        message = f"{runtime.name} compiled all {kinds}"
        return _operators(n_used, 0, Evidence.MEASURED, footprint.source, message)
    wrong = complaints(model, runtime)
    n_missing = max(1, len(wrong))
    if answer is not None:
        message = answer.refusal or f"{runtime.name} compiles all {kinds}"
        source = runtime_iri(runtime.name)
        lacking = n_missing if answer.refusal else 0
        asked = _operators(n_used, lacking, Evidence.MEASURED, source, message)
        return replace(asked, hint=answer.hint)
    if refusal is not None:
        message = f"{runtime.name} refuses the model: {refusal.words}"
        return _operators(n_used, n_missing, Evidence.MEASURED, refusal.source, message)
    if footprint is not None and footprint.arena_evidence in PROVEN and not wrong:
        message = f"the interpreter of TFLM runs all {kinds} on a PC"
        return _operators(n_used, 0, Evidence.DECLARED, footprint.source, message)
    return None


def _operators_by_declaration(model: ModelNeeds, runtime: Runtime) -> Constraint:
    """What the runtime's list says of each operator, version and element type."""
    n_used, kinds = _kinds(model)
    wrong = complaints(model, runtime)
    if not runtime.operators or not model.operators:
        subject = model.name if runtime.operators else runtime.name
        return missing("operators", "operators", f"no operator list of {subject} is known")
    questions = open_questions(model, runtime)
    if questions and not wrong:
        shown = "; ".join(questions.values())
        return missing("operators", "operators", f"{runtime.name} is not known to support {shown}")
    lacks = f"{runtime.name} lacks {', '.join(wrong.values())}"
    message = lacks if wrong else f"{runtime.name} declares all {kinds}"
    source = runtime_iri(runtime.name)
    return _operators(n_used, len(wrong), Evidence.DECLARED, source, message)


def _kinds(model: ModelNeeds) -> tuple[int, str]:
    n_used = len({use.operator for use in model.operators})
    return n_used, f"{n_used} kind{'s' * (n_used != 1)} of operator"


def isa_class(board: Board, runtime: Runtime, footprint: Footprint | None) -> Constraint:
    """Whether the runtime can be built for the board's core."""
    if board.isa_class is None:
        return missing("isa_class", "ISA class", f"the ISA class of {board.board_id} is not known")
    core = f"{board.isa_class} ({board.cpu_core})" if board.cpu_core else board.isa_class
    doubt = doubt_of_core(board)
    if footprint is not None and footprint.is_measured_for(board.isa_class):
        message = with_doubt(f"built and run for {core}", doubt)
        evidence = Evidence.ESTIMATE if doubt else Evidence.MEASURED
        return _isa_class(evidence, footprint.source, message, supported=True)
    if runtime.npu:
        message = (
            f"{runtime.name} needs an {runtime.npu}, which {board.board_id} is not known to have"
        )
        return missing("isa_class", "ISA class", message)
    if not runtime.isa_classes:
        return missing("isa_class", "ISA class", f"no source says where {runtime.name} runs")
    supported = board.isa_class in runtime.isa_classes
    message = f"{runtime.name} {'builds' if supported else 'does not build'} for {core}"
    evidence = Evidence.ESTIMATE if doubt else Evidence.DECLARED
    message = with_doubt(message, doubt)
    return _isa_class(evidence, runtime_iri(runtime.name), message, supported=supported)


def _isa_class(evidence: Evidence, source: str, message: str, *, supported: bool) -> Constraint:
    return Constraint(
        name="isa_class",
        required=1,
        available=int(supported),
        margin=int(supported) - 1,
        unit="ISA class",
        evidence=evidence,
        satisfied=supported,
        sources=only_known(source),
        message=message,
    )


def _operators(
    n_used: int, n_missing: int, evidence: Evidence, source: str, message: str
) -> Constraint:
    return Constraint(
        name="operators",
        required=n_used,
        available=n_used - n_missing,
        margin=-n_missing,
        unit="operators",
        evidence=evidence,
        satisfied=n_missing == 0,
        sources=only_known(source),
        message=message,
    )
