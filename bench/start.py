"""Milliseconds from the start of the program to its first answer, with an existing database."""
import http.client
import statistics
import subprocess
import time

import links
from database import free_port
from report import Failure, Table, at_most, heading
from service import Service

STARTS, LINKS, SQLITE_MS = 20, 2_000, 80


def run(databases, binary):
    heading("start: milliseconds from the start of the program to its first answer",
            f"GET /health/ready; the median of {STARTS} starts, with {LINKS:,} links stored")
    table = Table(("database", 10), ("median", 7), ("fastest", 7), ("slowest", 7))
    for database in databases:
        with database.fresh("bench_start") as url:
            service = Service(binary, url, database.folder)
            with service:
                links.fill(service.log_in(), LINKS)
            times = [start(service) for _ in range(STARTS)]
        table.row(database.name, *(f"{function(times):.1f}" for function in (statistics.median, min, max)))
        if database.name == "sqlite":
            at_most("start to first answer, SQLite", SQLITE_MS, statistics.median(times), " ms")


def start(service):
    port = free_port()
    environment = {**service.environment, "TAGLINK__SERVER__PORT": str(port)}
    begin = time.perf_counter()
    process = subprocess.Popen(service.command, cwd=service.folder, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None and time.perf_counter() - begin < 60:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == 200:
                    return (time.perf_counter() - begin) * 1000
            except OSError:
                time.sleep(0.001)
            finally:
                connection.close()
        raise Failure("taglink did not start")
    finally:
        process.terminate()
        process.wait()
