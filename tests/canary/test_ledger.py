"""What the ledger seals stands nowhere in clear: not in its databases, files, logs or errors."""

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ledger.errors import LedgerError
from ledger.keyring import FileKeyring, create_keyring, create_passphrase, read_passphrase
from ledger.keys import KeyStore
from ledger.reveal import FieldRef, Wish
from ledger.seal import check_value
from ledger.store import Ledger
from tests.canary.search import find, on_disk, words
from tests.contract.notes import Line, Notes, NoteTaken, put
from tests.databases import Cluster, Databases

pytestmark = pytest.mark.slow  # Of the ledger alone; `test_whole.py` asks it of everything.

NOTES = 5


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    tmp_path.chmod(0o700)
    create_passphrase(tmp_path / "passphrase")
    create_keyring(tmp_path / "keyring", read_passphrase(tmp_path / "passphrase"))
    return FileKeyring(tmp_path / "keyring", read_passphrase(tmp_path / "passphrase"))


@pytest.fixture
def ledger(pair: Databases, keyring: FileKeyring) -> Iterator[Ledger]:
    keys = KeyStore(pair.urls.keys, keyring, pair.identity.origin)
    keys.provision()
    with Ledger(pair.urls.writer, Notes(), keys) as ledger:
        yield ledger


def test_what_is_sealed_is_nowhere_in_clear(
    cage: Cluster,
    pair: Databases,
    ledger: Ledger,
    pg_dump: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    sealed, (in_clear,) = words(NOTES * 3 + 3), words(1)
    texts: dict[str, str | bytes] = {}
    unused = iter(sealed)

    def note(about: UUID) -> NoteTaken:
        lines = [Line(next(unused)), Line(f"{next(unused)} and then {'x' * 900}")]
        return NoteTaken(text=next(unused), about=about, lines=lines)

    case, access = uuid4(), uuid4()
    version = 0
    for number in range(NOTES):
        version = ledger.append(**put(case, version, note(uuid4()))).versions[case]
        texts[f"history {number}"] = repr(ledger.history(case))
    for stale in range(2):  # Refused: sealed already, and then not written.
        with pytest.raises(LedgerError) as refused:
            ledger.append(**put(case, stale, NoteTaken(text=sealed[0], about=uuid4())))
        texts[f"refusal {stale}"] = "".join(traceback.format_exception(refused.value))
    place = next(
        FieldRef(case, each.version, "text")
        for each in ledger.history(case)
        if isinstance(each.event, NoteTaken)
    )
    wish = Wish(
        command_id=uuid4(),
        actor="staff-7",
        actor_role="coordinator",
        access_stream=access,
        access_version=0,
        purpose="notice",
        basis="coordinator_role",
        reason=next(unused),
        reason_owner=("case", case),
        fields=[place],
    )
    revealed = ledger.reveal(wish)
    assert revealed.texts == {place: sealed[2]}
    texts["reveal"] = repr(wish) + repr(revealed)
    texts["digest"] = ledger.mac("request", sealed[0].encode())
    ledger.append(**put(uuid4(), 0, NoteTaken(text=in_clear)))

    output = capfd.readouterr()
    hits = find(
        [*sealed, in_clear],
        databases={"ledger": pair.admin, "keys": pair.keys_admin},
        files=[cage.home, tmp_path, *on_disk(cage.admin_url)],
        texts=texts | {"log": caplog.text, "output": output.out, "errors": output.err},
        pg_dump=pg_dump,
    )

    # What was never sealed is found: so the search looked.
    assert {hit.word for hit in hits} == {in_clear}
    assert {"ledger: dump", "ledger: table muniment.events"} <= {hit.place for hit in hits}
    assert not [hit for hit in hits if hit.place.startswith("keys")]


def test_no_key_is_in_clear_in_the_key_store_or_the_keyring(
    cage: Cluster, pair: Databases, ledger: Ledger, pg_dump: Path, tmp_path: Path
) -> None:
    """A secret that the test knows is made a key, sealed with, and then looked for."""
    secret, party = words(1)[0].ljust(32, "k"), uuid4()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("os.urandom", lambda length: secret.encode()[:length])
        key = ledger._key_store().for_owner("party", party)
    assert key.check_value == check_value(secret.encode(), key.key_id)
    ledger.append(**put(uuid4(), 0, NoteTaken(text="some text", about=party)))
    hits = find(
        [secret],
        databases={"ledger": pair.admin, "keys": pair.keys_admin},
        files=[cage.home, tmp_path, *on_disk(cage.admin_url)],
        pg_dump=pg_dump,
    )
    assert hits == []
