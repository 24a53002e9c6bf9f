"""Resident memory of the service (VmRSS of Linux): at rest, under load, and where clients try to use it up.

Each row is measured on the same process, one after the other. The targets are those for SQLite.
"""
import contextlib
import socket
import threading
import time

import links
from load import Load
from report import Failure, Table, at_most, heading
from service import Service, login

CONNECTIONS = 64
LOGINS = 28  # at the same time
STALLED = 24  # clients that do not read
LARGE_LINKS, PER_BATCH = 300, 30  # a list of them would be 15 MB in one answer
LOADED_MIB, AFTER_LOGINS = 64, 1.3  # the targets: resident under load, and the ratio after a flood of logins
SETTLED = 3  # seconds after which memory counts as given back
# Logins come from different addresses, or most are turned away before their password is hashed.
SETTINGS = {"TAGLINK__SERVER__TRUSTED_PROXIES": "127.0.0.1"}


def run(databases, binary, seconds, counts):
    heading("memory: MiB of the process that are resident, and the most so far",
            f"load: {seconds} s of mixed requests on {CONNECTIONS} connections: reads, lists of 20 and of 1,000, "
            "searches, writes",
            f"logins: 5 times {LOGINS} at once with a wrong password",
            f"stalled: {STALLED} clients that ask for pages of {LARGE_LINKS} links with 48 KB each, "
            "and do not read the answers")
    table = Table(("database", 10), ("links", 10), ("after", 26), ("resident", 8), ("ratio", 6), ("most", 6), texts=3)
    for database in databases:
        for count in counts:
            with database.fresh("bench_memory") as url:
                with Service(binary, url, database.folder) as service:
                    links.fill(service.log_in(), count)
                with Service(binary, url, database.folder, settings=SETTINGS) as service:
                    Memory(service, table, database.name, count).measure(seconds)


class Memory:
    """The rows of one database."""

    def __init__(self, service, table, database, count):
        self.service, self.table, self.database, self.count = service, table, database, count
        self.before = None

    def row(self, what):
        """Prints the memory; the ratio is that to the row before. Returns both."""
        now, most = resident(self.service.process.pid)
        ratio = now / (self.before or now)
        self.table.row(self.database, f"{self.count:,}", what, f"{now:.0f}", f"{ratio:.2f}", f"{most:.0f}")
        self.before = now
        return now, ratio

    def measure(self, seconds):
        client = self.service.log_in()
        self.row("start")
        rate = Mixed(client, seconds).rate()
        loaded, _ = self.row(f"load ({rate:,.0f} per second)")
        time.sleep(SETTLED)
        self.row(f"{SETTLED} s of rest")
        for _ in range(5):
            self.log_in_wrongly()
        time.sleep(SETTLED)
        _, growth = self.row("wrong logins")
        if self.database == "sqlite":
            at_most(f"resident memory under load, {self.count:,} links", LOADED_MIB, loaded, " MiB")
            at_most(f"resident memory after wrong logins, {self.count:,} links", AFTER_LOGINS, growth)
        self.store_large(client)
        self.row("storing large links")
        for path in ("/link/?tag=large&limit=1000", "/link/?tag=large&limit=1000&include=tags", "/change/?limit=1000"):
            with self.stalled(client.token, path):
                self.row(f"stalled {path.split('?')[0]}")
        time.sleep(SETTLED)
        self.service.client(client.token).request("GET", "/link/?limit=1")
        self.row(f"{SETTLED} s of rest")

    def log_in_wrongly(self):
        def attempt(number):
            client = self.service.client()
            method, path, body, content_type = login()
            headers = {"Content-Type": content_type, "X-Forwarded-For": f"192.0.2.{number}"}
            client.connection.request(method, path, body + "wrong", headers)
            client.connection.getresponse().read()

        threads = [threading.Thread(target=attempt, args=(number,)) for number in range(LOGINS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def store_large(self, client):
        notes, path = "\u20ac" * 10_000, "x" * 8_000
        for first in range(0, LARGE_LINKS, PER_BATCH):
            operations = [
                {"op": "create_link", "link": f"https://large.example/{number}/{path}", "notes": notes,
                 "tag": "large"} for number in range(first, first + PER_BATCH)]
            if not client.request("POST", "/batch/", {"operations": operations})["committed"]:
                raise Failure("the large links were not stored")

    @contextlib.contextmanager
    def stalled(self, token, path):
        """Clients that have got the first byte of an answer, and leave the rest unread."""
        address = self.service.base.removeprefix("http://").split(":")
        # Twice, as clients do that send requests before they have the answers.
        request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n" * 2
        with contextlib.ExitStack() as stack:
            for _ in range(STALLED):
                client = stack.enter_context(socket.socket())
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.connect((address[0], int(address[1])))
                client.sendall(request.encode())
                client.recv(1)
            yield


class Mixed(Load):
    """Mixed requests with wrk."""

    script = "mixed.lua"

    def rate(self):
        found = self.client.request("GET", "/link/?limit=20")
        words = found[0]["title"].split()
        self.environment["BENCH_PATHS"] = " ".join([
            *(f"/link/{link['link_id']}" for link in found), "/link/?limit=20", f"/link/?tag={links.TAGS[1]}&limit=20",
            "/link/?limit=1000", f"/link/?q={words[0]}", f"/link/?q={words[1]}&include=tags", "/tag/", "/change/"])
        return super().rate("/", CONNECTIONS)


def resident(process):
    """MiB now, and at most so far."""
    with open(f"/proc/{process}/status") as file:
        values = dict(line.split(":", 1) for line in file if line.startswith(("VmRSS", "VmHWM")))
    return tuple(int(values[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
