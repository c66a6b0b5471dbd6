"""Who may do what: tokens, roles, and requests without a token."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fitgraph.api.access import RIGHTS, Right, Role, TokenFile
from fitgraph.registry.errors import ConflictError, InvalidRecordError, NotFoundError
from tests.support.command import Command


def test_a_token_is_kept_as_its_digest_in_a_file_of_its_owner(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "tokens.json")
    secret = tokens.create("ci", Role.BUILDER)
    assert secret not in tokens.path.read_text()
    assert stat.S_IMODE(tokens.path.stat().st_mode) == 0o600
    found = tokens.find(secret, datetime.now(UTC))
    assert found is not None
    assert (found.name, found.role) == ("ci", Role.BUILDER)


@pytest.mark.parametrize("wrong", ["", "fitgraph_", "x" * 5000, "\udcff"])
def test_what_is_no_token_is_none(tmp_path: Path, wrong: str) -> None:
    tokens = TokenFile(tmp_path / "tokens.json")
    tokens.create("ci", Role.ADMIN)
    assert tokens.find(wrong, datetime.now(UTC)) is None


def test_a_token_ends_when_it_expires_or_is_revoked(tmp_path: Path) -> None:
    """A second reader of the file, such as a running server, notices."""
    tokens, server = TokenFile(tmp_path / "t.json"), TokenFile(tmp_path / "t.json")
    now = datetime.now(UTC)
    short = tokens.create("short", Role.READER, now + timedelta(seconds=5))
    long = tokens.create("long", Role.READER)
    assert server.find(short, now) is not None
    assert server.find(short, now + timedelta(seconds=6)) is None
    tokens.revoke("long")
    assert server.find(long, now) is None


def test_names_of_tokens_are_unique_and_known(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "tokens.json")
    tokens.create("a", Role.READER)
    with pytest.raises(ConflictError):
        tokens.create("a", Role.ADMIN)
    with pytest.raises(NotFoundError):
        tokens.revoke("b")


@pytest.mark.parametrize("name", ["", " a", "a\nb", "a" * 81])
def test_a_name_that_cannot_be_shown_is_refused(name: str, tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "tokens.json")
    with pytest.raises(InvalidRecordError):
        tokens.create(name, Role.READER)
    assert tokens.tokens() == ()


def test_every_role_reads_and_only_admins_administer() -> None:
    assert all(Right.READ in rights for rights in RIGHTS.values())
    assert [role for role, rights in RIGHTS.items() if Right.ADMINISTER in rights] == [Role.ADMIN]
    assert set(RIGHTS) == set(Role)


def test_tokens_are_made_listed_and_revoked_by_command(tmp_path: Path) -> None:
    fitgraph = Command(tmp_path / "store")
    made = fitgraph("token", "create", "ci", "--role", "curator", "--days", "1", "--json").json
    assert made["token"].startswith("fitgraph_")
    listed = fitgraph("token", "list", "--json")
    assert [(one["name"], one["role"]) for one in listed.json] == [("ci", "curator")]
    assert "sha256" not in listed.out
    assert fitgraph("token", "create", "ci", "--role", "reader").code == 2
    assert fitgraph("token", "revoke", "ci").code == 0
    assert fitgraph("token", "list", "--json").json == []
