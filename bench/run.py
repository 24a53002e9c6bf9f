"""Runs the parts of the benchmark one after the other. Started by bench/run.sh, which lists the settings.

rates         requests per second, each as a ratio to a request that only checks the token      (load.py)
writes        POST /link/ per second, committed to the disk, by connections and accounts        (load.py)
sizes         bytes of database per stored link                                                (sizes.py)
statements    SQL statements per POST /link/                                              (statements.py)
search        milliseconds per reading request, with few links and with many                  (search.py)
waits         how long others wait beside work on 50,000 links; the speed of imports           (waits.py)
instructions  processor instructions per request on SQLite; needs valgrind              (instructions.py)

Absolute rates and times depend on the machine and on its load. Compare ratios, sizes and counts.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile

import instructions
import load
import machine
import search
import sizes
import statements
import waits
from mariadb import MariaDb
from postgres import Postgres
from report import Failure
from sqlite import Sqlite

DATABASES = {"sqlite": Sqlite, "postgres": Postgres, "mariadb": MariaDb}
PARTS = ["rates", "writes", "sizes", "statements", "search", "waits", "instructions"]


def fail(text):
    sys.exit(f"bench: {text}")


def words_of(name, known):
    """The words of an environment variable, in the order of `known`."""
    words = os.environ.get(name, "").split() or known
    unknown = set(words) - set(known)
    if unknown:
        fail(f"{name} must be some of \"{' '.join(known)}\", not {' '.join(sorted(unknown))}")
    return [word for word in known if word in words]


def number_of(name, default, low, high):
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        fail(f"{name} must be a number from {low} to {high}")
    return int(text)


def stop_on_signals():
    """Ends the run in good order on a signal: the servers are stopped, the data is removed."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number, _frame):
        for each in signals:  # a second Ctrl-C must not leave a server behind
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for each in signals:
        signal.signal(each, stop)


@contextlib.contextmanager
def started(names, folder):
    """The databases of these names, ready for use; stopped at the end."""
    with contextlib.ExitStack() as stack:
        databases = []
        for name in names:
            database = DATABASES[name](folder / name)
            stack.callback(database.stop)
            database.start()
            databases.append(database)
        yield databases


def main():
    binary = pathlib.Path(os.environ.get("BENCH_BINARY") or fail("start bench/run.sh")).absolute()
    if not os.access(binary, os.X_OK):
        fail(f"there is no program {binary}")
    parts = words_of("BENCH_ONLY", PARTS)
    names = words_of("BENCH_DATABASES", list(DATABASES))
    seconds = number_of("BENCH_SECONDS", 5, 1, 600)
    clients = number_of("BENCH_CLIENTS", 64, 1, 1000)
    counts = [10_000] if os.environ.get("BENCH_FULL", "") in ("", "0") else [10_000, 1_000_000]
    parent = os.environ.get("BENCH_FOLDER") or "/var/tmp"
    if not os.access(parent, os.W_OK):
        fail(f"BENCH_FOLDER: {parent} is not a folder that can be written to")
    if parts == ["instructions"]:  # has an SQLite file of its own
        names = []
    stop_on_signals()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="taglink-bench.", dir=parent))
    try:
        machine.describe(binary, folder)
        with started(names, folder) as databases:
            for database in databases:
                print(f"{database.name:<9} {database.describe(binary)}", flush=True)
            if "rates" in parts:
                load.rates(databases, binary, seconds, clients)
            if "writes" in parts:
                load.writes(databases, binary, seconds)
            if "sizes" in parts:
                sizes.run(databases, binary, counts)
            if "statements" in parts:
                statements.run(databases, binary)
            if "search" in parts:
                search.run(databases, binary, counts)
            if "waits" in parts:
                waits.run(databases, binary)
        if "instructions" in parts:
            instructions.run(binary, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        fail(failure)
