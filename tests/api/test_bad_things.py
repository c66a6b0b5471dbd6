"""Bad descriptions and bad files to import get one sentence with a hint, and leave no trace."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fitgraph.registry.catalogue import open_registry
from tests.support.command import Command, Ended

TD = "https://www.w3.org/2022/wot/td/v1.1"
LAMP: dict[str, Any] = {
    "@context": TD,
    "id": "urn:example:lamp",
    "title": "Lamp",
    "securityDefinitions": {"none": {"scheme": "nosec"}},
    "security": "none",
}
MODEL: dict[str, Any] = {"@context": TD, "@type": "tm:ThingModel", "id": "urn:example:model"}
BOARD = "https://w3id.org/fitgraph/id/board/bbc-microbit-v2"
NAMED = "@prefix td: <https://www.w3.org/2019/wot/td#> . <urn:a> a td:Thing ; <urn:p> "


def is_refused(done: Ended, reason: str, name: str = "") -> None:
    """One sentence and a hint on stderr, nothing on stdout, no traceback, exit code 2."""
    assert done.code == 2, (name, done.err)
    assert done.out == "", name
    assert "Traceback" not in done.err, name
    lines = done.err.splitlines()
    assert lines[0].startswith("error: "), name
    assert reason in lines[0], (name, done.err)
    assert lines[1].startswith("hint: "), name


def td(**members: object) -> bytes:
    return json.dumps({**LAMP, **members}).encode()


def circle(relation: str) -> bytes:
    link = {"rel": relation, "href": "urn:example:model"}
    return json.dumps({**MODEL, "links": [link]}).encode()


#: Name of the file, its content, and what is said of it.
BAD: dict[str, tuple[str, bytes, str]] = {
    "malformed turtle": ("a.ttl", NAMED.encode() + b"[", "a.ttl is not RDF that can be read"),
    "malformed json": ("a.json", td()[:-9], "a.json is not JSON"),
    "half a turtle token": ("a.ttl", b"<urn:a", "a.ttl is not RDF that can be read"),
    "remote context": ("a.json", td(**{"@context": [TD, "https://x.org/c"]}), "never fetched"),
    "context in a member": (
        "a.json", td(**{"x:y": {"@context": "file:///etc/passwd"}}), "never fetched",
    ),
    "imported context": (
        "a.json", td(**{"x:y": {"@context": {"@import": "https://x.org"}}}), "@import would have",
    ),
    "deep json": ("a.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "100,000 levels deep"),
    "deep turtle": (
        "a.ttl", (NAMED + "[ <urn:p> " * 9000 + "1" + " ]" * 9000 + " .").encode(),
        "parts nest more than 64 deep",
    ),
    "duplicate key": ("a.json", td()[:-1] + b',"title":"B"}', "/title stands there twice"),
    "id of a board": ("a.json", td(id=BOARD), "is another resource"),
    "id of a term": (
        "a.json", td(id="https://w3id.org/fitgraph/ontology#Board"), "a name that only fitgraph",
    ),
    "id of a vocabulary": ("a.json", td(id="https://w3id.org/fitgraph/ontology"), "only fitgraph"),
    "turtle of a board": (
        "a.ttl", f"<{BOARD}> a <https://www.w3.org/2019/wot/td#Thing> .".encode(), "/: lacks",
    ),
    "says what a board has": (
        "a.json", td(**{"x:of": {"@id": BOARD, "x:clock": 1}}), f"speaks of {BOARD}",
    ),
    "extends itself": ("a.json", circle("tm:extends"), "in a circle"),
    "contains itself": ("a.json", circle("tm:submodel"), "in a circle"),
    "node bomb in json": (
        "a.json", td(**{"x:n": [{"x:m": {}}] * 40_000}), "more than 50,000 values",
    ),
    "node bomb in turtle": (
        "a.ttl", (NAMED + ", ".join(["[ <urn:p> [] ]"] * 30_000) + " .").encode(),
        "more than 50,000 triples",
    ),
    "knotted nodes": (
        "a.ttl",
        (NAMED + "_:n0 . " + " ".join(
            f"_:n{i} <urn:p> _:n{(i * 7 + 1) % 500}, _:n{(i * 3 + 2) % 500} ." for i in range(500)
        )).encode(),
        "part of two things",
    ),
    "relative id": ("a.json", td(id="lamp"), "/id: 'lamp' is not an IRI"),
    "relative id in turtle": (
        "a.ttl", b"<lamp> a <https://www.w3.org/2019/wot/td#Thing> .", "which is relative",
    ),
    "not utf-8": ("a.json", td(title="L\u00e4mp").decode("unicode-escape").encode("latin-1"),
                  "a.json is not UTF-8"),
    "turned text": ("a.json", td(title="Lamp\u202egpj.exe"), "control character U+202E"),
    "terminal codes": ("a.json", td(title="\x1b[2JLamp"), "control character U+001B"),
    "half a surrogate": ("a.json", td(title="Lamp \ud800"), "control character U+D800"),
    "hidden name": (
        "a.json", td(properties={"on\x00": {"forms": [{"href": "x"}]}}), "control character U+0000",
    ),
    "huge number": ("a.json", td()[:-1] + b',"x:n":1e999}', "beyond what a double holds"),
    "many digits": ("a.json", td()[:-1] + b',"x:n":' + b"9" * 9000 + b"}", "has 9,000 digits"),
    "not a number": ("a.json", td()[:-1] + b',"x:n":NaN}', "NaN is no JSON number"),
    "empty": ("a.json", b"", "a.json is not JSON"),
    "a list": ("a.json", b"[]", "an array, not an object"),
}  # fmt: skip


def test_bad_descriptions_are_refused(fitgraph: Command, tmp_path: Path) -> None:
    """One after the other, and none of them leaves anything behind."""
    before = fitgraph.contents()
    for name, (file_name, content, reason) in BAD.items():
        path = tmp_path / file_name
        path.write_bytes(content)
        is_refused(fitgraph("thing", "add", path), reason, name)
    assert fitgraph.contents() == before


def test_what_the_hint_on_an_unknown_context_says_is_true(
    fitgraph: Command, tmp_path: Path
) -> None:
    """A context that was got by hand is named with its file, and nothing in it is fetched."""
    lamp, context = tmp_path / "lamp.json", tmp_path / "context.jsonld"
    lamp.write_bytes(td(**{"@context": [TD, "https://x.org/c"], "watt": 4}))
    refused = fitgraph("thing", "add", lamp)
    assert "hint: get it yourself and name it: --context https://x.org/c=FILE" in refused.err
    context.write_text(json.dumps({"@context": {"watt": "https://x.org/watt"}}), encoding="utf-8")
    named = ("--context", f"https://x.org/c={context}")
    assert fitgraph("thing", "add", lamp, *named).code == 0
    assert "<https://x.org/watt>" in fitgraph("thing", "show", "Lamp", "--format", "ntriples").out
    before = fitgraph.contents()
    for nested in ("https://x.org/other", ["https://x.org/other"], {"@import": "https://x.org/o"}):
        context.write_text(json.dumps({"@context": nested}), encoding="utf-8")
        is_refused(fitgraph("thing", "add", lamp, "--replace", *named), "")
    assert fitgraph.contents() == before


def test_models_that_extend_each_other_are_refused(fitgraph: Command, tmp_path: Path) -> None:
    for name, parent in (("a", "b"), ("b", "c")):
        link = {"rel": "tm:extends", "href": f"urn:example:{parent}"}
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({**MODEL, "id": f"urn:example:{name}", "links": [link]}))
        assert fitgraph("thing", "add", path).code == 0
    path.write_text(json.dumps({**MODEL, "id": "urn:example:c", "links": [
        {"rel": "tm:submodel", "href": "urn:example:a"}]}))  # fmt: skip
    before = fitgraph.contents()
    is_refused(fitgraph("thing", "add", path), "leads back to this model in a circle")
    assert fitgraph.contents() == before


def test_an_unknown_unit_is_kept_with_a_warning(fitgraph: Command, tmp_path: Path) -> None:
    path = tmp_path / "lamp.json"
    schema = {"type": "number", "unit": "furlong", "forms": [{"href": "https://x.org"}]}
    path.write_bytes(td(properties={"far": schema}))
    done = fitgraph("thing", "add", path)
    assert done.code == 0
    assert "warning: /properties/far/unit: 'furlong' is a text, not the IRI of a unit" in done.err


def little_memory() -> None:
    """One gigabyte of address space is what the command may take."""
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def test_a_hundred_megabytes_take_no_memory_to_refuse(fitgraph: Command, tmp_path: Path) -> None:
    """Of a file only the size is looked at; of a stream no more is read than may be there."""
    before = fitgraph.contents()
    for name in ("large.json", "large.ttl"):
        path = tmp_path / name
        path.write_bytes(b"# large")
        os.truncate(path, 100_000_000)
        done = fitgraph.in_a_process("thing", "add", path, before=little_memory)
        is_refused(done, "more than the 4,194,304 bytes")
    with path.open("rb") as file:
        piped = subprocess.run(
            [sys.executable, "-m", "fitgraph.api", "--store", fitgraph.store, "thing", "add", "-"],
            stdin=file, capture_output=True, text=True, check=False, preexec_fn=little_memory,
        )  # fmt: skip
    is_refused(Ended(piped.returncode, piped.stdout, piped.stderr), "more than the 4,194,304 bytes")
    assert fitgraph.contents() == before


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
DTS = "identifier: acme\narch: arm\n"


def pack(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def beside(text: str) -> Callable[[Path], None]:
    """A Zephyr board whose devicetree is this."""

    def make(path: Path) -> None:
        path.write_text(DTS, encoding="utf-8")
        path.with_suffix(".dts").write_text(text, encoding="utf-8")

    return make


def holding(text: str, end: bytes = b"") -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(text.encode() + end)

    return make


BAD_IMPORTS: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "billion laughs": (
        "a.pdsc", holding(f"<!DOCTYPE x [{LAUGHS}]><package>&l9;</package>"), "document type",
    ),
    "external entity": (
        "a.pdsc",
        holding('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><package a="&e;"/>'),
        "document type",
    ),
    "deep xml": ("a.pdsc", holding("<package>" + "<a>" * 5000), "nested deeper than 64"),
    "aliases": (
        "a.yaml", holding(DTS + "a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]\n"), "an alias (*)",
    ),
    "aliases of a target": (
        "a.yaml", holding("name: x\nvariants: &v\n- name: *v\n"), "an alias (*)",
    ),
    "a tag that runs": (
        "a.yaml", holding(DTS + "a: !!python/object/apply:os.system ['true']\n"), "the tag",
    ),
    "a tag in a target": (
        "a.yaml", holding("name: x\nvariants:\n- !!python/name:os.system x\n"), "the tag",
    ),
    "deep yaml": ("a.yaml", holding(DTS + "a: " + "[" * 5000), "nesting deeper"),
    "climbing pack": (
        "a.pack", lambda path: pack(path, {"../a.pdsc": b"<package/>"}), "0 descriptions",
    ),
    "absolute pack": (
        "a.pack", lambda path: pack(path, {"/a.pdsc": b"<package/>"}), "0 descriptions",
    ),
    "inflating pack": (
        "a.pack", lambda path: pack(path, {"a.pdsc": b" " * (65 << 20)}), "more than 67,108,864",
    ),
    "include of itself": ("a.yaml", beside('#include "a.dts"\n'), "includes itself"),
    "deep devicetree": ("a.yaml", beside("/ {" + "a {" * 5000), "nested deeper than 32"),
    "open devicetree": ("a.yaml", beside("/ { a { };"), "has no end"),
    "strange devicetree": ("a.yaml", beside("/ { `rm -rf` };"), "this is not devicetree"),
    "deep sums": (
        "a.yaml", beside("/ { a { reg = <" + "(" * 9000 + "1>; }; };"), "a parenthesis has no end",
    ),
    "device of no board": (
        "a.json", holding(td(links=[{"rel": "type", "href": f"{BOARD}3"}]).decode()),
        "urn:example:lamp: there is no board 'bbc-microbit-v23'",
    ),
    "deep json": ("a.json", holding('{"build": {}, "upload": ' + "[" * 90_000), "not JSON"),
    "not a number": (
        "a.json", holding('{"build": {}, "upload": {"maximum_size": NaN}}'), "not a whole number",
    ),
    "not utf-8": ("a.json", holding('{"build": {}, "upload": "', b"\xff"), "not UTF-8"),
    "a pipe": ("a.yaml", os.mkfifo, "not a regular file"),
}  # fmt: skip


def test_bad_files_to_import_are_refused(fitgraph: Command, tmp_path: Path) -> None:
    """One after the other, and none of them leaves anything behind, unpacked or stored."""
    before = fitgraph.contents()
    for name, (file_name, make, reason) in BAD_IMPORTS.items():
        folder = tmp_path / name
        folder.mkdir()
        make(folder / file_name)
        found = sorted(folder.rglob("*"))
        is_refused(fitgraph("import", "boards", folder / file_name), reason, name)
        assert sorted(folder.rglob("*")) == found, name
    assert fitgraph.contents() == before


def test_nothing_outside_the_given_folder_is_read(fitgraph: Command, tmp_path: Path) -> None:
    """By a link, by an include that climbs, or by one that names a place of the system."""
    secret = tmp_path / "secret.dtsi"
    secret.write_text('/ { s: memory@20000000 { compatible = "mmio-sram"; reg = <0 64>; }; };')
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "a.yaml").write_text(DTS, encoding="utf-8")
    (folder / "a.dts").write_text(
        f'#include "../secret.dtsi"\n#include "{secret}"\n#include "linked.dtsi"\n/ {{ }};'
    )
    (folder / "linked.dtsi").symlink_to(secret)
    (folder / "other.yaml").symlink_to(secret)
    done = fitgraph("import", "boards", folder, "--json")
    assert done.code == 0
    messages = [one["message"] for one in done.json["skipped"]]
    assert sum("lies outside the given folders" in message for message in messages) == 3
    assert [one["source"] for one in done.json["files"]] == ["a.yaml"]
    assert fitgraph("board", "show", "acme", "--json").json["regions"] == []


def test_a_kill_in_the_middle_leaves_all_or_nothing(fitgraph: Command, tmp_path: Path) -> None:
    """Of 200 devices; the next command works, and a second import brings the rest."""
    folder = tmp_path / "devices"
    folder.mkdir()
    link = {"rel": "type", "href": BOARD}
    for number in range(200):
        content = td(id=f"urn:example:lamp-{number}", title=f"Lamp {number}", links=[link])
        (folder / f"{number}.json").write_bytes(content)
    command = [sys.executable, "-m", "fitgraph.api", f"--store={fitgraph.store}"]
    for delay_s in (0.9, 1.4, 1.9):
        with subprocess.Popen(
            [*command, "import", "boards", str(folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            time.sleep(delay_s)
            process.send_signal(signal.SIGKILL)
        with open_registry(fitgraph.store, read_only=True, patience_s=5) as registry:
            count = len(registry.list_things(board="bbc-microbit-v2"))
        assert count in {0, 200}
    assert fitgraph("import", "boards", folder).code == 0
    assert len(fitgraph("thing", "list", "--board", "bbc-microbit-v2", "--json").json) == 200
