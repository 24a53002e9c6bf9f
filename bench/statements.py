"""SQL statements per POST /link/ with a new link under an existing tag, between BEGIN and COMMIT.

PostgreSQL logs every statement; MariaDB has counters. SQLite is part of the taglink process, so its
statements cannot be counted from outside.
"""
import re

from report import Table, heading, note
from service import Service

WARM_UP, COUNT = 20, 100
LOG_LINE = re.compile(r"^(\d+) LOG:  (?:statement|execute [^:]*): (.*)$")


def run(databases, binary):
    heading("statements: SQL per POST /link/ with a new link under an existing tag",
            f"average of {COUNT} requests; between BEGIN and COMMIT, which are not counted",
            "mariadb: all statements, because its counters do not show which belong to a transaction")
    table = Table(("database", 10), ("account", 8), ("statements", 10), ("outside of a transaction", 24),
                  ("transactions", 12), texts=2)
    for database in databases:
        if database.name not in COUNTERS:
            continue
        with database.fresh("bench_statements") as url:
            if database.name == "postgres":  # before taglink connects
                database.query("postgres", "ALTER DATABASE bench_statements SET log_statement = 'all'")
            with Service(binary, url, database.folder) as service:
                for account, post_links in posters(service):
                    post_links("warm-up", WARM_UP)
                    inside, outside, transactions, details = COUNTERS[database.name](database, post_links)
                    outside = "not known" if outside is None else f"{outside / COUNT:.2f}"
                    table.row(database.name, account, f"{inside / COUNT:.2f}", outside,
                              f"{transactions / COUNT:.2f}")
                    for line in details:
                        note(line)


def posters(service):
    """For the shared account, and for a new one ("own"): a function that stores links in it."""
    admin = service.log_in("admin")
    new = {"email": "bench@example.org", "password": "benchmark-password"}
    own = admin.request("POST", "/account/", new)["account_id"]
    for account, client, owner in [("shared", service.log_in(), {}), ("own", admin, {"account_id": own})]:
        def post_links(name, count, client=client, owner=owner):
            for number in range(count):
                link = f"https://example.org/{name}/{number}"
                client.request("POST", "/link/", {"link": link, "tag": "tag", **owner})

        yield account, post_links


def postgres(database, post_links):
    """From the server's log. The statements of the last transaction are the details."""
    start = database.log.stat().st_size
    post_links("counted", COUNT)
    with open(database.log, "rb") as log:
        log.seek(start)
        transactions, outside = transactions_in(log.read().decode(errors="replace"))
    if not transactions:
        return 0, outside, 0, []
    details = [" ".join(statement.split())[:100] for statement in transactions[-1]]
    return sum(map(len, transactions)), outside, len(transactions), details


def transactions_in(log):
    """The statements of each committed transaction in a log, and the number of statements outside of any."""
    open_transactions, committed, outside = {}, [], 0
    for process, text in logged(log):
        word = text.split(maxsplit=1)[0].rstrip(";").upper()
        if word in ("BEGIN", "START"):
            open_transactions[process] = []
        elif word in ("COMMIT", "END"):
            committed.append(open_transactions.pop(process, []))
        elif word == "ROLLBACK" and not re.match(r"(?i)rollback\s+(work\s+|transaction\s+)?to\b", text):
            open_transactions.pop(process, None)
        elif process in open_transactions:
            open_transactions[process].append(text)
        else:
            outside += 1
    return committed, outside


def logged(log):
    """(process, statement) for each statement in a log. A continued line begins with a tab."""
    for line in re.sub(r"\n\t", " ", log).splitlines():
        match = LOG_LINE.match(line)
        if match:
            # Several statements can be sent as one text. No statement of taglink contains a semicolon.
            for statement in filter(None, map(str.strip, match[2].split(";"))):
                yield match[1], statement


def mariadb(database, post_links):
    """From the server's counters, minus what reading them adds. The details are the kinds of statement."""
    first, second = counters(database), counters(database)
    post_links("counted", COUNT)
    third = counters(database)
    done = {name: third[name] - 2 * second[name] + first[name] for name in third}
    frame = ("Com_begin", "Com_commit", "Com_rollback")
    statements = done["Questions"] - sum(done[name] for name in frame)
    # A prepared statement counts as what it is, and as Com_stmt_execute.
    kinds = {name.removeprefix("Com_"): count for name, count in done.items()
             if count > 0 and name not in ("Questions", *frame) and not name.startswith("Com_stmt_")}
    details = [f"{count / COUNT:.2f} {kind.replace('_', ' ')}" for kind, count in
               sorted(kinds.items(), key=lambda item: -item[1])]
    return statements, None, done["Com_commit"], [", ".join(details)]


def counters(database):
    rows = database.query("mysql", "SHOW GLOBAL STATUS WHERE Variable_name = 'Questions' "
                                   "OR Variable_name LIKE 'Com\\_%'")
    return {name: int(value) for name, value in rows}


COUNTERS = {"postgres": postgres, "mariadb": mariadb}
