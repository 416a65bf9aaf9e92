"""What contrib/container declares: the image of the Dockerfile, the services of compose.yml, the commands in the
comments of both. An instruction, key or option that is not known here is a fault, because nothing would test it."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import yaml

RESTARTS = ("no", "always", "on-failure", "unless-stopped")


@dataclass
class Health:
    command: list
    interval: float = 30
    timeout: float = 30
    start_period: float = 0


@dataclass
class Image:
    """What a Dockerfile makes of the archive that it adds to an empty image."""

    archive: str = ""
    user: str = ""
    environment: dict = field(default_factory=dict)
    volumes: list = field(default_factory=list)
    ports: list = field(default_factory=list)
    stop_signal: str = "SIGTERM"
    health: Health = None
    command: list = None


@dataclass
class Run:
    """What `docker run`, or a service of compose.yml, adds to an image. `mounts` are source, target and options."""

    image: str = ""
    command: list = None
    user: str = None
    environment: dict = field(default_factory=dict)
    mounts: list = field(default_factory=list)
    ports: list = field(default_factory=list)
    secrets: list = field(default_factory=list)
    grace: float = 10
    drops_capabilities: bool = False
    no_new_privileges: bool = False
    is_read_only: bool = False


def is_known(name, names, where):
    assert name in names, f"{where}: {name} is unknown to .ci/image/declared.py"


def seconds(text):
    """A duration as Docker reads it: `40s`, `1m30s`."""
    assert re.fullmatch(r"(\d+(ms|[smh]))+", str(text)), f"{text} is no duration"
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)(ms|[smh])", text))


def exec_form(text, where):
    """A command as a list: the other form needs a shell, which an empty image does not have."""
    assert text.startswith("["), f"{where}: {text} is no list; there is no shell in the image"
    words = json.loads(text)
    assert words and all(isinstance(word, str) for word in words), f"{where}: {text} is no list of texts"
    return words


def plain(text, where):
    """Text in which nothing stands for something else."""
    assert isinstance(text, str) and "$" not in text, f"{where}: {text!r} is no plain text"
    return text


def instructions(text):
    """The instructions of a Dockerfile with their arguments. A comment may stand inside a continued one."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        name, _, rest = line.strip().partition(" ")
        yield name.upper(), rest.strip()


def read_dockerfile(path, arch):
    image, arguments, seen = Image(), {}, []
    for name, rest in instructions(path.read_text()):
        where = f"Dockerfile: {name}"
        assert name in ("ARG", "ENV") or name not in seen, f"{where} stands twice"
        assert (name == "FROM") == (not seen), f"{where}: FROM is not the first"
        seen.append(name)
        match name:
            case "FROM":
                assert rest == "scratch", f"{where} is {rest}, not scratch"
            case "ARG":
                assert rest == "TARGETARCH", f"{where}: the builder gives no {rest}"
                arguments["TARGETARCH"] = arch
            case "ADD":
                source, target = rest.split()
                assert target == "/", f"{where}: the root goes to {target}"
                image.archive = re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], source)
            case "USER":
                image.user = plain(rest, where)
            case "ENV":
                pairs = [pair.partition("=") for pair in shlex.split(rest)]
                assert all(equals for _, equals, _ in pairs), f"{where}: {rest} has a variable without ="
                image.environment |= {key: plain(value, where) for key, _, value in pairs}
            case "VOLUME":
                image.volumes = exec_form(rest, where) if rest.startswith("[") else rest.split()
            case "EXPOSE":
                image.ports = [int(port.removesuffix("/tcp")) for port in rest.split()]
            case "STOPSIGNAL":
                image.stop_signal = rest
            case "HEALTHCHECK":
                image.health = health(rest, where)
            case "CMD":
                image.command = exec_form(rest, where)
            case _:
                is_known(name, (), "Dockerfile")
    wanted = {"FROM", "ADD", "USER", "ENV", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD"}
    assert wanted <= set(seen), f"Dockerfile: {', '.join(sorted(wanted - set(seen)))} is missing"
    return image


def health(rest, where):
    given, found = rest, {}
    while option := re.match(r"--([a-z-]+)=(\S+)\s+", given):
        is_known(option[1], ("interval", "timeout", "start-period"), where)
        found[option[1].replace("-", "_")] = seconds(option[2])
        given = given[option.end():]
    assert given.startswith("CMD "), f"{where}: {given} is no CMD"
    return Health(exec_form(given[4:].strip(), where), **found)


def commands(path):
    """The commands in the comment at the head of a file; what stands after three spaces is prose."""
    found = []
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            break
        if line.startswith("#   "):
            found.append(re.split(r" {3,}", line[1:].strip())[0])
    return found


def command_of(path, *words):
    """The words after `words` of the only command in the comment that begins so."""
    found = [shlex.split(line)[len(words):] for line in commands(path) if shlex.split(line)[:len(words)] == list(words)]
    assert len(found) == 1, f"{path.name}: {len(found)} commands {' '.join(words)} in the comment instead of one"
    return found[0]


def docker_runs(path):
    """What the commands `docker run` in the comment of the Dockerfile add."""
    return [docker_run(shlex.split(line)[2:]) for line in commands(path) if line.startswith("docker run ")]


def docker_run(words):
    run, words = Run(), list(words)
    while words and words[0].startswith("-"):
        option = words.pop(0)
        match option:
            case "-it" | "-d" | "--rm":
                pass
            case "-v":
                run.mounts.append(mount(words.pop(0)))
            case "-p":
                run.ports.append(published(words.pop(0)))
            case "--stop-timeout":
                run.grace = float(words.pop(0))
            case "--name":
                words.pop(0)
            case "--restart":
                is_known(words.pop(0), RESTARTS, "docker run --restart")
            case _:
                is_known(option, (), "docker run")
    run.image, *rest = words
    run.command = rest or None
    return run


def mount(text):
    source, target, *options = plain(text, "a volume").split(":")
    assert options in ([], ["ro"]), f"the volume {text}: {options} is unknown to .ci/image/declared.py"
    return source, target, *(options or ["rw"])


def published(text):
    """The port of the container that is published, and where on the host."""
    assert text.startswith("127.0.0.1:"), f"the port {text} is open to everybody: there is no proxy with TLS before it"
    host, outside, inside = text.split(":")
    return int(inside), (host, int(outside))


class Compose:
    def __init__(self, path):
        try:
            document = yaml.safe_load(path.read_text())
        except yaml.YAMLError as error:
            raise AssertionError(f"{path.name}: {error}") from error
        for key in document:
            is_known(key, ("name", "services", "volumes", "secrets"), path.name)
        self.volumes = document["volumes"]
        assert all(options is None for options in self.volumes.values()), f"{path.name}: a volume has options"
        self.secrets = {}
        for name, secret in document["secrets"].items():
            assert list(secret) == ["file"], f"{path.name}: the secret {name} is no file alone"
            self.secrets[name] = secret["file"]
        self.services = {name: self.service(name, given, document) for name, given in document["services"].items()}

    def service(self, name, given, document):
        run = Run()
        for key, value in given.items():
            where = f"compose.yml: {name}: {key}"
            match key:
                case "image":
                    run.image = plain(value, where)
                case "user":
                    run.user = plain(value, where)
                case "restart":
                    is_known(value, RESTARTS, where)
                case "depends_on":
                    assert set(value) <= set(document["services"]), f"{where} names no service"
                case "stop_grace_period":
                    run.grace = seconds(value)
                case "read_only":
                    run.is_read_only = value is True
                case "cap_drop":
                    assert value == ["ALL"], f"{where} is {value}"
                    run.drops_capabilities = True
                case "security_opt":
                    assert value == ["no-new-privileges:true"], f"{where} is {value}"
                    run.no_new_privileges = True
                case "ports":
                    run.ports = [published(port) for port in value]
                case "volumes":
                    run.mounts = [mount(volume) for volume in value]
                    named = [source for source, *_ in run.mounts if not source.startswith((".", "/"))]
                    assert set(named) <= set(self.volumes), f"{where}: {named} are not all declared"
                case "environment":
                    run.environment = {variable: plain(text, where) for variable, text in value.items()}
                case "secrets":
                    assert set(value) <= set(self.secrets), f"{where}: {value} are not all declared"
                    run.secrets = value
                case "command":
                    run.command = [plain(word, where) for word in value]
                case _:
                    is_known(key, (), f"compose.yml: {name}")
        return run


def account(user, root):
    """The user's number, its group's and its home, as Docker finds them in the root."""
    name, _, group = user.partition(":")
    lines = [line.split(":") for line in (Path(root) / "etc/passwd").read_text().splitlines()]
    found = next((line for line in lines if name in (line[0], line[2])), None)
    assert found or name.isdigit(), f"the user {name} is not in /etc/passwd of the image"
    assert not group or group.isdigit(), f"the group {group} is no number"
    number, its_group, home = (int(found[2]), int(found[3]), found[5]) if found else (int(name), 0, "/")
    return number, int(group) if group else its_group, home
