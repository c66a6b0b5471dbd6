"""Prints an explanation: what is short, where memory peaks, what would help."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from fitgraph.api.output import out, print_table, shortened

if TYPE_CHECKING:
    from fitgraph.matcher.explanation import Explanation, Moment, Peak
    from fitgraph.matcher.timing import Interval

# Operators around the peak that are shown, and characters of the longest bar.
_MOST_MOMENTS = 12
_BAR_WIDTH = 40
# Converters join the names of all layers that they fused.
_NAME_WIDTH = 40


def as_record(
    told: Explanation, latency_ms: Interval | None, energy_uj: Interval | None
) -> dict[str, object]:
    """The match as `fitgraph match` has it, with its reasons and intervals beside."""
    match = {field.name: getattr(told.match, field.name) for field in fields(told.match)}
    return {
        **match,
        "shortfalls": told.shortfalls,
        "peak": told.peak,
        "remedies": told.remedies,
        "latency_ms": latency_ms,
        "energy_uj": energy_uj,
    }


def print_explanation(told: Explanation) -> None:
    """Everything but the constraints."""
    for lacking in told.shortfalls:
        estimated = "" if lacking.is_shown else " (by an estimate)"
        out().print(f"{lacking.message}{estimated}", markup=False)
    if told.peak is not None and told.shortfalls:
        _print_peak(told.peak)
    if told.remedies:
        print_table(
            "what would help",
            ("remedy", "gives", "what to do", "command"),
            [
                (one.kind.value, one.match.verdict.value, one.words, one.command)
                for one in told.remedies
            ],
        )


def print_intervals(latency_ms: Interval | None, energy_uj: Interval | None) -> None:
    """What an inference takes; nothing where nothing is known."""
    for what, unit, interval in (("latency", "ms", latency_ms), ("energy", "uJ", energy_uj)):
        if interval is not None:
            words = f"{what}: {interval.words(unit)} ({interval.evidence}: {interval.source})"
            out().print(words, markup=False)


def _print_peak(peak: Peak) -> None:
    shown = ", ".join(
        f"{shortened(one.name, _NAME_WIDTH)} {one.n_bytes:,} B" for one in peak.tensors
    )
    out().print(
        f"\nmemory peaks at {peak.operator}: {peak.live_bytes:,} B alive ({shown}); "
        f"the arena takes {peak.arena_bytes:,} B",
        markup=False,
    )
    print_table(
        "",
        ("operator", "alive B", ""),
        [
            (one.operator, one.live_bytes, "#" * (one.live_bytes * _BAR_WIDTH // peak.live_bytes))
            for one in _around(peak)
        ],
    )


def _around(peak: Peak) -> list[Moment]:
    """Operators about the peak, in their order."""
    steps = [one.operator for one in peak.timeline]
    middle = steps.index(peak.operator)
    start = max(0, min(middle - _MOST_MOMENTS // 2, len(steps) - _MOST_MOMENTS))
    return list(peak.timeline[start : start + _MOST_MOMENTS])
