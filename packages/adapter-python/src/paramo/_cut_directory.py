"""A directory as a checkpoint."""

from __future__ import annotations

import hashlib
import os
from typing import Dict, List, NamedTuple

from ._errors import ParamoError
from ._manifest import DEFAULT_CHUNK_BYTES
from .v1.checkpoint_service_pb2 import CheckpointFile, CheckpointManifest

# Hashed at once; a file is never read as a whole.
PIECE_BYTES = 1024 * 1024


class ChunkPlace(NamedTuple):
    """Where the content of a chunk is: `size` bytes of the file `path` from `start` on."""

    path: str
    start: int
    size: int


class CutDirectory(NamedTuple):
    """What a directory consists of, and where each chunk is, by its SHA-256."""

    manifest: CheckpointManifest
    places: Dict[bytes, ChunkPlace]


def cut_directory(directory: str) -> CutDirectory:
    """Cuts the files of a directory into chunks and hashes them; links are followed, empty directories left out.

    Raises ParamoError INVALID_ARGUMENT when there is no file.
    """
    places: Dict[bytes, ChunkPlace] = {}
    files: List[CheckpointFile] = []
    for path in _files_in(directory):
        full = os.path.join(directory, *path.split("/"))
        chunks: List[bytes] = []
        size = 0
        with open(full, "rb") as file:
            while True:
                digest = hashlib.sha256()
                length = 0
                while length < DEFAULT_CHUNK_BYTES:
                    piece = file.read(min(PIECE_BYTES, DEFAULT_CHUNK_BYTES - length))
                    if not piece:
                        break
                    digest.update(piece)
                    length += len(piece)
                if length == 0:
                    break
                sha256 = digest.digest()
                chunks.append(sha256)
                places[sha256] = ChunkPlace(full, size, length)
                size += length
        files.append(CheckpointFile(path=path, size=size, chunks=chunks))
    if not files:
        raise ParamoError("INVALID_ARGUMENT", "the checkpoint has no file", "Write at least one into the directory that the function is given.")
    return CutDirectory(CheckpointManifest(files=files, chunk_bytes=DEFAULT_CHUNK_BYTES), places)


def _files_in(directory: str) -> List[str]:
    """The paths of all files below a directory, with slashes, ordered by their bytes."""
    paths: List[str] = []
    for above, _, names in os.walk(directory, followlinks=True):
        for name in names:
            relative = os.path.relpath(os.path.join(above, name), directory)
            paths.append(relative.replace(os.sep, "/"))
    return sorted(paths, key=lambda path: path.encode("utf-8", "surrogateescape"))
