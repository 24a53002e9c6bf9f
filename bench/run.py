"""Runs the parts of the benchmark one after the other. Started by bench/run.sh, which lists the settings.

rates         requests per second of taglink and its peers, and their ratios                  (rates.py)
writes        POST /link/ per second, committed to the disk, by connections and accounts      (writes.py)
logins        how long reads take during a flood of logins                                   (logins.py)
start         milliseconds from the start of the program to its first answer                  (start.py)
sizes         bytes of database per stored link                                                (sizes.py)
statements    SQL statements per POST /link/                                              (statements.py)
search        milliseconds per reading request, with few links and with many                  (search.py)
memory        resident memory at rest, under load, after wrong logins, with stalled readers    (memory.py)
waits         how long others wait beside work on 50,000 links; the speed of imports           (waits.py)
instructions  processor instructions per request on SQLite; needs valgrind              (instructions.py)

Without BENCH_ONLY, the parts in DEFAULT run. Such a run on all databases also writes the results (publish.py).
Absolute rates and times depend on the machine and on its load. Compare ratios, sizes and counts.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import instructions
import logins
import machine
import memory
import peers
import publish
import rates
import report
import search
import sizes
import start
import statements
import waits
import writes
from mariadb import MariaDb
from postgres import Postgres
from report import Failure, say
from sqlite import Sqlite

DATABASES = {"sqlite": Sqlite, "postgres": Postgres, "mariadb": MariaDb}
DEFAULT = ["rates", "writes", "logins", "start"]
PARTS = [*DEFAULT, "sizes", "statements", "search", "memory", "waits", "instructions"]


def fail(text):
    sys.exit(f"bench: {text}")


def words_of(name, known, default=None):
    """The words of an environment variable, in the order of `known`."""
    words = os.environ.get(name, "").split() or default or known
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


def tell_targets():
    if report.targets:
        report.heading("targets")
        table = report.Table(("target", 50), ("wanted", 9), ("measured", 10), ("verdict", 7))
        for target in report.targets:
            table.row(target.name, target.wanted, target.measured, target.verdict)


def main():
    binary = pathlib.Path(os.environ.get("BENCH_BINARY") or fail("start bench/run.sh")).absolute()
    if not os.access(binary, os.X_OK):
        fail(f"there is no program {binary}")
    parts = words_of("BENCH_ONLY", PARTS, DEFAULT)
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
        if "rates" in parts:
            peers.install()
        began = time.monotonic()
        machine.describe(binary, folder)
        with started(names, folder) as databases:
            for database in databases:
                say(f"{database.name:<9} {database.describe(binary)}")
            described = report.transcript[:]
            runs = {
                "rates": lambda: rates.run(databases, binary, seconds, clients),
                "writes": lambda: writes.run(databases, binary, seconds),
                "logins": lambda: logins.run(databases, binary, seconds, clients),
                "start": lambda: start.run(databases, binary),
                "sizes": lambda: sizes.run(databases, binary, counts),
                "statements": lambda: statements.run(databases, binary),
                "search": lambda: search.run(databases, binary, counts),
                "memory": lambda: memory.run(databases, binary, seconds, counts),
                "waits": lambda: waits.run(databases, binary),
                "instructions": lambda: instructions.run(binary, folder),
            }
            for part in parts:
                runs[part]()
        tell_targets()
        say(f"\nThis took {(time.monotonic() - began) / 60:.1f} minutes.")
        if parts == DEFAULT and names == list(DATABASES):
            publish.write(described)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        fail(failure)
