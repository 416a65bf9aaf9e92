"""docs/scale.md: a second shop on the machine of the first."""

import json

from deployment import is_equal, wizard
from upgrade import is_in
from world import NORTH_BOTS

NORTH = "/etc/dvorik/north.toml"


def play(world):
    holds, shop = world.checks.holds, world.shop
    page = world.page("scale")
    # The first shop's configuration says in which language it begins.
    answers = wizard(world, bots=NORTH_BOTS, begins=world.language)
    page.run("sudo dvorik init --systemd --name north", shop, answers=answers)
    holds("both shops run", lambda: [shop.quietly("systemctl", "is-active", unit) for unit in ("dvorik", "dvorik@north")])
    holds("the second one has a port of its own", lambda: is_in("127.0.0.1:8001", shop.path(NORTH).read_text()))
    page.run("sudo dvorik --config /etc/dvorik/north.toml status", shop, shows=["ready"])
    holds("it has none of the first shop's customers", lambda: is_equal(customers(shop, NORTH), 0))
    page.leave("litestream restore", ".ci/blocks runs it with a backup, and drill.md has the same command")
    page.end()
    # The pages that follow have one shop.
    shop.quietly("systemctl", "disable", "--now", "dvorik@north")
    shop.quietly("rm", "-r", NORTH, "/var/lib/dvorik/north")


def customers(machine, config):
    return json.loads(machine.quietly("dvorik", "--config", config, "--json", "user", "list"))["total"]
