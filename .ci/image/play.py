"""Starts what contrib/container declares: the image as the Dockerfile and its comment say, the services as compose.yml
says. Started by .ci/container, in namespaces of its own."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request
from pathlib import Path

import declared
from checks import Checks, Failed
from container import Container, account
from telegram import Person, Telegram
from world import API, CUSTOMER_BOT, FOR_BOTS, FOR_PEOPLE, STAFF_BOT, TOKENS

# The address of the containers: what listens on the loopback alone is not reached there, and no published port either.
ADDRESS = "192.0.2.2"
PEOPLE = "telegram_id,first_name\n700001,Anna\n700002,Boris\n"
# What stands in the secrets. Telegram knows the tokens; the keys only have the length that is asked for.
SECRETS = {
    "customer_token": TOKENS[CUSTOMER_BOT],
    "staff_token": TOKENS[STAFF_BOT],
    "jwt_secret": "not-a-secret-but-a-login-key-of-the-test",
    "erasure_key": "not-a-secret-but-an-erasure-key-of-the-test",
}
OWNER = 900
# For an init that nobody answers. It writes them into the configuration: serve gets no variable that is not declared.
ANSWERS = {"DVORIK_TELEGRAM__API_BASE": API, "DVORIK_OWNER_TELEGRAM_ID": str(OWNER)}
TYPED = {
    "DVORIK_BOTS__CUSTOMER__TOKEN": TOKENS[CUSTOMER_BOT],
    "DVORIK_BOTS__STAFF__TOKEN": TOKENS[STAFF_BOT],
}
REPLACEMENTS = {
    "docker": "namespaces, by .ci/image/container.py",
    "the network": f"{ADDRESS} in a namespace without any other machine",
    "init": "init --no-input",
    "Telegram, the owner": f"{', '.join(f'{name}={value}' for name, value in ANSWERS.items())} for init",
    "the tokens typed to init": f"{', '.join(TYPED)} for init; with compose.yml they are secrets",
    "the secrets": "texts of .ci/image/play.py",
    "/mnt/backup": "an empty directory of the user",
    "sudo": "nothing: this is root",
}


class World:
    def __init__(self, checks, arguments):
        self.checks, self.work, self.files = checks, Path(arguments.work), Path(arguments.files)
        self.base, self.archive, self.arch = self.work / "root", arguments.archive, arguments.arch
        self.litestream, self.litestream_version = arguments.litestream, arguments.litestream_version
        self.containers, self.people = [], 500
        addresses = (f"127.0.0.1:{FOR_BOTS}", f"127.0.0.1:{FOR_PEOPLE}")
        self.server = subprocess.Popen([arguments.telegram, *addresses, str(time.time_ns() // 1_000_000)])
        self.telegram = Telegram(f"http://{addresses[1]}")
        for _ in range(200):
            try:
                self.telegram.act("violations")
                break
            except urllib.error.URLError:
                time.sleep(0.05)
        for username, token in TOKENS.items():
            self.telegram.act("bot", token=token, username=username)

    def container(self, name, image, run, mounts, base=None):
        made = Container(name, self.work, base or self.base, image, run, mounts)
        self.containers.append(made)
        return made

    def person(self):
        self.people += 1
        return Person(self.telegram, self.people, "Anna", f"anna{self.people}")

    def stop_all(self):
        """The containers share a network: what still runs would answer for the next one."""
        for container in self.containers:
            container.end()

    def end(self):
        self.stop_all()
        self.server.terminate()
        self.server.wait()


def main():
    parser = argparse.ArgumentParser()
    for name in ("work", "archive", "arch", "files", "telegram", "litestream", "litestream-version"):
        parser.add_argument(f"--{name}", required=True)
    for words in ("link set lo up", f"address add {ADDRESS}/32 dev lo"):
        subprocess.run(["ip", *words.split()], check=True)
    checks = Checks()
    world = World(checks, parser.parse_args())
    print("Runs as the files say, but for this:")
    for what, by in REPLACEMENTS.items():
        print(f"  {what:26} → {by}")
    try:
        image = checks.holds("the Dockerfile can be read", lambda: read_dockerfile(world))
        # Each goes on without the one before it.
        for chapter in (play_image, play_compose):
            try:
                chapter(world, image)
            except Failed:
                world.stop_all()
    except Failed:
        pass
    except Exception:  # a fault of this script is a failure as well
        traceback.print_exc()
        checks.failed += 1
    finally:
        world.end()
    return checks.end()


def read_dockerfile(world):
    return declared.read_dockerfile(world.files / "Dockerfile", world.arch)


# --- the image, as the Dockerfile and the commands in its comment say

def play_image(world, image):
    holds, path = world.checks.holds, world.files / "Dockerfile"
    tag = holds("its comment builds it", lambda: is_built(declared.command_of(path, "docker", "build")))
    once, serve = holds("its comment makes a shop, then runs it", lambda: the_two(declared.docker_runs(path), tag))
    exec_words = holds("its comment looks into it", lambda: declared.command_of(path, "docker", "exec", "dvorik"))
    holds(f"ADD names {world.archive}", lambda: is_equal(image.archive, world.archive))
    holds("what it mounts is the VOLUME", lambda: is_equal([target for _, target, _ in serve.mounts], image.volumes))
    holds("what it publishes is exposed", lambda: is_equal([port for port, _ in serve.ports], image.ports))
    volumes = make_volumes(world, "dvorik", serve.mounts)
    container = holds("USER is in the root", lambda: world.container("dvorik", image, serve, volumes))
    play_shop(world, container, once.command, exec_words, ANSWERS | TYPED)


def the_two(runs, tag):
    assert len(runs) == 2, f"{len(runs)} commands docker run instead of 2"
    once, serve = runs
    assert once.command and serve.command is None, "the first names a command, the second leaves CMD in force"
    assert {once.image, serve.image} == {tag}, f"they run {once.image} and {serve.image}, not {tag}"
    assert once.mounts == serve.mounts, f"they mount {once.mounts} and {serve.mounts}"
    return once, serve


def is_built(words):
    """The tag that `docker build` gives."""
    is_equal(words[:3] + words[4:], ["-f", "contrib/container/Dockerfile", "-t", "dist"])
    return words[3]


def make_volumes(world, name, mounts, base=None):
    """Directories for the volumes, empty but for what the image has there: its owner and mode are the image's."""
    made = []
    for source, target, options in mounts:
        place = world.work / f"{name}-volume-{source}"
        subprocess.run(["cp", "-a", (base or world.base) / target[1:], place], check=True)
        made.append((place, target, options))
    return made


# --- the services, as compose.yml says

def play_compose(world, image):
    holds, path = world.checks.holds, world.files / "compose.yml"
    compose = holds("compose.yml can be read", lambda: declared.Compose(path))
    holds("it has two services", lambda: is_equal(list(compose.services), ["dvorik", "litestream"]))
    run = compose.services["dvorik"]
    tag = holds("its comment builds the image", lambda: is_built(declared.command_of(path, "docker", "build")))
    holds("the service runs this image", lambda: is_equal(run.image, tag))
    holds("its root is read-only, without capabilities and new privileges",
          lambda: run.is_read_only and run.drops_capabilities and run.no_new_privileges)
    users = [account(user, world.base) for user in (run.user, image.user)]
    holds("its user is that of the image", lambda: is_equal(*users))
    holds("what it mounts is the VOLUME", lambda: is_equal([target for _, target, _ in run.mounts], image.volumes))
    holds("what it publishes is exposed", lambda: is_equal([port for port, _ in run.ports], image.ports))
    holds("every secret has a text here", lambda: is_equal(set(run.secrets), set(SECRETS)))
    place = holds("its comment makes the secrets the user's alone", lambda: make_secrets(world, compose, run))
    mounts = make_volumes(world, "compose", run.mounts)
    mounts += [(place / compose.secrets[name], f"/run/secrets/{name}", "ro") for name in run.secrets]
    container = world.container("compose", image, run, mounts)

    def command(*words):
        return declared.command_of(path, "docker", "compose", *words)

    once = holds("its comment makes a shop", lambda: command("run", "--rm", "dvorik"))
    exec_words = holds("its comment looks into it", lambda: command("exec", "dvorik"))
    holds("its comment starts the services", lambda: is_equal(command("up"), ["-d"]))
    play_shop(world, container, once, exec_words, ANSWERS)
    holds("the configuration names the files of the secrets", lambda: names_secrets(container))
    holds("no secret is in /data", lambda: has_no_secret(container))
    play_litestream(world, compose, container, mounts)


def make_secrets(world, compose, run):
    """Does what the comment says: a directory, one line in each file, then owner and mode."""
    place = world.work / "compose"
    place.mkdir()
    lines = [line.replace("sudo ", "") for line in declared.commands(world.files / "compose.yml")]
    mkdir, *others = [line for line in lines if line.split()[0] in ("mkdir", "chown", "chmod")]
    shell(mkdir, place)
    for name, file in compose.secrets.items():
        (place / file).write_text(f"{SECRETS[name]}\n")
        (place / file).chmod(0o444)
    for line in others:
        shell(line, place)
    user = account(run.user, world.base)[0]
    for file in compose.secrets.values():
        status = (place / file).stat()
        is_equal((status.st_uid, oct(status.st_mode & 0o777)), (user, "0o400"))
    return place


def shell(line, place):
    subprocess.run(["sh", "-e", "-c", line], cwd=place, check=True)


def names_secrets(container):
    """A key that is not given would be made by init, and written there."""
    config = next(path for path in files_of(container) if path.name == "config.toml").read_text()
    missing = [name for name in container.run.secrets if f' = "/run/secrets/{name}"' not in config]
    assert not missing, f"config.toml does not name {', '.join(missing)}"
    return True


def has_no_secret(container):
    for path in files_of(container):
        found = [name for name, text in SECRETS.items() if text.encode() in path.read_bytes()]
        assert not found, f"{path.name} has {', '.join(found)}"
    return True


def play_litestream(world, compose, shop, mounts):
    holds, run = world.checks.holds, compose.services["litestream"]
    holds(f"litestream: its version is the {world.litestream_version} of .ci/litestream",
          lambda: is_equal(run.image, f"litestream/litestream:{world.litestream_version}"))
    holds("litestream: its user is that of the shop", lambda: is_equal(run.user, shop.run.user))
    config, at = holds("litestream: the configuration that it mounts exists", lambda: mounted_config(world, run))
    command = ["replicate", "-config", at]
    holds("litestream: it replicates by this configuration", lambda: is_equal(run.command, command))
    volume = {name: place for (name, *_), (place, *_) in zip(shop.run.mounts, mounts)}
    backup, placed = world.work / "backup", []
    backup.mkdir()
    os.chown(backup, shop.user, shop.group)
    for source, target, options in run.mounts:
        place = volume.get(source) or (config if target == at else backup)
        placed.append((place, target, options))
    root = world.work / "litestream"
    (root / "usr/local/bin").mkdir(parents=True)
    (root / "etc").mkdir()
    # The image of Litestream is not at hand: its program alone, and the users of ours.
    shutil.copy(world.litestream, root / "usr/local/bin/litestream")
    shutil.copy(world.base / "etc/passwd", root / "etc/passwd")
    run.command = ["/usr/local/bin/litestream", *run.command]
    copier = world.container("litestream", declared.Image(), run, placed, root)
    shop.start()
    holds("litestream: the shop is healthy beside it", shop.becomes_healthy)
    holds("litestream: it runs as the service says", copier.start)
    holds("litestream: it copies the shop", lambda: copier.becomes("copy the shop", lambda: any(backup.rglob("*.ltx"))))
    holds("litestream: it ends well in its time of grace", copier.stop)
    holds("litestream: the shop ends well in its time of grace", shop.stop)


def mounted_config(world, run):
    found = [(world.files / source, target) for source, target, _ in run.mounts if target.endswith(".yml")]
    assert len(found) == 1 and found[0][0].is_file(), f"{found} is no file"
    return found[0][0].resolve(), found[0][1]


# --- a shop, from init to the second start

def play_shop(world, container, once, exec_words, answers):
    """`once` is the command that makes the shop, `exec_words` the one that looks into it."""
    name, image = container.name, container.image

    def holds(what, is_so):
        return world.checks.holds(f"{name}: {what}", is_so)

    holds("init cannot write into the root", lambda: cannot_write_root(container, once, answers))
    holds(f"{' '.join(once)} makes a shop", lambda: ends(container.once([*once, "--no-input"], answers), 0))
    holds("the shop is the user's alone", lambda: is_private(container))
    holds("the health check fails while nothing serves", lambda: ends(container.once(image.health.command), 1))
    holds(f"{' '.join(image.command)} begins", container.start)
    holds("it becomes healthy", container.becomes_healthy)
    holds(f"it runs as {container.user}, without a capability", lambda: has_nothing(container))
    holds("it listens where EXPOSE says, on the address of ENV", lambda: listens(container))
    holds("it answers on the published port", lambda: answers_outside(container))
    person = world.person()
    for bot in (CUSTOMER_BOT, STAFF_BOT):
        holds(f"{bot} answers a person", lambda bot=bot: greets(world, person, bot))
    holds(f"{' '.join(exec_words)} ends well", lambda: ends(container.exec(exec_words), 0))
    # It keeps what it reads in a temporary file, for which there is no place in a read-only root but TMPDIR.
    importing = ["/dvorik", "import", "users", "-", "--yes"]
    holds("people are imported from a pipe", lambda: ends(container.exec(importing, PEOPLE), 0))
    holds("a backup is made", lambda: ends(container.exec(["/dvorik", "backup"]), 0))
    holds(f"{image.stop_signal} ends it well in {container.run.grace:g} s", container.stop)
    left = [path.name for path in files_of(container) if path.name.endswith("-wal")]
    holds("it leaves no -wal", lambda: is_equal(left, []))
    holds("the shop is still the user's alone", lambda: is_private(container))
    container.start()
    holds("it becomes healthy again", container.becomes_healthy)
    holds("it has kept the people", lambda: has_people(container))
    holds("it ends well again", container.stop)


def cannot_write_root(container, once, answers):
    # The variable that names the configuration is overridden by the flag.
    code, said = container.once([once[0], "--config", "/config.toml", *once[1:], "--no-input"], answers)
    assert code == 78 and "/config.toml" in said, f"exit {code}: {said}"
    assert not (container.root / "config.toml").exists(), "it wrote into the root"
    return True


def is_private(container):
    found = files_of(container)
    names = {path.name for path in found}
    assert {"config.toml", "dvorik.db"} <= names, f"the volume has only {sorted(names)}"
    for path in found:
        status = path.stat()
        is_equal((path.name, status.st_uid, status.st_mode & 0o077), (path.name, container.user, 0))
    return True


def files_of(container):
    """The files in the volumes."""
    places = [Path(source) for source, _, options in container.mounts if options == "rw"]
    return [path for place in places for path in place.rglob("*") if path.is_file()]


def has_nothing(container):
    status = container.status()
    assert container.user != 0, "it is root"
    is_equal((set(status["Uid"]), set(status["Gid"])), ({str(container.user)}, {str(container.group)}))
    is_equal(int(status["CapEff"][0], 16), 0)
    if container.run.drops_capabilities:
        is_equal(int(status["CapBnd"][0], 16), 0)
    is_equal(status["NoNewPrivs"], ["1" if container.run.no_new_privileges else "0"])
    return True


def listens(container):
    """The address of ENV is one that a published port reaches, and the program has opened it, and no other."""
    address, port = container.environment["DVORIK_HTTP__LISTEN"].split(":")
    is_equal(([int(port)], address), (container.image.ports, "0.0.0.0"))
    own = container.opened()
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own}
    is_equal(listening, {f"00000000:{int(port):04X}"})
    return True


def answers_outside(container):
    """As a proxy on the host asks: Docker passes on what comes to the published address, with the name in it."""
    for inside, (host, outside) in container.run.ports:
        for path, wanted in (("/health", "ok"), ("/readyz", [])):
            request = urllib.request.Request(f"http://{ADDRESS}:{inside}{path}", headers={"Host": f"{host}:{outside}"})
            with urllib.request.urlopen(request, timeout=10) as answer:
                document = json.load(answer)
            is_equal(document["status" if path == "/health" else "failing"], wanted)
    return True


def greets(world, person, bot):
    world.telegram.act("starts", bot=bot, person=person.number)
    return person.hears(bot, lambda message: message["text"])


def has_people(container):
    code, said = container.exec(["/dvorik", "user", "list", "--json"])
    assert code == 0 and "700001" in said and "700002" in said, f"exit {code}: {said}"
    return True


def ends(ended, wanted):
    code, said = ended
    assert code == wanted, f"exit {code} instead of {wanted}: {said}"
    return True


def is_equal(is_so, wanted):
    assert is_so == wanted, f"{is_so!r} instead of {wanted!r}"
    return True


if __name__ == "__main__":
    sys.exit(main())
