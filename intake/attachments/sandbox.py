"""Hand a file to the confined process through pipes, and take back its clean copy.

No byte of it in the clear is ever in a file, nor in the arguments or the environment of a
process.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

from django.conf import settings

from intake.attachments.kinds import Kind
from intake.attachments.refused import Refused, Why

# Above the seconds of computing that the process grants itself.
PATIENCE_SECONDS = 90


class Died(Exception):
    """The process ended without an answer: killed, crashed, or out of time or memory."""


@dataclass(frozen=True, slots=True, repr=False)
class Rebuilt:
    """A clean copy, and what making it took."""

    clean: bytes
    peak_kilobytes: int
    confined_by: list[str]


def rebuild(kind: Kind, data: bytes) -> Rebuilt:
    """Make a clean copy of a file in a process of its own. Raises `Refused` and `Died`."""
    try:
        ended = subprocess.run(
            [sys.executable, "-s", "-m", "intake.attachments.confined"],
            input=kind.encode() + b"\n" + data,
            stdout=subprocess.PIPE,
            # What a decoder complains of may quote the file.
            stderr=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env={},
            timeout=PATIENCE_SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError) as error:
        raise Died from error
    answer, _, clean = ended.stdout.partition(b"\n")
    try:
        said = json.loads(answer)
        why = said["why"] and Why(said["why"])
    except (ValueError, KeyError) as error:
        raise Died from error
    if why:
        raise Refused(why)
    return Rebuilt(clean, said["peak_kilobytes"], said["confined_by"])
