"""Looks in all that a running system leaves behind for words that should be nowhere in clear.

    hits = find(words(40), databases={"ledger": url}, files=[data, log], texts={"/metrics": body})
    assert hits == []

It finds a word however it was written down (see `forms`), but not inside compressed or encrypted
data: PostgreSQL may compress a long value on disk, so each table is also read through the server.
"""

import json
import os
import secrets
import shutil
import string
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, quote_plus

import psycopg
from psycopg import sql

BLOCK = 1 << 24
OVERLAP = 1 << 12  # Longer than any form of a word.


class Hit(NamedTuple):
    word: str
    form: str  # "base64+1"
    place: str  # "ledger: table muniment.events"


def words(count: int) -> list[str]:
    """Words that are written nowhere else: letters only, so that no encoder splits them."""
    return [
        "Canary" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(14))
        for _ in range(count)
    ]


def find(
    sought: Sequence[str],
    *,
    databases: Mapping[str, str] | None = None,
    files: Iterable[Path] = (),
    texts: Mapping[str, str | bytes] | None = None,
    pg_dump: Path | None = None,
    in_clear: Sequence[str] = (),
) -> list[Hit]:
    """Every word in every form and place; a word in one place is told once, in its first form.

    `in_clear`: more words, of which only the letters themselves are looked for, in any case: each
    word that begins like no other costs a reading of everything for each of its forms.
    `databases`: name → URL of a role that may read everything; dumped with `pg_dump` (that on the
    path unless given), then each table and view is copied out. `files`: files, or folders with all
    that is in them; names count as well. `texts`: name → body.
    """
    needles = _Needles(sought, in_clear)
    hits: list[Hit] = []
    for name, url in (databases or {}).items():
        hits += needles.among(f"{name}: dump", _dump(url, pg_dump))
        for table, rows in _tables(url):
            hits += needles.among(f"{name}: table {table}", rows)
    for path in files:
        for file in _files(path):
            hits += needles.among(f"name of {file}", os.fsencode(file))
            hits += needles.among(str(file), _blocks(file))
    for name, text in (texts or {}).items():
        hits += needles.among(name, text.encode() if isinstance(text, str) else text)
    return hits


def on_disk(admin_url: str) -> list[Path]:
    """What the server has on its disk: tables, indexes, WAL, temporary files, all written out now.

    Empty for a server whose disk is not here. Its log may lie elsewhere.
    """
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("CHECKPOINT")
        row = admin.execute("SHOW data_directory").fetchone()
    assert row is not None
    return [data for data in [Path(row[0])] if os.access(data, os.R_OK | os.X_OK)]


def forms(word: str) -> dict[str, bytes]:
    """How a word can be written down, as searched for in lower-cased bytes."""
    found: dict[str, bytes] = {}
    for case, spelt in {"": word, " in lower case": word.lower()}.items():
        plain = spelt.encode()
        written = {
            "clear": plain,
            "hex": plain.hex().encode(),
            "UTF-16LE": spelt.encode("utf-16-le"),
            "UTF-16BE": spelt.encode("utf-16-be"),
            "JSON": json.dumps(spelt)[1:-1].encode(),
            "URL": quote(spelt, safe="").encode(),
            "path": quote(spelt).encode(),
            "form": quote_plus(spelt).encode(),
            "HTML": escape(spelt).encode(),
            "repr": repr(spelt)[1:-1].encode(),
            "bytes": repr(plain)[2:-1].encode(),
        }
        for before in range(3):
            # Only the characters that no neighbor has a bit in.
            first, end = -(-8 * before // 6), 8 * (before + len(plain)) // 6
            encoded = b64encode(bytes(before) + plain + bytes(3))[first:end]
            written[f"base64+{before}"] = encoded
            written[f"base64url+{before}"] = encoded.replace(b"+", b"-").replace(b"/", b"_")
        found |= {form + case: needle.lower() for form, needle in written.items()}
    return found


class _Needles:
    """All forms of all words, by how they begin: most beginnings are in no text at all."""

    def __init__(self, sought: Sequence[str], in_clear: Sequence[str]) -> None:
        self._by_start: dict[bytes, dict[bytes, tuple[str, str]]] = {}
        for word in (*sought, *in_clear):
            assert len(word) >= 4, "too short to be sure of"
            written = forms(word) if word not in in_clear else {"clear": word.lower().encode()}
            for form, needle in written.items():
                self._by_start.setdefault(needle[:6], {}).setdefault(needle, (word, form))

    def among(self, place: str, text: bytes | Iterable[bytes]) -> list[Hit]:
        seen: dict[str, Hit] = {}
        for block in [text] if isinstance(text, bytes) else text:
            lower = block.lower()
            for start, needles in self._by_start.items():
                if start in lower:
                    for needle, (word, form) in needles.items():
                        if word not in seen and needle in lower:
                            seen[word] = Hit(word, form, place)
        return list(seen.values())


def _dump(url: str, pg_dump: Path | None) -> bytes:
    program = pg_dump or shutil.which("pg_dump")
    assert program, "no pg_dump: say which one"
    # In "escape" the bytes of a column stand as they are, not as the hexadecimal digits of a form.
    options = os.environ | {"PGOPTIONS": "-c bytea_output=escape"}
    command = [str(program), "--no-password", f"--dbname={url}"]
    return subprocess.run(command, check=True, capture_output=True, env=options).stdout


def _tables(url: str) -> Iterator[tuple[str, bytes]]:
    """Every table and view, those of the system too: they hold statistics and statements."""
    with psycopg.connect(url, autocommit=True) as db:
        names = db.execute(
            "SELECT n.nspname, c.relname"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema'"
            " AND c.relname NOT LIKE 'pg\\_shmem%'"  # How memory is laid out; not everywhere.
            " ORDER BY 1, 2"
        ).fetchall()
        for schema, table in names:
            yield f"{schema}.{table}", _copy(db, sql.Identifier(schema, table))


def _copy(db: psycopg.Connection, table: sql.Identifier) -> bytes:
    return _rows(db, sql.SQL("SELECT * FROM {}").format(table))


def _rows(db: psycopg.Connection, query: sql.Composed) -> bytes:
    """The rows as the server holds them; as text where a column has no binary form."""
    rows = sql.SQL("COPY ({}) TO STDOUT").format(query)
    try:
        return _copied(db, rows + sql.SQL(" (FORMAT binary)"))
    except psycopg.errors.UndefinedFunction:
        return _copied(db, rows)


def _copied(db: psycopg.Connection, statement: sql.Composed) -> bytes:
    with db.cursor() as cursor, cursor.copy(statement) as rows:
        return b"".join(bytes(row) for row in rows)


def readable(url: str) -> dict[str, bytes]:
    """By table and view, all that this role may read: whole rows, or the columns it may see."""
    with psycopg.connect(url, autocommit=True) as db:
        columns = db.execute(
            "SELECT n.nspname, c.relname, array_agg(a.attname ORDER BY a.attnum)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema'"
            " AND a.attnum > 0 AND NOT a.attisdropped"
            " AND has_schema_privilege(n.oid, 'USAGE')"
            " AND has_column_privilege(c.oid, a.attnum, 'SELECT')"
            " GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
        found = {}
        for schema, table, names in columns:
            chosen = sql.SQL(", ").join(map(sql.Identifier, names))
            rows = sql.SQL("SELECT {} FROM {}").format(chosen, sql.Identifier(schema, table))
            with suppress(psycopg.errors.InsufficientPrivilege):  # Of what a view is made of.
                found[f"{schema}.{table}"] = _rows(db, rows)
        return found


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, _, names in os.walk(path):
        yield from (file for name in names if (file := Path(folder, name)).is_file())


def _blocks(file: Path) -> Iterator[bytes]:
    """A file in pieces that overlap. A running server takes files away: one that went is empty."""
    try:
        with file.open("rb") as source:
            rest = b""
            while block := source.read(BLOCK):
                yield rest + block
                rest = block[-OVERLAP:]
    except FileNotFoundError:
        return
