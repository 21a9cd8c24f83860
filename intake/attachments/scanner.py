"""Ask a clamd about a file over INSTREAM, where one is configured. Down means: not released.

The file goes over a socket in the clear, so clamd runs on this machine. It keeps a stream in its
own temporary directory while it scans: point that at memory (docs/operations.md).

https://docs.clamav.net/manual/Usage/Scanning.html#clamd
"""

import socket
import struct

from django.conf import settings

from intake.attachments.refused import Refused, Why

PATIENCE_SECONDS = 60
CHUNK_BYTES = 64 * 1024
LONGEST_ANSWER_BYTES = 4096


class ScannerDown(Exception):
    """A scanner that is configured does not answer, or not as it should."""


def scan(data: bytes) -> None:
    """Raise `Refused` where the scanner finds malware, and `ScannerDown`."""
    if not settings.INTAKE_CLAMD:
        return
    try:
        answer = _asked(settings.INTAKE_CLAMD, data)
    except (OSError, ValueError) as error:
        raise ScannerDown from error
    if answer.endswith(b" FOUND"):
        raise Refused(Why.MALWARE)
    if answer != b"stream: OK":
        raise ScannerDown


def _asked(address: str, data: bytes) -> bytes:
    with _connected(address) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), CHUNK_BYTES):
            chunk = data[start : start + CHUNK_BYTES]
            connection.sendall(struct.pack(">I", len(chunk)) + chunk)
        connection.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER_BYTES:
            received = connection.recv(LONGEST_ANSWER_BYTES)
            if not received:
                break
            answer += received
    return answer.removesuffix(b"\0")


def _connected(address: str) -> socket.socket:
    way, _, place = address.partition(":")
    if way == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE_SECONDS)
        connection.connect(place)
        return connection
    host, _, port = place.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
