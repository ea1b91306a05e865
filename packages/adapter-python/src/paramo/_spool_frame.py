"""Records of a spool as bytes; `proto/paramo/v1/spool.proto` describes them."""

from __future__ import annotations

import struct
import zlib
from typing import Iterable, List, Tuple

# Before the payload: its length, and the checksum of length and payload.
_HEAD = struct.Struct("<II")
# What claims to be longer is damage.
_MOST_BYTES = 64 * 1024 * 1024


def frame_records(payloads: Iterable[bytes]) -> bytes:
    """Payloads as they stand in a file, one after the other."""
    parts: List[bytes] = []
    for payload in payloads:
        parts.append(_HEAD.pack(len(payload), _checksum(len(payload), payload)))
        parts.append(payload)
    return b"".join(parts)


def read_frames(data: bytes) -> Tuple[List[bytes], int]:
    """The whole records at the start of `data`, up to the first that is torn or damaged, and where they end."""
    payloads: List[bytes] = []
    at = 0
    while at + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, at)
        end = at + _HEAD.size + length
        if length > _MOST_BYTES or end > len(data):
            break
        payload = data[at + _HEAD.size : end]
        if _checksum(length, payload) != checksum:
            break
        payloads.append(payload)
        at = end
    return payloads, at


def _checksum(length: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(length.to_bytes(4, "little")))
