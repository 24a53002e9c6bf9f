"""A MariaDB server that syncs every commit."""
import os
import pwd
import signal

from database import Server, find, need


class MariaDb(Server):
    name = "mariadb"
    stop_signal = signal.SIGTERM
    durable = {"innodb_flush_log_at_trx_commit": "1", "innodb_doublewrite": "ON"}

    def find_programs(self):
        self.program = find("find_mariadb", "MariaDB's server")
        need("mariadb")

    def init_command(self):
        return ["mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data",
                f"--user={user_name()}", "--auth-root-authentication-method=normal", "--skip-test-db"]

    def server_command(self):
        return [self.program, "--no-defaults", f"--datadir={self.folder}/data", f"--user={user_name()}",
                "--bind-address=127.0.0.1", f"--port={self.port}", "--skip-name-resolve",
                f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid", "--max-connections=300",
                *(f"--{name.replace('_', '-')}={value}" for name, value in self.durable.items())]

    def is_ready(self):
        return b"ready for connections" in self.log.read_bytes()

    def create(self, database):
        self.query("mysql", f"CREATE DATABASE {database}")
        return f"mariadb://root@127.0.0.1:{self.port}/{database}"

    def drop(self, database):
        self.query("mysql", f"DROP DATABASE IF EXISTS {database}")

    def describe(self, _binary):
        names = [*self.durable, "innodb_flush_method"]
        values = self.query("mysql", "SELECT VERSION(), " + ", ".join(f"@@{name}" for name in names))[0]
        return f"{values[0]}, " + ", ".join(f"{name}={value}" for name, value in zip(names, values[1:]))

    def query(self, database, statement):
        return self.execute(["mariadb", "--no-defaults", "-NB", "-uroot", "-h127.0.0.1", f"-P{self.port}",
                             "-e", statement, database])

    def settle(self, name):
        tables = [f"`{row[0]}`" for row in self.query(name, f"""
            SELECT table_name FROM information_schema.tables
            WHERE table_schema = '{name}' AND table_type = 'BASE TABLE'""")]
        self.query(name, f"ANALYZE TABLE {', '.join(tables)}")

    def sizes(self, name):
        """The size of all tables with their indexes, and of each index; a table is its primary key."""
        self.settle(name)
        rows = self.query(name, f"""
            SELECT IF(index_name IN ('PRIMARY', 'GEN_CLUST_INDEX'), CONCAT('T ', table_name),
                      CONCAT('I ', table_name, '.', index_name)),
                   stat_value * @@innodb_page_size
            FROM mysql.innodb_index_stats WHERE database_name = '{name}' AND stat_name = 'size'""")
        size = self.query(name, f"""
            SELECT SUM(data_length + index_length) FROM information_schema.tables
            WHERE table_schema = '{name}'""")
        return int(size[0][0]), {part: int(part_size) for part, part_size in rows}


def user_name():
    return pwd.getpwuid(os.geteuid()).pw_name
