"""Folders that look like the reference graph, written by us: for tests of what is wrong."""

from __future__ import annotations

from pathlib import Path

PREFIXES = """\
@prefix nnet: <http://tinyml-schema.org/networkschema#> .
@prefix om: <http://www.ontology-of-units-of-measure.org/resource/om-2/> .
@prefix s3n: <http://w3id.org/s3n/> .
@prefix s3x: <http://tinyml-schema.org/s3n_extend/> .
@prefix schema: <https://schema.org/> .
@prefix sosax: <http://tinyml-schema.org/sosa_extend/> .
@prefix ssn: <http://www.w3.org/ns/ssn/> .
@prefix sys: <http://www.w3.org/ns/ssn/systems/> .
@prefix td: <https://www.w3.org/2019/wot/td#> .
"""


def device(name: str = "made_up-1", *, ram: str = "64", unit: str = "om:kilobyte") -> str:
    """A device with a microphone."""
    return f"""{PREFIXES}
<http://tinyml-schema.org/made-up/{name}> a s3n:SmartSensor ;
    td:description "Made-up board" ;
    ssn:hasSubSystem [ a sosax:Microphone ] , [
        a s3n:MicroController ;
        s3n:hasSystemCapability [
            sys:hasSystemProperty
                [ a s3x:RAM ; schema:value {ram} ; schema:unitCode {unit} ] ,
                [ a s3x:Flash ; schema:value 512 ; schema:unitCode om:kilobyte ] ;
        ] ;
    ] .
"""


def uuid(index: int) -> str:
    """An identifier such as networks have."""
    return f"00000000-0000-4000-8000-{index:012x}"


def network(index: int = 0, *, name: str = "", ram: str = "1.5e+00") -> str:
    """A network that needs some RAM."""
    iri = f"http://tinyml-schema.org/neuralnetwork/{uuid(index)}"
    return f"""
<{iri}> a nnet:NeuralNetwork ;
    schema:identifier "{uuid(index)}" ;
    schema:name "{name or f"made-up-{index}"}" ;
    schema:description "tells made-up words apart" ;
    nnet:hasMultiplyAccumulateOps 1.2e+03 ;
    s3n:hasProcedureFeature [ sys:inCondition
        [ a s3x:RAM ; schema:minValue {ram} ; schema:unitCode om:kilobyte ] ] .
"""


def write_folder(folder: Path, *, n_networks: int = 1) -> Path:
    """A folder that can be imported: one device and some networks."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "device.ttl").write_text(device(), encoding="utf-8")
    networks = "".join(network(index) for index in range(n_networks))
    (folder / "networks.ttl").write_text(PREFIXES + networks, encoding="utf-8")
    return folder
