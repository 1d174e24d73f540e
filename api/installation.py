"""One installation: its server, its two databases, its keys, and the ledger opened on them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal, TypeAlias
from uuid import UUID, uuid4

import msgspec
from psycopg import OperationalError, connect

from api.record import Record, open_record
from api.settings import Settings
from ledger.events import LedgerOpened, Migration, SchemaMigrated
from ledger.identity import Identity, read_identity
from ledger.keyring import FileKeyring, create_keyring, create_passphrase, read_passphrase
from ledger.keys import KeyProvider, KeyStore
from ledger.migrate import applied
from ledger.progress import Progress
from ledger.provision import provision
from ledger.roles import Urls, load_passwords, password_file, role_urls, url_of
from ledger.rotate import Rotated, rotate
from ledger.server import Server
from ledger.store import Entry

LEDGER_DB, KEYS_DB = "muniment", "muniment_keys"

Clock: TypeAlias = Literal["real", "simulated"]

# A simulated ledger's time starts before any story of the demo.
FIRST_INSTANT = datetime(2020, 1, 1, tzinfo=UTC)
_CONNECT_SECONDS = 5
_ROLES_OF_PROCESSES = 4


class NotInstalled(Exception):
    """One line for people: what must be done before this can run."""


@contextmanager
def server(settings: Settings, *, share: bool = True, make: bool = False) -> Iterator[str]:
    """The administrator's URL of the server: the given one, or the embedded one, started.

    Empty where every role's own URL is given. Errors: ServerError where the embedded one cannot
    start, or is in use and not to be shared; NotInstalled where there is none and none is to be
    made.
    """
    if settings.admin_url is not None:
        yield settings.admin_url.get_secret_value()
    elif len(_given(settings)) == _ROLES_OF_PROCESSES:
        yield ""
    elif not make and not settings.postgres.exists():
        raise NotInstalled(f"no installation in {settings.home}: run `muniment migrate`")
    else:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with Server(settings.postgres, share=share) as embedded:
            yield embedded.admin_url


def urls(settings: Settings, admin_url: str) -> Urls:
    """Where each role connects: as given, else derived. Errors: NotInstalled."""
    given = _given(settings)
    if len(given) == _ROLES_OF_PROCESSES:
        return Urls(**{**dict.fromkeys(Urls.__struct_fields__, ""), **given})
    if not password_file(settings.home).exists():
        raise NotInstalled(f"no installation in {settings.home}: run `muniment migrate`")
    passwords = load_passwords(password_file(settings.home))
    derived = role_urls(admin_url, passwords, LEDGER_DB, KEYS_DB)
    return msgspec.structs.replace(derived, **given)


def install(settings: Settings, admin_url: str, *, clock: Clock | None = None) -> list[Migration]:
    """Bring everything to where it can run, and record the migrations. Again: changes nothing.

    Returns the migrations that were recorded now. Errors: those of `provision`; KeyRefused.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity = identity_of(settings, admin_url, clock)
    provisioned = provision(admin_url, settings.home, identity=identity)
    if settings.key_provider == "file":
        if not settings.passphrase.exists():
            create_passphrase(settings.passphrase)
        if not (settings.keyring / "keyring.json").exists():
            create_keyring(settings.keyring, read_passphrase(settings.passphrase))
    with key_store(settings, provisioned.urls, identity.origin) as keys:
        if _has_records(provisioned.urls):
            keys.mac("installed", b"")  # KeyRefused where the key store was lost.
        keys.provision()
    with record(settings, provisioned.urls) as made, connect(provisioned.urls.reader) as db:
        return _record_migrations(made, applied(db))


def identity_of(settings: Settings, admin_url: str, clock: Clock | None) -> Identity:
    """Of the ledger that is there; else of a new one, as the settings say."""
    try:
        with connect(url_of(admin_url, LEDGER_DB)) as db:
            there = read_identity(db)
    except OperationalError:  # No such database yet; where no server answers, the next step says.
        there = None
    return there or Identity(
        ledger=uuid4(),
        origin=settings.origin,
        institution=settings.institution,
        zone=settings.zone,
        clock=clock or settings.clock,
        use="opened",
    )


def key_store(settings: Settings, where: Urls, origin: str) -> KeyStore:
    """The key store over the provider. Errors: those of `key_provider`."""
    return KeyStore(where.keys, key_provider(settings), origin)


def key_provider(settings: Settings) -> KeyProvider:
    """What wraps the keys, as the settings say. Errors: NotInstalled, KeyRefused, OSError."""
    if settings.key_provider == "file":
        return FileKeyring(settings.keyring, read_passphrase(settings.passphrase))
    if settings.pkcs11_module is None:
        raise NotInstalled("MUNIMENT_PKCS11_MODULE must name the token's PKCS#11 module")
    try:
        from ledger.pkcs11 import Pkcs11Token  # noqa: PLC0415 - the extra is not always there.
    except ModuleNotFoundError:
        raise NotInstalled("python-pkcs11 is missing: install the extra `pkcs11`") from None
    if not settings.pkcs11_pin_file.exists():
        raise NotInstalled(f"{settings.pkcs11_pin_file} must hold the PIN of the token's user")
    pin = read_passphrase(settings.pkcs11_pin_file).decode()
    return Pkcs11Token(settings.pkcs11_module, settings.pkcs11_label, pin)


def rotate_keys(
    settings: Settings,
    admin_url: str,
    to: str,
    *,
    progress: Callable[[Progress], None],
    refused: Callable[[UUID], None],
) -> Rotated:
    """Every key wrapped anew under this epoch. Errors: NotInstalled, KeyRefused, OSError."""
    if not admin_url:
        raise NotInstalled("MUNIMENT_ADMIN_URL must name the administrator of the key database")
    with connect(urls(settings, admin_url).writer) as db:
        identity = read_identity(db)
    if identity is None:
        raise NotInstalled(f"no ledger is set up from {settings.home}: run `muniment migrate`")
    return rotate(
        url_of(admin_url, KEYS_DB),
        key_provider(settings),
        identity.origin,
        to,
        progress=progress,
        refused=refused,
    )


@contextmanager
def record(settings: Settings, where: Urls) -> Iterator[Record]:
    """The ledger, for writing. Errors: NotInstalled, KeyRefused."""
    try:
        with connect(where.writer, connect_timeout=_CONNECT_SECONDS) as db:
            identity = read_identity(db)
    except OperationalError as error:
        raise NotInstalled("the database does not answer: `muniment doctor` says why") from error
    made = settings.key_provider != "file" or settings.passphrase.exists()
    if identity is None or not made:
        raise NotInstalled(f"no ledger is set up from {settings.home}: run `muniment migrate`")
    with key_store(settings, where, identity.origin) as keys:
        opened = open_record(where.writer, keys)
        try:
            yield opened
        finally:
            opened.close()


def _has_records(where: Urls) -> bool:
    with connect(where.reader) as db:
        return db.execute("SELECT 1 FROM muniment.events LIMIT 1").fetchone() is not None


def _record_migrations(made: Record, migrations: list[Migration]) -> list[Migration]:
    """What was applied and does not stand in the ledger yet: a crash may have come between."""
    stream = made.id
    rows = made.ledger.history(stream)
    known: set[int] = set()
    for row in rows:
        match row.event:
            case LedgerOpened(migrations=before):
                known |= {one.number for one in before}
            case SchemaMigrated(number=number):
                known.add(number)
    new = [one for one in migrations if one.number not in known]
    if not rows:
        made.ledger.open(new, FIRST_INSTANT if made.clock == "simulated" else None)
    elif new:
        made.ledger.append(
            command_id=uuid4(),
            actor="operator",
            actor_role="operator",
            entries=[
                Entry(
                    stream,
                    rows[-1].version,
                    [SchemaMigrated(number=one.number, sha256=one.sha256) for one in new],
                )
            ],
            guards={},
            holds=None,
            given_at=made.read([]).now if made.clock == "simulated" else None,
        )
    return new


def _given(settings: Settings) -> dict[str, str]:
    """The roles whose URLs the settings name."""
    named = {
        "writer": settings.writer_url,
        "reader": settings.reader_url,
        "projector": settings.projector_url,
        "keys": settings.keys_url,
    }
    return {role: url.get_secret_value() for role, url in named.items() if url is not None}
