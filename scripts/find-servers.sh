# shellcheck shell=bash
# Where the database servers' programs are. Sourced by setup.sh and with-databases.sh, so that "installed"
# means the same to both. Server packages keep these programs out of a user's PATH, hence the search.

# Prints the folder that holds PostgreSQL's initdb and postgres; the newest version, when there are several.
find_postgres() {
  local dir dirs
  dirs=$(
    pg_config --bindir 2>/dev/null
    printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV
    dirname "$(command -v initdb)" 2>/dev/null
  ) || true
  while read -r dir; do
    if [[ -x $dir/initdb && -x $dir/postgres ]]; then
      echo "$dir"
      return
    fi
  done <<<"$dirs"
  return 1
}

# Prints the path of MariaDB's server. It comes with mariadb-install-db, which is in PATH.
find_mariadb() {
  command -v mariadb-install-db >/dev/null || return 1
  PATH="$PATH:/usr/local/sbin:/usr/sbin:/usr/libexec" command -v mariadbd
}
