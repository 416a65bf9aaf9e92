"""Becomes the process of a container: mounts its root, enters it, gives up what it must not have, and runs the command.
Started by container.py as the first process of new namespaces, or without `mounts` in those of a running container. The
argument is JSON."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
NODES = ("null", "zero", "full", "random", "urandom", "tty")


def main():
    job = json.loads(sys.argv[1])
    root = Path(job["root"])
    if "mounts" in job:
        make_root(root, job["mounts"])
        socket.sethostname(job["environment"]["HOSTNAME"])
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    os.chroot(root)
    os.chdir("/")
    # The bounding set: a process that is not root has no capability anyway, and none comes back by a program.
    for capability in range(last + 1):
        if capability not in job["capabilities"]:
            prctl(PR_CAPBSET_DROP, capability)
    os.setgroups([job["group"]])
    os.setgid(job["group"])
    os.setuid(job["user"])
    if job["no_new_privileges"]:
        prctl(PR_SET_NO_NEW_PRIVS, 1)
    for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o022)
    os.execve(job["command"][0], job["command"], job["environment"])


def make_root(root, mounts):
    """The root is read-only, but for what is mounted into it."""
    mount("--bind", root, root)
    for source, target, options in mounts:
        mount("--bind", source, root / target[1:])
        mount("-o", f"remount,bind,{options}", root / target[1:])
    mount("-t", "proc", "proc", root / "proc")
    mount("-t", "tmpfs", "-o", "mode=755", "none", root / "dev")
    for node in NODES:
        (root / "dev" / node).touch()
        mount("--bind", f"/dev/{node}", root / "dev" / node)
    (root / "dev/shm").mkdir()
    mount("-t", "tmpfs", "-o", "mode=1777", "none", root / "dev/shm")
    mount("-o", "remount,bind,ro", root)


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def prctl(option, value):
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} {value}")


if __name__ == "__main__":
    main()
