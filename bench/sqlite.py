"""SQLite: files in a folder, written by taglink."""
import contextlib
import sqlite3

from database import Database
from service import Service


class Sqlite(Database):
    name = "sqlite"

    def start(self):
        self.folder.mkdir()

    def stop(self):
        pass

    def path(self, database):
        return self.folder / f"{database}.db"

    def create(self, database):
        return f"sqlite:{self.path(database)}"

    def drop(self, database):
        for path in self.folder.glob(f"{database}.db*"):
            path.unlink()

    def describe(self, binary):
        with self.fresh("version") as url, Service(binary, url, self.folder):
            with open(self.path("version"), "rb") as file:
                file.seek(96)  # where SQLite writes its own version into the file
                number = int.from_bytes(file.read(4), "big")
            journal = self.query("version", "PRAGMA journal_mode")[0][0]
        version = f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
        return f"{version}, journal_mode={journal}; synchronous is set by taglink and invisible from outside"

    def query(self, database, statement):
        with contextlib.closing(sqlite3.connect(self.path(database))) as connection:
            return connection.execute(statement).fetchall()

    def settle(self, name):
        self.query(name, "PRAGMA wal_checkpoint(TRUNCATE)")

    def sizes(self, name):
        """The size of the file, and of each table and index, if Python's SQLite can tell it."""
        self.settle(name)
        kinds = dict(self.query(name, "SELECT name, type FROM sqlite_schema"))
        parts = {}
        with contextlib.suppress(sqlite3.OperationalError):  # dbstat is not in every build of SQLite
            for part, size in self.query(name, "SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE"):
                parts[f"{'I' if kinds.get(part) == 'index' else 'T'} {part}"] = size
        return self.path(name).stat().st_size, parts
