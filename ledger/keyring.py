"""The file keyring: a key provider for a demo or a tiny site, in one folder.

Each epoch's key (KEK) is a file of its own, sealed under a root key that a passphrase opens
(Argon2id). It is as safe as that folder, that passphrase and this machine are, and a deleted file
may live on in a snapshot or on the disk. A real site keeps these keys in hardware or in a cloud.

    keyring.json    salt and costs of Argon2id; the root key, sealed under the passphrase
    <epoch>.kek     the epoch's key, sealed under the root key
    <name>.mac      an index key, sealed under the root key
"""

import hmac
import json
import os
import secrets
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from stat import S_IMODE
from threading import Lock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from ledger.keys import KeyContext, KeyRefused, bound_to, check_epoch, check_index_key
from ledger.seal import lp

_ROOT = "keyring.json"
_FORMAT = "muniment.keyring/v1"
_COSTS = {
    "iterations": 3,
    "lanes": 4,
    "memory_cost": 64 * 1024,
}  # RFC 9106, section 4, second choice.
_NONCE = 12


class FileKeyring:
    """Key provider over such a folder: for a demo or a tiny site. An institution wants `pkcs11.py`.

    KeyRefused: wrong passphrase, or others may read the folder.
    """

    def __init__(self, folder: Path, passphrase: bytes) -> None:
        _check_private(folder)
        root = json.loads(_read(folder / _ROOT))
        if root["format"] != _FORMAT:
            raise KeyRefused("unknown keyring format")
        door = _door(passphrase, b64decode(root["salt"]), root["costs"])
        self._root = AESGCM(_opened(door, b64decode(root["root"]), lp(_FORMAT)))
        self._folder = folder
        self._epochs: dict[str, AESGCM] = {}
        self._index_keys: dict[str, bytes] = {}
        self._lock = Lock()

    def create_epoch(self, epoch: str) -> None:
        """Make the epoch's key unless it exists. Of two that try at once, one makes it."""
        _check_private(self._folder)
        path = self._path(epoch)
        if not path.exists():
            _write_new(path, _sealed(self._root, AESGCM.generate_key(256), _epoch_aad(epoch)))

    def create_index_key(self, name: str) -> None:
        """Make the index key unless it exists. Of two that try at once, one makes it."""
        _check_private(self._folder)
        path = self._index_path(name)
        if not path.exists():
            _write_new(path, _sealed(self._root, os.urandom(32), _index_aad(name)))

    def mac(self, name: str, digest: bytes) -> bytes:
        check_index_key(name, digest)
        with self._lock:
            if name not in self._index_keys:
                try:
                    blob = _read(self._index_path(name))
                except FileNotFoundError:
                    raise KeyRefused(f"no index key {name}") from None
                self._index_keys[name] = _opened(self._root, blob, _index_aad(name))
            return hmac.digest(self._index_keys[name], digest, sha256)

    def wrap(self, epoch: str, secret: bytes, context: KeyContext) -> bytes:
        return _sealed(self._epoch(epoch), secret, bound_to(epoch, context))

    def unwrap(self, epoch: str, wrapped: bytes, context: KeyContext) -> bytes:
        return _opened(self._epoch(epoch), wrapped, bound_to(epoch, context))

    def _epoch(self, epoch: str) -> AESGCM:
        with self._lock:
            if epoch not in self._epochs:
                try:
                    blob = _read(self._path(epoch))
                except FileNotFoundError:
                    raise KeyRefused(f"no key of the epoch {epoch}") from None
                self._epochs[epoch] = AESGCM(_opened(self._root, blob, _epoch_aad(epoch)))
            return self._epochs[epoch]

    def _path(self, epoch: str) -> Path:
        check_epoch(epoch)
        return self._folder / f"{epoch}.kek"

    def _index_path(self, name: str) -> Path:
        check_index_key(name)
        return self._folder / f"{name}.mac"


def create_keyring(folder: Path, passphrase: bytes) -> None:
    """Start a keyring in this folder. FileExistsError where there is one: it is never replaced."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_private(folder)
    salt = os.urandom(16)
    root = _sealed(_door(passphrase, salt, _COSTS), AESGCM.generate_key(256), lp(_FORMAT))
    text = json.dumps(
        {
            "format": _FORMAT,
            "salt": b64encode(salt).decode(),
            "costs": _COSTS,
            "root": b64encode(root).decode(),
        },
        indent=2,
    )
    if not _write_new(folder / _ROOT, text.encode()):
        raise FileExistsError(f"there is a keyring in {folder}")


def create_passphrase(path: Path) -> None:
    """Write a random passphrase to a new file (0600). FileExistsError where there is one."""
    if not _write_new(path, secrets.token_urlsafe(32).encode() + b"\n"):
        raise FileExistsError(f"there is a passphrase in {path}")


def read_passphrase(path: Path) -> bytes:
    """The first line of a file that only its owner may read."""
    passphrase = _read(path).partition(b"\n")[0]
    if not passphrase:
        raise KeyRefused(f"{path} is empty")
    return passphrase


def _door(passphrase: bytes, salt: bytes, costs: Mapping[str, int]) -> AESGCM:
    key = Argon2id(
        salt=salt,
        length=32,
        iterations=costs["iterations"],
        lanes=costs["lanes"],
        memory_cost=costs["memory_cost"],
    )
    return AESGCM(key.derive(passphrase))


def _epoch_aad(epoch: str) -> bytes:
    return lp("muniment.kek/v1", epoch)


def _index_aad(name: str) -> bytes:
    return lp("muniment.index-key/v1", name)


def _sealed(key: AESGCM, secret: bytes, aad: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + key.encrypt(nonce, secret, aad)


def _opened(key: AESGCM, blob: bytes, aad: bytes) -> bytes:
    try:
        return key.decrypt(blob[:_NONCE], blob[_NONCE:], aad)
    except (InvalidTag, ValueError):  # ValueError: cut short.
        raise KeyRefused("this key does not open here") from None


def _read(path: Path) -> bytes:
    _check_private(path)
    return path.read_bytes()


def _check_private(path: Path) -> None:
    if S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyRefused(f"others may open {path}")


def _write_new(path: Path, content: bytes) -> bool:
    """Write a private file whole and to the disk, or not at all. False: there is one already."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(written, path)
    except FileExistsError:
        return False
    finally:
        written.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True
