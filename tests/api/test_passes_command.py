"""``fitgraph passes``: what the compiler's passes do to a model."""

from __future__ import annotations

from tests.support.command import Command


def test_the_command_tells_figures_before_and_after_each_pass(digits: Command) -> None:
    found = digits("passes", "digits-int8", "--json")
    assert found.code == 0, found.err
    names = [one["name"] for one in found.json]
    assert names.index("constants") < names.index("kernels") < names.index("order")
    (quantization,) = (one for one in found.json if one["name"] == "quantization")
    assert quantization["after"]["steps"] < quantization["before"]["steps"]
    assert any(name.startswith("QuantizeLinear #") for name in quantization["operators"])
    shown = digits("passes", "digits-int8")
    assert shown.code == 0, shown.err
    for word in ("as in the file", "weights B", "dead-channels", "MACs"):
        assert word in shown.out


def test_patches_are_shown_where_a_budget_asks_for_them(digits: Command) -> None:
    plain = digits("passes", "digits-int8", "--json").json
    budget = plain[-1]["after"]["arena_bytes"] - 16
    found = digits("passes", "digits-int8", "--arena-budget", str(budget), "--json")
    assert found.code == 0, found.err
    assert found.json[-1]["name"] == "patches"
    assert found.json[-1]["after"]["arena_bytes"] <= budget
    refused = digits("passes", "digits-int8", "--arena-budget", "1")
    assert refused.code == 1
    assert "the smallest that was found is" in refused.err


def test_an_arena_is_shown_in_the_regions_of_a_board(digits: Command) -> None:
    """In one where one takes it, and in those that are asked for."""
    plain = digits("passes", "digits-int8", "--json").json
    there = digits("passes", "digits-int8", "--board", "stm32f4-discovery", "--json")
    assert there.code == 0, there.err
    *others, last = there.json
    assert others == plain
    assert last["name"] == "regions"
    assert last["after"]["arena_bytes"] == plain[-1]["after"]["arena_bytes"]
    regions = digits("board", "show", "stm32f4-discovery", "--json").json["regions"]
    names = [one["name"] for one in regions if one["kind"] in ("sram", "ccm", "dtcm")]
    asked = digits(
        "passes", "digits-int8", "--board", "stm32f4-discovery", "--arena-in", ",".join(names),
        "--json",
    )  # fmt: skip
    assert any(name in asked.json[-1]["does"] for name in names)
    assert digits("passes", "digits-int8", "--arena-in", "CCM").code == 2
    small = digits("passes", "digits-int8", "--board", "arduino-uno-r3")
    assert small.code != 0
    assert "Traceback" not in small.err
