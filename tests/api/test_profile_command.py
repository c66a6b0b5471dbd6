"""``fitgraph profile``: figures, and a picture that is well-formed whatever tensors are called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

from fitgraph.api.memory_timeline import memory_timeline_svg
from fitgraph.compiler_bridge.profiling.profile import profile
from fitgraph.compiler_bridge.profiling.records import Profile
from fitgraph.compiler_bridge.profiling.timeline import timeline_of
from tests.support.command import Command
from tests.support.exactness import subject
from tests.support.example_models import float_example

SVG = "{http://www.w3.org/2000/svg}"


def profiled() -> Profile:
    return profile(subject(float_example("anomaly")).graph, "armv7e-m+fp")


def test_the_command_tells_steps_and_savings_and_writes_the_picture(
    digits: Command, tmp_path: Path
) -> None:
    picture = tmp_path / "timeline.svg"
    found = digits(
        "profile", "digits-int8", "--isa", "armv7e-m+fp", "--svg", picture, "--json"
    )  # fmt: skip
    assert found.code == 0, found.err
    steps = found.json["steps"]
    assert sum(s["instructions"] for s in steps) <= found.json["instructions"]
    assert any(s["instructions_per_mac"] for s in steps)
    assert ET.fromstring(picture.read_text()).tag == f"{SVG}svg"  # noqa: S314 - our own
    shown = digits("profile", "digits-int8", "--board", "bbc-microbit-v2")
    assert shown.code == 0, shown.err
    for word in ("per MAC", "weights B", "functions that steps call", "sum", "peak"):
        assert word in shown.out


def test_a_class_or_a_board_is_asked_for(digits: Command) -> None:
    assert digits("profile", "digits-int8").code == 2
    assert digits("profile", "digits-int8", "--isa", "nope").code == 2


def test_every_tensor_is_a_box_at_its_place_with_its_name() -> None:
    found = profiled()
    root = ET.fromstring(memory_timeline_svg(found.timeline))  # noqa: S314 - our own
    titles = [one.text or "" for one in root.findall(f"{SVG}g/{SVG}title")]
    assert len(titles) == len(found.tensors)
    for life in found.tensors:
        assert any(title.startswith(f"{life.name}: {life.n_bytes:,} B") for title in titles)
    boxes = root.findall(f"{SVG}g/{SVG}rect")
    width = float(root.attrib["width"])
    for box in boxes:
        x, w = float(box.attrib["x"]), float(box.attrib["width"])
        assert 0 <= x < x + w <= width
        assert float(box.attrib["height"]) > 0


def test_the_plan_alone_tells_the_timeline_of_the_profile() -> None:
    """Without a build, and for every ISA class."""
    found = profiled()
    assert timeline_of(subject(float_example("anomaly")).graph) == found.timeline


def test_the_picture_is_the_same_every_time_and_refers_to_nothing_outside() -> None:
    text = memory_timeline_svg(profiled().timeline)
    assert text == memory_timeline_svg(profiled().timeline)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in text


def test_names_are_text_and_never_markup() -> None:
    found = profiled()
    bad = replace(found.tensors[0], name="</title><script>x()</script>&\x00'\"")
    text = memory_timeline_svg(
        replace(found, tensors=(bad, *found.tensors[1:]), model="<b>&").timeline, "armv6-m"
    )
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert not list(root.iter(f"{SVG}script"))
    assert any("<script>x()" in (one.text or "") for one in root.iter(f"{SVG}title"))
