"""Bytes of database per stored link: the growth since the migrations, divided by the number of links.

Each link has 12 words (a title of 8, a URL of 4) and one of 8 tags, and is stored by POST /import.
"""
import links
from report import Table, heading, note
from service import Service


def run(databases, binary, counts):
    heading("sizes: bytes per stored link, tables and indexes",
            "an 8-word title, a URL of 4 words, one of 8 tags; indented: by table (T) and index (I)",
            "sqlite: the file after wal_checkpoint; postgres: pg_database_size after VACUUM;",
            "mariadb: data_length + index_length after ANALYZE")
    table = Table(("database", 10), ("links", 10), ("bytes per link", 14), ("MiB", 9))
    for database in databases:
        for count in counts:
            with database.fresh("bench_sizes") as url:
                with Service(binary, url, database.folder) as service:
                    service.log_in()
                before, parts_before = database.sizes("bench_sizes")
                with Service(binary, url, database.folder) as service:
                    links.fill(service.log_in(), count)
                after, parts_after = database.sizes("bench_sizes")
            grown = after - before
            table.row(database.name, f"{count:,}", f"{grown / count:,.0f}", f"{grown / 2**20:,.1f}")
            print_parts({part: size - parts_before.get(part, 0) for part, size in parts_after.items()}, count)


def print_parts(parts, count):
    """Prints the tables and indexes with at least one byte per link, the largest first."""
    for part, size in sorted(parts.items(), key=lambda item: -item[1]):
        if size >= count:
            note(f"{size / count:8,.0f}  {part}")
