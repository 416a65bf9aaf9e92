"""docs/move.md: from one server to another."""

from deployment import cashier_is_refused, is_equal

INSTALL = "curl -fsSL http://127.0.0.1:8100/dvorik/install.sh | sudo sh -s -- --system"
CONFIG = "/etc/dvorik/config.toml"
STATE = "/var/lib/dvorik"


def play(world):
    holds, old = world.checks.holds, world.shop
    page, new = world.page("move"), world.machine("two")
    new.reaches("203.0.113.10", old)
    holds("dvorik is on the new machine", lambda: new.shell(INSTALL)[0] == 0)
    before = old.json("stats")["discounts"]
    page.run("sudo systemctl disable --now dvorik", old)
    holds("the database is one file", lambda: is_equal([*old.path(STATE).glob("dvorik.db-wal")], []))
    page.run("sudo ls /var/lib/dvorik", old, shows=["dvorik.db"])
    page.run("(umask 077; sudo tar", old)
    holds("the archive is its maker's alone", lambda: is_equal(old.mode("/home/debian/dvorik-move.tar.gz")[-3:], "600"))
    holds("the old machine cannot open the shop", lambda: is_fenced(old))
    page.run("scp root@203.0.113.10:dvorik-move.tar.gz .", new)
    page.run("sudo systemctl enable --now dvorik", new)
    holds("the files belong to the service", lambda: is_equal(new.mode(f"{STATE}/dvorik.db"), "dvorik dvorik 600"))
    holds("the figures are the same", lambda: is_equal(new.json("stats")["discounts"], before))
    holds("the cashier works at the new machine", lambda: cashier_is_refused(world, world.redeemed_code))
    holds("a reboot of the old machine opens no second shop", lambda: stays_closed(old))
    page.end()
    world.lose(old)
    world.shop = new


def is_fenced(machine):
    machine.quietly("systemctl", "start", "dvorik", code=1)


def stays_closed(machine):
    is_equal(machine.reboots(), [])
    machine.quietly("systemctl", "is-active", "dvorik", code=3)
