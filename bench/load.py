"""Requests per second, with wrk on 127.0.0.1: reads as ratios to a token check, and durable writes."""
import os
import subprocess

import links
import machine
from report import Failure, Table, heading, note
from service import Service

TAGS = 8  # that exist in each account; a written link gets one of them
ACCOUNTS = 64


class Load:
    """Runs wrk with the token of a client, on at most two threads."""

    def __init__(self, client, seconds):
        self.client = client
        self.seconds = seconds
        self.runs = 0

    def rate(self, path, connections, accounts=()):
        """Successful requests per second: GET of the path, or with accounts POST of new links in them."""
        self.runs += 1
        threads = min(2, connections)
        environment = {**os.environ, "BENCH_TOKEN": self.client.token, "BENCH_THREADS": str(threads),
                       "BENCH_ACCOUNTS": " ".join(accounts), "BENCH_TAGS": str(TAGS),
                       "BENCH_RUN": f"run-{self.runs}"}
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "requests.lua")
        answer = subprocess.run(["wrk", f"-t{threads}", f"-c{connections}", f"-d{self.seconds}s",
                                 "--timeout", "15s", "-s", script, self.client.base + path],
                                env=environment, capture_output=True, text=True)
        results = [line for line in answer.stdout.splitlines() if line.startswith("RESULT ")]
        if answer.returncode != 0 or not results:
            raise Failure(f"wrk failed: {answer.stdout}{answer.stderr}")
        requests, microseconds, refused, lost = map(int, results[0].split()[1:])
        if refused or lost:
            note(f"{path}: {refused} of {requests} requests were answered with an error, {lost} not at all")
        return (requests - refused) / (microseconds / 1e6)


def rates(databases, binary, seconds, connections):
    heading("rates: requests per second",
            f"{connections} connections, {seconds} s each, 2,000 links stored",
            "ratio: to the rate of the token check on the same database")
    table = Table(("database", 10), ("request", 28), ("per second", 10), ("ratio", 6), texts=2)
    for database in databases:
        with database.fresh("bench_rates") as url, Service(binary, url, database.folder) as service:
            client = service.log_in()
            links.fill(client, 2_000)
            link = client.request("GET", "/link/?limit=1")[0]["link_id"]
            load = Load(client, seconds)
            ceiling = None
            for name, path in [("token check, empty answer", "/tag/?tag="),  # no tag has an empty name
                               ("GET /link/{id}", f"/link/{link}"),
                               ("GET /link/ (100 of many)", "/link/"),
                               ("GET /link/?tag= (100 of many)", f"/link/?tag={links.TAGS[0]}")]:
                rate = load.rate(path, connections)
                ceiling = ceiling or rate
                table.row(database.name, name, f"{rate:,.0f}", f"{rate / ceiling:.2f}")


def writes(databases, binary, seconds):
    heading("writes: POST /link/ per second, each a new link under an existing tag, committed to the disk",
            f"{seconds} s each; 1, 8 and 64 connections in one account, then 64 in {ACCOUNTS} accounts",
            "64:1: the ratio of the rates with 64 connections and with 1, in one account",
            "sync: milliseconds to append 4 KiB to a file and sync it, measured just before")
    table = Table(("database", 10), ("1 conn.", 8), ("8 conn.", 8), ("64 conn.", 8), ("64:1", 6),
                  ("64 conn., 64 accounts", 21), ("to one account", 14), ("sync", 6))
    for database in databases:
        with database.fresh("bench_writes") as url, Service(binary, url, database.folder) as service:
            admin = service.log_in("admin")
            accounts = [make_account(admin, number) for number in range(ACCOUNTS)]
            sync = machine.sync_ms(database.folder.parent)
            load = Load(admin, seconds)
            one, eight, many = (load.rate("/link/", connections, accounts[:1]) for connections in (1, 8, 64))
            spread = load.rate("/link/", 64, accounts)
            table.row(database.name, *(f"{rate:,.0f}" for rate in (one, eight, many)), f"{many / one:.2f}",
                      f"{spread:,.0f}", f"{spread / many:.2f}", f"{sync:.2f}")


def make_account(admin, number):
    """The id of a new account that has the tags."""
    account = {"email": f"bench-{number}@example.org", "password": "benchmark-password"}
    account_id = admin.request("POST", "/account/", account)["account_id"]
    for tag in range(TAGS):
        admin.request("POST", "/tag/", {"tag": f"tag {tag}", "account_id": account_id})
    return account_id
