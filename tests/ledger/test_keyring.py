"""The file keyring: sealed by its passphrase, private, never half written, never replaced."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from Crypto.Cipher import AES

from ledger.keyring import FileKeyring, create_keyring, create_passphrase, read_passphrase
from ledger.keys import KeyContext, KeyRefused

PASSPHRASE = b"correct horse battery staple"
SECRET = bytes(range(32))
CONTEXT = KeyContext(
    origin="titleix.example.edu/log", key_id=UUID(int=1), owner_kind="party", owner_id=UUID(int=2)
)


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.keyring._COSTS", {"iterations": 1, "lanes": 1, "memory_cost": 8})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "keyring"
    create_keyring(folder, PASSPHRASE)
    return folder


@pytest.fixture
def keyring(folder: Path) -> FileKeyring:
    keyring = FileKeyring(folder, PASSPHRASE)
    keyring.create_epoch("open-2026")
    return keyring


def test_a_wrapped_key_opens_after_a_restart(folder: Path, keyring: FileKeyring) -> None:
    wrapped = keyring.wrap("open-2026", SECRET, CONTEXT)

    assert FileKeyring(folder, PASSPHRASE).unwrap("open-2026", wrapped, CONTEXT) == SECRET
    assert SECRET not in wrapped


@pytest.mark.parametrize(
    "other",
    [
        CONTEXT._replace(origin="titleix.other.edu/log"),
        CONTEXT._replace(key_id=UUID(int=3)),
        CONTEXT._replace(owner_kind="witness"),
        CONTEXT._replace(owner_id=UUID(int=3)),
    ],
    ids=["ledger", "key", "kind", "owner"],
)
def test_a_wrapped_key_is_bound_to_its_owner(keyring: FileKeyring, other: KeyContext) -> None:
    wrapped = keyring.wrap("open-2026", SECRET, CONTEXT)
    with pytest.raises(KeyRefused):
        keyring.unwrap("open-2026", wrapped, other)


def test_a_wrapped_key_does_not_open_in_another_epoch(keyring: FileKeyring) -> None:
    wrapped = keyring.wrap("open-2026", SECRET, CONTEXT)
    keyring.create_epoch("open-2027")
    with pytest.raises(KeyRefused):
        keyring.unwrap("open-2027", wrapped, CONTEXT)
    with pytest.raises(KeyRefused, match="no key of the epoch open-2028"):
        keyring.unwrap("open-2028", wrapped, CONTEXT)


@pytest.mark.parametrize("cut", [0, 5, 20])
def test_what_was_cut_short_is_refused(keyring: FileKeyring, cut: int) -> None:
    with pytest.raises(KeyRefused):
        keyring.unwrap("open-2026", keyring.wrap("open-2026", SECRET, CONTEXT)[:cut], CONTEXT)


def test_without_the_epochs_file_nothing_opens(folder: Path, keyring: FileKeyring) -> None:
    wrapped = keyring.wrap("open-2026", SECRET, CONTEXT)
    (folder / "open-2026.kek").unlink()
    again = FileKeyring(folder, PASSPHRASE)
    again.create_epoch("open-2026")
    with pytest.raises(KeyRefused):
        again.unwrap("open-2026", wrapped, CONTEXT)


def test_an_epoch_is_made_once(folder: Path, keyring: FileKeyring) -> None:
    wrapped = keyring.wrap("open-2026", SECRET, CONTEXT)
    made = (folder / "open-2026.kek").read_bytes()
    FileKeyring(folder, PASSPHRASE).create_epoch("open-2026")

    assert (folder / "open-2026.kek").read_bytes() == made
    assert keyring.unwrap("open-2026", wrapped, CONTEXT) == SECRET


def test_of_many_that_make_an_epoch_at_once_one_does(folder: Path) -> None:
    keyrings = [FileKeyring(folder, PASSPHRASE) for _ in range(4)]

    def wrap(keyring: FileKeyring) -> bytes:
        keyring.create_epoch("open-2026")
        return keyring.wrap("open-2026", SECRET, CONTEXT)

    with ThreadPoolExecutor(len(keyrings)) as pool:
        wrapped = list(pool.map(wrap, keyrings))

    assert {keyrings[0].unwrap("open-2026", each, CONTEXT) for each in wrapped} == {SECRET}
    assert sorted(path.name for path in folder.iterdir()) == ["keyring.json", "open-2026.kek"]


def test_guessing_the_passphrase_is_made_dear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    create_keyring(tmp_path / "real", PASSPHRASE)
    root = json.loads((tmp_path / "real" / "keyring.json").read_text())
    assert root["costs"] == {"iterations": 3, "lanes": 4, "memory_cost": 65536}
    FileKeyring(tmp_path / "real", PASSPHRASE).create_epoch("open-2026")


def test_a_wrong_passphrase_opens_nothing(folder: Path) -> None:
    with pytest.raises(KeyRefused):
        FileKeyring(folder, b"wrong")


def test_a_keyring_is_never_replaced(folder: Path) -> None:
    before = (folder / "keyring.json").read_bytes()
    with pytest.raises(FileExistsError):
        create_keyring(folder, b"another")
    assert (folder / "keyring.json").read_bytes() == before


def test_an_unknown_format_is_refused(folder: Path) -> None:
    root = json.loads((folder / "keyring.json").read_text())
    (folder / "keyring.json").write_text(json.dumps(root | {"format": "muniment.keyring/v2"}))
    with pytest.raises(KeyRefused, match="unknown keyring format"):
        FileKeyring(folder, PASSPHRASE)


def test_all_of_it_is_private(folder: Path, keyring: FileKeyring) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == {"keyring.json": 0o600, "open-2026.kek": 0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "loosen",
    [
        lambda folder: folder.chmod(0o750),
        lambda folder: (folder / "keyring.json").chmod(0o604),
        lambda folder: (folder / "open-2026.kek").chmod(0o640),
    ],
    ids=["folder", "root", "epoch"],
)
def test_a_keyring_that_others_may_open_is_refused(
    folder: Path, keyring: FileKeyring, loosen: Callable[[Path], Any]
) -> None:
    wrapped = keyring.wrap("open-2026", SECRET, CONTEXT)
    loosen(folder)
    with pytest.raises(KeyRefused, match="others may open"):
        FileKeyring(folder, PASSPHRASE).unwrap("open-2026", wrapped, CONTEXT)


def test_nothing_is_written_where_others_may_look(folder: Path) -> None:
    keyring = FileKeyring(folder, PASSPHRASE)
    folder.chmod(0o755)
    with pytest.raises(KeyRefused, match="others may open"):
        keyring.create_epoch("open-2026")
    assert [path.name for path in folder.iterdir()] == ["keyring.json"]


@pytest.mark.parametrize("name", ["../open-2026", "open-2026\n", "", "open", "open-2026.kek"])
def test_an_epochs_name_is_no_path(keyring: FileKeyring, name: str) -> None:
    with pytest.raises(KeyRefused, match="not the name of an epoch"):
        keyring.create_epoch(name)


def test_a_crash_while_writing_leaves_no_half_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FileKeyring(folder, PASSPHRASE)

    def crash(_: int) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", crash)
        with pytest.raises(OSError, match="the power went"):
            keyring.create_epoch("open-2026")

    assert [path.name for path in folder.iterdir()] == ["keyring.json"]
    keyring.create_epoch("open-2026")


@pytest.mark.usefixtures("keyring")
def test_an_epochs_key_is_on_the_disk_in_ciphertext_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = b"the key of an epoch, 32 bytes ok"
    monkeypatch.setattr("ledger.keyring.AESGCM.generate_key", lambda _: secret)
    FileKeyring(folder, PASSPHRASE).create_epoch("open-2027")
    assert secret not in b"".join(path.read_bytes() for path in folder.iterdir())


@pytest.mark.usefixtures("keyring")
def test_the_wrapping_is_the_published_format(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kek = b"the key of an epoch, 32 bytes ok"
    monkeypatch.setattr("ledger.keyring.AESGCM.generate_key", lambda _: kek)
    keyring = FileKeyring(folder, PASSPHRASE)
    keyring.create_epoch("open-2027")
    wrapped = keyring.wrap("open-2027", SECRET, CONTEXT)

    other = AES.new(kek, AES.MODE_GCM, nonce=wrapped[:12])
    other.update(b"\x00\x00\x00\x0fmuniment.dek/v1\x00\x00\x00\x17titleix.example.edu/log")
    other.update(b"\x00\x00\x00\x10" + UUID(int=1).bytes + b"\x00\x00\x00\x09open-2027")
    other.update(b"\x00\x00\x00\x05party\x00\x00\x00\x10" + UUID(int=2).bytes)
    assert other.decrypt_and_verify(wrapped[12:-16], wrapped[-16:]) == SECRET


def test_a_passphrase_comes_from_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    create_passphrase(path)

    assert len(read_passphrase(path)) == 43
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        create_passphrase(path)
    path.write_bytes(b"typed by hand\nand a remark\n")
    assert read_passphrase(path) == b"typed by hand"
    path.write_bytes(b"\n")
    with pytest.raises(KeyRefused, match="empty"):
        read_passphrase(path)
    path.chmod(0o644)
    with pytest.raises(KeyRefused, match="others may open"):
        read_passphrase(path)
