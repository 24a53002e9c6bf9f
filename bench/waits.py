"""How long others wait beside work on many rows: single writes, and logins, which write a session.

The work is on an account whose links all carry one tag: an import of them, a merge of the tag into another,
the deletion of that one, then of the account. Then the speed of imports of few and of many rows.
"""
import contextlib
import http.client
import itertools
import threading
import time

import links
from report import Failure, Table, heading, note
from service import Service, login

FEW, MANY = 5_000, 50_000  # an import takes at most 50,000
WRITE_SECONDS, LOGIN_SECONDS = 0.02, 0.5  # from the beginning of one request to that of the next
AROUND = 0.5  # seconds before and after the work in which the others go on
IDLE = 5
WRITERS = 4
GONE = 422  # the status of a write to an account that was deleted
SQLITE_MS, SERVER_MS = 300, 1000  # the targets


class Stream(threading.Thread):
    """Sends requests on a connection of its own until it is stopped; remembers how long each took."""

    def __init__(self, client, seconds, request):
        super().__init__()
        self.client = client
        self.seconds = seconds
        self.request = request  # makes what Client.send takes
        self.is_stopped = threading.Event()
        self.waits = []
        self.refusals = []  # statuses other than 200, and failures

    def run(self):
        while not self.is_stopped.is_set():
            start = time.perf_counter()
            try:
                status = self.client.send(*self.request())[0].status
            except (OSError, http.client.HTTPException) as error:
                status = type(error).__name__
                self.client.connection.close()
            self.waits.append(time.perf_counter() - start)
            if status != 200:
                self.refusals.append(status)
            self.is_stopped.wait(self.seconds - self.waits[-1])

    def longest(self):
        """Milliseconds."""
        return max(self.waits) * 1000

    def misses(self, milliseconds):
        return self.longest() > milliseconds or any(refusal != GONE for refusal in self.refusals)


class Bench:
    """Accounts and requests on one service."""

    def __init__(self, service):
        self.service = service
        self.admin = service.log_in("admin")
        self.numbers = itertools.count()

    def make_account(self):
        account = {"email": f"bench-{next(self.numbers)}@example.org", "password": "benchmark-password"}
        return self.admin.request("POST", "/account/", account)["account_id"]

    def make_tag(self, account, name):
        return self.admin.request("POST", "/tag/", {"tag": name, "account_id": account})["tag_id"]

    def writes(self, account):
        """Single writes of new links under a tag of their own."""
        def request():
            link = f"https://example.org/written/{next(self.numbers)}"
            return "POST", "/link/", {"link": link, "tag": "written", "account_id": account}

        return Stream(self.service.client(self.admin.token), WRITE_SECONDS, request)

    def logins(self):
        return Stream(self.service.client(), LOGIN_SECONDS, login)

    def store(self, account, file):
        """An import of links that the account does not have."""
        report = self.admin.request("POST", f"/import?account_id={account}", file, "text/csv")
        if report["created"] != report["rows"]:
            raise Failure(f"not everything was imported: {report}")


def file_of(count):
    """Links that all carry the tag "many"."""
    file, = links.files(count, lambda number, title: (*links.plain(number, title)[:2], "many"), count)
    return file.encode()


@contextlib.contextmanager
def going_on(streams):
    for stream in streams:
        stream.start()
    try:
        time.sleep(AROUND)
        yield
        time.sleep(AROUND)
    finally:
        for stream in streams:
            stream.is_stopped.set()
        for stream in streams:
            stream.join()


def run(databases, binary):
    waits(databases, binary)
    imports(databases, binary)


def waits(databases, binary, many=MANY):
    heading("waits: the longest wait for an answer beside work on many rows, in milliseconds",
            f"a new link every {WRITE_SECONDS * 1000:.0f} ms in another account and in the account at work, "
            f"a login every {LOGIN_SECONDS * 1000:.0f} ms",
            f"seconds: of the work; once the account is deleted, a link there is refused with {GONE}",
            f"missed: what was refused, or took more than {SQLITE_MS} ms on sqlite, {SERVER_MS:,} on others")
    table = Table(("database", 10), ("beside", 32), ("seconds", 7), ("write elsewhere", 15),
                  ("write there", 11), ("login", 7), ("missed", 23), texts=2)
    for database in databases:
        target = SQLITE_MS if database.name == "sqlite" else SERVER_MS
        with database.fresh("bench_waits") as url, Service(binary, url, database.folder) as service:
            bench = Bench(service)
            other, account = bench.make_account(), bench.make_account()
            for name, work in works(bench, account, many):
                streams = {"elsewhere": bench.writes(other), "there": bench.writes(account),
                           "login": bench.logins()}
                with going_on(streams.values()):
                    seconds, failure = timed(work)
                missed = [who for who, stream in streams.items() if stream.misses(target)]
                table.row(database.name, name, f"{seconds:.2f}",
                          *(f"{stream.longest():,.0f}" for stream in streams.values()), ", ".join(missed))
                print_failures(failure, streams)


def works(bench, account, many):
    """What is done to an account, one after the other."""
    source, target = bench.make_tag(account, "many"), bench.make_tag(account, "all")
    file = file_of(many)

    def request(*arguments):
        return lambda: bench.admin.request(*arguments)

    return [("nothing", lambda: time.sleep(IDLE)),
            (f"import of {many:,} links", lambda: bench.store(account, file)),
            ("merge of their tag into another",
             request("POST", f"/tag/{target}/merge", {"source_ids": [source]})),
            ("deletion of that tag", request("DELETE", f"/tag/{target}")),
            ("deletion of the account", request("DELETE", f"/account/{account}"))]


def timed(work):
    """The seconds that it took, and why it failed if it did."""
    start = time.perf_counter()
    try:
        work()
    except Failure as failure:
        return time.perf_counter() - start, failure
    return time.perf_counter() - start, None


def print_failures(failure, streams):
    if failure:
        note(f"the work failed: {failure}")
    for who, stream in streams.items():
        if stream.refusals:
            reasons = ", ".join(sorted({str(refusal) for refusal in stream.refusals}))
            note(f"{who}: {len(stream.refusals)} of {len(stream.waits)} refused: {reasons}")


def imports(databases, binary, few=FEW, many=MANY):
    heading("imports: rows per second of POST /import into a new account",
            f"beside: nothing, or {WRITERS} connections that each store a link there every "
            f"{WRITE_SECONDS * 1000:.0f} ms",
            f"ratio: of the time per row with {many:,} rows to that with {few:,}",
            "wait: the longest of these writes, in milliseconds")
    table = Table(("database", 10), ("beside", 10), (f"{few:,} rows", 12), (f"{many:,} rows", 12),
                  ("ratio", 6), ("wait", 7), texts=2)
    for database in databases:
        for count in (0, WRITERS):
            with database.fresh("bench_imports") as url, Service(binary, url, database.folder) as service:
                bench = Bench(service)
                done = [import_beside(bench, rows, count) for rows in (few, many)]
            per_row = [seconds / rows for rows, (seconds, _, _) in zip((few, many), done)]
            longest = [stream.longest() for _, _, streams in done for stream in streams.values()]
            table.row(database.name, f"{count} writers" if count else "nothing",
                      *(f"{1 / seconds:,.0f}" for seconds in per_row), f"{per_row[1] / per_row[0]:.2f}",
                      f"{max(longest):,.0f}" if longest else "")
            for _, failure, streams in done:
                print_failures(failure, streams)


def import_beside(bench, rows, count):
    """The seconds of an import beside `count` writers, why it failed if it did, and the writers."""
    account, file = bench.make_account(), file_of(rows)
    streams = {f"{rows:,} rows, writer {number}": bench.writes(account) for number in range(count)}
    with going_on(streams.values()):
        seconds, failure = timed(lambda: bench.store(account, file))
    return seconds, failure, streams
