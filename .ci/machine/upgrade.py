"""docs/upgrade.md: a newer version by install.sh and by the package, and the ways back."""

import sqlite3
import time

from deployment import cashier_is_refused, cashier_redeems, customer_gets_code, is_equal, redeemed
from machines import link_in
from world import SHOP


def play(world):
    holds, shop = world.checks.holds, world.shop
    page = world.page("upgrade")
    old = shop.quietly("dvorik", "--version")
    world.release = "two"
    page.run("curl -fsSL https://releases.example/dvorik/install.sh | sudo sh -s -- --system", shop)
    new = holds("the program is the newer one", lambda: other_than(old, shop.quietly("dvorik", "--version")))
    holds("the running service is the newer program", lambda: is_equal(running(shop), new))
    holds("the shop has its redeemed code", lambda: is_equal(redeemed(shop), 1))
    page.leave("curl -fsSLO https://releases.example/dvorik/SHA256SUMS", "the package is played on a machine of its own")
    page.run("curl -fsSL https://releases.example/dvorik/install.sh | sudo sh -s -- --system --rollback", shop)
    holds("the running service is the older program", lambda: is_equal(running(shop), old))
    holds("the shop has its redeemed code", lambda: is_equal(redeemed(shop), 1))
    back_to_an_older_schema(world, page, shop)
    page.end()


def back_to_an_older_schema(world, page, shop):
    """A newer program has migrated: it has made a backup, then has counted its migration, and a code was issued."""
    holds = world.checks.holds
    customer = world.customers[1]
    link = link_in(shop.quietly("dvorik", "campaign", "show", "door"))
    live = holds("a customer has an active code", lambda: customer_gets_code(world, customer, link))
    shop.quietly("dvorik", "backup")
    backup = max(path.name for path in shop.path("/var/lib/dvorik/backups").glob("dvorik-2*.db"))
    shop.quietly("systemctl", "stop", "dvorik")
    migrate_further(shop)
    said = holds("the older program refuses the newer database", lambda: refusal(shop))
    holds("it names the backup", lambda: is_in(backup.removesuffix(".db"), said))
    holds("the service does not start", lambda: shop.quietly("systemctl", "start", "dvorik", code=1))
    holds("and is not tried again", lambda: stays_stopped(shop))
    page.run("sudo systemctl stop dvorik", shop, answers=[(SHOP, SHOP)], shows=[backup.removesuffix(".db")])
    holds("the shop has its redeemed code", lambda: is_equal(redeemed(shop), 1))
    holds("the code that was active is revoked", lambda: is_equal(shop.json("discount", "show", live)["status"], "revoked"))
    holds("a redeemed code stays redeemed", lambda: cashier_is_refused(world, world.redeemed_code))
    fresh = holds("a customer gets a new code", lambda: issued(shop, customer))
    holds("the cashier redeems it", lambda: cashier_redeems(world, fresh))
    holds("stats --json counts both", lambda: is_equal(redeemed(shop), 2))


def running(machine):
    """What the service's main process says of itself: the file that it runs, not the one that is installed."""
    process = machine.services.unit("dvorik").process
    return machine.quietly(f"/proc/{process.pid}/exe", "--version")


def other_than(old, new):
    assert new != old, new
    return new


def is_in(part, whole):
    assert part in whole, f"{part} is not in: {whole}"


def migrate_further(shop):
    """What a newer program's migration leaves in the history of migrations."""
    path = shop.path("/var/lib/dvorik/dvorik.db")
    database = sqlite3.connect(path)
    version = database.execute("SELECT max(version) FROM refinery_schema_history").fetchone()[0] + 1
    database.execute("INSERT INTO refinery_schema_history VALUES (?, 'newer', '2026-01-01T00:00:00Z', '1')", [version])
    database.commit()
    database.close()


def refusal(shop):
    code, screen = shop.shell("sudo dvorik status")
    assert code == 78, f"exit {code}: {screen}"
    return screen


def stays_stopped(shop):
    unit = shop.services.unit("dvorik")
    before = unit.restarts
    # Longer than RestartSec of the unit.
    time.sleep(3)
    is_equal((unit.state, unit.restarts), ("failed", before))


def issued(shop, customer):
    said = shop.json("discount", "issue", f"tg:{customer.number}", "--template", "manual_10")
    return said["after"]["code"]
