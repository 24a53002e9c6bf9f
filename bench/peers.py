"""What taglink is compared with, built and installed when it is first needed (bench/peers)."""
import contextlib
import json
import os
import re
import secrets
import sqlite3
import subprocess
import time

import links
import machine
from database import ROOT, free_port
from report import Failure
from service import PASSWORD, Client, Process

FOLDER = ROOT / "bench" / "peers"
BUILT = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "bench"
NOT_COPIED = {"connection", "content-length", "date", "transfer-encoding"}  # which each server writes itself


def install():
    """Before the clock runs."""
    run("installing the tutorial's stack", [FOLDER / "tutorial" / "install.sh", BUILT / "tutorial"])
    run("building the ceiling", ["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path",
                                 FOLDER / "ceiling" / "Cargo.toml", "--target-dir", BUILT / "ceiling"])


def run(what, command):
    print(f"{what} ...", flush=True)
    if subprocess.run(command, cwd=ROOT).returncode != 0:
        raise Failure(f"{what} failed")


class Tutorial(Process):
    """The tutorial's service on MariaDB: one uvicorn worker for each core."""

    def __init__(self, database, folder, connections):
        self.database = database
        super().__init__(folder / "tutorial", "Application startup complete", machine.cores())
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        # A request keeps its connection while it waits for a thread, so there is one for each client.
        settings = {"SECRET_KEY": secrets.token_hex(32), "POOL_SIZE": str(min(connections, 64)),
                    "DATABASE_URL": f"mariadb+mariadbconnector://root@127.0.0.1:{database.port}/bench_tutorial"}
        python = BUILT / "tutorial" / "bin" / "python"
        self.command = [python, "-m", "uvicorn", "main:app", "--app-dir", FOLDER / "tutorial", "--port",
                        str(self.port), "--workers", str(machine.cores())]
        self.environment = {**os.environ, **settings}
        self.hash_command = [python, "-c", "import sys; from passlib.hash import bcrypt; "
                                           "print(bcrypt.hash(sys.argv[1]))", PASSWORD]

    @staticmethod
    def describe():
        python = BUILT / "tutorial" / "bin" / "python"
        code = ("import platform\nfrom importlib.metadata import version\n"
                "print(*(f'{name} {version(name)}' for name in ('fastapi', 'uvicorn', 'SQLAlchemy', 'mariadb')), "
                "f'Python {platform.python_version()}', sep=', ')")
        return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    def __enter__(self):
        query, name = self.database.query, "bench_tutorial"
        self.database.create(name)
        query(name, (FOLDER / "tutorial" / "schema.sql").read_text())
        hashed = subprocess.run(self.hash_command, capture_output=True, text=True, check=True).stdout.strip()
        query(name, f"INSERT INTO user SET username = 'apiuser', hashed_password = '{hashed}'")
        query(name, f"INSERT INTO tag (tag) SELECT CONCAT('tag ', seq - 1) FROM seq_1_to_{8}")
        query(name, f"INSERT INTO tag (tag) VALUES ('{links.FIFTY}')")
        query(name, "INSERT INTO link (link) SELECT CONCAT('https://example.org/a/', seq) FROM seq_1_to_2000")
        query(name, f"""INSERT INTO taglink SELECT tag_id, link_id FROM tag JOIN
                        (SELECT link_id FROM link LIMIT 50) few WHERE tag = '{links.FIFTY}'""")
        query(name, """INSERT IGNORE INTO taglink SELECT tag_id, link_id FROM link
                       JOIN tag ON tag = CONCAT('tag ', CRC32(link) % 8)""")
        self.database.settle(name)
        return super().__enter__()

    def __exit__(self, *_error):
        super().__exit__()
        self.database.drop("bench_tutorial")

    def log_in(self):
        form = f"username=apiuser&password={PASSWORD}"
        answer = Client(self.base).request("POST", "/token/", form, "application/x-www-form-urlencoded")
        return Client(self.base, answer["access_token"])


class Ceiling(Process):
    """Answers what taglink has answered to these paths, to the same token."""

    def __init__(self, folder, client, secret, paths):
        super().__init__(folder / "ceiling", "listening on")
        self.recorded, self.token = [record(client, path) for path in paths], client.token
        self.command = [BUILT / "ceiling" / "release" / "ceiling"]
        self.environment = {**os.environ, "CEILING_RESPONSES": str(self.folder / "responses"),
                            "CEILING_SECRET": secret}

    @staticmethod
    def describe():
        lock = (FOLDER / "ceiling" / "Cargo.lock").read_text()
        return "actix-web " + re.search(r'name = "actix-web"\nversion = "([^"]*)"', lock)[1]

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)
        (self.folder / "responses").write_text(json.dumps(self.recorded))
        super().__enter__()
        self.base = self.output().split("listening on ")[1].split()[0]
        return self

    def log_in(self):
        return Client(self.base, self.token)


def record(client, path):
    answer, body = client.send("GET", path)
    headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in NOT_COPIED]
    return {"path": path, "headers": headers, "body": body.decode()}


def pgbench(database, connections):
    """A function that measures transactions per second: one SELECT of a row by its key."""
    database.create("bench_pgbench")
    command = [database.programs / "pgbench", "-h", "127.0.0.1", "-p", str(database.port), "-U", "postgres"]
    database.execute([*command, "-i", "-s", "1", "-q", "bench_pgbench"])

    def measure(seconds):
        rows = database.execute([*command, "-n", "-S", "-M", "prepared", "-c", str(connections), "-j",
                                 str(min(2, connections)), "-T", str(seconds), "bench_pgbench"])
        return float(next(row[0] for row in rows if row[0].startswith("tps = ")).split()[2])

    return measure


def sqlite_loop(path, link_id):
    """A function that measures statements per second, with Python's sqlite3 in one thread: a link by its id."""
    statement = ("SELECT link_id, account_id, created_at, url, title, notes, version, updated_at "
                 "FROM link WHERE link_id = ?")
    values = (bytes.fromhex(link_id.replace("-", "")),)

    def measure(seconds):
        with contextlib.closing(sqlite3.connect(path)) as connection:
            start, now, count = time.perf_counter(), 0, 0
            while now < start + seconds:
                for _ in range(1000):
                    connection.execute(statement, values).fetchone()
                now, count = time.perf_counter(), count + 1000
            return count / (now - start)

    return measure
