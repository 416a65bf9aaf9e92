"""docs/proxy.md: webhooks, and back to polling. Nothing here has a domain, so that no update arrives meanwhile."""

import guide
from move import CONFIG


def play(world):
    holds, shop = world.checks.holds, world.shop
    page = world.page("proxy")
    for server in ("caddy", "nginx certbot"):
        page.leave(f"sudo apt install -y {server}", "needs a domain; .ci/units has the program read its file")
    config = shop.path(CONFIG)
    polling = config.read_text()
    behind_proxy, webhook = guide.blocks("proxy", "toml")[:2]
    config.write_text(guide.configured(guide.configured(polling, behind_proxy), webhook))
    page.run("sudo systemctl restart dvorik", shop, shows=["https://shop.example/"])
    config.write_text(polling)
    holds("with polling everything is as before", lambda: shop.quietly("systemctl", "restart", "dvorik"))
    page.leave("sudo systemctl restart dvorik", "needs a proxy outside")
    page.end()
