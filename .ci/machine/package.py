"""The Debian package: installed on a bare machine, upgraded while the shop runs, removed and purged."""

from deployment import is_equal, wizard
from upgrade import is_in, running
from world import REPLACEMENTS

KEPT = ["/etc/dvorik/config.toml", "/var/lib/dvorik/dvorik.db"]


def play(world):
    holds = world.checks.holds
    if world.shop:
        world.lose(world.shop)
    machine = world.machine("six")
    old, new = (min((world.releases / release).glob("*.deb")) for release in ("one", "two"))
    for package in (old, new):
        machine.path(f"/root/{package.name}").write_bytes(package.read_bytes())
    holds("dpkg installs the package", lambda: machine.quietly("dpkg", "-i", f"/root/{old.name}"))
    holds("its files are as it says", lambda: is_equal(machine.quietly("dpkg", "--verify", "dvorik"), ""))
    holds("the user is there", lambda: is_in("/var/lib/dvorik", machine.quietly("getent", "passwd", "dvorik")))
    holds("its directories are the user's alone", lambda: is_equal(
        (machine.mode("/etc/dvorik"), machine.mode("/var/lib/dvorik")), ("dvorik dvorik 750", "dvorik dvorik 700")))
    holds("nothing runs and nothing is enabled", lambda: is_quiet(machine))
    holds("init --systemd takes the unit of the package", lambda: makes_shop(world, machine))
    holds("the service is the packaged program", lambda: runs(machine, old))
    upgrade(world, machine, new)
    holds("dpkg removes it", lambda: machine.quietly("dpkg", "-r", "dvorik"))
    holds("the service is stopped", lambda: has_ended(machine))
    said = holds("dpkg purges it", lambda: machine.shell("sudo dpkg -P dvorik")[1])
    holds("it says that configuration and data stay", lambda: [is_in(f"{place} stays", said) for place in ("/etc/dvorik", "/var/lib/dvorik")])
    holds("configuration and data stay", lambda: all(machine.path(path).exists() for path in KEPT))
    holds("no link to the unit is left", lambda: is_equal([*machine.path("/etc/systemd/system").rglob("dvorik*")], []))
    world.lose(machine)


def upgrade(world, machine, package):
    """By the block of docs/upgrade.md, with the release that is newer."""
    holds = world.checks.holds
    world.release = "two"
    block = world.page("upgrade").blocks[1]
    for text, value in REPLACEMENTS.items():
        block = block.replace(text, value)
    holds("upgrade.2: the package is upgraded", lambda: is_equal(machine.shell(block)[0], 0))
    holds("the running shop was restarted with it", lambda: runs(machine, package))
    machine.quietly("systemctl", "stop", "dvorik")
    holds("dpkg installs it once more", lambda: machine.quietly("dpkg", "-i", f"/root/{package.name}"))
    holds("a stopped shop stays stopped", lambda: is_equal(state(machine), "inactive"))
    machine.quietly("systemctl", "start", "dvorik")


def makes_shop(world, machine):
    code, _ = machine.shell("sudo dvorik init --systemd", wizard(world, is_admin=True))
    is_equal((code, machine.path("/etc/systemd/system/dvorik.service").exists()), (0, False))


def runs(machine, package):
    version = package.name.split("_")[1]
    is_equal(running(machine), f"dvorik {version}\n")


def is_quiet(machine):
    machine.quietly("systemctl", "is-enabled", "dvorik", code=1)
    is_equal(state(machine), "inactive")


def state(machine):
    return machine.services.unit("dvorik").state


def has_ended(machine):
    # Its unit file is gone, so the manager is not asked.
    unit = machine.services.units["dvorik.service"]
    is_equal((unit.state, unit.process.poll()), ("inactive", 0))
