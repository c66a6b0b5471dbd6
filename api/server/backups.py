"""All of the store in one file, while the server goes on."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from fitgraph.api.access import Right
from fitgraph.api.first_use_note import read_note
from fitgraph.api.server.answers import media
from fitgraph.api.server.faults import OverloadedError
from fitgraph.api.server.guard import needs
from fitgraph.api.server.state import Server, server_of
from fitgraph.api.server.workers import Workers
from fitgraph.registry.backup_job import BackupJob

router = APIRouter(tags=["operations"], dependencies=[Depends(needs(Right.ADMINISTER))])

_MEDIA: Final = "application/gzip"
#: The largest catalogue takes a minute.
_TIMEOUT_S: Final = 3600.0
_CHUNK_BYTES: Final = 1 << 20


@router.post("/backup", operation_id="backup", response_class=Response, responses=media(_MEDIA))
async def backup(request: Request) -> Response:
    """Get the graph and its files as of now in one file, without tokens and settings.

    ``Repr-Digest`` has its digest; ``fitgraph restore`` makes a store of it.
    """
    server = server_of(request)
    folder = Path(tempfile.mkdtemp(prefix="fitgraph-backup-", dir=server.snapshots.place))
    try:
        file = folder / f"fitgraph-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
        async with _alone(server):
            await _write(server, file)
        digest = base64.b64encode(await asyncio.to_thread(_sha256, file)).decode()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        file,
        media_type=_MEDIA,
        filename=file.name,
        headers={"Repr-Digest": f"sha-256=:{digest}:"},
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


@asynccontextmanager
async def _alone(server: Server) -> AsyncIterator[None]:
    """One backup at a time.

    Raises:
        OverloadedError: another one is being made.
    """
    if server.backing_up.locked():
        raise OverloadedError(
            "a backup is being made already",
            hint="try again when it is done",
            headers={"Retry-After": "30"},
        )
    async with server.backing_up:
        yield


async def _write(server: Server, file: Path) -> None:
    note = read_note(server.graph.where)
    notes = {"content": note.content, "boards": note.boards}
    async with server.snapshots.whole() as where:
        if where is None:  # others keep the graph, and may write to it
            await server.graph.unnoted(lambda registry: registry.write_backup(file, notes))
            return
        workers = Workers(1, 1, server.settings.query_memory_bytes)
        await workers.start()
        try:
            await workers.do(BackupJob(where, file, notes), _TIMEOUT_S)
        finally:
            await workers.stop()


def _sha256(file: Path) -> bytes:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while part := content.read(_CHUNK_BYTES):
            digest.update(part)
    return digest.digest()
