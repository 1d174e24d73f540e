"""Ways to append the same bytes on one server: ours, the library's own, and a bare INSERT.

Each is made from names alone, so that a child process can make it again.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from time import perf_counter
from typing import NamedTuple
from uuid import UUID, uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import StoredEvent
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledger.batch import Request, Row
from ledger.keyring import FileKeyring
from ledger.keys import KeyStore
from ledger.seal import random_bytes
from ledger.store import Entry, Ledger
from tests.contract.notes import Notes, NoteTaken

TOPIC = "NoteTaken/1"
TEXT = "An account of what was said and seen. " * 11  # 418 characters: 960 bytes once sealed.
RAW_TABLE = (
    "CREATE TABLE raw (id uuid, version bigint, topic text, state bytea, n bigserial,"
    " PRIMARY KEY (id, version)); CREATE UNIQUE INDEX ON raw (n)"
)

Append = Callable[[], object]
_IDS = 20_000  # More than a benchmark appends with one peer.


class Place(NamedTuple):
    """Where everything is."""

    writer_url: str
    keys_url: str
    origin: str
    keyring: Path
    passphrase: bytes
    party: UUID  # Whose key seals; made beforehand.
    peers_url: str  # A database of its own, on the same server.
    state: bytes  # What one of our rows holds.


def peer(name: str, place: Place, stack: ExitStack) -> Append:
    """One append of one event to a new stream, by this peer."""
    make = {"ours": _ours, "sealing": _sealing, "stock": _stock, "raw": _raw}[name]
    return make(place, stack)


def ids() -> Callable[[], UUID]:
    """Ids as whoever appends brings them. Made beforehand: the system's generator lets go of the
    interpreter's lock each time, which costs threads more than it costs one caller."""
    return [uuid4() for _ in range(2 * _IDS)].pop


def open_ledger(place: Place, stack: ExitStack) -> Ledger:
    keyring = FileKeyring(place.keyring, place.passphrase)
    keys = KeyStore(place.keys_url, keyring, place.origin)
    keys.provision()
    return stack.enter_context(Ledger(place.writer_url, Notes(), keys))


def _ours(place: Place, stack: ExitStack) -> Append:
    """The bytes as they are; leaf, lock and group commit, with the writer's rights alone."""
    recorder, new = open_ledger(place, stack)._recorder, ids()
    return lambda: recorder.append(
        Request(new(), "staff-1", [Row(new(), 1, TOPIC, place.state, random_bytes(32))])
    )


def _sealing(place: Place, stack: ExitStack) -> Append:
    """The same, from the event on: its text sealed each time, and encoded."""
    ledger, new = open_ledger(place, stack), ids()
    return lambda: ledger.append(
        command_id=new(),
        actor="staff-1",
        actor_role="coordinator",
        entries=[Entry(new(), 0, [NoteTaken(text=TEXT, about=place.party)])],
        guards={},
        holds=None,
    )


def _stock(place: Place, stack: ExitStack) -> Append:
    """The bytes as they are, as the owner of the table: it cannot append with less."""
    app = stack.enter_context(stock_application(place.peers_url))
    recorder, new = app.recorder, ids()
    return lambda: recorder.insert_events([StoredEvent(new(), 1, TOPIC, place.state)])


def stock_application(url: str, *, create_table: bool = False) -> Application:
    """The library as it comes, with PostgreSQL; one of its users makes the table, before."""
    to = conninfo_to_dict(url)
    return Application(
        {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(to["dbname"]),
            "POSTGRES_HOST": str(to["host"]),
            "POSTGRES_PORT": str(to.get("port") or 5432),
            "POSTGRES_USER": str(to["user"]),
            "POSTGRES_PASSWORD": str(to["password"]),
            "CREATE_TABLE": "y" if create_table else "n",
            "POSTGRES_POOL_SIZE": "1",
            "POSTGRES_MAX_OVERFLOW": "9",
        }
    )


class Note(Aggregate):
    """What the library's own events would hold: the same text and six more fields."""

    class Taken(Aggregate.Event):
        text: str
        about: UUID
        actor: str
        actor_role: str
        command_id: str
        occurred_on: str
        event_id: str


def _raw(place: Place, stack: ExitStack) -> Append:
    """A prepared INSERT with binary parameters, on as many connections as there are callers."""
    idle: list[psycopg.Cursor] = []
    new = ids()

    def insert() -> None:
        try:
            cursor = idle.pop()
        except IndexError:
            connection = psycopg.connect(place.peers_url, autocommit=True)
            stack.callback(connection.close)
            cursor = connection.cursor()
        cursor.execute(
            "INSERT INTO raw (id, version, topic, state) VALUES (%b, %b, %b, %b)",
            [new(), 1, TOPIC, place.state],
            prepare=True,
        )
        idle.append(cursor)

    return insert


def create_peers(admin_url: str, name: str) -> str:
    """A database for the library's table and the bare one."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    url = make_conninfo(admin_url, dbname=name)
    with psycopg.connect(url) as db:
        db.execute(RAW_TABLE)
    stock_application(url, create_table=True).close()
    return url


def in_threads(append: Append, callers: int, each: int) -> float:
    """Appends a second of so many callers in this process."""
    start = threading.Barrier(callers + 1)

    def call() -> None:
        append()
        start.wait()
        for _ in range(each):
            append()

    threads = [threading.Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    start.wait()
    began = perf_counter()
    for thread in threads:
        thread.join()
    return callers * each / (perf_counter() - began)


def in_process(name: str, place: Place, each: int, start: Barrier, ended: Queue) -> None:
    """What one of several processes does: tells when it had done its appends."""
    try:
        with ExitStack() as stack:
            append = peer(name, place, stack)
            for _ in range(5):
                append()
            start.wait()
            for _ in range(each):
                append()
            ended.put(perf_counter())
    except BaseException:
        start.abort()  # Or the others would wait for ever.
        raise
