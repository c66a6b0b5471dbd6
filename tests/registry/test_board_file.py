"""Board files: what reads, what does not, and what is said about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.board_checks import check_board
from fitgraph.registry.board_file import MAX_FILE_BYTES, load_board, parse_board
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.errors import InvalidBoardError, NotFoundError
from fitgraph.registry.isa import ISA_CLASSES
from tests.support.regions import span_of

BAD_BOARDS = Path(__file__).parent / "bad_boards"

# What the sentence says of each bad file, and what the hint offers.
COMPLAINTS = {
    "address_beyond_32_bits.yaml": ("region 'SRAM' ends at 0x10000ff00", "0xffffffff"),
    "address_in_decimal.yaml": ("region 2 base_address '536870912'", "0x20000000"),
    "alias_bomb.yaml": ("an alias (*) on line 2", "docs/boards.md"),
    "bad_slug.yaml": ("board_id 'Acme_One' is not a slug", "lower-case"),
    "clock_not_a_number.yaml": ("clock_hz '64 MHz' is not a whole number", "64_000_000"),
    "clock_not_positive.yaml": ("clock_hz is 0", "datasheet"),
    "deep_nesting.yaml": ("nesting deeper than 6 levels", "docs/boards.md"),
    "empty.yaml": ("the file is empty", "board_id"),
    "empty_name.yaml": ("name is empty", "one line"),
    "list_of_boards.yaml": ("the file is a list", "board_id"),
    "missing_key.yaml": ("the file lacks isa_class", "docs/boards.md"),
    "missing_region_key.yaml": ("region 2 lacks size", "docs/boards.md"),
    "negative_size.yaml": ("region 'SRAM' has size -65536", "leave out"),
    "no_flash.yaml": ("no region is flash", "kind flash"),
    "no_sources.yaml": ("sources is an empty list", "manual"),
    "no_sram.yaml": ("no region is SRAM", "kind sram, dtcm or ccm"),
    "not_utf8.yaml": ("is not UTF-8 text: byte 28", "UTF-8"),
    "not_yaml.yaml": ("did not find expected ',' or ']' on line 4", "docs/boards.md"),
    "overlapping_regions.yaml": (
        "regions 'SRAM' and 'SRAM2' overlap by 4096 bytes from 0x2000f000 to 0x20010000",
        "once",
    ),
    "price_of_no_class.yaml": ("price_class is 9", "10 US dollars"),
    "price_without_source.yaml": ("price_class stands alone", "price_source"),
    "python_tag.yaml": ("python/object/apply:os.system on line 2", "docs/boards.md"),
    "reason_without_reserve.yaml": ("'bootloader' and reserves nothing", "how much"),
    "regions_not_a_list.yaml": ("regions is '64K', not a list", "- name:"),
    "repeated_key.yaml": ("the key 'vendor' twice on line 4", "docs/boards.md"),
    "reserve_larger_than_region.yaml": ("reserves 1048576 bytes of its 262144", "region's size"),
    "reserve_without_reason.yaml": ("16384 bytes without a reserve_reason", "bootloader"),
    "same_region_name.yaml": ("two regions are named 'SRAM'", "datasheet"),
    "sensors_not_a_list.yaml": ("sensors is 'accelerometer', not a list", "[one, two]"),
    "size_not_readable.yaml": ("region 2 size '64 kilobytes' is not a size", "256K"),
    "two_documents.yaml": ("found another document on line 18", "docs/boards.md"),
    "unknown_isa_class.yaml": ("isa_class 'armv7m+fp'", "did you mean 'armv7e-m+fp'?"),
    "unknown_key.yaml": ("the file has the unknown key 'clock'", "did you mean 'clock_hz'?"),
    "unknown_region_key.yaml": ("region 2 has the unknown key 'sizes'", "did you mean 'size'?"),
    "unknown_region_kind.yaml": ("region 2 kind 'ram'", "did you mean 'sram'?"),
    "unprintable_text.yaml": ("name 'Acme\\nOne' has unprintable", "one line"),
    "zero_size.yaml": ("region 'SRAM' has size 0", "leave out"),
}

MINIMAL = """
board_id: acme-one
name: Acme One
vendor: Acme
mcu: ACM32F100
cpu_core: Cortex-M4F
isa_class: armv7e-m+fp
clock_hz: 64_000_000
regions:
  - {name: Flash, kind: flash, base_address: 0x0800_0000, size: 256 KiB,
     reserve: 0x4000, reserve_reason: bootloader}
  - {name: SRAM, kind: sram, base_address: 0x20000000, size: 64K}
sources: [a manual]
"""


def _refusal(text: str) -> InvalidBoardError | None:
    """Why the text is no board, or None when it is one."""
    try:
        parse_board(text, "any.yaml")
    except InvalidBoardError as error:
        return error
    return None


def test_a_board_file_becomes_the_record_it_describes() -> None:
    assert parse_board(MINIMAL, "acme.yaml") == Board(
        board_id="acme-one",
        name="Acme One",
        vendor="Acme",
        mcu="ACM32F100",
        cpu_core="Cortex-M4F",
        isa_class="armv7e-m+fp",
        clock_hz=64_000_000,
        regions=(
            MemoryRegion("Flash", RegionKind.FLASH, 0x08000000, 262144, 16384, "bootloader"),
            MemoryRegion("SRAM", RegionKind.SRAM, 0x20000000, 65536),
        ),
        sources=("a manual",),
    )


def test_a_price_class_is_a_claim_with_its_source() -> None:
    told = parse_board(f"{MINIMAL}price_class: 2\nprice_source: a shop\n", "acme.yaml")
    assert told.claims == (Claim("priceClass", 2, ClaimStatus.SOURCED, ("a shop",)),)


def test_every_bad_board_has_its_complaint() -> None:
    assert {path.name for path in BAD_BOARDS.iterdir()} == set(COMPLAINTS)


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_bad_board_is_refused_in_one_sentence_that_names_file_and_fault(name: str) -> None:
    with pytest.raises(InvalidBoardError) as caught:
        load_board(BAD_BOARDS / name)
    complaint, hint = COMPLAINTS[name]
    assert caught.value.message.startswith(name)
    assert complaint in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.message.isprintable()


def test_an_unknown_isa_class_that_resembles_none_is_answered_with_the_list() -> None:
    with pytest.raises(InvalidBoardError) as caught:
        parse_board(MINIMAL.replace("armv7e-m+fp", "z80"), "acme.yaml")
    assert all(name in caught.value.hint for name in ISA_CLASSES)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InvalidBoardError, match=f"huge.yaml has {1 << 40} bytes"):
        load_board(huge)


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    padded = tmp_path / "padded.yaml"
    padded.write_text(MINIMAL.ljust(MAX_FILE_BYTES), encoding="utf-8")
    assert load_board(padded).board_id == "acme-one"


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no board file"):
        load_board(tmp_path / "none.yaml")


@pytest.mark.parametrize("path", ["/dev/zero", "/"])
def test_what_is_not_a_regular_file_is_refused(path: str) -> None:
    with pytest.raises(InvalidBoardError, match="is not a regular file"):
        load_board(Path(path))


def test_a_path_through_a_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InvalidBoardError, match="cannot be read"):
        load_board(tmp_path / "file" / "board.yaml")


@pytest.mark.parametrize("text", ["- a\n" * 250_000, "k: v\n" * 200_000, "[" * (1 << 20)])
def test_a_megabyte_of_values_is_refused_after_a_few_thousand(text: str) -> None:
    with pytest.raises(InvalidBoardError, match=r"more than 4000 values|nesting deeper|twice"):
        parse_board(text, "flood.yaml")


@pytest.mark.parametrize(
    "tag", ["!!int '9'", "!!bool maybe", "!!binary aGk=", "!!float x", "!!timestamp x", "!own x"]
)
def test_a_tag_is_refused_whatever_it_would_construct(tag: str) -> None:
    with pytest.raises(InvalidBoardError, match="the tag "):
        parse_board(MINIMAL.replace("Acme One", tag), "tagged.yaml")


@pytest.mark.parametrize("word", ["no", "010", "12:30", "2020-01-01", "~", "1e3"])
def test_a_value_stays_the_text_that_was_written(word: str) -> None:
    assert parse_board(MINIMAL.replace("ACM32F100", word), "acme.yaml").mcu == word


@given(text=st.text(max_size=200))
def test_text_that_is_no_board_is_refused_in_one_sentence(text: str) -> None:
    refusal = _refusal(text)
    assert refusal is not None
    assert refusal.message.startswith("any.yaml: ")
    assert "\n" not in refusal.message
    assert refusal.hint


@given(
    key=st.sampled_from(["board_id", "name", "clock_hz", "regions", "sources", "sensors"]),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
        max_leaves=6,
    ),
)
def test_any_value_under_a_key_is_read_or_refused_in_one_sentence(key: str, value: object) -> None:
    document = yaml.safe_load(MINIMAL) | {key: value}
    refusal = _refusal(yaml.safe_dump(document))
    if refusal is not None:
        assert refusal.message.startswith("any.yaml: ")
        assert refusal.message.isprintable()


REGIONS = st.builds(
    MemoryRegion,
    name=st.integers(0, 9).map(str),
    kind=st.sampled_from(RegionKind),
    base_address=st.integers(0, 40),
    size_bytes=st.integers(1, 12),
)


@given(regions=st.lists(REGIONS, min_size=2, max_size=6, unique_by=lambda region: region.name))
def test_regions_are_refused_as_overlapping_exactly_when_two_share_an_address(
    regions: list[MemoryRegion],
) -> None:
    spans = [span_of(region) for region in regions]
    shared = sum(map(len, spans)) != len(set().union(*spans))
    ram = MemoryRegion("RAM", RegionKind.SRAM, 0x20000000, 1024)
    flash = MemoryRegion("Flash", RegionKind.FLASH, 0x08000000, 1024)
    board = Board("a", "A", "A", "A", "A", "armv6-m", 1, (ram, *regions, flash))
    if shared:
        with pytest.raises(InvalidBoardError, match="overlap by"):
            check_board(board)
    else:
        assert check_board(board) is board


def test_the_example_in_the_documentation_is_a_board(repository: Path) -> None:
    text = (repository / "docs" / "boards.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```yaml\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        assert parse_board(example, "docs/boards.md").sources
