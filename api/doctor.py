"""What is wrong with a set-up, and how to mend it: `muniment doctor`."""

from collections.abc import Iterator
from shutil import disk_usage
from typing import Any

from psycopg import Connection, OperationalError, connect
from pydantic import SecretStr

from api.installation import NotInstalled, record, server, urls
from api.settings import OF_A_NEW_LEDGER, Settings
from ledger.checkup import Finding, check_server
from ledger.errors import LedgerError
from ledger.server import ServerError
from projections import VIEWS
from projections.status import standings

_LITTLE_SPACE = 1 << 30


def effective(settings: Settings) -> Iterator[str]:
    """Every setting as it is in force, secrets masked."""
    for name, value in settings:
        shown = "********" if isinstance(value, SecretStr) else value
        once = "   (only where a ledger is made)" if name in OF_A_NEW_LEDGER else ""
        yield f"MUNIMENT_{name.upper()}={'' if shown is None else shown}{once}"


def examine(settings: Settings) -> list[Finding]:
    """Everything found, the serious first. Empty where all is well."""
    return sorted(_findings(settings), key=lambda finding: not finding.serious)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from _folder(settings)
    try:
        with server(settings) as admin_url:
            where = urls(settings, admin_url)
            found = check_server(where)
            yield from found
            if any(finding.serious for finding in found):
                return
            yield from _keys(settings)
            with record(settings, where) as opened:
                opened.ledger.mac("doctor", b"")
                yield from _sign_in(settings, opened.clock)
            with connect(where.reader) as db:
                yield from _views(db)
    except ServerError as error:
        yield Finding(str(error), "mend that, or set MUNIMENT_ADMIN_URL")
    except NotInstalled as error:
        yield Finding(str(error), "`muniment demo` or `muniment migrate` sets one up")
    except OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        yield Finding(f"the server does not answer: {reason}", "start it; check MUNIMENT_ADMIN_URL")
    except (LedgerError, OSError) as error:
        mend = {
            "file": f"restore {settings.keyring} and {settings.secrets}",
            "pkcs11": "check the token, MUNIMENT_PKCS11_MODULE, _LABEL and _PIN",
        }
        yield Finding(f"the keys cannot be used: {error}", mend[settings.key_provider])


def _folder(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    if not home.exists():
        return
    if home.stat().st_mode & 0o077:
        yield Finding(f"others may look into {home}", f"chmod 700 {home}", serious=False)
    if disk_usage(home).free < _LITTLE_SPACE:
        yield Finding(f"less than 1 GB is free for {home}", "make room before the record stops")


def _keys(settings: Settings) -> Iterator[Finding]:
    if settings.key_provider == "file":
        yield Finding(
            f"the keys that wrap all others are files in {settings.keyring}",
            "fine for a demo or a tiny site; else a token: MUNIMENT_KEY_PROVIDER=pkcs11 before the"
            " first record",
            serious=False,
        )


def _sign_in(settings: Settings, clock: str) -> Iterator[Finding]:
    if clock == "real" and settings.sign_in == "local":
        yield Finding(
            "tokens are signed on this machine: whoever can read its secrets is everybody",
            "for trying out only; unset MUNIMENT_SIGN_IN before real cases",
            serious=False,
        )
    if clock == "real" and settings.sign_in is None:
        yield Finding(
            "nobody can sign in to this real ledger",
            "MUNIMENT_SIGN_IN=local lets `muniment token` sign, for trying out",
            serious=False,
        )


def _views(db: Connection[Any]) -> Iterator[Finding]:
    for one in standings(db, VIEWS):
        if one.parked:
            yield Finding(
                f"view {one.view} stopped before position {one.parked.position}"
                f" ({one.parked.topic}, {one.parked.error})",
                f"look why, then `muniment unpark {one.view}`",
            )
        elif one.behind:
            yield Finding(
                f"view {one.view} is {one.behind} events behind",
                "run `muniment project` (or `serve --all`)",
                serious=False,
            )
