"""Durable writes by connections and accounts."""
import machine
from load import TAGS, Load
from report import Table, heading
from service import Service

ACCOUNTS = 64


def run(databases, binary, seconds):
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
