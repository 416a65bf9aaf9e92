"""What is around the machines: Telegram with its people, the server of the releases, the words of the program."""

import functools
import http.server
import os
import re
import subprocess
import threading
import time
import tomllib
import urllib.request
from pathlib import Path

from checks import Page
from machines import Computer, Machine
from telegram import Person, Telegram

FOR_BOTS, FOR_PEOPLE, RELEASES = 8081, 8082, 8100
API = f"http://127.0.0.1:{FOR_BOTS}"
CUSTOMER_BOT, STAFF_BOT = "sample_shop_bot", "sample_staff_bot"
NORTH_BOTS = ("north_shop_bot", "north_staff_bot")
TOKENS = {
    CUSTOMER_BOT: "1000001:builtin-customer-token", STAFF_BOT: "1000002:builtin-staff-token",
    NORTH_BOTS[0]: "1000003:north-customer-token", NORTH_BOTS[1]: "1000004:north-staff-token",
}
CHANNEL = "@sample_shop"
SHOP = "Sample"
# What stands in the pages for a reader's own values, and what it is here.
REPLACEMENTS = {
    "https://releases.example/dvorik": f"http://127.0.0.1:{RELEASES}/dvorik",
    "root@203.0.113.": "debian@203.0.113.",
}


class World:
    def __init__(self, checks, arguments):
        self.checks, self.work, self.base = checks, Path(arguments.work), arguments.base
        self.releases, self.litestream = Path(arguments.releases), arguments.litestream
        self.language = os.environ.get("GUIDE_LANG", "en")
        self.environment = {"DVORIK_TELEGRAM__API_BASE": API}
        self.machines = []
        addresses = (f"127.0.0.1:{FOR_BOTS}", f"127.0.0.1:{FOR_PEOPLE}")
        self.server = subprocess.Popen([arguments.telegram, *addresses, str(time.time_ns() // 1_000_000)])
        self.telegram = Telegram(f"http://{addresses[1]}")
        self.await_telegram()
        for username, token in TOKENS.items():
            self.telegram.act("bot", token=token, username=username)
        self.telegram.act("channel", id=-1001000000001, username=CHANNEL, title=SHOP)
        self.owner = Person(self.telegram, 900, "Olga", "olga")
        self.cashier = Person(self.telegram, 901, "Ivan", "ivan")
        self.customers = [Person(self.telegram, 902 + n, name, name.lower()) for n, name in enumerate(["Anna", "Boris"])]
        self.serve_releases()

    def await_telegram(self):
        for _ in range(1200):
            try:
                return self.telegram.act("violations")
            except urllib.error.URLError:
                time.sleep(0.05)
        raise OSError("the built-in Telegram does not start")

    def serve_releases(self):
        world = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def translate_path(self, path):
                return str(world.releases / world.release / path.removeprefix("/dvorik/"))

            def log_message(self, *_):
                pass

        self.release = "one"
        server = http.server.ThreadingHTTPServer(("127.0.0.1", RELEASES), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def machine(self, name):
        self.machines.append(Machine(name, self.work, self.base, self.environment))
        return self.machines[-1]

    def lose(self, machine):
        self.machines.remove(machine)
        machine.dies()

    def computer(self, machines):
        return Computer(self.work, machines)

    def page(self, name):
        return Page(self.checks, name, REPLACEMENTS)

    @functools.cached_property
    def words(self):
        """The catalogues of the program, by language."""
        return {lang: tomllib.loads(Path(f"src/language/{lang}.toml").read_text()) for lang in ("en", "ru")}

    @functools.cached_property
    def texts(self):
        """What the bots say."""
        files = [Path(f"src/texts/seed.{self.language}.toml"), Path("src/texts/seed.toml")]
        return tomllib.loads(next(file for file in files if file.exists()).read_text())

    def word(self, key, language=None):
        """The longest piece of a sentence of the program that has no placeholder in it."""
        found = self.words[language or self.language]
        for part in key.split("."):
            found = found[part]
        return longest_piece(found)

    def text(self, key):
        """The same of a text of the bots."""
        return longest_piece(self.texts[key]["body"])

    def says(self, key):
        """Whether a message is this text of the bots."""
        return lambda message: self.text(key) in message["text"]

    def tell_replacements(self):
        print("Blocks run as they stand, but for this:")
        rows = REPLACEMENTS | {
            "apt install": "the packages are in the root already",
            "the tokens": ", ".join(TOKENS.values()),
            "the channel": CHANNEL,
            "Telegram": f"{API}, by DVORIK_TELEGRAM__API_BASE in the root's environment",
            "the user": "debian, who may use sudo",
            "systemctl, journalctl": ".ci/machine/systemctl, which starts what the unit says",
            "ssh, scp": ".ci/machine/remote",
        }
        for what, by in rows.items():
            print(f"  {what:34} → {by}")

    def tell_logs(self):
        for machine in self.machines:
            for log in sorted(machine.path("/var/log").glob("journal.*")):
                lines = log.read_text(errors="replace").splitlines()[-30:]
                print(f"--- {machine.name}: {log.name}\n" + "\n".join(lines), flush=True)

    def end(self):
        for machine in self.machines:
            machine.services.halt()
        self.server.terminate()
        self.server.wait()


def longest_piece(text):
    """Of what is between the placeholders and the markup."""
    return max(re.split(r"\{+[^}]*\}+|<[^>]*>", text), key=len).strip()
