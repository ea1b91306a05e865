"""What a checkpoint consists of, and how it is named."""

from __future__ import annotations

import hashlib
from typing import Iterator, Set, Tuple

from ._errors import ParamoError
from .v1.checkpoint_service_pb2 import CheckpointFile, CheckpointManifest

DEFAULT_CHUNK_BYTES = 4 * 2**20


def checkpoint_name(manifest: CheckpointManifest) -> str:
    """The SHA-256, in lower-case hex, of the manifest as text, as checkpoint_service.proto lays down."""
    digest = hashlib.sha256(f"paramo checkpoint 1\n{manifest.chunk_bytes}\n".encode())
    for file in manifest.files:
        digest.update(f"{file.path}\n{file.size}\n".encode())
        for chunk in file.chunks:
            digest.update(f"{chunk.hex()}\n".encode())
    return digest.hexdigest()


def chunks_of(file: CheckpointFile, chunk_bytes: int) -> Iterator[Tuple[bytes, int]]:
    """The hash and the size of each chunk of a file."""
    for i, sha256 in enumerate(file.chunks):
        yield sha256, min(chunk_bytes, file.size - i * chunk_bytes)


def check_manifest(manifest: CheckpointManifest) -> None:
    """Checks that whoever writes its files stays in their directory; raises ParamoError DATA_LOSS."""
    before = b""
    directories: Set[str] = set()
    for file in manifest.files:
        parts = file.path.split("/")
        path = file.path.encode()
        if path <= before or "\\" in file.path or "\0" in file.path or any(part in ("", ".", "..") for part in parts):
            raise _damaged(f"it has a file {file.path!r}")
        if len(file.chunks) != -(-file.size // manifest.chunk_bytes):
            raise _damaged(f"{file.path!r} has {len(file.chunks)} chunks for {file.size} bytes")
        before = path
        directories.update("/".join(parts[:n]) for n in range(1, len(parts)))
    if any(file.path in directories for file in manifest.files):
        raise _damaged("one path is a file and a directory")


def _damaged(why: str) -> ParamoError:
    return ParamoError("DATA_LOSS", f"a checkpoint is not well formed: {why}", "Run `paramo doctor`.")
