"""Restoring a checkpoint, every byte verified against its name."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING, Callable, Iterator

from ._cut_directory import PIECE_BYTES
from ._errors import ParamoError
from ._manifest import check_manifest, checkpoint_name, chunks_of
from ._while_lost import while_lost
from .v1.checkpoint_service_pb2 import CheckpointListing, CheckpointManifest, GetCheckpointRequest
from .v1.checkpoint_service_pb2_grpc import CheckpointServiceStub
from .v1.value_pb2 import TrialSource

if TYPE_CHECKING:
    from ._connection import Connection

# A trial that is to go on from a checkpoint has nothing else to do.
_PATIENCE_S = 600.0

ReadChunk = Callable[[bytes, int], Iterator[bytes]]


def restore_checkpoint(connection: "Connection", study_id: str, source: TrialSource, into: str) -> None:
    """Writes a checkpoint's files into the empty directory `into`.

    Where the daemon's store can be read from here they are copied from it, else they are downloaded. Copied, not linked:
    whoever writes to a link would write into the store. Raises ParamoError CHECKPOINT_NOT_FOUND; DATA_LOSS when what is
    stored is damaged.
    """
    listing = while_lost(_PATIENCE_S, lambda: _read_listing(connection, study_id, source))
    if not _restore_from_disk(listing, into):
        while_lost(_PATIENCE_S, lambda: _download(connection, study_id, source, into))


def _read_listing(connection: "Connection", study_id: str, source: TrialSource) -> CheckpointListing:
    request = GetCheckpointRequest(study_id=study_id, source=source, content=False)
    for part in connection.link.stream(CheckpointServiceStub, "GetCheckpoint", request):
        if part.HasField("listing"):
            return _verified(part.listing, source)
    raise _ended_early()


def _restore_from_disk(listing: CheckpointListing, into: str) -> bool:
    """Takes the chunks from the daemon's folder. False: it is on another disk, or something there is not what it should be."""
    if not listing.folder or not os.path.isdir(listing.folder):
        return False

    def read(sha256: bytes, size: int) -> Iterator[bytes]:
        name = sha256.hex()
        with open(os.path.join(listing.folder, name[:2], name), "rb") as file:
            while True:
                piece = file.read(PIECE_BYTES)
                if not piece:
                    return
                yield piece

    try:
        _write(listing.manifest, into, read)
        return True
    except (OSError, ParamoError):
        # Whatever it is, the daemon knows better: it serves the checkpoint, or says what is wrong with it.
        _empty(into)
        return False


def _download(connection: "Connection", study_id: str, source: TrialSource, into: str) -> None:
    _empty(into)
    request = GetCheckpointRequest(study_id=study_id, source=source, content=True)
    parts = iter(connection.link.stream(CheckpointServiceStub, "GetCheckpoint", request))
    first = next(parts, None)
    if first is None or not first.HasField("listing"):
        raise _ended_early()
    rest = b""

    def read(_: bytes, size: int) -> Iterator[bytes]:
        nonlocal rest
        while size > 0:
            if not rest:
                part = next(parts, None)
                if part is None:
                    raise _ended_early()
                rest = part.content
            piece, rest = rest[:size], rest[size:]
            size -= len(piece)
            yield piece

    _write(_verified(first.listing, source).manifest, into, read)


def _write(manifest: CheckpointManifest, into: str, read: ReadChunk) -> None:
    for file in manifest.files:
        target = os.path.join(into, *file.path.split("/"))
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        with open(target, "xb") as out:
            for sha256, size in chunks_of(file, manifest.chunk_bytes):
                digest = hashlib.sha256()
                for piece in read(sha256, size):
                    digest.update(piece)
                    out.write(piece)
                if digest.digest() != sha256:
                    raise ParamoError("DATA_LOSS", f"{file.path} of a checkpoint does not match its hash", "The file was damaged on disk. Run `paramo doctor`.")


def _verified(listing: CheckpointListing, source: TrialSource) -> CheckpointListing:
    """The listing, if it is of the checkpoint that was named: the one restored is the one named, whoever answers."""
    check_manifest(listing.manifest)
    if checkpoint_name(listing.manifest) != source.checkpoint:
        raise ParamoError("DATA_LOSS", f"what is stored as checkpoint {source.checkpoint} is another one", "Run `paramo doctor`.")
    return listing


def _empty(directory: str) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory, mode=0o700, exist_ok=True)


def _ended_early() -> ParamoError:
    return ParamoError("UNAVAILABLE", "the daemon ended a checkpoint before all of it had come", "It is asked for again.")
