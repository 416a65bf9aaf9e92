"""Counts and tells the checks, and plays the pages of docs/ block by block."""

import os

import guide
from machines import link_in
from terminal import Unanswered


class Failed(Exception):
    """A check did not hold; what comes after it would only repeat that."""


class Checks:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def holds(self, name, is_so, otherwise=""):
        """`is_so` may be a function; then what it raises is the reason."""
        try:
            result = is_so() if callable(is_so) else is_so
        except (AssertionError, LookupError, OSError, ValueError, Unanswered) as error:
            result, otherwise = False, f"{type(error).__name__}: {error}"
        if result is False:
            self.failed += 1
            print(f"FAILS {name}\n" + "".join(f"      {line}\n" for line in str(otherwise).splitlines()), end="", flush=True)
            raise Failed(name)
        self.passed += 1
        print(f"ok    {name}", flush=True)
        return result

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0


class Page:
    """A page of docs/, whose command blocks are run in their order, each as it stands but for the replacements.

    `$BREAK`, for example `deployment.5`, leaves out the block of this number: what follows must fail, at the latest
    `end`, which counts the blocks.
    """

    def __init__(self, checks, name, replacements):
        self.checks, self.name, self.replacements = checks, name, replacements
        self.blocks, self.at, self.done = guide.blocks(name), 0, set()

    def next(self, begins):
        self.at += 1
        label = f"{self.name}.{self.at}"
        block = self.blocks[self.at - 1] if self.at <= len(self.blocks) else ""
        if not block.startswith(begins):
            self.checks.holds(f"{label}: {begins}", False, f"docs/{self.name}.md has in this place:\n{block or 'no block'}")
        return label, block

    def run(self, begins, at, answers=(), shows=(), patience=120, ends=0):
        """Runs the next block `at` a machine, which `ends` with this exit code; returns what the screen showed."""
        label, block = self.next(begins)
        first = block.splitlines()[0]
        if os.environ.get("BREAK") == label:
            print(f"LEFT OUT {label}: {first} (BREAK)", flush=True)
            return ""
        for text, value in self.replacements.items():
            block = block.replace(text, value)
        screen = ""

        def done():
            nonlocal screen
            code, screen = at.shell(block, answers, patience)
            missing = [words for words in shows if words not in screen]
            assert code == ends and not missing, f"exit {code}, does not show {missing}:\n{screen[-3000:]}"
            return True

        self.checks.holds(f"{label}: {first}", done)
        self.done.add(self.at)
        return screen

    def leave(self, begins, why):
        """Passes over the next block, which cannot run here."""
        label, block = self.next(begins)
        print(f"LEFT OUT {label}: {block.splitlines()[0]} ({why})", flush=True)
        self.done.add(self.at)

    def link(self, begins, at):
        """Runs the next block, which shows the link to a bot; the link."""
        screen = self.run(begins, at)
        return self.checks.holds(f"{self.name}.{self.at}: it shows a link", lambda: link_in(screen))

    def end(self):
        rest = [block for number, block in enumerate(self.blocks, 1) if number not in self.done]
        self.checks.holds(f"{self.name}: every block was run, or left out with a reason", not rest, "\n".join(rest))
