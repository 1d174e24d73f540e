"""Which provider wraps the keys, and `muniment keys rotate`, on an installation of its own."""

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from psycopg import connect

from api import demo, doctor
from api.cli import DONE, FAILED, UNAVAILABLE, WRONG, main
from api.installation import KEYS_DB, NotInstalled, key_provider
from api.settings import Settings
from ledger.keyring import FileKeyring
from ledger.keys import KeyContext, KeyRefused
from ledger.pkcs11 import Pkcs11Token
from ledger.roles import url_of
from ledger.server import Server
from tests.softhsm import LABEL, MODULE, PIN, SoftHsm

YEAR = datetime.now(UTC).year


@pytest.fixture(scope="module")
def home(short_folder: Path) -> Path:
    return short_folder / "keys-home"


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Server]:
    home.mkdir(mode=0o700)
    with Server(home / "postgres", share=True) as server:
        yield server


@pytest.fixture
def vault(running: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The key database of an installation with a ledger that is open, for its administrator."""
    monkeypatch.setenv("MUNIMENT_HOME", str(home))
    monkeypatch.delenv("MUNIMENT_ADMIN_URL", raising=False)
    assert main(["migrate"]) == DONE
    return url_of(running.admin_url, KEYS_DB)


def change(vault: str, statement: str) -> None:
    with connect(vault, autocommit=True) as db:
        db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
        db.execute(statement.encode())
        db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")


def test_keys_are_rotated_refused_and_never_made_anew_where_they_were_lost(
    vault: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["keys", "rotate"]) == DONE
    assert capsys.readouterr().out == f"0 keys moved to open-{YEAR}, 0 refused\n"
    change(vault, "UPDATE vault.keys SET check_value = sha256('')")
    assert main(["keys", "rotate", "--to", f"open-{YEAR + 1}"]) == FAILED
    said = capsys.readouterr()
    with connect(vault) as db:
        (row,) = db.execute("SELECT key_id, owner_kind FROM vault.keys").fetchall()
    assert row[1] == "mac"
    assert f"key {row[0]} is not what was recorded" in said.err
    assert said.out == (
        f"0 keys moved to open-{YEAR + 1}, 1 refused\nopen-{YEAR} still wraps 1: keep it\n"
    )

    change(vault, "DELETE FROM vault.keys")
    assert main(["migrate"]) == UNAVAILABLE
    assert "was lost: restore it" in capsys.readouterr().err
    with connect(vault) as db:
        assert db.execute("SELECT count(*) FROM vault.keys").fetchone() == (0,)


@pytest.mark.parametrize("to", ["2027", f"open-{YEAR + 2}", f"dispose-{YEAR}Q1"])
def test_a_rotation_goes_to_a_year_that_can_be_left_again(
    to: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "rotate", "--to", to]) == WRONG
    assert f"{to} is not open-YYYY" in capsys.readouterr().err


def test_a_rotation_needs_the_administrator(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MUNIMENT_ADMIN_URL", raising=False)  # The tests may have been given one.
    for role in ("WRITER", "READER", "PROJECTOR", "KEYS"):
        monkeypatch.setenv(f"MUNIMENT_{role}_URL", "postgresql://nowhere/none")
    assert main(["keys", "rotate"]) == WRONG
    assert "MUNIMENT_ADMIN_URL" in capsys.readouterr().err


def test_files_say_that_they_are_for_a_demo_or_a_tiny_site(tmp_path: Path) -> None:
    files = Settings(home=tmp_path)
    (found,) = doctor._keys(files)
    assert not found.serious
    assert str(files.keyring) in found.what
    for said in (found.mend, " ".join(demo._about_keys(files)), FileKeyring.__doc__ or ""):
        assert "demo or a tiny site" in said
    token = Settings(home=tmp_path, key_provider="pkcs11")
    assert list(doctor._keys(token)) == demo._about_keys(token) == []


def test_a_token_needs_its_module_and_its_pin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotInstalled, match="MUNIMENT_PKCS11_MODULE"):
        key_provider(Settings(home=tmp_path, key_provider="pkcs11"))
    settings = Settings(home=tmp_path, key_provider="pkcs11", pkcs11_module=tmp_path / "none.so")
    with pytest.raises(NotInstalled, match="pkcs11-pin"):
        key_provider(settings)
    monkeypatch.setitem(sys.modules, "ledger.pkcs11", None)
    with pytest.raises(NotInstalled, match="extra `pkcs11`"):
        key_provider(settings)


if MODULE:

    @pytest.mark.slow
    def test_a_token_is_opened_with_a_pin_that_nobody_else_may_read(
        softhsm: SoftHsm, tmp_path: Path
    ) -> None:
        pin = tmp_path / "pin"
        pin.write_text(f"{PIN}\n")
        settings = Settings(
            home=tmp_path,
            key_provider="pkcs11",
            pkcs11_module=softhsm.module,
            pkcs11_label=LABEL,
            pkcs11_pin=pin,
        )
        pin.chmod(0o640)
        with pytest.raises(KeyRefused, match="others may open"):
            key_provider(settings)
        pin.chmod(0o600)
        provider = key_provider(settings)
        assert isinstance(provider, Pkcs11Token)
        with closing(provider):  # Signing in is for the whole process, and other tests do, too.
            provider.create_epoch("open-2026")
            context = KeyContext("titleix.example.edu/log", UUID(int=1), "party", UUID(int=2))
            wrapped = provider.wrap("open-2026", bytes(32), context)
            assert provider.unwrap("open-2026", wrapped, context) == bytes(32)
