"""Milliseconds per reading request, over HTTP on one connection, one after the other.

The links are those of the part "sizes", but with words, tags and a site that are common or rare (`link`). The
feed is read to its end first, because its first reader numbers what is pending.
"""
import json
import math
import re
import statistics
import time
import urllib.parse
from typing import NamedTuple

import links
from report import Table, heading, note
from service import Service

MOST, SECONDS, LEAST = 50, 5, 3  # requests of a kind: 50, or those of 5 seconds, but at least 3
TOO_LONG = 10  # seconds; such a request is not repeated
SQLITE_MS, STEADY = 100, 2  # the targets
AREAS = 32
NEXT = re.compile(r'<([^>]*)>; rel="next"')


class Query(NamedTuple):
    name: str
    path: str
    is_steady: bool = False  # shall not take longer the more links there are


class Times(NamedTuple):
    """Of a request: milliseconds, and how many rows were answered. Or why there are none."""
    p50: float = math.inf
    p99: float = math.inf
    rows: int = 0
    failure: str = ""


def run(databases, binary, counts):
    heading("search: milliseconds per request on one connection",
            f"of {MOST} requests or {SECONDS} seconds, at least {LEAST}; the p99 of so few is the longest",
            f"instead of a p50: the status of a refusal, or the seconds if there are more than {TOO_LONG}",
            "ratio: of the p50 with the most links to that with the fewest; rows: in the last answer",
            f"missed: on sqlite more than {SQLITE_MS} ms with the most links, at a + a ratio above {STEADY};",
            f"on postgres and mariadb more than {TOO_LONG} s; a refusal")
    sizes = [(f"{title} {count:,}", 13) for count in counts for title in ("p50", "p99")]
    table = Table(("database", 10), ("request", 42), *sizes, ("ratio", 7), ("rows", 5), ("missed", 14),
                  texts=2)
    for database in databases:
        # Those with fewer links first, so that each row can be printed when it is measured.
        before = [{query.name: times for query, times in measured(database, binary, count)}
                  for count in counts[:-1]]
        for query, times in measured(database, binary, counts[-1]):
            all_times = [*(earlier[query.name] for earlier in before), times]
            ratio = times.p50 / all_times[0].p50 if before and math.isfinite(times.p50) else None
            table.row(database.name, f"{'+' if query.is_steady else ' '} {query.name}",
                      *(cell for each in all_times for cell in cells(each)),
                      "" if ratio is None else f"{ratio:.2f}", times.rows,
                      missed(database, query, times, ratio))


def cells(times):
    return (times.failure, "") if times.failure else (f"{times.p50:,.2f}", f"{times.p99:,.2f}")


def missed(database, query, times, ratio):
    if times.failure:
        return times.failure
    if database.name != "sqlite":
        return ""
    if times.p50 > SQLITE_MS:
        return f"> {SQLITE_MS} ms"
    return f"> {STEADY} times" if query.is_steady and ratio and ratio > STEADY else ""


def measured(database, binary, count):
    """Each query with its times, in a new database with `count` links."""
    with database.fresh("bench_search") as url:
        with Service(binary, url, database.folder) as service:
            client = service.log_in()
            links.fill(client, count, link)
            change = half_way(client, "/change/", 4 * count)
        database.settle("bench_search")
        with Service(binary, url, database.folder) as service:
            client = service.log_in()
            for query in [*queries(client, count), Query("GET /change/, half way", change)]:
                yield query, measure(client, query.path)


def link(number, title):
    """The shape of a link. Each rare thing is in 1 of 1,000 links, each in others."""
    title[0] = "everywhere"
    title[1] = "even" if number % 2 == 0 else "odd"  # words drawn for titles begin with consonants
    if number % 1000 == 0:
        title[2] = "unusual"
    site = "rare.org" if number % 1000 == 1 else "example.org"
    tag = links.TAGS[number % len(links.TAGS)]
    if number % 1000 == 2:
        tag = "rare"
    elif 100 <= number % 1000 < 100 + AREAS:  # up to 60 tags below each area, in all of 1,000,000 links
        tag = f"area{number % 1000 - 100}/{number // 1000 % 60}"
    return f"https://{site}/a/{number}", title, tag


def queries(client, count):
    deep = half_way(client, "/link/", count)
    some = client.request("GET", deep)[0]["link_id"]
    common, negated = '"everywhere"', " ".join(f"-tag:area{area}/*" for area in range(AREAS))
    return [
        Query("GET /link/{id}", f"/link/{some}"),
        Query("GET /link/, first page", "/link/", True),
        Query("GET /link/, half way", deep, True),
        Query("?sort=title", "/link/?sort=title"),
        Query("?tag=, of 1 in 1,000 (10 links)", "/link/?tag=rare&limit=10", True),
        Query("?tag=, of 1 in 8", f"/link/?tag={links.TAGS[0]}", True),
        Query("?q= \"rare word\" (10 links)", search('"unusual"', limit=10), True),
        Query("?q= rare word or beginning (10 links)", search("unusual", limit=10)),
        Query("?q= \"common word\", in every link", search(common), True),
        Query("?q= the same, half way", half_way(client, search(common), count), True),
        Query("?q= common word or beginning", search("everywhere")),
        Query("?q= two common words", search("everywhere even")),
        Query("?q= two common words that never meet", search("even odd")),
        Query("?q= beginning of words in 1 link of 9", search("ba")),
        Query("?q= phrase, in 1 link of 2", search('"everywhere even"')),
        Query("?q= phrase of common words, in no link", search('"even everywhere"')),
        Query("?q= site:, of 1 in 1,000 (10 links)", search("site:rare.org", limit=10), True),
        Query("?q= site:, of nearly all", search("site:example.org"), True),
        Query(f"?q= {AREAS} negated tag patterns", search(negated)),
        Query("?q= common word, total=true", search(common, total="true")),
        Query("?q= two common words, total=true", search("everywhere even", total="true")),
        Query("?q= common word, sort=title", search(common, sort="title")),
        Query("?q= beginning, sort=title", search("ba", sort="title")),
        Query("GET /link/facets of a common word", "/link/facets?" + urllib.parse.urlencode({"q": common})),
    ]


def search(q, **parameters):
    return "/link/?" + urllib.parse.urlencode({"q": q, **parameters})


def half_way(client, path, count, seconds=300):
    """Follows a list of up to `count` rows to its end, at most for some seconds; the page in its middle."""
    start, pages = time.perf_counter(), [path]
    large = f"{path}{'&' if '?' in path else '?'}limit=1000"
    for _ in range(count // 1000 + 2):
        answer, text = client.send("GET", large)
        found = NEXT.search(answer.getheader("Link") or "")
        if answer.status != 200 or not found or text == b"[]":
            break
        large = found[1]
        pages.append(large.replace("limit=1000", "limit=100"))
        if time.perf_counter() - start > seconds:
            note(f"{path} was followed for {seconds} s, {len(pages) - 1:,} pages, and not to its end")
            break
    return pages[len(pages) // 2]


def measure(client, path):
    """One request to warm up, then those that count."""
    times = []
    while len(times) <= LEAST or len(times) <= MOST and sum(times) < SECONDS:
        start = time.perf_counter()
        answer, text = client.send("GET", path)
        times.append(time.perf_counter() - start)
        if answer.status != 200:
            return Times(failure=f"status {answer.status}")
        if times[-1] > TOO_LONG:
            return Times(failure=f"{times[-1]:.0f} s")
    counted = sorted(times[1:])
    p99 = counted[math.ceil(0.99 * len(counted)) - 1]
    rows = json.loads(text)
    rows = len(rows) if isinstance(rows, list) else 1
    return Times(statistics.median(counted) * 1000, p99 * 1000, rows)
