"""Golden files: compared, or with MUNIMENT_GOLDEN=rewrite (`make golden`) written anew.

The diff is what is reviewed. A permanent file only ever gains lines: `make golden` adds what is
new, and does not mend what differs.
"""

import os
from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
REFERENCE = ROOT / "docs" / "reference"
_SHOWN = 40


def rewriting() -> bool:
    """Asked for by `make golden` alone; without it a golden file is never written."""
    return os.environ.get("MUNIMENT_GOLDEN") == "rewrite"


def same(path: Path, text: str) -> None:
    """The file holds exactly this text. Fails with what differs."""
    if rewriting():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return
    kept = path.read_text("utf-8") if path.exists() else ""
    assert kept == text, _differs(path, kept, text)


def permanent(path: Path, lines: Mapping[str, str]) -> None:
    """The file holds these lines, by key, as `key line`. Fails where one was changed or lost."""
    kept = read(path)
    changed = sorted(key for key in kept if key in lines and lines[key] != kept[key])
    assert not changed, (
        f"{path.name} is permanent, and these are no longer what it says: {', '.join(changed)}. "
        "What is in force is never edited: give the new form a new name or version. (Before the "
        "first release only: delete the line by hand, run `make golden`, and say why.)"
    )
    lost = sorted(kept.keys() - lines.keys())
    assert not lost, f"{path.name} names what is no longer there: {', '.join(lost)}"
    same(path, "".join(f"{key} {line}\n" for key, line in sorted(lines.items())))


def read(path: Path) -> dict[str, str]:
    """The lines of a permanent file, by key."""
    text = path.read_text("utf-8") if path.exists() else ""
    return dict(line.split(" ", 1) for line in text.splitlines())


def _differs(path: Path, kept: str, text: str) -> str:
    name = path.relative_to(ROOT).as_posix()
    diff = unified_diff(kept.splitlines(), text.splitlines(), name, "generated", lineterm="", n=1)
    shown = "\n".join(line[:200] for line in list(diff)[:_SHOWN])
    return f"{name} is not what the code says; run `make golden` and read the diff:\n{shown}"
