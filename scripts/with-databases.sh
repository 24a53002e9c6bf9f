#!/usr/bin/env bash
# with-databases.sh CMD [ARG...]
#
# Runs CMD with a throwaway PostgreSQL and a throwaway MariaDB of its own, so that tests need no service, no
# fixed port and no clean-up. CMD finds them in TAGLINK_TEST_POSTGRES_URL and TAGLINK_TEST_MARIADB_URL; a
# server whose variable is set already is not started. Both offer TLS, with the certificate in
# TAGLINK_TEST_CERTIFICATE. With TAGLINK_TEST_LANGUAGE=de their messages are German. Ends with CMD's status,
# both servers stopped.
# shellcheck disable=SC2317 # most functions are called by a name put together here, or by a trap
set -euo pipefail

# shellcheck source=scripts/find-servers.sh
source "$(dirname "${BASH_SOURCE[0]}")/find-servers.sh"

fail() {
  echo "with-databases.sh: $*" >&2
  exit 1
}

# Every job gets a process group of its own (set -m): a signal then reaches CMD's children too, and Ctrl-C
# reaches the servers only through clean_up, after CMD has gone.
declare -A pid=() port=() stop_signal=()
tmp=

in_background() { # name signal command...: remembers the job, so that clean_up can stop it
  stop_signal[$1]=$2
  set -m
  "${@:3}" &
  pid[$1]=$!
  set +m
}

clean_up() {
  local status=$? job
  trap '' INT TERM HUP # a second Ctrl-C must not leave a server behind
  for job in "${!pid[@]}"; do
    kill -s "${stop_signal[$job]}" -- "-${pid[$job]}" 2>/dev/null || true
  done
  wait "${pid[@]}" 2>/dev/null || true
  [[ -z $tmp ]] || rm -rf "$tmp"
  exit "$status"
}
trap clean_up EXIT

on_signal() { # signal number: passes it on, lets CMD come to its end
  if [[ -n ${pid[cmd]:-} ]]; then
    kill -s "$1" -- "-${pid[cmd]}" 2>/dev/null || true
    wait "${pid[cmd]}" || true
  fi
  exit $((128 + $2))
}
trap 'on_signal INT 2' INT
trap 'on_signal TERM 15' TERM
trap 'on_signal HUP 1' HUP

# Below the ports the kernel hands out for outgoing connections. Another process may still take the port
# before the server does: see await.
free_port() {
  local candidate
  while candidate=$((RANDOM % 10000 + 20000)); do
    (: <"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null || break
  done
  echo "$candidate"
}

# --- PostgreSQL: refuses to run as root, so root runs it as the user that its package has made.

as_postgres() {
  if [[ $EUID -ne 0 ]]; then
    exec "$@"
  elif command -v setpriv >/dev/null; then
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"
  elif command -v runuser >/dev/null; then
    exec runuser -u postgres -- "$@"
  else
    # shellcheck disable=SC2016 # expanded by the inner shell
    exec su -s /bin/sh postgres -c 'exec "$0" "$@"' -- "$@"
  fi
}

postgres_init() {
  cd "$tmp/postgres" # a folder that the user postgres may enter
  as_postgres "$postgres_bin/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync
}

postgres_run() {
  cd "$tmp/postgres"
  as_postgres "$postgres_bin/postgres" -D data -p "${port[postgres]}" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c max_connections=300 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c ssl=on -c ssl_cert_file="$tmp/certificate.pem" -c ssl_key_file="$tmp/postgres/key.pem" \
    "${postgres_language[@]}"
}

postgres_ready() { grep -q '^ready' "$tmp/postgres/data/postmaster.pid" 2>/dev/null; }

# --- MariaDB

mariadb_init() {
  mariadb-install-db --no-defaults --datadir="$tmp/mariadb/data" --user="$(id -un)" \
    --auth-root-authentication-method=normal --skip-test-db "${mariadb_fast[@]}"
}

mariadb_run() {
  exec "$mariadbd" --no-defaults --datadir="$tmp/mariadb/data" --tmpdir="$tmp/mariadb/tmp" --user="$(id -un)" \
    --bind-address=127.0.0.1 --port="${port[mariadb]}" --skip-name-resolve \
    --socket="$tmp/mariadb/socket" --pid-file="$tmp/mariadb/pid" \
    --ssl-cert="$tmp/certificate.pem" --ssl-key="$tmp/key.pem" \
    --max-connections=500 --innodb-fast-shutdown=2 "${mariadb_fast[@]}" "${mariadb_language[@]}"
}

mariadb_ready() { grep -qE 'ready for connections|[Bb]ereit für Verbindungen' "$tmp/mariadb/log" 2>/dev/null; }

# "loose": a version that no longer knows an option starts all the same.
mariadb_fast=(
  --innodb-flush-log-at-trx-commit=0 --loose-innodb-flush-method=nosync --loose-innodb-doublewrite=0
  --innodb-buffer-pool-size=64M --loose-innodb-log-file-size=16M --aria-pagecache-buffer-size=8M
  --key-buffer-size=1M --performance-schema=OFF
)

# --- Both

postgres_language=() mariadb_language=()

# PostgreSQL takes its texts from a locale of the system: one that is made here does as well.
speak_german() {
  mkdir -p "$tmp/locale"
  localedef -i de_DE -f UTF-8 "$tmp/locale/de_DE.UTF-8" || fail "the package locales is not installed (scripts/setup.sh)"
  export LOCPATH=$tmp/locale
  postgres_language=(-c lc_messages=de_DE.UTF-8)
  mariadb_language=(--lc-messages=de_DE)
}

# A certificate for 127.0.0.1 that vouches for itself; PostgreSQL wants to own its copy of the key.
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=taglink-test \
    -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
    -keyout "$tmp/key.pem" -out "$tmp/certificate.pem" 2>"$tmp/openssl.log" || {
    cat "$tmp/openssl.log" >&2
    fail "cannot make a certificate"
  }
  chmod 644 "$tmp/certificate.pem"
  install -m 600 "$tmp/key.pem" "$tmp/postgres/key.pem"
  export TAGLINK_TEST_CERTIFICATE=$tmp/certificate.pem
}

start() { # server
  port[$1]=$(free_port)
  in_background "$1" "$2" "$1_run" >"$tmp/$1/log" 2>&1 </dev/null
}

signal_for() { [[ $1 == postgres ]] && echo QUIT || echo TERM; } # QUIT: at once, whoever is still connected

# Asks the server's own files, not its port: the process that answers there might be another's.
await() { # server
  local attempt tick
  for attempt in 1 2 3; do
    for ((tick = 0; tick < 600; tick++)); do
      ! "$1_ready" || return 0
      kill -0 "${pid[$1]}" 2>/dev/null || break # most likely the port was taken: once more, with another
      sleep 0.05
    done
    kill -s "${stop_signal[$1]}" -- "-${pid[$1]}" 2>/dev/null || true # one that is only slow must not stay
    ((attempt == 3)) || start "$1" "$(signal_for "$1")"
  done
  cat "$tmp/$1/log" >&2
  fail "$1 did not start"
}

[[ $# -gt 0 ]] || fail "usage: with-databases.sh CMD [ARG...]"

servers=()
if [[ -z ${TAGLINK_TEST_POSTGRES_URL:-} ]]; then
  postgres_bin=$(find_postgres) || fail "PostgreSQL's server is not installed (scripts/setup.sh)"
  servers+=(postgres)
fi
if [[ -z ${TAGLINK_TEST_MARIADB_URL:-} ]]; then
  mariadbd=$(find_mariadb) || fail "MariaDB's server is not installed (scripts/setup.sh)"
  servers+=(mariadb)
fi

parent=${TMPDIR:-/tmp}
[[ $EUID -ne 0 ]] || parent=/tmp # root's TMPDIR may lie where the user postgres cannot go
tmp=$(mktemp -d "$parent/taglink-databases.XXXXXX")
mkdir -p "$tmp/postgres" "$tmp/mariadb/tmp"
make_certificate
case ${TAGLINK_TEST_LANGUAGE:-} in
  '') ;;
  de) speak_german ;;
  *) fail "TAGLINK_TEST_LANGUAGE must be de or not set" ;;
esac
if [[ $EUID -eq 0 && " ${servers[*]} " == *" postgres "* ]]; then
  chmod 711 "$tmp"
  chown -R postgres: "$tmp/postgres"
fi

for server in "${servers[@]}"; do
  in_background "$server" TERM "${server}_init" >"$tmp/$server/log" 2>&1 </dev/null
done
for server in "${servers[@]}"; do
  wait "${pid[$server]}" || {
    cat "$tmp/$server/log" >&2
    fail "$server: cannot make a database"
  }
done
for server in "${servers[@]}"; do start "$server" "$(signal_for "$server")"; done
for server in "${servers[@]}"; do
  await "$server"
  case $server in
    postgres) export TAGLINK_TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:${port[postgres]}/postgres" ;;
    mariadb) export TAGLINK_TEST_MARIADB_URL="mariadb://root@127.0.0.1:${port[mariadb]}/mysql" ;;
  esac
done

[[ ! -t 0 ]] || exec </dev/null # a job in the background that reads the terminal would be stopped
status=0
in_background cmd TERM "$@"
wait "${pid[cmd]}" || status=$?
unset 'pid[cmd]' # has gone; its number may be another's by now
exit "$status"
