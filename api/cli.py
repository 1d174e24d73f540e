"""`muniment` at a terminal.

Exit codes: 0 done; 1 it did not go as asked (a story line, a doctor's finding); 2 the command line
or a setting is wrong; 3 a port, folder or server is not available. A message is one line and says
what to do.
"""

import argparse
import json
import logging
import resource
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID, uuid4

import msgspec
from psycopg import OperationalError
from pydantic import ValidationError

from api import demo, doctor, logs, processes, projecting, stories
from api.bodies import components
from api.history import lines
from api.indexing import rebuild_index
from api.installation import (
    KEYS_DB,
    NotInstalled,
    install,
    key_provider,
    record,
    rotate_keys,
    server,
    urls,
)
from api.issuer import LocalIssuer
from api.looking import point_of
from api.record import Record
from api.serving import Busy
from api.settings import Settings
from api.terminal import say, say_why, show, show_pace
from domain.errors import Refused
from domain.ids import staff_stream
from ledger.errors import LedgerError
from ledger.migrate import MigrationError
from ledger.progress import Progress
from ledger.provision import ProvisionError
from ledger.roles import url_of
from ledger.server import ServerError

DONE, FAILED, WRONG, UNAVAILABLE = 0, 1, 2, 3
_SETTLED_SECONDS = 2.0
_FIRST_YEAR = 2020  # No key is older.


class Wrong(Exception):
    """One line for people: what was asked for cannot be meant."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    given = _parser().parse_args(words)
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))  # A dump of memory holds keys and words.
    with logs.without_words():
        try:
            return _run(given)
        except Exception as error:  # noqa: BLE001 - a bug; Python would print its message.
            logs.crashed(error)
            return FAILED


def _run(given: argparse.Namespace) -> int:
    try:
        settings = _settings(given)
        if given.command not in ("demo", "serve", "project", "clock"):
            logs.set_up(given.command, logging.WARNING)
        return int(given.run(settings, given))
    except (Wrong, NotInstalled, projecting.NoSuchView, stories.StoryError) as error:
        return say_why(error, WRONG)
    except Refused as refused:
        return say_why(refused.sentence, WRONG)
    except (Busy, ServerError, ProvisionError, MigrationError, LedgerError) as error:
        return say_why(error, UNAVAILABLE)
    except OperationalError as error:
        return say_why(f"no server answers: {str(error).splitlines()[-1]}", UNAVAILABLE)
    except BrokenPipeError:
        sys.stderr.close()  # Whoever read our output has seen enough.
        return DONE


def _settings(given: argparse.Namespace) -> Settings:
    named = {name: getattr(given, name, None) for name in ("host", "port")}
    try:
        return Settings(**{name: value for name, value in named.items() if value is not None})
    except ValidationError as error:
        fields = ", ".join(f"MUNIMENT_{one['loc'][0]}".upper() for one in error.errors())
        raise Wrong(f"not a value for {fields}: `muniment doctor --help` lists them") from None


def _demo(settings: Settings, given: argparse.Namespace) -> int:
    numbers = None if given.stories is None else given.stories.replace(",", " ").split()
    return demo.demo(settings, numbers, serve=given.serve, say=say)


def _serve(settings: Settings, given: argparse.Namespace) -> int:
    return processes.serve(settings, all_=given.all)


def _project(settings: Settings, given: argparse.Namespace) -> int:
    return processes.project(settings, child=given.child)


def _clock(settings: Settings, given: argparse.Namespace) -> int:
    return processes.issue_due(settings, child=given.child)


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    with server(settings, make=True) as admin_url:
        recorded = install(settings, admin_url)
    for one in recorded:
        say(f"migration {one.number:04} {one.sha256[:12]}")
    say(f"{len(recorded)} recorded; the ledger is ready" if recorded else "nothing to do")
    return DONE


def _rebuild(settings: Settings, given: argparse.Namespace) -> int:
    try:
        with server(settings) as admin_url:
            url = urls(settings, admin_url).projector
            done = projecting.rebuild_view(url, given.view, show_pace(f"events of {given.view}"))
    except KeyboardInterrupt:
        why = f"stopped; the view is as it was, and `muniment rebuild {given.view}` goes on"
        return say_why(why, FAILED)
    finally:
        show("")
    say(f"{given.view}: {done.total} events in {done.seconds:.1f} s")
    return DONE


def _unpark(settings: Settings, given: argparse.Namespace) -> int:
    with server(settings) as admin_url:
        was = projecting.unpark_view(urls(settings, admin_url).projector, given.view)
    say("it goes on" if was else "it was not parked")
    return DONE


def _rotate(settings: Settings, given: argparse.Namespace) -> int:
    this_year = datetime.now(UTC).year
    to = given.to or f"open-{this_year}"
    # Further ahead there would be no later year to rotate to.
    if to not in {f"open-{year}" for year in range(_FIRST_YEAR, this_year + 2)}:
        raise Wrong(f"{to} is not open-YYYY, up to next year")

    def name(key_id: UUID) -> None:
        sys.stderr.write(f"muniment: key {key_id} is not what was recorded; it stays as it is\n")

    with server(settings) as admin_url:
        done = rotate_keys(settings, admin_url, to, progress=show_pace("keys"), refused=name)
    say(f"{done.moved} keys moved to {to}, {len(done.refused)} refused")
    for epoch, count in done.left.items():
        say(f"{epoch} still wraps {count}: keep it")
    return FAILED if done.refused else DONE


def _reindex(settings: Settings, _: argparse.Namespace) -> int:
    with server(settings) as admin_url, record(settings, urls(settings, admin_url)) as opened:
        if not admin_url:
            raise NotInstalled("MUNIMENT_ADMIN_URL must name the administrator of the key database")
        url = url_of(admin_url, KEYS_DB)
        done = rebuild_index(opened, url, key_provider(settings), show_pace("events"))
    say(f"the index is rebuilt: {done.added} rows were missing, {done.removed} led to nothing")
    return DONE


def _doctor(settings: Settings, _: argparse.Namespace) -> int:
    for line in doctor.effective(settings):
        say(line)
    found = doctor.examine(settings)
    for one in found:
        say(f"{'WRONG' if one.serious else 'note '} {one.what}\n      {one.mend}")
    say("" if found else "all is well")
    return FAILED if any(one.serious for one in found) else DONE


def _token(settings: Settings, given: argparse.Namespace) -> int:
    if (given.name is None) == (given.case is None) or bool(given.case) != bool(given.party):
        raise Wrong("token NAME, or token --case CASE --party PARTY")
    with server(settings) as admin_url, record(settings, urls(settings, admin_url)) as opened:
        if opened.clock == "real" and settings.sign_in != "local":
            raise Wrong("this ledger is real: MUNIMENT_SIGN_IN=local lets tokens be signed here")
        if given.name and given.name != "operator":
            _signs_in(opened, given.name)
    issuer = LocalIssuer(settings.issuer_key)
    say(issuer.token(given.name or str(given.party), case=given.case))
    return DONE


def _staff(settings: Settings, given: argparse.Namespace) -> int:
    with server(settings) as admin_url, record(settings, urls(settings, admin_url)) as opened:
        stream = _signs_in(opened, given.name)
    say(str(stream))
    return DONE


def _signs_in(opened: Record, name: str) -> UUID:
    stream = staff_stream(opened.id, opened.mac("sign-in", name))
    if not opened.version(stream):
        raise Wrong(f"nobody signs in as {name}")
    return stream


def _history(settings: Settings, given: argparse.Namespace) -> int:
    with server(settings) as admin_url, record(settings, urls(settings, admin_url)) as opened:
        point = point_of(given.as_of, opened.zone)
        rows = lines(opened, opened.ledger.history(given.case, as_of=point.until))
    if not rows:
        raise Wrong("nothing is recorded there" + (" as of then" if given.as_of else ""))
    for row in rows:
        if given.json:
            say(msgspec.json.encode(row).decode())
            continue
        say(
            f"{row.number:>6}  v{row.version:<3}  {row.recorded_at:%Y-%m-%d %H:%M:%SZ}"
            f"  {row.occurred_on or '-':<10}  {row.role or '-':<15}  {row.name}  {row.leaf}"
        )
        for name, value in row.fields.items():
            say(f"        {name}: {value if isinstance(value, str) else json.dumps(value)}")
    return DONE


def _reveals(settings: Settings, _: argparse.Namespace) -> int:
    with server(settings) as admin_url, record(settings, urls(settings, admin_url)) as opened:
        found = opened.ledger.unmatched()
        if found:
            sleep(_SETTLED_SECONDS)  # One may have been on its way.
            still = set(opened.ledger.unmatched())
            found = [one for one in found if one in still]
    for one in found:
        where = f"position {one.position}" if one.position else f"event {one.event_id or '-'}"
        say(f"{one.at:%Y-%m-%d %H:%M:%SZ}  {one.what}: key {one.key_id}, {where}")
    say("" if found else "every key that was opened has its reveal, and every reveal its key")
    return FAILED if found else DONE


def _load(settings: Settings, given: argparse.Namespace) -> int:
    load_id = given.resume or uuid4()
    placed = stories.read(given.files)
    as_written, before, began = True, 0, monotonic()
    pace = show_pace("lines")
    try:
        with server(settings) as admin_url, record(settings, urls(settings, admin_url)) as opened:
            loader = stories.Loader(opened, load_id)
            say(json.dumps({"load": str(load_id)}) if given.json else f"load {load_id}")
            results = loader.run(placed, resume=given.resume is not None)
            for count, result in enumerate(results, start=1):
                as_written &= result.as_written
                before += result.outcome in ("repeated", "passed")
                if given.json:
                    say(msgspec.json.encode(result).decode())
                elif not result.as_written:
                    say(str(result))
                pace(Progress(count, len(placed), monotonic() - began, before))
    except KeyboardInterrupt:
        return say_why(f"stopped; `muniment load --resume {load_id} ...` goes on", FAILED)
    finally:
        show("")
    if not given.json:
        earlier = f"; {before} of them by an earlier run, not asked again" if before else ""
        say(f"{len(placed)} lines, {'all' if as_written else 'not all'} as written{earlier}")
    return DONE if as_written else FAILED


def _commands(_: Settings, given: argparse.Namespace) -> int:
    if given.json:
        say(json.dumps(stories.schemas(), indent=2))
        return DONE
    for name, kind in stories.FORMS.items():
        parts = components((kind,))[1]
        fields = parts[kind.__name__]
        must = fields.get("required", [])
        may = [field for field in fields["properties"] if field not in must]
        say(f"{name}: {', '.join(must)} [{', '.join(may)}]")
    return DONE


def _version(_: Settings, __: argparse.Namespace) -> int:
    say(version("muniment"))
    return DONE


def _parser() -> argparse.ArgumentParser:
    assert __doc__
    parser = argparse.ArgumentParser(
        prog="muniment",
        description="The system of record for Title IX and student-mistreatment cases.",
        epilog=" ".join(__doc__.split()[4:]),
    )
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser

    one = add("demo", help="set up an invented institution with its stories, and serve it")
    one.add_argument("--stories", help="numbers of shipped stories; empty: only the set-up")
    one.add_argument("--no-serve", dest="serve", action="store_false", help="set up and load only")
    _where(one)
    one.set_defaults(run=_demo)

    one = add("serve", help="HTTP")
    one.add_argument("--all", action="store_true", help="the other processes too, as children")
    _where(one)
    one.set_defaults(run=_serve)

    for name, run, text in (
        ("project", _project, "feed the views from the ledger"),
        ("clock", _clock, "record what is due because time passed"),
    ):
        one = add(name, help=text)
        one.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
        one.set_defaults(run=run)

    add("migrate", help="databases, roles, migrations, keys").set_defaults(run=_migrate)

    for name, run, text in (
        ("rebuild", _rebuild, "a view anew beside the live one, then switched"),
        ("unpark", _unpark, "let a parked view go on, after somebody looked"),
    ):
        one = add(name, help=text)
        one.add_argument("view", metavar="VIEW")
        one.set_defaults(run=run)

    keys = add("keys", help="what wraps the keys").add_subparsers(required=True, metavar="ACT")
    one = keys.add_parser("rotate", help="every key wrapped anew under another epoch; resumable")
    one.add_argument("--to", metavar="open-YYYY", help="that epoch (this year's)")
    one.set_defaults(run=_rotate)

    people = add("index", help="the blind index that finds a person").add_subparsers(
        required=True, metavar="ACT"
    )
    one = people.add_parser("rebuild", help="anew from the sealed words, recorded; resumable")
    one.set_defaults(run=_reindex)

    add("doctor", help="the settings in force; what is wrong here, how to mend it").set_defaults(
        run=_doctor
    )

    one = add("token", help="a signed token for a person of the demo")
    one.add_argument("name", nargs="?", metavar="NAME", help="a sign-in name")
    one.add_argument("--case", type=UUID)
    one.add_argument("--party", type=UUID)
    one.set_defaults(run=_token)

    one = add("staff", help="the id of a staff member, as commands want it")
    one.add_argument("name", metavar="NAME", help="a sign-in name")
    one.set_defaults(run=_staff)

    one = add("history", help="a case event by event, sealed fields marked")
    one.add_argument("case", type=UUID, metavar="CASE")
    one.add_argument("--as-of", metavar="X", help="a position, an instant, or a date")
    one.add_argument("--json", action="store_true", help="one event a line")
    one.set_defaults(run=_history)

    add("reveals", help="keys opened without a recorded reveal, and the reverse").set_defaults(
        run=_reveals
    )

    one = add("load", help="stories into a simulated ledger")
    one.add_argument("files", nargs="+", type=Path, metavar="FILE")
    one.add_argument("--json", action="store_true", help="one result a line")
    one.add_argument("--resume", type=UUID, metavar="ID", help="go on with a load")
    one.set_defaults(run=_load)

    one = add("commands", help="every command and its fields")
    one.add_argument("--json", action="store_true", help="as JSON Schema")
    one.set_defaults(run=_commands)

    add("version", help="of this program").set_defaults(run=_version)
    return parser


def _where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="an address to listen on (MUNIMENT_HOST)")
    parser.add_argument("--port", type=int, help="a port to listen on (MUNIMENT_PORT)")


if __name__ == "__main__":
    raise SystemExit(main())
