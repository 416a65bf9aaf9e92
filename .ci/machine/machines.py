"""A machine: a minimal Debian in a directory, with its services, and a person at its shell."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import terminal
from services import Services

HERE = Path(__file__).parent
# The user that a provider of servers gives; it may use sudo.
LOGIN = "debian"
# They share a kernel, so all have one name.
HOST = "shop"
NODES = ["null", "zero", "full", "random", "urandom", "tty"]


class Machine:
    """`environment` is set for everything that runs there, also by sudo and for services."""

    def __init__(self, name, place, base, environment):
        self.name, self.root, self.environment = name, Path(place) / name, environment
        self.hosts = {}
        self.root.mkdir()
        subprocess.run(["tar", "-xf", base, "-C", self.root], check=True)
        self.mount()
        (self.root / "etc/hosts").write_text(f"127.0.0.1 localhost {HOST}\n")
        (self.root / "etc/hostname").write_text(f"{HOST}\n")
        kept = " ".join(environment)
        (self.root / "etc/sudoers.d/login").write_text(
            f'{LOGIN} ALL=(ALL) NOPASSWD: ALL\nDefaults env_keep += "{kept}"\n'
        )
        subprocess.run(["chroot", self.root, "useradd", "-m", "-s", "/bin/bash", LOGIN], check=True)
        for shim in ("systemctl", "journalctl"):
            shutil.copy(HERE / "systemctl", self.root / "usr/bin" / shim)
        for shim in ("ssh", "scp"):
            shutil.copy(HERE / "remote", self.root / "usr/bin" / shim)
        self.services = Services(self.root, environment)

    def reaches(self, address, other):
        """`ssh` and `scp` on this machine find the other one at this address."""
        place = self.root / "media" / other.name
        place.mkdir()
        subprocess.run(["mount", "--rbind", other.root, place], check=True)
        self.hosts[address] = f"/media/{other.name}"

    def mount(self):
        def mount(*words):
            subprocess.run(["mount", *words], check=True)

        mount("-t", "proc", "proc", self.root / "proc")
        for place in ("run", "tmp", "dev"):
            mount("-t", "tmpfs", "-o", f"mode={'1777' if place == 'tmp' else '755'}", "none", self.root / place)
        for node in NODES:
            (self.root / "dev" / node).touch()
            mount("--bind", f"/dev/{node}", self.root / "dev" / node)
        (self.root / "dev/pts").mkdir()
        mount("--rbind", "/dev/pts", self.root / "dev/pts")
        (self.root / "dev/ptmx").symlink_to("pts/ptmx")

    def enter(self, user):
        """Makes the calling process one of `user` in this machine."""
        uid, gid, home = self.services.account(user)
        os.chroot(self.root)
        os.initgroups(user, gid)
        os.setgid(gid)
        os.setuid(uid)
        os.chdir(home)
        os.umask(0o022)

    def shell(self, script, answers=(), patience=120, user=LOGIN):
        """Runs a script as a person pastes it at a terminal; its exit code and what the screen showed."""
        home = self.services.account(user)[2]
        environment = {"HOME": home, "USER": user, "LOGNAME": user, "TERM": "xterm-256color", "LANG": "C.UTF-8",
                       "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "SHELL": "/bin/bash",
                       "HOSTS": words_of(self.hosts)}
        argv = ["/bin/bash", "-e", "-o", "pipefail", "-c", script]
        return terminal.run(argv, answers, lambda: self.enter(user), environment | self.environment, patience)

    def quietly(self, *words, user="root", code=0):
        """Runs a command without a terminal; what it wrote to its standard output."""
        done = subprocess.run(
            words, check=False, preexec_fn=lambda: self.enter(user), capture_output=True, text=True,
            stdin=subprocess.DEVNULL, env={"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"} | self.environment,
        )
        if done.returncode != code:
            raise AssertionError(f"{' '.join(words)}: exit {done.returncode} instead of {code}\n{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *words):
        return json.loads(self.quietly("dvorik", "--json", *words))

    def path(self, inside):
        return self.root / inside.lstrip("/")

    def mode(self, inside):
        """Owner, group and rights of a file: `dvorik dvorik 600`."""
        return self.quietly("stat", "-c", "%U %G %a", inside).strip()

    def install_litestream(self, program):
        shutil.copy(program, self.root / "usr/bin/litestream")

    def reboots(self):
        self.services.halt()
        return self.services.boot()

    def dies(self):
        """The power goes, and the disk with it."""
        self.services.halt(signal.SIGKILL)
        places = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
        # Also where another machine reaches it; the last one mounted goes first.
        for place in reversed([place for place in places if is_below(place, self.root) or self.name in Path(place).parts]):
            subprocess.run(["umount", "--lazy", place], check=True)
        subprocess.run(["rm", "-rf", "--one-file-system", self.root], check=True)


class Computer:
    """The owner's own computer, from which `ssh` and `scp` reach the machines by their addresses."""

    def __init__(self, place, machines):
        self.home, self.machines = Path(place) / "computer", machines
        (self.home / "bin").mkdir(parents=True)
        for tool in ("ssh", "scp"):
            (self.home / "bin" / tool).symlink_to(HERE / "remote")

    def shell(self, script, answers=(), patience=120):
        hosts = words_of({address: machine.root for address, machine in self.machines.items()})
        environment = {"HOME": str(self.home), "PATH": f"{self.home}/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
                       "TERM": "xterm", "HOSTS": hosts}
        argv = ["/bin/bash", "-e", "-o", "pipefail", "-c", script]
        return terminal.run(argv, answers, lambda: os.chdir(self.home), environment, patience)


def is_below(place, root):
    return place.startswith(f"{root}/")


def words_of(hosts):
    return " ".join(f"{address}={place}" for address, place in hosts.items())


def link_in(screen):
    """The link to a bot that stands on the screen last."""
    links = re.findall(r"https://t\.me/\w+\?start=[\w-]+", screen)
    assert links, f"no link is on the screen:\n{screen}"
    return links[-1]
