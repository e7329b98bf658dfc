"""Identity of a process, and whether the process of an identity has died.

A lock records the process that holds it. So another process on the same machine can take the lock
of a killed process at once, and does not wait for the lock's end.

An identity consists of the machine and its boot, the namespace of process ids (a container has its
own), the process id, and the start time of the process, because process ids are reused. A process
of another machine, boot or container cannot be observed, and never counts as dead. The data is in
``/proc`` (Linux, see proc(5)); without it there is no identity, and a lock ends only at its end.
"""

import os
import socket
from pathlib import Path
from typing import Final
from urllib.parse import quote

UNKNOWN: Final = ""
"""The identity of a process on a system without the needed data."""

_PROC = Path("/proc")
_SEPARATOR = ":"
# Fields of /proc/<pid>/stat after the command's name, which may contain spaces: proc(5) counts
# from 1, and the state, its field 3, is the first one here.
_STATE, _THREADS, _START = 0, 20 - 3, 22 - 3
_ENDED = frozenset("ZX")


def current_process() -> str:
    """Return the identity of this process, without spaces, or ``UNKNOWN``.

    The result is not cached: a forked child must not inherit its parent's identity.
    """
    pid = os.getpid()
    try:
        stat = (_PROC / "self" / "stat").read_text()
        # A /proc of another namespace (a container can mount its host's) counts differently.
        if int(stat.partition(" ")[0]) != pid:
            return UNKNOWN
        return _SEPARATOR.join((_machine(), str(pid), _fields(stat)[_START]))
    except (OSError, ValueError, IndexError):
        return UNKNOWN


def is_dead(process: str) -> bool:
    """Return whether the process of this identity has certainly ended.

    A stopped process (SIGSTOP) has not ended. A zombie has: none of its threads runs any more.
    """
    *machine, pid, start = ["", "", *process.split(_SEPARATOR)]
    *own_machine, _pid, _start = ["", "", *current_process().split(_SEPARATOR)]
    if not any(machine) or machine != own_machine or not pid.isdecimal():
        return False
    try:
        # Not /proc alone: it can hide the processes of other users (mount option hidepid).
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        pass
    try:
        fields = _fields((_PROC / pid / "stat").read_text())
        if fields[_START] != start:
            return True
        return fields[_STATE] in _ENDED and int(fields[_THREADS]) <= 1
    except (OSError, ValueError, IndexError):
        return False


def _machine() -> str:
    boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    namespace = (_PROC / "self/ns/pid").readlink().name.removeprefix("pid:").strip("[]")
    return _SEPARATOR.join((quote(socket.gethostname(), safe=""), boot, namespace))


def _fields(stat: str) -> list[str]:
    return stat.rpartition(")")[2].split()
