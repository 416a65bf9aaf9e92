"""A service manager for one root file system: reads the units that are installed there and starts what they say, as
systemd would. It knows the settings that dvorik's units need: User, Group, Environment, EnvironmentFile,
WorkingDirectory, StateDirectory, ReadWritePaths, ProtectSystem, UMask, Type, Restart, RestartSec,
RestartPreventExitStatus, WatchdogSec, TimeoutStopSec, ExecReload. `systemctl` and `journalctl` in the root are
.ci/machine/systemctl, which asks it over 127.0.0.1."""

import fnmatch
import os
import shlex
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

UNIT_PLACES = ["etc/systemd/system", "usr/lib/systemd/system"]
WANTS = "etc/systemd/system/multi-user.target.wants"
SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
LONGEST_START = 120
CHANGES = {"start", "stop", "restart", "try-restart", "reload", "enable", "disable", "kill", "daemon-reload", "journalctl"}


class Unit:
    """The settings of a unit file, and the process that runs by them."""

    def __init__(self, manager, name, path):
        self.manager, self.name, self.path = manager, name, path
        self.settings = read_unit(path, name)
        self.state, self.status, self.process = "inactive", "", None
        self.is_wanted, self.is_ready, self.ended = False, threading.Event(), threading.Event()
        self.last_ping, self.pings = 0.0, 0
        self.restarts = 0
        self.log = manager.root / f"var/log/journal.{name}"

    def get(self, key, default=""):
        return self.settings.get(key, [default])[-1]

    def all(self, key):
        found = []
        for value in self.settings.get(key, []):
            found = found + shlex.split(value) if value else []
        return found

    def start(self):
        """Starts the process and returns when it is ready; a sentence if it is not."""
        if self.state in ("active", "activating"):
            return self.await_ready()
        self.is_wanted = True
        self.spawn()
        return self.await_ready()

    def await_ready(self):
        deadline = time.monotonic() + LONGEST_START
        while time.monotonic() < deadline:
            if self.is_ready.wait(0.05):
                return None
            if self.ended.is_set():
                return f"Job for {self.name} failed because the control process exited with error code."
        return f"Job for {self.name} failed because a timeout was exceeded."

    def spawn(self):
        self.is_ready.clear()
        self.ended.clear()
        self.state, self.status, self.last_ping = "activating", "", time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment(),
                start_new_session=True,
            )
        if self.get("Type", "simple") != "notify":
            self.become_ready()
        threading.Thread(target=self.watch, args=(self.process,), daemon=True).start()

    def become_ready(self):
        self.state = "active"
        self.is_ready.set()

    def command(self):
        """Enters a mount namespace in which only the unit's own directories can be written, then the root and the user.
        Each program replaces the one before it, so the process is the unit's main process."""
        root, user = self.manager.root, self.get("User", "root")
        account = self.manager.account(user)
        writable = [f"/var/lib/{name}" for name in self.all("StateDirectory")]
        for path in writable:
            place = root / path[1:]
            place.mkdir(mode=int(self.get("StateDirectoryMode", "0755"), 8), parents=True, exist_ok=True)
            os.chown(place, account[0], account[1])
        writable += [path.lstrip("-") for path in self.all("ReadWritePaths")]
        lines = ["set -e"]
        if self.get("ProtectSystem") == "strict":
            lines += [f"mount --rbind {root} {root}", f"mount -o remount,bind,ro {root}"]
            for path in writable:
                lines.append(f"[ ! -d {root}{path} ] || mount --bind {root}{path} {root}{path}")
                lines.append(f"[ ! -d {root}{path} ] || mount -o remount,bind,rw {root}{path}")
        if self.get("PrivateTmp") == "yes":
            lines += [f"mount -t tmpfs none {root}/tmp", f"mount -t tmpfs none {root}/var/tmp"]
        lines.append(f"umask {self.get('UMask', '0022')}")
        inside = ["setpriv", f"--reuid={account[0]}", f"--regid={account[1]}", "--clear-groups", "--no-new-privs"]
        inside += ["--bounding-set=-all"] if "CapabilityBoundingSet" in self.settings else []
        inside += ["env", f"--chdir={self.get('WorkingDirectory', '/')}"] + shlex.split(self.get("ExecStart"))
        lines.append("exec chroot " + shlex.join([str(root), *inside]))
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines)]

    def environment(self):
        user = self.get("User", "root")
        made = {"PATH": f"{SEARCH}:/sbin:/bin", "LANG": "C.UTF-8", "USER": user, "LOGNAME": user,
                "HOME": self.manager.account(user)[2], "NOTIFY_SOCKET": "/run/systemd/notify"}
        if self.get("WatchdogSec"):
            made["WATCHDOG_USEC"] = str(int(self.get("WatchdogSec")) * 1_000_000)
        made |= self.manager.environment
        for path in self.all("EnvironmentFile"):
            place = self.manager.root / path.lstrip("-/")
            lines = place.read_text().splitlines() if place.exists() else []
            made |= dict(line.split("=", 1) for line in lines if "=" in line)
        return made | dict(pair.split("=", 1) for pair in self.all("Environment"))

    def watch(self, process):
        limit = int(self.get("WatchdogSec", "0") or 0)
        while True:
            try:
                code = process.wait(timeout=1)
                break
            except subprocess.TimeoutExpired:
                if limit and self.is_ready.is_set() and time.monotonic() - self.last_ping > limit:
                    process.send_signal(signal.SIGABRT)
        is_final = not self.is_wanted or str(code) in self.all("RestartPreventExitStatus")
        self.state = "inactive" if not self.is_wanted or code == 0 else "failed"
        self.write(f"{self.name}: Main process exited, status={code}")
        self.ended.set()
        if not is_final and self.get("Restart") == "always":
            time.sleep(float(self.get("RestartSec", "0.1")))
            if self.is_wanted:
                self.restarts += 1
                self.spawn()

    def write(self, sentence):
        with open(self.log, "a") as log:
            log.write(sentence + "\n")

    def stop(self):
        self.is_wanted = False
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=float(self.get("TimeoutStopSec", "90")))
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.ended.wait(5)
        self.state = "inactive"

    def reload(self):
        if self.state != "active" or not self.get("ExecReload"):
            return f"Failed to reload {self.name}: Job type reload is not applicable."
        self.is_ready.clear()
        command = self.get("ExecReload").replace("$MAINPID", str(self.process.pid))
        subprocess.run(["chroot", str(self.manager.root), *shlex.split(command)], check=True)
        return self.await_ready()

    def notified(self, fields):
        self.status = fields.get("STATUS", self.status)
        if "WATCHDOG" in fields:
            self.last_ping, self.pings = time.monotonic(), self.pings + 1
        if "READY" in fields:
            self.last_ping = time.monotonic()
            self.become_ready()


class Services:
    """The service manager of a root. `environment` is what systemd gives to every service (DefaultEnvironment=)."""

    def __init__(self, root, environment):
        self.root, self.environment, self.units = Path(root), environment, {}
        run = self.root / "run/systemd"
        (run / "system").mkdir(parents=True, exist_ok=True)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.notify.bind(str(run / "notify"))
        os.chmod(run / "notify", 0o777)
        self.asked = socket.create_server(("127.0.0.1", 0))
        (run / "shim.port").write_text(str(self.asked.getsockname()[1]))
        for loop in (self.hear, self.serve):
            threading.Thread(target=loop, daemon=True).start()

    def account(self, user):
        """Number of the user and its group, and its home directory, by the root's own /etc/passwd."""
        for line in (self.root / "etc/passwd").read_text().splitlines():
            name, _, uid, gid, _, home, _ = line.split(":")
            if name == user:
                return int(uid), int(gid), home
        raise LookupError(f"the unit's user {user} does not exist")

    def hear(self):
        while True:
            data, ancillary, _, _ = self.notify.recvmsg(4096, socket.CMSG_SPACE(12))
            sender = int.from_bytes(ancillary[0][2][:4], "little") if ancillary else 0
            fields = dict(line.split("=", 1) for line in data.decode().splitlines() if "=" in line)
            for unit in self.units.values():
                if unit.process and unit.process.pid == sender:
                    unit.notified(fields)

    def serve(self):
        while True:
            connection, _ = self.asked.accept()
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        with connection, connection.makefile("rw") as file:
            words = []
            for line in file:
                if line == "\n":
                    break
                words.append(line.rstrip("\n"))
            try:
                code, said = self.act(int(words[0]), words[1], words[2:])
            except Exception as error:  # the shim's caller must see it, whatever it is
                code, said = 1, f"{type(error).__name__}: {error}\n"
            file.write(f"{code}\n{said}")

    def unit(self, name):
        """The unit of this name; `LookupError` without a file for it."""
        name = name if name.endswith(".service") else f"{name}.service"
        path = self.file_of(name)
        known = self.units.get(name)
        if known and known.path == path:
            return known
        self.units[name] = Unit(self, name, path)
        return self.units[name]

    def file_of(self, name):
        template = name.split("@")[0] + "@.service" if "@" in name else name
        for place in UNIT_PLACES:
            if (self.root / place / template).exists():
                return self.root / place / template
        raise LookupError(f"Unit {name} could not be found.")

    def act(self, uid, program, words):
        flags = [word for word in words if word.startswith("-")]
        if program == "journalctl":
            verb, names = "journalctl", [words[words.index("-u") + 1]]
        else:
            plain = [word for word in words if not word.startswith("-")]
            verb, names = plain[0], plain[1:]
        if uid != 0 and verb in CHANGES:
            return 1, f"{verb}: Interactive authentication required.\n"
        method = getattr(self, "do_" + verb.replace("-", "_"), None)
        if method is None:
            return 1, f"the stand-in for {program} does not know {verb}: add it to .ci/machine/services.py\n"
        return method(self.named(names), flags)

    def named(self, names):
        """Names with globs become those of the units that were started."""
        found = []
        for name in names:
            fits = fnmatch.filter(self.units, name if name.endswith(".service") else f"{name}.service")
            found += fits if any(mark in name for mark in "*?[") else [name]
        return found

    def each(self, names, act):
        said = [sentence for sentence in (act(self.unit(name)) for name in names) if sentence]
        return (1 if said else 0), "".join(f"{sentence}\n" for sentence in said)

    def do_start(self, names, _):
        return self.each(names, Unit.start)

    def do_stop(self, names, _):
        return self.each(names, Unit.stop)

    def do_restart(self, names, _):
        return self.each(names, lambda unit: unit.stop() or unit.start())

    def do_try_restart(self, names, flags):
        return self.do_restart([name for name in names if self.unit(name).state == "active"], flags)

    def do_reload(self, names, _):
        return self.each(names, Unit.reload)

    def do_daemon_reload(self, *_):
        for unit in self.units.values():
            if unit.path.exists():
                unit.settings = read_unit(unit.path, unit.name)
        return 0, ""

    def do_enable(self, names, flags):
        for name in names:
            unit = self.unit(name)
            link = self.root / WANTS / unit.name
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink():
                link.symlink_to("/" + str(unit.path.relative_to(self.root)))
        return self.do_start(names, flags) if "--now" in flags else (0, "")

    def do_disable(self, names, flags):
        for name in names:
            (self.root / WANTS / self.unit(name).name).unlink(missing_ok=True)
        return self.do_stop(names, flags) if "--now" in flags else (0, "")

    def do_is_active(self, names, _):
        states = [self.unit(name).state for name in names]
        return (0 if states and all(state == "active" for state in states) else 3), "".join(f"{s}\n" for s in states)

    def do_is_enabled(self, names, _):
        states = [(self.root / WANTS / self.unit(name).name).is_symlink() for name in names]
        return (0 if all(states) else 1), "".join("enabled\n" if state else "disabled\n" for state in states)

    def do_status(self, names, _):
        unit = self.unit(names[0])
        lines = [f"{unit.name} - {unit.get('Description')}", f"Active: {unit.state}", f"Status: {unit.status}"]
        return (0 if unit.state == "active" else 3), "".join(f"{line}\n" for line in lines)

    def do_kill(self, names, flags):
        number = [flag.split("=")[1] for flag in flags if flag.startswith("--signal=")] or ["SIGTERM"]
        for name in names:
            self.unit(name).process.send_signal(getattr(signal, number[0]))
        return 0, ""

    def do_list_units(self, names, _):
        active = [unit.name for unit in self.units.values() if unit.state == "active" and unit.name in names]
        return 0, "".join(f"{name} loaded active running\n" for name in active)

    def do_journalctl(self, names, _):
        log = self.unit(names[0]).log
        return 0, log.read_text(errors="replace") if log.exists() else "-- No entries --\n"

    def boot(self):
        """Starts every unit of dvorik that is enabled; returns what went wrong."""
        links = sorted((self.root / WANTS).glob("dvorik*.service"))
        return [sentence for sentence in (self.unit(link.name).start() for link in links) if sentence]

    def halt(self, how=signal.SIGTERM):
        """Ends every service: in order, or as a power cut does (SIGKILL)."""
        for unit in self.units.values():
            unit.is_wanted = False
            if how == signal.SIGKILL and unit.process and unit.process.poll() is None:
                unit.process.kill()
            unit.stop()


def read_unit(path, name):
    """Settings of all sections; a key has the list of its values. Specifiers are replaced."""
    stem = name.removesuffix(".service")
    instance = stem.partition("@")[2]
    specifiers = {"%i": instance, "%N": stem, "%n": name, "%S": "/var/lib", "%t": "/run", "%%": "%"}
    settings = {}
    for line in map(str.strip, path.read_text().splitlines()):
        if not line or line[0] in "#;[":
            continue
        key, value = line.split("=", 1)
        for mark, meaning in specifiers.items():
            value = value.replace(mark, meaning)
        settings.setdefault(key, []).append(value)
    return settings
