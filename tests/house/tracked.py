"""The files of the repository, as their text."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def texts() -> dict[str, str]:
    """Every tracked file by its path, but the lock files; the changed as they are."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    return {
        name: (ROOT / name).read_bytes().decode("utf-8", "replace")
        for name in listed
        if not name.endswith(".lock") and (ROOT / name).is_file()
    }


def ending(*suffixes: str) -> dict[str, str]:
    return {name: text for name, text in texts().items() if name.endswith(suffixes)}
