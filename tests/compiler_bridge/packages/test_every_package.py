"""What holds for packages of every kind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.deliver import MANIFEST, write_zip, zip_bytes
from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.packages.kinds import KINDS, package_files
from fitgraph.registry.errors import ConflictError
from tests.support.exactness import Subject
from tests.support.packed_models import WARNINGS, content_of, done, unpack, with_document
from tests.support.tools import require_tool

ODD_NAMES = ("test", "time", "main", "*/ */", "@prefix@", "$(rm -rf x)", "a" * 200, "ü", "model")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_manifest_has_the_digest_of_every_file(
    kind: str, digits: Subject, tmp_path: Path
) -> None:
    folder = unpack(kind, with_document(content_of(digits)), tmp_path / "package")
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["package"] == kind
    assert manifest["model_sha256"] == digits.graph.sha256
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    assert {name: one["sha256"] for name, one in manifest["files"].items()} == found
    assert "proof.json" in found


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_of_a_model_fills_every_template(kind: str, name: str, digits: Subject) -> None:
    model = Subject(replace(digits.graph, name=name), digits.content)
    files = package_files(kind, content_of(model))
    prefix = model.generated.prefix
    for path, content in files.items():
        text = content.decode()
        assert text.endswith("\n"), path
        assert not re.search(r"@[a-z0-9_]+@", text.replace("@prefix@", "") if "@" in name else text)
        assert Path(path).name not in {"time.h", "main.h", "test.c"}
    assert any(path.endswith(f"{prefix}.h") for path in files)
    assert any(path.endswith("model.h") for path in files)


def test_an_unknown_kind_is_refused_with_those_that_there_are(digits: Subject) -> None:
    with pytest.raises(BridgeError, match="no package 'deb'") as caught:
        package_files("deb", content_of(digits))
    assert "arduino, cmake, host, platformio, zephyr" in caught.value.hint


@pytest.mark.parametrize("name", ["digits", "wake_word", "anomaly"])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_headers_and_examples_are_clean_c_and_headers_clean_cxx(
    compiler: str, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """With and without an arena of the model's own."""
    model: Subject = request.getfixturevalue(name)
    folder = unpack("cmake", content_of(model), tmp_path / "package")
    cc = require_tool(compiler)
    cxx = require_tool({"gcc": "g++", "clang": "clang++"}[compiler])
    (tmp_path / "user.cpp").write_text(
        f'#include "{model.generated.prefix}.h"\n#include "model.h"\n'
        "int user();\nint user() { return int(sizeof(model_input_0_type)); }\n"
    )
    includes: list[str | Path] = ["-I", folder / "include"]
    for define in ((), (f"-D{model.generated.prefix.upper()}_CALLER_ARENA=1",)):
        done([cxx, "-std=c++11", *WARNINGS, *define, *includes, "-c", "user.cpp"], tmp_path)
        (source,) = (folder / "src").glob("*.c")
        done([cc, "-std=c99", "-Os", *WARNINGS, *define, *includes, "-c", source], tmp_path)
    main = folder / "examples" / "main.c"
    done([cc, "-std=c99", *WARNINGS, *includes, "-c", main], tmp_path)


def test_what_the_header_says_is_true(digits: Subject, wake_word: Subject, tmp_path: Path) -> None:
    """Shapes, sizes and scales, as the compiler sees them."""
    for model in (digits, wake_word):
        folder = unpack("cmake", content_of(model), tmp_path / model.generated.prefix)
        (tmp_path / "say.c").write_text(
            '#include <stdio.h>\n#include "model.h"\nint main(void) {\n'
            'printf("%s %d %d %d", MODEL_INPUT_0_DTYPE, MODEL_ARENA_BYTES, MODEL_INPUT_0_ELEMENTS,'
            " (int)sizeof(model_input_0_type));\n"
            "for (int i = 0; i < MODEL_INPUT_0_RANK; i++)"
            ' printf(" %d", (int)model_input_0_shape[i]);\nreturn 0; }\n'
        )
        (source,) = (folder / "src").glob("*.c")
        done([require_tool("gcc"), "-I", folder / "include", "say.c", source, "-o", "say"],
             tmp_path)  # fmt: skip
        said = done([tmp_path / "say"], tmp_path).decode().split()
        tensor = model.generated.inputs[0]
        n_elements = tensor.n_bytes // int(said[3])
        assert said[0] == tensor.dtype.value
        assert [int(word) for word in said[1:3]] == [model.generated.arena_bytes, n_elements]
        assert tuple(int(word) for word in said[4:]) == tensor.shape


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_zip_file_has_the_same_bytes_at_any_time(kind: str, digits: Subject) -> None:
    files = package_files(kind, content_of(digits))
    first = zip_bytes("top", files)
    time.sleep(0.01)
    assert zip_bytes("top", dict(reversed(files.items()))) == first


def test_a_zip_file_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as mine:
        mine.writestr("thesis.tex", "years of work")
    before = (tmp_path / "mine.zip").read_bytes()
    with pytest.raises(ConflictError, match=r"mine\.zip is there already"):
        write_zip(tmp_path / "mine.zip", "top", {MANIFEST: b"{}"})
    assert (tmp_path / "mine.zip").read_bytes() == before
    write_zip(tmp_path / "ours.zip", "top", {MANIFEST: b"{}"})
    write_zip(tmp_path / "ours.zip", "top", {MANIFEST: b"{}", "b": b""})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.zip", "ours.zip"]


def test_another_process_elsewhere_makes_the_same_bytes(
    anomaly: Subject, repository: Path, tmp_path: Path
) -> None:
    program = """
import hashlib, sys
from pathlib import Path
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.packages.content import Content
from fitgraph.compiler_bridge.packages.kinds import KINDS, package_files
from fitgraph.registry.read_model import read_model
graph = read_model(Path(sys.argv[1]))
shown = ("Nothing was shown of these sources.",)
content = Content(generate(graph), graph.name, graph.sha256, shown)
for kind in sorted(KINDS):
    print(hashlib.sha256(repr(sorted(package_files(kind, content).items())).encode()).hexdigest())
"""
    path = repository / "examples" / "anomaly" / "anomaly.onnx"
    said = {
        subprocess.run(
            [sys.executable, "-c", program, path],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("0", "UTC"), ("7", "Asia/Tokyo"))
    }
    here = [package_files(kind, content_of(anomaly)) for kind in sorted(KINDS)]
    digests = [hashlib.sha256(repr(sorted(one.items())).encode()).hexdigest() for one in here]
    assert said == {"".join(f"{digest}\n" for digest in digests)}
