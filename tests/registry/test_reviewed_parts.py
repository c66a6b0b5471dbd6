"""The parts that were checked one by one, against their manuals and against the list of devices."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from fitgraph.registry.board_checks import DATA_KINDS
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.device_catalogue import catalogue_mcu
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.memory_region import RegionKind
from fitgraph.registry.reviewed_parts import ReviewedPart, reviewed_parts
from tests.support.checked_parts import CHECKED_PARTS, DIFFERENCES

PARTS = {part.mcu.mcu_id: part for part in reviewed_parts()}


def test_every_checked_part_is_held_to_its_manual() -> None:
    assert set(PARTS) == set(CHECKED_PARTS)


@pytest.mark.parametrize("mcu_id", CHECKED_PARTS)
def test_a_checked_part_is_what_its_manual_says(mcu_id: str) -> None:
    """Core, ISA class, number of cores, clock, and every memory region."""
    found, expected = catalogue_mcu(mcu_id), CHECKED_PARTS[mcu_id]
    assert found is not None
    assert found.cpu_core == expected.core
    assert found.isa_class == expected.isa_class
    assert (found.n_cores, found.clock_hz) == (expected.cores, expected.clock_hz)
    rows = [(r.name, str(r.kind), r.base_address, r.size_bytes) for r in found.regions]
    assert sorted(rows, key=str) == sorted(expected.regions, key=str)


@pytest.mark.parametrize("part", reviewed_parts(), ids=lambda part: part.mcu.mcu_id)
def test_a_checked_part_names_its_sources(part: ReviewedPart) -> None:
    assert part.mcu.sources
    assert all(len(source) > 20 for source in part.mcu.sources)


@pytest.mark.parametrize("part", reviewed_parts(), ids=lambda part: part.mcu.mcu_id)
def test_banks_fill_their_region(part: ReviewedPart) -> None:
    sizes = {region.name: region.size_bytes for region in part.mcu.regions}
    for name, banks in part.banks.items():
        assert not banks or sum(bank.size_bytes for bank in banks) == sizes[name]


def test_parts_without_addresses_or_compiler_show_no_fit() -> None:
    """Newport's addresses are not public, and no compiler has the sets of GAP8 and eDMPv1."""
    assert all(r.base_address is None for r in PARTS["newport-cortex-m0plus"].mcu.regions)
    for mcu_id in ("newport-edmpv1", "gap8"):
        assert PARTS[mcu_id].mcu.isa_class is None


def test_sensors_are_paired_with_cores_as_the_review_has_them() -> None:
    """Inertial sensors with the M0+, pressure with M0+ and M4, microphones with M4 and M7."""
    cores = {"newport-cortex-m0plus": "M0+", "samg55j19": "M4", "same70q21b": "M7"}
    paired = {(kind, cores[mcu_id]) for mcu_id in cores for kind in PARTS[mcu_id].mcu.sensor_kinds}
    assert paired == {
        ("accelerometer", "M0+"), ("gyroscope", "M0+"), ("pressure", "M0+"), ("pressure", "M4"),
        ("microphone", "M4"), ("microphone", "M7"),
    }  # fmt: skip
    assert not any(part.mcu.sensor_kinds for name, part in PARTS.items() if name not in cores)


def test_checked_parts_differ_from_the_list_only_where_that_is_explained(shared_data: Path) -> None:
    """Every difference is listed with its reason, and no reason stands without a difference."""
    with (shared_data / "devices.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["mcu_key"]: row for row in csv.DictReader(file) if row["kind"] == "mcu"}
    listed = {name: rows[part.listed_as] for name, part in PARTS.items() if part.listed_as}
    found = {
        (name, fact) for name, row in listed.items() for fact in _differences(PARTS[name].mcu, row)
    }
    assert found == set(DIFFERENCES)


def test_what_sources_say_otherwise_is_kept_as_a_claim() -> None:
    """An RP2350 keeps what others claim of it, beside the sum of its own regions."""
    rp2350 = catalogue_mcu("rp2350")
    assert rp2350 is not None
    claims = {c.value for c in rp2350.claims if c.property_name == "sramBytes"}
    assert 520 << 10 in claims
    assert all(region.status is ClaimStatus.SOURCED for region in rp2350.regions)


def _differences(mcu: Mcu, row: dict[str, str]) -> set[str]:
    """Facts of a row that the part does not have."""
    found = set()
    ram = sum(region.size_bytes for region in mcu.regions if region.kind in DATA_KINDS)
    flash = sum(region.size_bytes for region in mcu.regions if region.kind is RegionKind.FLASH)
    aside = sum(size for name, _, size in _listed(row["sram_regions"]) if name in _ASIDE)
    if row["sram_bytes"] and ram not in {int(row["sram_bytes"]), int(row["sram_bytes"]) - aside}:
        found.add("sram_bytes")
    if row["flash_bytes"] and int(row["flash_bytes"]) != flash:
        found.add("flash_bytes")
    if not all(_lies_in(mcu, base, size) for name, base, size in _listed(row["sram_regions"])
               if name not in _ASIDE and base is not None):  # fmt: skip
        found.add("ram")
    if not all(_lies_in(mcu, base, size) for _, base, size in _listed(row["flash_regions"])
               if base is not None):  # fmt: skip
        found.add("flash")
    if row["n_cores"] != str(mcu.n_cores):
        found.add("cores")
    if row["clock_hz"] != str(mcu.clock_hz):
        found.add("clock")
    if not mcu.cpu_core.replace(" ", "-").startswith(row["cpu_core"]):
        found.add("core")
    return found


# Backup memory, and what is not for data.
_ASIDE = {"lpram", "BKPSRAM", "ITCM", "SRAM_ITC"}


def _listed(text: str) -> list[tuple[str, int | None, int]]:
    return [(name, base, size) for name, base, size in json.loads(text or "[]")]


def _lies_in(mcu: Mcu, base: int, size: int) -> bool:
    """Whether a range lies in one region of the part."""
    return any(
        region.base_address is not None
        and region.base_address <= base
        and base + size <= region.base_address + region.size_bytes
        for region in mcu.regions
    )
