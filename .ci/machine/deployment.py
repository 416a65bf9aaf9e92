"""docs/deployment.md: from a bare server to the first redeemed code."""

import functools

from machines import link_in
from world import CHANNEL, CUSTOMER_BOT, SHOP, STAFF_BOT, TOKENS


def play(world):
    holds = world.checks.holds
    page, shop = world.page("deployment"), world.machine("one")
    world.shop = shop
    page.leave("ssh root@203.0.113.10", "the machine is entered by chroot")
    page.leave("apt update && apt install -y curl sudo", "the root has them")
    for absent in ("cargo", "cc", "/etc/ssl/certs"):
        holds(f"the machine has no {absent}", functools.partial(is_absent, shop, absent))
    page.run("curl -fsSL https://releases.example/dvorik/install.sh | sudo sh", shop, shows=["Nothing was started"])
    holds("install.sh enables and starts nothing", not shop.services.units)
    holds("the program is that of the release", lambda: is_release(world, shop))
    by_hand = world.machine("by-hand")
    page.run("curl -fsSLO https://releases.example/dvorik/install.sh", by_hand, shows=[": OK"])
    holds("by hand, it is the same", lambda: is_release(world, by_hand))
    holds("what lies about says nothing of the service to be", lambda: asks_past_a_stray_file(world, by_hand))
    world.lose(by_hand)
    page.run("sudo dvorik init --systemd", shop, answers=wizard(world))
    look_at_installation(world, shop)
    page.link("sudo dvorik admin invite --role owner", shop)
    page.run("sudo dvorik status", shop)
    first_code(world, page, shop)
    page.end()


def is_absent(machine, what):
    if what.startswith("/"):
        assert not machine.path(what).exists(), f"{what} is there"
    else:
        machine.quietly("sh", "-c", f"command -v {what}", code=127)


def is_release(world, machine):
    """The installed program is the one of the release, by its number."""
    archive = min((world.releases / world.release).glob("dvorik-*.tar.gz"))
    is_equal(machine.quietly("dvorik", "--version"), f"dvorik {archive.name.split('-')[1]}\n")


def asks_past_a_stray_file(world, machine):
    """`init` asks whether the shop becomes a service before it looks for a database: a file of this name in the working
    directory stops a shop without a service only."""
    script = "cd /srv && echo notes > dvorik.db && dvorik init"
    ask = "init.ask"
    asked = [(world.word(f"{ask}.lang", "en"), "en"), (world.word(f"{ask}.service", "en"), "")]
    # The end of input, at which init gives up.
    ctrl_d = "\x04"
    code, screen = machine.shell(script, [*asked, (world.word(f"{ask}.shop_name", "en"), ctrl_d)], user="root")
    assert code not in (0, 78), f"exit {code}:\n{screen}"
    code, screen = machine.shell(script, [asked[0], (asked[1][0], "n")], user="root")
    assert code == 78 and "dvorik.db" in screen, f"exit {code}:\n{screen}"


def wizard(world, is_admin=False, bots=(CUSTOMER_BOT, STAFF_BOT), begins="en"):
    """The questions of `init --systemd`, and what the owner answers. `is_admin`: the bot administers the channel.
    `begins`: the language of the first question."""
    customer_bot, staff_bot = bots

    def makes_admin(_):
        world.telegram.act("administers", channel=CHANNEL, bot=customer_bot)
        return ""

    def presses_start(screen):
        world.owner.opens(link_in(screen))
        world.owner.hears(staff_bot, lambda message: SHOP in message["text"])

    ask = "init.ask"
    channel = [(world.word(f"{ask}.channel"), CHANNEL)]
    if not is_admin:
        channel.append((world.word(f"{ask}.channel_admin"), makes_admin))
    return [
        (world.word(f"{ask}.lang", begins), world.language),
        (world.word(f"{ask}.shop_name"), SHOP),
        (world.word(f"{ask}.timezone"), "Europe/Moscow"),
        (world.word(f"{ask}.currency"), "RUB"),
        (world.word(f"{ask}.customer_token"), TOKENS[customer_bot]),
        (world.word(f"{ask}.staff_token"), TOKENS[staff_bot]),
        *channel,
        (world.word(f"{ask}.contact"), "@olga"),
        (world.word("init.owner_link"), presses_start),
        (world.word(f"{ask}.start"), ""),
    ]


def look_at_installation(world, shop):
    holds = world.checks.holds
    holds("the configuration is the service's alone", lambda: is_equal(shop.mode("/etc/dvorik/config.toml"), "dvorik dvorik 600"))
    holds("the database is the service's alone", lambda: is_equal(shop.mode("/var/lib/dvorik/dvorik.db"), "dvorik dvorik 600"))
    holds("the service runs", lambda: shop.quietly("systemctl", "is-active", "dvorik"))
    holds("the service starts with the machine", lambda: shop.quietly("systemctl", "is-enabled", "dvorik"))
    holds("the owner is known", lambda: is_equal(shop.json("admin", "list")["total"], 1))
    holds("no token is in the log", lambda: no_token_in(shop))
    holds("it runs again after a reboot", lambda: is_equal(shop.reboots(), []))


def first_code(world, page, shop):
    holds = world.checks.holds
    cashiers = page.link("sudo dvorik cashier invite", shop)
    holds("the cashier's START is answered", lambda: greets(world, world.cashier, cashiers, "cashier_approved"))
    poster = page.link("sudo dvorik campaign create", shop)
    code = holds("the customer gets a code", lambda: customer_gets_code(world, world.customers[0], poster))
    world.redeemed_code = code
    holds("the cashier redeems it", lambda: cashier_redeems(world, code))
    page.run("sudo dvorik stats", shop, shows=["1"])
    holds("stats --json has one redeemed code", lambda: is_equal(redeemed(shop), 1))
    holds("it is the customer's", lambda: is_equal(shop.json("stats")["last_redemptions"][0]["code"], code))
    holds("the second time it is refused", lambda: cashier_is_refused(world, code))


def greets(world, person, link, key):
    bot = person.opens(link)
    return person.hears(bot, world.says(key))


def customer_gets_code(world, customer, link):
    """Opens the campaign's link, follows the channel, asks for the subscription to be checked; the code."""
    greets(world, customer, link, "welcome")
    world.telegram.act("follows", channel=CHANNEL, person=customer.number)
    customer.presses(CUSTOMER_BOT, world.texts["button.check_subscription"]["body"])
    said = customer.hears(CUSTOMER_BOT, world.says("subscription_success"))
    return next(word.strip(".,:;") for word in said["text"].split() if is_code(word.strip(".,:;")))


def is_code(word):
    return len(word) == 7 and word[:3].isalpha() and word[3:].isdigit()


def cashier_redeems(world, code):
    world.cashier.says(STAFF_BOT, code)
    world.cashier.hears(STAFF_BOT, lambda message: code in message["text"] and message["buttons"])
    world.cashier.presses(STAFF_BOT, world.texts["button.redeem"]["body"])
    world.cashier.hears(STAFF_BOT, world.says("discount_used_cashier"))


def cashier_is_refused(world, code):
    world.cashier.says(STAFF_BOT, code)
    world.cashier.hears(STAFF_BOT, world.says("code_already_used_by_you"))


def redeemed(machine):
    return machine.json("stats")["discounts"]["redeemed"]


def no_token_in(machine):
    for log in machine.path("/var/log").glob("journal.*"):
        found = [token for token in TOKENS.values() if token in log.read_text(errors="replace")]
        assert not found, f"{log.name} has a token"


def is_equal(is_so, wanted):
    assert is_so == wanted, f"{is_so!r} instead of {wanted!r}"
