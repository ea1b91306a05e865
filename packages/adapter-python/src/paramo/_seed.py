"""The seed of a trial that brings none: the same number in every language, so that a trial may move between them.

The key is hashed with MurmurHash3_x86_128 (Appleby 2011) into the state of xoshiro128** (Blackman & Vigna 2021).
"""

from __future__ import annotations

import struct
from typing import List, Union

_M = 0xFFFFFFFF
_MULTIPLIERS = (0x239B961B, 0xAB0E9789, 0x38B34AE5, 0xA1E38B93)
_LANE_ROTATIONS = (15, 16, 17, 18)
_STATE_ROTATIONS = (19, 17, 15, 13)
_ADDITIONS = (0x561CCD1B, 0x0BCAA747, 0x96CD1C35, 0x32AC3B17)


def trial_seed(study_seed: int, trial: int) -> int:
    """The seed for the trainer's random numbers, in 0 to 2^32 - 1: the same for every attempt of the trial."""
    return _first_uint32(_murmur3(_key_bytes("trial seed", study_seed, trial)))


def _key_bytes(*key: Union[str, int]) -> bytes:
    """Each part as its type, its length and its content; texts as UTF-16, so that no two keys become the same bytes."""
    parts = []
    for part in key:
        if isinstance(part, str):
            text = part.encode("utf-16-le")
            parts.append(struct.pack("<BI", 1, len(text) // 2) + text)
        else:
            parts.append(struct.pack("<Bd", 2, float(part)))
    return b"".join(parts)


def _first_uint32(state: List[int]) -> int:
    """The first number of xoshiro128** from a state."""
    return _rotate((state[1] * 5) & _M, 7) * 9 & _M


def _murmur3(data: bytes) -> List[int]:
    h = [0, 0, 0, 0]
    blocks = len(data) >> 4
    for block in range(blocks):
        words = struct.unpack_from("<4I", data, 16 * block)
        for lane in range(4):
            mixed = _rotate(h[lane] ^ _mix_lane(words[lane], lane), _STATE_ROTATIONS[lane])
            h[lane] = ((mixed + h[(lane + 1) % 4]) * 5 + _ADDITIONS[lane]) & _M
    tail = struct.unpack("<4I", data[16 * blocks :].ljust(16, b"\0"))
    h = [h[lane] ^ _mix_lane(tail[lane], lane) ^ len(data) for lane in range(4)]
    return _spread([_finish(word) for word in _spread(h)])


def _mix_lane(word: int, lane: int) -> int:
    return _rotate(word * _MULTIPLIERS[lane] & _M, _LANE_ROTATIONS[lane]) * _MULTIPLIERS[(lane + 1) % 4] & _M


def _spread(h: List[int]) -> List[int]:
    first = sum(h) & _M
    return [first] + [(word + first) & _M for word in h[1:]]


def _finish(word: int) -> int:
    word = (word ^ word >> 16) * 0x85EBCA6B & _M
    word = (word ^ word >> 13) * 0xC2B2AE35 & _M
    return word ^ word >> 16


def _rotate(x: int, count: int) -> int:
    return (x << count | x >> (32 - count)) & _M
