"""A PostgreSQL server that syncs every commit."""
import os
import pathlib
import shutil
import signal

from database import Server, find, need


class Postgres(Server):
    name = "postgres"
    stop_signal = signal.SIGINT  # at once, without waiting for connections, but in good order
    durable = ["fsync", "full_page_writes", "synchronous_commit"]

    def find_programs(self):
        self.programs = pathlib.Path(find("find_postgres", "PostgreSQL's server"))
        need("psql")

    def make_folder(self):
        super().make_folder()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self.folder.parent.chmod(0o711)
            shutil.chown(self.folder, "postgres", "postgres")

    def spawn(self, command):
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        return super().spawn(command, **user)

    def init_command(self):
        return [self.programs / "initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--locale=C"]

    def server_command(self):
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300",
                    "log_line_prefix=%p ", "log_parameter_max_length=0",
                    *(f"{name}=on" for name in self.durable)]
        if delay := os.environ.get("BENCH_COMMIT_MS"):
            settings += [f"commit_delay={int(delay) * 1000}", "commit_siblings=0"]
        return [self.programs / "postgres", "-D", "data", "-p", str(self.port),
                *(argument for setting in settings for argument in ("-c", setting))]

    def is_ready(self):
        status = self.folder / "data" / "postmaster.pid"
        return status.exists() and "\nready" in status.read_text()

    def create(self, database):
        self.query("postgres", f"CREATE DATABASE {database}")
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def drop(self, database):
        self.query("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def describe(self, _binary):
        version = self.query("postgres", "SHOW server_version")[0][0]
        settings = [f"{name}={self.query('postgres', f'SHOW {name}')[0][0]}" for name in self.durable]
        return f"{version}, {', '.join(settings)}"

    def query(self, database, statement):
        return self.execute(["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
                             "-p", str(self.port), "-U", "postgres", "-d", database, "-c", statement])

    def settle(self, name):
        self.query(name, "VACUUM (ANALYZE)")

    def sizes(self, name):
        """The size of the database, and of each table (with what belongs to it, but indexes) and index."""
        self.settle(name)
        rows = self.query(name, """
            SELECT CASE relkind WHEN 'i' THEN 'I ' ELSE 'T ' END || relname,
                   CASE relkind WHEN 'i' THEN pg_relation_size(oid) ELSE pg_table_size(oid) END
            FROM pg_class WHERE relkind IN ('r', 'm', 'i') AND relnamespace = 'public'::regnamespace""")
        size = self.query(name, "SELECT pg_database_size(current_database())")[0][0]
        return int(size), {part: int(part_size) for part, part_size in rows}
