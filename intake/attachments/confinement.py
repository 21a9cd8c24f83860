"""What the process that opens strangers' files takes away from itself before it reads one.

Each measure holds without privileges. Together: no new file, no socket, no network, no core
dump, 512 MB, 40 seconds of computing. Where the kernel allows a network namespace of one's own,
there is no network either for a descriptor that was open before.

getrlimit(2), prctl(2), unshare(2). This module imports no Django.
"""

import ctypes
import resource

ADDRESS_SPACE_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 40

_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def confine() -> list[str]:
    """Give up what opening a file does not need, for good. Return what is in force."""
    in_force = []
    library = ctypes.CDLL(None, use_errno=True)
    if hasattr(library, "prctl"):
        # No debugger, no core, and no program that is started later gains a right.
        if library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0:
            in_force.append("not dumpable")
        if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
            in_force.append("no new privileges")
    # Some kernels and containers refuse it. The limit on descriptors holds all the same.
    if hasattr(library, "unshare") and library.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        in_force.append("network namespace")
    for name, limit in (
        ("AS", ADDRESS_SPACE_BYTES),
        ("CPU", CPU_SECONDS),
        ("CORE", 0),
        # Not a byte into a file, and no descriptor that is not open already: no file, no socket.
        ("FSIZE", 0),
        ("NOFILE", 0),
    ):
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
        in_force.append(f"{name} {limit}")
    return in_force
