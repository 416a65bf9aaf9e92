"""The blocks of a page in docs/, in their order."""

import re
from pathlib import Path

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def blocks(page, wanted="sh"):
    """The texts of the page's fences of a kind, without their indent: `sh` are commands, `toml` is configuration."""
    found = FENCE.findall(Path(f"docs/{page}.md").read_text())
    return ["".join(line.removeprefix(indent) for line in text.splitlines(True))
            for indent, kind, text in found if kind == wanted]


def configured(config, block):
    """The text of a configuration in which the keys have the values that a block of a page gives them."""
    for section, body in re.findall(r"^\[([^]\n]+)\]\n(.*?)(?=^\[|\Z)", block, re.MULTILINE | re.DOTALL):
        for given, key in re.findall(r"^((\w+) = .*)$", body, re.MULTILINE):
            there = re.compile(rf"(^\[{re.escape(section)}\].*?)^{key} = .*?$", re.MULTILINE | re.DOTALL)
            config, count = there.subn(lambda found, given=given: found[1] + given, config, count=1)
            assert count == 1, f"the configuration has no key {section}.{key}"
    return config
