"""Back ends are found by entry point: ours, and those of packages that somebody else installs."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.back_ends.protocol import BackEndError
from fitgraph.compiler_bridge.back_ends.registered import back_end_names, load_back_end
from fitgraph.registry.runtime_profiles import runtime_profiles

OURS = {
    "emx-onnx-cgen",
    "ethos-u55-vela",
    "ethos-u65-vela",
    "ethos-u85-vela",
    "tflm",
    "tflm+cmsis-nn",
}


def install(
    site: Path, name: str, code: str, monkeypatch: pytest.MonkeyPatch, runtime: str = "toy"
) -> None:
    """A distribution with one module, as pip would leave it in a site folder."""
    (site / f"{name}.py").write_text(code)
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[fitgraph.back_ends]\n{runtime} = {name}:BackEnd\n")
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()


TOY = """
from fitgraph.compiler_bridge.back_ends.protocol import Delivered

class BackEnd:
    runtime = "toy"
    options = {"greeting": "What to say."}

    def build(self, request):
        said = request.options.get("greeting", "hello")
        return Delivered(files={"said.txt": said.encode()}, facts={"said": said})
"""


def test_ours_are_installed_and_are_of_runtimes_that_the_graph_knows() -> None:
    assert set(back_end_names()) >= OURS
    assert {one.name for one in runtime_profiles()} >= OURS
    for name in OURS:
        back_end = load_back_end(name)
        assert back_end.runtime == name
        assert all(sentence.endswith(".") for sentence in back_end.options.values())


def test_a_package_of_somebody_else_adds_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "toy_back_end_a", TOY, monkeypatch)
    assert "toy" in back_end_names()
    assert load_back_end("toy").options == {"greeting": "What to say."}


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("toy_back_end_b", "raise RuntimeError('no licence')", "cannot be loaded: no licence"),
        ("toy_back_end_c", "class BackEnd:\n    runtime = 'toy'\n", "lacks options"),
        ("toy_back_end_d", TOY.replace('"toy"', '"other"'), "is one for 'other'"),
        ("toy_back_end_e", "x = 1\n", "cannot be loaded"),
    ],
)
def test_one_that_is_broken_says_so_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: str, words: str
) -> None:
    install(tmp_path, name, code, monkeypatch)
    with pytest.raises(BackEndError, match=words):
        load_back_end("toy")


def test_two_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    install(tmp_path / "one", "toy_back_end_f", TOY, monkeypatch)
    install(tmp_path / "two", "toy_back_end_g", TOY, monkeypatch)
    with pytest.raises(BackEndError, match="several back ends are installed for toy"):
        load_back_end("toy")


def test_an_unknown_runtime_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BackEndError, match="no back end is installed") as caught:
        load_back_end("tflm2")
    assert "tflm" in caught.value.hint
