"""How long reads take on SQLite while many clients log in, compared with when nobody does."""
import statistics

import links
from load import Load
from report import Table, at_most, heading
from service import Service, login

ROUNDS, FLOOD = 3, 32  # connections that log in


def run(databases, binary, seconds, connections):
    heading("logins: milliseconds of GET /link/{id} during a flood of logins, on SQLite",
            f"{connections} connections that read, {FLOOD} that log in with the right password, "
            f"the median of {ROUNDS} rounds of {seconds} s; access log on (to /dev/null)")
    table = Table(("beside", 10), ("reads per second", 16), ("p50", 7), ("p99", 7), ("logins per second", 17))
    for database in databases:
        if database.name != "sqlite":
            continue
        with database.fresh("bench_logins") as url, \
                Service(binary, url, database.folder, access_log=True) as service:
            client = service.log_in()
            links.fill(client, 2_000)
            path = f"/link/{client.request('GET', '/link/?limit=1')[0]['link_id']}"
            reads, form = Load(client, seconds), login()[2]
            flood, quiet, flooded = Load(service.client(), seconds), [], []
            for _ in range(ROUNDS):
                quiet.append((reads.run(path, connections), 0))
                finish = flood.start("/token/", FLOOD, form=form)
                flooded.append((reads.run(path, connections), finish().rate))
        for name, rounds in [("nothing", quiet), ("logins", flooded)]:
            rate, p50, p99 = (statistics.median(values) for values in zip(*(each for each, _ in rounds)))
            logins = statistics.median(rate for _, rate in rounds)
            table.row(name, f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{logins:,.1f}")
        slower = statistics.median(during[0].p99 / idle[0].p99 for idle, during in zip(quiet, flooded))
        at_most("p99 of reads during a flood of logins : idle", 2, slower)
