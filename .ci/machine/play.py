"""Plays the guide on machines without a toolchain: from a bare Debian to the first redeemed code, webhooks, a second
shop, an upgrade and the way back, a move, the loss of the machine, and the package. Started by .ci/clean-machine, in namespaces of its own."""

import argparse
import fcntl
import socket
import struct
import sys
import traceback

import deployment
import drill
import move
import package
import proxy
import scale
import upgrade
from checks import Checks, Failed
from machines import HOST
from world import World

# In this order: each goes on with the shop that the one before it has left.
CHAPTERS = [deployment, proxy, scale, upgrade, move, drill, package]


def settle_in():
    """Names the machine and raises the loopback interface of the new namespaces."""
    socket.sethostname(HOST)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 1)  # IFF_UP
        fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS


def main():
    parser = argparse.ArgumentParser()
    for name in ("work", "base", "telegram", "releases", "litestream"):
        parser.add_argument(f"--{name}", required=True)
    settle_in()
    checks = Checks()
    world = World(checks, parser.parse_args())
    try:
        world.tell_replacements()
        for chapter in CHAPTERS:
            chapter.play(world)
        checks.holds("bots made only calls that Telegram allows", lambda: no_violations(world))
    except Failed:
        world.tell_logs()
    except Exception:  # a fault of this script is a failure as well
        traceback.print_exc()
        checks.failed += 1
    finally:
        world.end()
    return checks.end()


def no_violations(world):
    found = world.telegram.act("violations")
    assert not found, "\n".join(found)


if __name__ == "__main__":
    sys.exit(main())
