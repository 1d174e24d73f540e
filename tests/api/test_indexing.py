"""The blind index rebuilt from the sealed words: equal, recorded, resumable."""

from typing import Any
from uuid import uuid4

import pytest

from api import indexing
from api.indexing import rebuild_index
from domain.ids import access_stream, office_access_stream
from ledger.events import IdentityRevealed
from ledger.keyring import FileKeyring
from ledger.keys import KeyRefused
from ledger.progress import Progress
from ledger.reindex import reindexing
from tests.api.conftest import NewSite, Site
from tests.api.reports import received

ROWS = "SELECT kind, token, key_id, stream, standing, normalizer, index_key FROM vault.people_index"


@pytest.fixture
def site(new_site: NewSite) -> Site:
    """The office, and two reports of named people."""
    from api import stories  # noqa: PLC0415 - its loader needs the site.

    site = new_site()
    site.load([story for story in stories.shipped() if "12-" in str(story)])
    return site


def kept(site: Site) -> set[tuple[Any, ...]]:
    with site.databases.connect("keys_admin") as db:
        return set(db.execute(ROWS.encode()).fetchall())


def change(site: Site, statement: str) -> None:
    with site.databases.connect("keys_admin") as db:
        db.execute(statement.encode())


def rebuild(site: Site, keyring: FileKeyring, **more: Any) -> Any:
    return rebuild_index(site.record, site.databases.keys_admin, keyring, **more)


def test_what_is_rebuilt_is_what_was_written(site: Site, keyring: FileKeyring) -> None:
    before = kept(site)
    assert len(before) > 10
    assert rebuild(site, keyring) == (0, 0)
    assert kept(site) == before
    change(site, "DELETE FROM vault.people_index")
    assert rebuild(site, keyring) == (len(before), 0)
    assert kept(site) == before


def test_every_reading_is_recorded_and_stands_in_the_trail(
    site: Site, keyring: FileKeyring
) -> None:
    case = site.cases["12"]
    head = site.record.read([]).head
    rebuild(site, keyring)
    rows = site.record.ledger.page(head, 1000)
    revealed = [row for row in rows if isinstance(row.event, IdentityRevealed)]
    assert {row.envelope.actor for row in revealed} == {"operator"}
    assert {row.event.purpose for row in revealed} == {"index_rebuild"}
    assert {row.stream for row in revealed} == {
        access_stream(site.record.id, case),
        office_access_stream(site.record.id),
    }
    assert site.record.ledger.unmatched() == []


def test_a_rebuild_that_was_cut_short_goes_on(
    site: Site, keyring: FileKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_PAGE", 20)
    before = kept(site)
    change(site, "DELETE FROM vault.people_index WHERE standing = 'party'")
    seen: list[Progress] = []

    class Cut(Exception):
        """As the operator cuts it short."""

    def cut(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 3:
            raise Cut

    with pytest.raises(Cut):
        rebuild(site, keyring, progress=cut)
    assert kept(site) < before  # Nothing is taken over before it is whole.
    again: list[Progress] = []
    rebuild(site, keyring, progress=again.append)
    assert again[0].done == seen[-1].done + 20
    assert again[0].before == seen[-1].done
    assert kept(site) == before
    assert site.record.ledger.unmatched() == []


def test_what_leads_to_nothing_goes_and_what_is_written_meanwhile_stays(
    site: Site, keyring: FileKeyring
) -> None:
    before = kept(site)
    stray = (
        "INSERT INTO vault.people_index (kind, token, key_id, stream, standing, normalizer,"
        " index_key) SELECT 'name', '\\x{}'::bytea, key_id, gen_random_uuid(), 'party', 1, 1"
        " FROM vault.keys LIMIT 1"
    )
    change(site, stray.format("00" * 16))

    def write(_: Progress) -> None:
        if len(written) < 1:
            received(site, reporter_name="Somebody New", reporter_id=str(uuid4()))
            written.append(kept(site) - before)

    written: list[set[tuple[Any, ...]]] = []
    assert rebuild(site, keyring, progress=write).removed == 1
    assert kept(site) >= before
    assert all(token != bytes(16) for _, token, *_ in kept(site))
    assert any(standing == "reporter" for *_, standing, _, _ in kept(site) - before)


def test_whose_key_is_gone_is_in_no_index(site: Site, keyring: FileKeyring) -> None:
    case = site.cases["12"]
    parties = site.get(f"/cases/{case}").json()["state"]["parties"]
    gone = next(iter(parties))
    with site.databases.connect("keys_admin") as db:
        (key_id,) = db.execute(
            "SELECT key_id FROM vault.keys WHERE owner_id = %s", [gone]
        ).fetchone() or (None,)
    assert any(row[2] == key_id for row in kept(site))
    site.destroy_key(gone)  # type: ignore[arg-type]
    after = kept(site)
    assert not any(row[2] == key_id for row in after)
    rebuild(site, keyring)
    assert kept(site) == after


def test_one_rebuild_at_a_time(site: Site, keyring: FileKeyring) -> None:
    with (
        reindexing(site.databases.keys_admin),
        pytest.raises(KeyRefused, match="a rebuild of the index is running"),
    ):
        rebuild(site, keyring)
