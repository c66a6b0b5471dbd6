"""What is configured: one TOML file, over it the environment, over that the command line."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_type_hints

from fitgraph.ontology.errors import FitgraphError

PREFIX: Final = "FITGRAPH_SERVER_"
FILE_VARIABLE: Final = "FITGRAPH_SERVER_CONFIG"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class SettingsError(FitgraphError):
    """A setting is unknown, or has a value that it cannot have."""

    code = "bad-setting"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the server; sizes in bytes, times in seconds.

    Attributes:
        host: address to listen on.
        port: 0 takes any that is free.
        reading: whether everybody may read, or only who has a token.
        tokens: file of the tokens; beside the store if empty.
        oidc_issuer: address of an OpenID Connect issuer whose access tokens are taken.
        oidc_audience: what its tokens for this server name as their audience.
        oidc_role_claim: claim, or path to one with dots, that gives roles.
        oidc_roles: ``theirs=ours`` for each role; without any, they are called as ours.
        cors_origins: origins whose pages may read; ``*`` means all.
        service_hosts: servers that ``SERVICE`` may ask in a query.
        query_workers: processes that answer queries.
        query_waiting: queries that may wait for one of them.
        query_timeout_s: after which a query is ended.
        query_results: rows or triples that an answer may have.
        query_memory_bytes: that a worker may take.
        body_bytes: of what is not a model file.
        body_timeout_s: in which a body must arrive.
        model_bytes: of a model file.
        event_streams: that may be open at once.
        audit_days: for which it is kept who wrote what.
        audit_changes: writes of which that is kept at most.
        purge_every_s: how often things that have expired are removed.
        log_format: of the log: JSON, or text for people.
        drain_s: in which the server goes on after it was told to end, but says it is not ready.
        shutdown_s: that requests and jobs under way get when the server is to end.
        jobs: folder of the jobs; in the store's folder if empty.
        job_workers: jobs that are done at once.
        jobs_waiting: that may wait.
        jobs_kept: that have ended and are still known.
        job_timeout_s: after which a job is ended.
        job_cpu_s: of CPU time that each process of a job may take.
        job_memory_bytes: that each of them may take.
        job_file_bytes: that a file of theirs may have.
        data_bytes: of what a job is asked for with, samples included.
        plan_timeout_s: that the solver gets for a plan.
        dask: address of a Dask scheduler that jobs go to; they stay here if empty.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    reading: Literal["open", "closed"] = "open"
    tokens: str = ""
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_role_claim: str = "roles"
    oidc_roles: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ("*",)
    service_hosts: tuple[str, ...] = ()
    query_workers: int = 2
    query_waiting: int = 32
    query_timeout_s: float = 30.0
    query_results: int = 10_000
    query_memory_bytes: int = 2 << 30
    body_bytes: int = 4 << 20
    body_timeout_s: float = 30.0
    model_bytes: int = 256 << 20
    event_streams: int = 1000
    audit_days: float = 365.0
    audit_changes: int = 100_000
    purge_every_s: float = 5.0
    log_format: Literal["json", "text"] = "json"
    drain_s: float = 0.0
    shutdown_s: int = 20
    jobs: str = ""
    job_workers: int = 2
    jobs_waiting: int = 100
    jobs_kept: int = 1000
    job_timeout_s: float = 900.0
    job_cpu_s: int = 1800
    job_memory_bytes: int = 6 << 30
    job_file_bytes: int = 1 << 30
    data_bytes: int = 64 << 20
    plan_timeout_s: float = 15.0
    dask: str = ""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in _LOOPBACK


def read_settings(
    environment: Mapping[str, str], file: Path | None = None, **given: object
) -> Settings:
    """The settings that hold.

    Args:
        environment: ``FITGRAPH_SERVER_PORT`` and the like; lists have commas between.
        file: TOML with the names of ``Settings``; else what ``FITGRAPH_SERVER_CONFIG`` names.
        given: on the command line; None counts as not given.

    Raises:
        SettingsError: one is unknown or has a wrong value, or the file cannot be read.
    """
    named = environment.get(FILE_VARIABLE, "")
    found = _from_file(file or Path(named)) if file or named else {}
    found |= {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and name != FILE_VARIABLE
    }
    found |= {name: value for name, value in given.items() if value is not None}
    kinds = get_type_hints(Settings)
    unknown = sorted(found.keys() - {field.name for field in dataclasses.fields(Settings)})
    if unknown:
        raise SettingsError(
            f"there is no setting {unknown[0]!r}", hint="docs/server.md lists them all"
        )
    values: dict[str, Any] = {n: _value(n, kinds[n], value) for n, value in found.items()}
    return Settings(**values)


def _from_file(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"the settings in {file} cannot be read: {error.strerror}", hint="check the path"
        ) from error
    except ValueError as error:
        raise SettingsError(
            f"the settings in {file} are no TOML: {error}", hint="docs/server.md has an example"
        ) from error


def _value(name: str, kind: object, value: object) -> object:
    """A value as its setting has it."""
    try:
        if kind == tuple[str, ...]:
            return _texts(value)
        if kind is int or kind is float:
            return _number(kind, value)
    except (ValueError, TypeError, OverflowError) as error:
        raise _wrong(name, value) from error
    if kind is str and isinstance(value, str):
        return value
    if value in get_args(kind):
        return value
    raise _wrong(name, value)


def _texts(value: object) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise TypeError
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _number(kind: type[int | float], value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    number = kind(value)
    if number < 0 or number != number:  # noqa: PLR0124 - not a number
        raise ValueError
    return number


def _wrong(name: str, value: object) -> SettingsError:
    return SettingsError(
        f"the setting {name!r} cannot be {value!r}", hint="docs/server.md says what it takes"
    )
