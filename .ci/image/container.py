"""A container without Docker: a root file system, and processes in namespaces of their own that run by what was
declared. The network is that of the test, so that the built-in Telegram is on the loopback. Docker's filter of system
calls is left out."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from declared import account

ENTER = Path(__file__).with_name("enter.py")
PATIENCE = 30
# What Docker itself puts into every container.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PLACES = ("proc", "dev", "sys")
FILES = {"etc/hosts": "127.0.0.1 localhost\n", "etc/resolv.conf": "", "etc/hostname": ""}
# The capabilities that Docker leaves to a container: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID,
# SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP.
LEFT = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)


class Container:
    """`image` and `run` are what was declared; `mounts` has the sources that exist here."""

    def __init__(self, name, place, base, image, run, mounts):
        self.name, self.image, self.run = name, image, run
        self.root, self.log = Path(place) / f"{name}-root", Path(place) / f"{name}.log"
        self.mounts = [[str(source), target, options] for source, target, options in mounts]
        subprocess.run(["cp", "-a", base, self.root], check=True)
        self.user, self.group, home = account(run.user or image.user, self.root)
        self.environment = {"PATH": PATH, "HOSTNAME": name, "HOME": home} | image.environment | run.environment
        self.make_places()
        self.process = self.first = None

    def make_places(self):
        for place in PLACES:
            (self.root / place).mkdir(exist_ok=True)
        for file, text in FILES.items():
            (self.root / file).parent.mkdir(exist_ok=True)
            (self.root / file).write_text(text)
        for source, target, _ in self.mounts:
            place = self.root / target[1:]
            if Path(source).is_dir():
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.touch()

    def job(self, command, more):
        capabilities = [] if self.run.drops_capabilities else list(LEFT)
        return {"root": str(self.root), "command": command, "environment": self.environment | more, "user": self.user,
                "group": self.group, "capabilities": capabilities, "no_new_privileges": self.run.no_new_privileges}

    def entering(self, command, more):
        """The words that make a new container run the command as its first process."""
        job = self.job(command, more) | {"mounts": self.mounts}
        spaces = ["--mount", "--pid", "--uts", "--ipc"]
        return ["unshare", *spaces, "--fork", "--kill-child", sys.executable, ENTER, json.dumps(job)]

    def once(self, command, more=None):
        """`docker run --rm`, waits for its end: the exit code and what it said."""
        return said_by(self.entering(command, more or {}), "", PATIENCE)

    def start(self):
        """`docker run -d`: CMD, unless the service names another command."""
        command, nothing = self.run.command or self.image.command, subprocess.DEVNULL
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.entering(command, {}), stdin=nothing, stdout=log, stderr=log)
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        wanted = b"".join(word.encode() + b"\0" for word in command)

        def has_begun():
            found = children.read_text().split()
            self.first = int(found[0]) if found else None
            return found and Path(f"/proc/{found[0]}/cmdline").read_bytes() == wanted

        self.becomes("begin", has_begun)

    def exec(self, command, given="", patience=PATIENCE):
        """`docker exec -i`: the exit code and what it said."""
        inside = ["nsenter", f"--target={self.first}", "--mount", "--pid", "--uts", "--ipc", sys.executable, ENTER]
        return said_by([*inside, json.dumps(self.job(command, {}))], given, patience)

    def becomes_healthy(self):
        health, last = self.image.health, None

        def is_healthy():
            nonlocal last
            last = self.exec(health.command, patience=health.timeout)
            return last[0] == 0

        try:
            self.becomes("become healthy", is_healthy)
        except AssertionError as error:
            raise AssertionError(f"{error}\nthe health check {health.command} last said: {last}") from error

    def becomes(self, what, is_so):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            code = self.process.poll()
            assert code is None, f"{self.name} ended with {code}:\n{self.tail()}"
            try:
                if is_so():
                    return
            except FileNotFoundError:  # it ends just now
                pass
            time.sleep(0.1)
        raise AssertionError(f"{self.name} does not {what} in {PATIENCE} s:\n{self.tail()}")

    def status(self):
        lines = Path(f"/proc/{self.first}/status").read_text().splitlines()
        return {key: value.split() for key, _, value in (line.partition(":") for line in lines)}

    def opened(self):
        """What its files and sockets are called, as far as they stay open."""
        found = set()
        for descriptor in Path(f"/proc/{self.first}/fd").iterdir():
            try:
                found.add(os.readlink(descriptor))
            except FileNotFoundError:
                pass
        return found

    def stop(self):
        """`docker stop`: the signal, and after the time of grace no mercy."""
        os.kill(self.first, getattr(signal, self.image.stop_signal))
        try:
            code = self.process.wait(self.run.grace)
        except subprocess.TimeoutExpired as error:
            self.end()
            raise AssertionError(f"{self.name} does not end in {self.run.grace} s:\n{self.tail()}") from error
        assert code == 0, f"{self.name} ended with {code}:\n{self.tail()}"

    def end(self):
        """Ends a container that a failed check has left."""
        if self.process and self.process.poll() is None:
            # Its first process: with it all others of its namespace end.
            os.kill(self.first or self.process.pid, signal.SIGKILL)
            self.process.wait()

    def tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


def said_by(words, given, patience):
    try:
        done = subprocess.run(words, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=patience, check=False)
    except subprocess.TimeoutExpired:
        return None, f"no end in {patience} s"
    return done.returncode, done.stdout
