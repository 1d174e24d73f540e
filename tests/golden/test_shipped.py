"""A policy in force and a migration that ran are never edited: a change is a new file."""

from hashlib import sha256

import pytest

from tests.golden.kept import HERE, ROOT, permanent

pytestmark = pytest.mark.golden

FOLDERS = {
    "domain/policies": "*.toml",
    "ledger/migrations": "*.sql",
    "ledger/migrations_keys": "*.sql",
}


def test_no_policy_and_no_migration_was_edited() -> None:
    shipped = {
        path.relative_to(ROOT).as_posix(): sha256(path.read_bytes()).hexdigest()
        for folder, pattern in FOLDERS.items()
        for path in sorted((ROOT / folder).glob(pattern))
    }
    assert {name.rpartition("/")[0] for name in shipped} == set(FOLDERS)
    permanent(HERE / "shipped.txt", shipped)
