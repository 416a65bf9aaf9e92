"""Runs a command at a pseudo-terminal, as a person would, and answers its questions."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

MARKUP = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Unanswered(Exception):
    """The command ended, or waited, although something else was expected of it."""

    def __init__(self, what, screen):
        super().__init__(f"{what}; last it showed:\n{tail(screen)}")
        self.what, self.screen = what, screen


def run(argv, answers=(), before=None, environment=None, patience=120):
    """Runs `argv` to its end; returns its exit code and what stood on the screen, without colours.

    `answers` are pairs: a text that the command shows, and the line that is typed then, or a function that gets the
    screen so far and returns that line (`None`: nothing is typed). `before` runs in the child before the program does.
    """
    pid, screen = pty.fork()
    if pid == 0:
        try:
            if before:
                before()
            os.execve(argv[0], argv, os.environ if environment is None else environment)
        finally:
            os._exit(127)
    # Wide and high, so that no line is broken.
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
    waiting, shown, read_from = list(answers), b"", 0
    deadline = time.monotonic() + patience
    try:
        while True:
            more = read(screen)
            if more is None:
                break
            shown += more
            seen = text(shown)
            while waiting and waiting[0][0] in seen[read_from:]:
                read_from = seen.index(waiting[0][0], read_from) + len(waiting[0][0])
                _, reply = waiting.pop(0)
                typed = reply(seen) if callable(reply) else reply
                if typed is not None:
                    # A person types after the question is there, and a hidden answer after the echo is off.
                    time.sleep(0.1)
                    os.write(screen, f"{typed}\n".encode())
            if time.monotonic() > deadline:
                raise Unanswered("it did not end", text(shown))
        _, status = os.waitpid(pid, 0)
        pid = 0
    finally:
        if pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(screen)
    if waiting:
        raise Unanswered(f"it ended with exit {os.waitstatus_to_exitcode(status)} and did not ask “{waiting[0][0]}”", text(shown))
    return os.waitstatus_to_exitcode(status), text(shown)


def read(screen):
    """What came within a moment; `None` at the end."""
    ready, _, _ = select.select([screen], [], [], 0.2)
    if not ready:
        return b""
    try:
        return os.read(screen, 65536) or None
    except OSError:  # Linux says so when the other side is closed
        return None


def text(shown):
    return MARKUP.sub("", shown.decode(errors="replace"))


def tail(screen):
    return "\n".join(screen.splitlines()[-15:])
