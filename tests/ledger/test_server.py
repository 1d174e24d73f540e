"""The embedded server: one per folder, as root too, and no row lost however it ends."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import psycopg
import pytest

import ledger.server
from ledger.server import Server, ServerError, wheel_binaries

AS_ROOT = os.geteuid() == 0

# Starts or adopts the server, says which it was, and ends when told: by a line, or by a signal.
SCRIPT = """
import os, pathlib, signal, sys
from ledger.server import Server
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
# Not by print, which may be at work just then.
signal.signal(signal.SIGINT, lambda *_: os.write(1, b"interrupted\\n"))
with Server(pathlib.Path(sys.argv[1])) as server:
    print(server._owner is not None, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def made(short_folder: Path) -> Path:
    """A stopped server with three rows."""
    folder = short_folder / "made"
    with Server(folder) as server:
        run(server, "CREATE TABLE kept (n int)")
        run(server, "INSERT INTO kept VALUES (1), (2), (3)")
    return folder


@pytest.fixture
def short() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="muniment-") as folder:
        yield Path(folder)


@pytest.fixture
def folder(made: Path, short: Path) -> Path:
    shutil.copytree(made, short / "home" / "postgres")
    return short / "home" / "postgres"


def run(server: Server, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.admin_url) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def ends(process: psutil.Process) -> bool:
    """Whether a process that has let go of all its files is gone, as it must be at once."""
    until = time.monotonic() + 5
    while alive(process) and time.monotonic() < until:
        time.sleep(0.01)  # The kernel closes the files first, and marks the process dead after.
    return not alive(process)


def tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def script(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(ledger.server.__file__).parents[1],
    )


def answer(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


@contextlib.contextmanager
def killed_at_the_end(process: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_stop_leaves_nothing_running(folder: Path) -> None:
    with Server(folder):
        processes = tree(postmaster(folder))
        assert len(processes) > 1

    assert not any(alive(process) for process in processes)
    assert sorted(file.name for file in folder.iterdir()) == [
        "data",
        "owner",
        "password",
        "postgres.log",
        "running",
    ]


def test_a_server_killed_with_all_its_processes_has_every_row_when_started_again(
    folder: Path,
) -> None:
    crashed = Server(folder)
    crashed.start()
    run(crashed, "INSERT INTO kept VALUES (4)")
    for process in tree(postmaster(folder)):
        process.kill()
    crashed.stop()

    with Server(folder) as server:
        assert run(server, "SELECT n FROM kept ORDER BY n") == [(1,), (2,), (3,), (4,)]


def test_of_processes_that_start_at_once_one_starts_the_server_and_the_others_use_it(
    folder: Path,
) -> None:
    with contextlib.ExitStack() as all_ended:
        processes = [all_ended.enter_context(killed_at_the_end(script(folder))) for _ in range(4)]
        answers = [answer(process) for process in processes]
        server = postmaster(folder)
        order = sorted(zip(answers, processes, strict=True), key=lambda pair: pair[0])
        for said, process in order:
            assert alive(server), said
            process.communicate("\n")

    assert [said for said, _ in order] == ["False", "False", "False", "True"]
    assert not alive(server)


def test_a_server_that_outlived_its_process_is_adopted_and_stopped(folder: Path) -> None:
    with killed_at_the_end(script(folder)) as process:
        assert answer(process) == "True"
    orphan = postmaster(folder)
    assert alive(orphan)

    with Server(folder) as server:
        assert postmaster(folder) == orphan
        assert run(server, "SELECT count(*) FROM kept") == [(3,)]

    assert ends(orphan)


def test_the_end_of_the_serving_process_is_the_end_of_the_server(folder: Path) -> None:
    with killed_at_the_end(script(folder)) as process:
        assert answer(process) == "True"
        server = postmaster(folder)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0

    assert not alive(server)


def test_a_key_press_that_interrupts_the_terminal_does_not_reach_the_server(folder: Path) -> None:
    with killed_at_the_end(script(folder)) as process:
        assert answer(process) == "True"
        os.killpg(process.pid, signal.SIGINT)
        assert answer(process) == "interrupted"
        assert run(Server(folder), "SELECT count(*) FROM kept") == [(3,)]
        process.communicate("\n")


def test_a_process_number_that_lives_again_as_another_does_not_keep_the_server_down(
    folder: Path,
) -> None:
    crashed = Server(folder)
    crashed.start()
    lines = (folder / "data" / "postmaster.pid").read_text().split("\n")
    for process in tree(postmaster(folder)):
        process.kill()
    crashed.stop()
    with subprocess.Popen(["sleep", "60"]) as another:
        stale = "\n".join([str(another.pid), *lines[1:]])
        (folder / "data" / "postmaster.pid").write_text(stale)
        (folder / ".s.PGSQL.5432.lock").write_text(stale)

        with Server(folder) as server:
            assert run(server, "SELECT count(*) FROM kept") == [(3,)]

        assert another.poll() is None
        another.kill()


def test_no_more_is_changed_than_the_folder(short: Path) -> None:
    (short / "private").mkdir(mode=0o700)
    parents = (short, short / "private")
    before = [folder.stat() for folder in parents]

    with Server(short / "private" / "postgres") as server:
        assert run(server, "SELECT 1") == [(1,)]
        assert 0 not in postmaster(server.folder).uids() or in_a_namespace(server.folder)

    after = [folder.stat() for folder in parents]
    assert [(s.st_mode, s.st_uid, s.st_gid) for s in after] == [
        (s.st_mode, s.st_uid, s.st_gid) for s in before
    ]


def in_a_namespace(folder: Path) -> bool:
    return rights(folder) == 0 and (
        Path(f"/proc/{postmaster(folder).pid}/ns/user").readlink()
        != Path("/proc/self/ns/user").readlink()
    )


def rights(folder: Path) -> int:
    """What is left of root, as a set of bits."""
    status = Path(f"/proc/{postmaster(folder).pid}/status").read_text()
    return int(status.partition("CapEff:")[2].split()[0], 16)


if AS_ROOT:
    DAC_OVERRIDE = 1 << 1

    def test_without_user_namespaces_root_lends_an_account_the_way_in_and_no_more(
        short: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        short.chmod(0o700)
        can_work = Server._can_work
        monkeypatch.setattr(
            Server, "_can_work", lambda self, way: "unshare" not in way and can_work(self, way)
        )
        with Server(short / "postgres") as server:
            account = server.data.stat().st_uid
            assert account != 0
            assert set(postmaster(server.folder).uids()) == {account}
            assert rights(server.folder) == DAC_OVERRIDE
        monkeypatch.undo()

        # Later too it belongs to that account, user namespaces or not.
        with Server(short / "postgres") as server:
            assert set(postmaster(server.folder).uids()) == {account}
        assert short.stat().st_mode & 0o777 == 0o700
        assert server.data.stat().st_uid == account

    def test_that_account_finds_the_programs_in_a_folder_that_is_root_s(short: Path) -> None:
        program = short / "program"
        program.touch(0o700)
        short.chmod(0o700)
        way = ledger.server._as_account(ledger.server._spare_account())
        asked = f"import os, sys; sys.exit(not os.access({str(program)!r}, os.X_OK))"
        assert subprocess.run([*way, sys.executable, "-c", asked], check=False).returncode == 0


def test_root_without_any_way_to_be_less_is_told_so(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(ledger.server, "_as_account", lambda _uid: ["no-such-program"])
    monkeypatch.setattr(ledger.server, "NAMESPACE", ["false"])

    with pytest.raises(ServerError, match="ordinary user, or set MUNIMENT_ADMIN_URL"):
        Server(short / "postgres").start()


def test_a_folder_in_use_is_one_clear_line(folder: Path) -> None:
    with Server(folder), pytest.raises(ServerError) as refused:
        Server(folder, share=False).start()

    assert str(refused.value) == f"{folder} is in use by process {os.getpid()}"


def test_a_folder_that_cannot_be_written_is_one_clear_line(short: Path) -> None:
    (short / "file").touch()

    with pytest.raises(ServerError) as refused:
        Server(short / "file" / "postgres").start()

    assert str(refused.value) == f"cannot use {short}/file/postgres: Not a directory"


def test_whoever_shares_a_server_does_not_stop_it(folder: Path) -> None:
    with Server(folder) as server:
        with Server(folder) as guest:
            assert run(guest, "SELECT count(*) FROM kept") == [(3,)]
        assert run(server, "SELECT count(*) FROM kept") == [(3,)]


def test_a_server_about_to_start_or_to_stop_elsewhere_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = (folder / "owner").open("a")
    fcntl.flock(held, fcntl.LOCK_EX)
    monkeypatch.setattr(ledger.server, "time", SimpleNamespace(sleep=lambda _: held.close()))

    with Server(folder) as server:
        assert server._owner is not None
        assert run(server, "SELECT count(*) FROM kept") == [(3,)]


def test_an_ordinary_user_needs_no_words_before_the_server(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert Server(short)._run_as() == []


def test_a_path_too_long_for_a_socket_gets_a_short_one_beside_it(short: Path, made: Path) -> None:
    folder = short / ("long" * 30)
    shutil.copytree(made, folder)
    with Server(folder) as server:
        socket = ledger.server._socket_folder(folder)
        assert socket != folder
        assert socket.stat().st_mode & 0o777 == 0o700
        assert run(server, "SELECT count(*) FROM kept") == [(3,)]
    assert not socket.exists()

    socket.mkdir()
    socket.chmod(0o755)  # Somebody was there first.
    with pytest.raises(ServerError, match="is not ours"):
        Server(folder).start()
    socket.rmdir()


def test_a_server_that_does_not_start_says_why_in_one_line(folder: Path) -> None:
    (folder / "data" / "pg_hba.conf").write_text("nonsense\n")

    with pytest.raises(ServerError) as refused:
        Server(folder).start()

    assert str(refused.value) == (
        "PostgreSQL did not start: could not load "
        f"{folder}/data/pg_hba.conf (more in {folder}/postgres.log)"
    )
    assert not (folder / "data" / "postmaster.pid").exists()


def test_a_data_folder_that_cannot_be_made_says_why_in_one_line(short: Path) -> None:
    (short / "postgres").mkdir()
    (short / "postgres" / "data.new").touch()

    with pytest.raises(ServerError, match=r"^initdb failed: .*data\.new") as refused:
        Server(short / "postgres").start()

    assert "\n" not in str(refused.value)


def test_without_the_wheel_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger.server, "find_spec", lambda _name: None)

    with pytest.raises(ServerError, match=r"install muniment\[embedded\] or set"):
        wheel_binaries()


def test_it_is_private_and_durable(folder: Path) -> None:
    wanted = {"listen_addresses": "", "fsync": "on", "synchronous_commit": "on"}
    with Server(folder) as server:
        settings = dict(run(server, "SELECT name, setting FROM pg_settings"))
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.admin_url, password="guessed")

    assert wanted.items() <= settings.items()
    assert (folder / "password").stat().st_mode & 0o777 == 0o600


def test_no_value_and_no_statement_reaches_the_log(folder: Path) -> None:
    with Server(folder) as server:
        run(server, "CREATE TABLE names (name text UNIQUE)")
        run(server, "INSERT INTO names VALUES ('canary')")
        with pytest.raises(psycopg.errors.UniqueViolation, match="canary"):
            run(server, "INSERT INTO names VALUES ('canary')")

    log = (folder / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "canary" not in log
