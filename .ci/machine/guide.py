"""The command blocks of a page in docs/, in their order."""

import re
from pathlib import Path

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    """The texts of the page's fences of kind `sh`, without their indent."""
    found = FENCE.findall(Path(f"docs/{page}.md").read_text())
    return ["".join(line.removeprefix(indent) for line in text.splitlines(True))
            for indent, kind, text in found if kind == "sh"]
