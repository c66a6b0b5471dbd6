"""Who may do what: roles, and the file of bearer tokens, which holds only their digests."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from fitgraph.api.names import MAX_NAME_LENGTH, can_be_shown
from fitgraph.registry.errors import (
    ConflictError,
    InvalidRecordError,
    NotFoundError,
    StorageError,
)

if sys.platform != "win32":
    import fcntl

FILE_NAME: Final = "tokens.json"
_PREFIX: Final = "fitgraph_"
#: 256 bits: nobody guesses one, so a fast digest keeps it as well as a slow one.
_SECRET_BYTES: Final = 32


class Right(StrEnum):
    """What somebody may do."""

    READ = "read"
    CURATE = "curate"
    REGISTER = "register"
    BUILD = "build"
    OPERATE = "operate"
    ADMINISTER = "administer"


class Role(StrEnum):
    """What a token is for."""

    READER = "reader"
    CURATOR = "curator"
    BUILDER = "builder"
    OPERATOR = "operator"
    ADMIN = "admin"


RIGHTS: Final = {
    Role.READER: frozenset({Right.READ}),
    Role.CURATOR: frozenset({Right.READ, Right.CURATE, Right.REGISTER}),
    Role.BUILDER: frozenset({Right.READ, Right.BUILD}),
    Role.OPERATOR: frozenset({Right.READ, Right.REGISTER, Right.OPERATE}),
    Role.ADMIN: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token.

    Attributes:
        name: that it is listed and revoked by.
        sha256: digest of the token, which itself is nowhere.
        expires: time in UTC (ISO 8601), or None.
    """

    name: str
    role: Role
    sha256: str
    created: str
    expires: str | None = None

    def is_valid_at(self, now: datetime) -> bool:
        return self.expires is None or now < datetime.fromisoformat(self.expires)


class TokenFile:
    """The tokens in a file, which is read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_at: tuple[int, int] | None = None
        self._tokens: tuple[Token, ...] = ()

    def tokens(self) -> tuple[Token, ...]:
        """All tokens by name.

        Raises:
            StorageError: the file cannot be read.
        """
        try:
            state = self.path.stat()
            if self._read_at != (state.st_mtime_ns, state.st_ino):
                self._tokens = _parsed(self.path.read_text(encoding="utf-8"))
                self._read_at = (state.st_mtime_ns, state.st_ino)
        except FileNotFoundError:
            self._tokens, self._read_at = (), None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(
                f"the tokens in {self.path} cannot be read: {error}",
                hint="restore the file, or delete it to begin anew",
            ) from error
        return self._tokens

    def find(self, secret: str, now: datetime) -> Token | None:
        """The valid token that somebody shows; None if it is none."""
        shown = _digest(secret)
        for token in self.tokens():
            if hmac.compare_digest(token.sha256, shown):
                return token if token.is_valid_at(now) else None
        return None

    def create(self, name: str, role: Role, expires: datetime | None = None) -> str:
        """Makes a token, and returns it: nobody can show it again.

        Raises:
            InvalidRecordError: the name is empty, long, or has characters that do not print.
            ConflictError: the name is taken.
            StorageError: the file cannot be written.
        """
        if not can_be_shown(name):
            raise InvalidRecordError(
                f"{name[:MAX_NAME_LENGTH]!r} cannot be a token's name",
                hint=f"take 1 to {MAX_NAME_LENGTH} characters that print",
            )
        secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        made = Token(
            name,
            role,
            _digest(secret),
            datetime.now(UTC).isoformat(timespec="seconds"),
            None if expires is None else expires.astimezone(UTC).isoformat(timespec="seconds"),
        )
        with self._changing():
            known = self.tokens()
            if any(token.name == name for token in known):
                raise ConflictError(
                    f"there is a token {name!r} already", hint="revoke it, or take another name"
                )
            self._write((*known, made))
        return secret

    def revoke(self, name: str) -> None:
        """Takes a token back; a running server refuses it from now on.

        Raises:
            NotFoundError: there is none of that name.
            StorageError: the file cannot be written.
        """
        with self._changing():
            known = self.tokens()
            rest = tuple(token for token in known if token.name != name)
            if len(rest) == len(known):
                raise NotFoundError(f"there is no token {name!r}", hint="fitgraph token list")
            self._write(rest)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Keeps others from changing the file at the same time."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritten(error) from error
        try:
            if sys.platform != "win32":
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, tokens: tuple[Token, ...]) -> None:
        """Puts a whole file in the place of the old one, which only its owner may read."""
        text = json.dumps([asdict(token) for token in tokens], indent=1)
        partial = self.path.with_suffix(".partial")
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            partial.replace(self.path)
        except OSError as error:
            raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> StorageError:
        return StorageError(
            f"the tokens in {self.path} cannot be written: {error.strerror or error}",
            hint="check the folder's permissions and the free disk space",
        )


def _parsed(text: str) -> tuple[Token, ...]:
    found = [Token(**one) for one in json.loads(text)]
    return tuple(replace(token, role=Role(token.role)) for token in found)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
