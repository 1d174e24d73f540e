"""What a set-up lacks, and how to mend it: for `muniment doctor`. Reads, and changes nothing."""

from typing import NamedTuple

from psycopg import Connection, OperationalError, connect

from ledger.migrate import MigrationError, applied, pending
from ledger.roles import WRITER, Urls

KEY_TABLE = "SELECT to_regclass('vault.keys')"
MIGRATE = "run `muniment migrate`, with MUNIMENT_ADMIN_URL naming the server's administrator"


class Finding(NamedTuple):
    """One thing that is wrong, or (not `serious`) weaker than it could be; and the remedy."""

    what: str
    mend: str
    serious: bool = True


def check_server(urls: Urls) -> list[Finding]:
    """Everything that is not as `provision` leaves it. Empty where all is well."""
    found = [finding for role in urls.__struct_fields__ for finding in _signs_in(urls, role)]
    if found:
        return found
    with connect(urls.reader) as ledger, connect(urls.keys) as keys, connect(urls.writer) as writer:
        if not applied(ledger) or keys.execute(KEY_TABLE).fetchone() == (None,):
            return [Finding("the tables are not made", MIGRATE)]
        found += _durable(writer)
        found += _up_to_date(ledger)
        found += _closed(ledger)
        found += _consistent(ledger)
        found += _apart(ledger, keys)
    return found


def missing_layers(connection: Connection) -> list[str]:
    """Name the layers of the append-only guard that this database lacks. Any role may ask."""
    asked = {
        "row triggers: who owns the tables could change a row": """
            SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'muniment'::regnamespace
                AND c.relkind = 'r' AND 2 <> (SELECT count(*) FROM pg_trigger t
                    WHERE t.tgrelid = c.oid AND t.tgenabled = 'A'
                    AND t.tgname IN ('rows_stay', 'table_stays'))""",
        "event triggers: who owns the tables could take the row triggers away": """
            SELECT 2 - count(*) FROM pg_event_trigger
                WHERE evtenabled = 'A' AND evtname IN ('muniment_closed', 'muniment_kept')""",
    }
    return [
        layer
        for layer, query in asked.items()
        if connection.execute(query.encode()).fetchone() != (0,)
    ]


def _signs_in(urls: Urls, role: str) -> list[Finding]:
    try:
        connect(getattr(urls, role)).close()
    except OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        return [Finding(f"the {role} role cannot connect: {reason}", MIGRATE)]
    return []


def _durable(writer: Connection) -> list[Finding]:
    """An append that was answered must survive a crash."""
    off = writer.execute(
        "SELECT name FROM pg_settings WHERE setting = 'off'"
        " AND name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
    )
    return [
        Finding(f"{name} is off: a crash could lose what was recorded", f"set {name} = on")
        for (name,) in off
    ]


def _up_to_date(ledger: Connection) -> list[Finding]:
    try:
        files = [file.name for file in pending(ledger) if not file.match("*.superuser.sql")]
    except MigrationError as error:
        return [Finding(str(error), "install the version of Muniment that this database had")]
    return [Finding(f"not yet migrated: {', '.join(files)}", MIGRATE)] if files else []


def _closed(ledger: Connection) -> list[Finding]:
    found = [
        Finding(
            f"missing layer, {layer}",
            "run `muniment migrate` with a superuser; a managed server may give none",
            serious=False,
        )
        for layer in missing_layers(ledger)
    ]
    rights = ledger.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'muniment'::regnamespace"
        " AND relkind = 'r' AND has_table_privilege(%s, oid, 'INSERT, UPDATE, DELETE, TRUNCATE')",
        [WRITER],
    )
    return found + [
        Finding(f"{WRITER} may write to muniment.{name}", f"revoke that right from {WRITER}")
        for (name,) in rights
    ]


def _consistent(ledger: Connection) -> list[Finding]:
    """The identity that the owner wrote is the one that the first event opened."""
    rows = ledger.execute("""
        SELECT use = 'test' OR first.opened IS NULL
            OR (ledger::text, origin, institution, clock, zone)
            = (opened ->> 'ledger', opened ->> 'origin', opened ->> 'institution',
               opened ->> 'clock', opened ->> 'zone')
        FROM muniment.identity LEFT JOIN (
            SELECT convert_from(state, 'UTF8')::jsonb -> 'event' AS opened FROM muniment.events
            WHERE position = 1 AND topic LIKE 'LedgerOpened/%') first ON true
    """).fetchall()
    if not rows:
        return [Finding("the ledger has no identity", MIGRATE)]
    if rows != [(True,)]:
        what = "the identity of this database is not the one that its first event opened"
        return [Finding(what, "a superuser changed it: restore the database from a backup")]
    return []


def _apart(ledger: Connection, keys: Connection) -> list[Finding]:
    """Databases of one cluster share their log and base backups: a shredded key stays there."""
    cluster = "SELECT system_identifier FROM pg_control_system()"
    if ledger.execute(cluster).fetchone() != keys.execute(cluster).fetchone():
        return []
    return [
        Finding(
            "keys and ledger are on one server: its backups hold both",
            "fine for a demonstration; in production give the keys a server of their own",
            serious=False,
        )
    ]
