"""Requests per second of taglink and of its peers, measured in turns on processes that all run side by side.

What is compared is measured in the same round, one after the other; a ratio is the median of the ratios of all
rounds. The access log of taglink is on.
"""
import contextlib
import statistics

import links
import peers
from load import TAGS, Load
from report import Table, at_least, at_most, heading
from service import Service

ROUNDS, LINKS = 3, 2_000
READ, LIST, WRITE = "GET /link/{id}", "GET /link/?tag= (50 links)", "POST /link/ (new, durable)"
TUTORIAL, CEILING, PGBENCH, LOOP = "tutorial", "ceiling", "pgbench", "sqlite3 loop"
QUIET = "sqlite, no log"  # the access log is off

rates = {}  # of the last run: request -> who -> the rates of all rounds


def run(databases, binary, seconds, connections):
    heading("rates: requests per second, and ratios to the peers",
            f"{connections} connections, the median of {ROUNDS} rounds of {seconds} s; {LINKS:,} links stored; "
            "access log on (to /dev/null)",
            f"tutorial: {peers.Tutorial.describe()}; one worker for each core, on the same MariaDB",
            f"ceiling: {peers.Ceiling.describe()} answers the same bytes behind a token check, from memory",
            "pgbench: -S -M prepared with as many connections, on the same PostgreSQL",
            "sqlite3 loop: the statement of a read by id in one thread of Python, on the same file")
    with contextlib.ExitStack() as stack:
        for request, candidates in start_all(stack, databases, binary, connections).items():
            for measure in candidates.values():
                measure(1)  # to warm up
            rates[request] = {who: [] for who in candidates}
            for _ in range(ROUNDS):
                for who, measure in candidates.items():
                    rates[request][who].append(measure(seconds))
    table = Table(("request", 28), ("of", 14), ("per second", 10), ("to tutorial", 11), ("to ceiling", 10),
                  ("to pgbench", 10), texts=2)
    for request, measured in rates.items():
        for who, of_rounds in measured.items():
            compared = [ratio(request, who, request, peer) for peer in (TUTORIAL, CEILING)]
            compared.append(ratio(request, who, READ, PGBENCH) if request == READ else None)
            table.row(request, who, f"{statistics.median(of_rounds):,.0f}",
                      *("" if value is None else f"{value:.2f}" for value in compared))
    evaluate()


def start_all(stack, databases, binary, connections):
    """Starts everything; for each request and who answers it, a function that measures for some seconds."""
    candidates = {READ: {}, LIST: {}, WRITE: {}}
    list_path = f"/link/?tag={links.FIFTY}"

    def measure(client, path, **options):
        return lambda seconds: Load(client, seconds).rate(path, connections, **options)

    def add(who, client, link):
        candidates[READ][who], candidates[LIST][who] = measure(client, f"/link/{link}"), measure(client, list_path)
        if who != CEILING:
            candidates[WRITE][who] = measure(client, "/link/", accounts=())

    for database in databases:
        url = stack.enter_context(database.fresh("bench_rates"))
        service = stack.enter_context(Service(binary, url, database.folder, access_log=True))
        client = service.log_in()
        links.fill(client, LINKS, links.with_fifty)
        for tag in range(TAGS):
            client.request("POST", "/tag/", {"tag": f"tag {tag}"})
        link = client.request("GET", "/link/?limit=1")[0]["link_id"]
        add(database.name, client, link)
        if database.name == "sqlite":
            quiet = stack.enter_context(Service(binary, url, database.folder)).log_in()
            candidates[READ][QUIET] = measure(quiet, f"/link/{link}")
            candidates[READ][LOOP] = peers.sqlite_loop(database.path("bench_rates"), link)
            secret = service.environment["TAGLINK__AUTHENTICATION__SECRET_KEY"]
            ceiling = peers.Ceiling(database.folder, client, secret, [f"/link/{link}", list_path])
            add(CEILING, stack.enter_context(ceiling).log_in(), link)
        elif database.name == "postgres":
            candidates[READ][PGBENCH] = peers.pgbench(database, connections)
        else:
            tutorial = stack.enter_context(peers.Tutorial(database, database.folder, connections)).log_in()
            add(TUTORIAL, tutorial, tutorial.request("GET", list_path)[0]["link_id"])
    return candidates


def ratio(request, who, other_request, other):
    """The median of the ratios in each round; None if one of them was not measured, or they are the same."""
    pair = rates[request].get(who), rates[other_request].get(other)
    if None in pair or (request, who) == (other_request, other):
        return None
    return statistics.median(one / of_other for one, of_other in zip(*pair))


def evaluate():
    log_cost = ratio(READ, QUIET, READ, "sqlite")
    for evaluated, name, wanted, measured in [
        (at_least, "read by id, SQLite : tutorial", 100, ratio(READ, "sqlite", READ, TUTORIAL)),
        (at_least, "read by id, SQLite : ceiling", 0.6, ratio(READ, "sqlite", READ, CEILING)),
        (at_least, "list of 50, SQLite : ceiling", 0.5, ratio(LIST, "sqlite", LIST, CEILING)),
        (at_least, "durable write, SQLite : tutorial", 50, ratio(WRITE, "sqlite", WRITE, TUTORIAL)),
        (at_least, "durable write : read by id, SQLite", 0.35, ratio(WRITE, "sqlite", READ, "sqlite")),
        (at_least, "read by id, PostgreSQL : pgbench", 1, ratio(READ, "postgres", READ, PGBENCH)),
        (at_least, "read by id, MariaDB : pgbench", 1, ratio(READ, "mariadb", READ, PGBENCH)),
        (at_least, "durable write, PostgreSQL : tutorial", 8, ratio(WRITE, "postgres", WRITE, TUTORIAL)),
        (at_least, "durable write, MariaDB : tutorial", 8, ratio(WRITE, "mariadb", WRITE, TUTORIAL)),
        (at_most, "cost of the access log, read by id on SQLite (%)", 10, log_cost and (1 - 1 / log_cost) * 100),
    ]:
        if measured is not None:
            evaluated(name, wanted, measured, " %" if name.endswith("(%)") else "x")
