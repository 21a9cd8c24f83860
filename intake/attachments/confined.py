"""The process that opens strangers' files: `python -m intake.attachments.confined`.

Standard input: a line with the kind, then the file. Standard output: a line of JSON (why it was
refused, or nothing; peak memory; what confined it), then the clean copy. It knows no key and no
name, holds no secret in its environment, and ends after one file.
"""

import json
import resource
import sys

from intake.attachments import rebuilding
from intake.attachments.confinement import confine
from intake.attachments.kinds import Kind
from intake.attachments.refused import Refused, Why


def main() -> None:
    rebuilding.prepare()
    in_force = confine()
    kind, _, data = sys.stdin.buffer.read().partition(b"\n")
    why, clean = "", b""
    try:
        clean = rebuilding.rebuild(Kind(kind.decode()), data)
    except Refused as refused:
        why = refused.why
    except MemoryError:
        why = Why.TOO_LARGE_INSIDE
    except Exception:
        # Decoders raise whatever they like about a file that is broken.
        why = Why.BROKEN
    said = {
        "why": why,
        "peak_kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "confined_by": in_force,
    }
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + clean)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
