"""The index as a file: a format version, a checksum, and data that can hold nothing but data.

No pickle: whoever can write the file must not be able to run code in a worker. Tokens are stored
once and names as numbers of tokens, so that loading does not read 90,000 names again.
"""

import hashlib
import json
import os
import sys
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FORMAT = "holdfast-matching-index"
# Raise it with every change to what is stored or to how names are read into tokens.
VERSION = 2


class UnreadableArtefact(Exception):
    """The file is not an index this version can use. Its text says what to do."""


def save(path: Path, sections: Mapping[str, Any]) -> None:
    """Write sections (JSON-able values or integer arrays) and put the file in place in one step."""
    blobs = []
    entries = []
    for name, value in sections.items():
        kind = f"array:{value.typecode}" if isinstance(value, array) else "json"
        blob = _little_endian(value) if isinstance(value, array) else json.dumps(value).encode()
        blobs.append(blob)
        entries.append([name, kind, len(blob)])
    body = b"".join(blobs)
    header = {
        "format": FORMAT,
        "version": VERSION,
        "sha256": hashlib.sha256(body).hexdigest(),
        "sections": entries,
    }
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_bytes(json.dumps(header).encode() + b"\n" + body)
    partial.replace(path)


def load(path: Path) -> dict[str, Any]:
    """The sections of a file that `save` wrote.

    Raises `UnreadableArtefact` for another format, another version or damaged content.
    """
    first, _, body = path.read_bytes().partition(b"\n")
    try:
        header = json.loads(first)
    except ValueError:
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise UnreadableArtefact(f"{path.name} is not a matching index. Build it again.")
    if header["version"] != VERSION:
        raise UnreadableArtefact(
            f"{path.name} has index format {header['version']}, this version reads {VERSION}. "
            "Build it again."
        )
    if hashlib.sha256(body).hexdigest() != header["sha256"]:
        raise UnreadableArtefact(f"{path.name} is damaged. Build it again.")
    sections: dict[str, Any] = {}
    place = 0
    for name, kind, length in header["sections"]:
        blob = body[place : place + length]
        place += length
        sections[name] = json.loads(blob) if kind == "json" else _array(kind[-1], blob)
    return sections


def _little_endian(values: "array[int]") -> bytes:
    if sys.byteorder == "little":
        return values.tobytes()
    swapped = array(values.typecode, values)
    swapped.byteswap()
    return swapped.tobytes()


def _array(typecode: str, blob: bytes) -> "array[int]":
    values = array(typecode)
    values.frombytes(blob)
    if sys.byteorder != "little":
        values.byteswap()
    return values
