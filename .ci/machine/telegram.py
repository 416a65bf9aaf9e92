"""People of Telegram, who act through the control address of `crates/builtin-telegram/examples/standalone.rs`."""

import json
import time
import urllib.request


class Telegram:
    def __init__(self, address):
        self.address = address

    def act(self, do, **fields):
        body = json.dumps({"do": do} | fields).encode()
        try:
            with urllib.request.urlopen(self.address, data=body, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{do}: {error.read().decode()}") from error


class Person:
    """Somebody with a phone. `bot` is the username of a bot without `@`."""

    def __init__(self, telegram, number, first_name, username):
        self.telegram, self.number = telegram, number
        self.read = {}
        telegram.act("person", id=number, first_name=first_name, username=username)

    def opens(self, link):
        """Opens https://t.me/<bot>?start=<payload> and presses START."""
        bot, _, payload = link.removeprefix("https://t.me/").partition("?start=")
        self.mark(bot)
        self.telegram.act("starts", bot=bot, person=self.number, payload=payload)
        return bot

    def says(self, bot, text):
        self.mark(bot)
        self.telegram.act("says", bot=bot, person=self.number, text=text)

    def presses(self, bot, caption):
        self.mark(bot)
        self.telegram.act("presses", bot=bot, person=self.number, caption=caption)

    def mark(self, bot):
        """What is on the screen now is not the answer to what follows."""
        self.read[bot] = [(message["id"], message["text"]) for message in self.chat(bot)]

    def chat(self, bot):
        return self.telegram.act("chat", bot=bot, person=self.number)

    def hears(self, bot, fits, patience=30):
        """The message of the bot that fits and was not there, or was another, before the last act; waits for it."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            for message in reversed(self.chat(bot)):
                is_new = (message["id"], message["text"]) not in self.read.get(bot, [])
                if message["from_bot"] and is_new and fits(message):
                    return message
            time.sleep(0.1)
        shown = [message["text"] for message in self.chat(bot)[-3:]]
        raise AssertionError(f"{bot} does not answer as expected; last in the chat: {shown}")
