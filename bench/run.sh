#!/usr/bin/env bash
# Measures the release build on all three databases in one run, and tells ratios to the cheapest request that checks
# a token and asks no database: absolute figures depend on the machine. Needs wrk and jq.
#
# The load comes from this machine and goes to 127.0.0.1 only: BENCH_SECONDS (5) a measurement, BENCH_CLIENTS (64)
# connections. Throwaway servers run without fsync, so compare writes between databases with that in mind; SQLite
# syncs each commit to the disk.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -z ${TAGLINK_TEST_POSTGRES_URL:-} ]]; then
  command -v wrk >/dev/null || { echo "bench: wrk is missing (apt-get install wrk)" >&2; exit 1; }
  cargo build --release --locked --package taglink-http --bin taglink
  exec scripts/with-databases.sh "${BASH_SOURCE[0]}"
fi

binary=$PWD/${CARGO_TARGET_DIR:-target}/release/taglink
tmp=$(mktemp -d)
server=
stop() { [[ -z $server ]] || { kill "$server" 2>/dev/null && wait "$server" || true; }; server=; }
trap 'stop; rm -rf "$tmp"' EXIT

export TAGLINK__SERVER__PORT=0 TAGLINK__LOG__LEVEL=warn TAGLINK__BOOTSTRAP__PASSWORD=benchmark-password
TAGLINK__AUTHENTICATION__SECRET_KEY=$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n')
export TAGLINK__AUTHENTICATION__SECRET_KEY

start() { # database URL
  TAGLINK__DATABASE__URL=$1 "$binary" serve >"$tmp/out" 2>"$tmp/log" &
  server=$!
  until grep -q listening "$tmp/out"; do kill -0 "$server" || { cat "$tmp/log" >&2; exit 1; }; sleep 0.1; done
  base=$(sed -n 's/.*listening on //p' "$tmp/out")
  BENCH_TOKEN=$(curl -fsS "$base/token/" -d "username=apiuser&password=$TAGLINK__BOOTSTRAP__PASSWORD" | jq -r .access_token)
  export BENCH_TOKEN
}

measure() { # kind path: requests per second
  local result failed
  read -r _ result failed < <(BENCH_KIND=$1 BENCH_RUN=$RANDOM wrk -t2 -c"${BENCH_CLIENTS:-64}" \
    -d"${BENCH_SECONDS:-5}s" -s bench/requests.lua "$base$2" | grep RESULT)
  ((failed == 0)) || echo "bench: $failed failed requests: $1 $2" >&2
  echo "$result"
}

row() { # database request requests/s
  awk -v database="$1" -v request="$2" -v rate="$3" -v ceiling="$ceiling" \
    'BEGIN { printf "%-10s %-28s %8d/s %6.2f\n", database, request, rate, rate / ceiling }'
}

printf '%-10s %-28s %10s %6s\n' database request rate ratio
for database in sqlite postgres mariadb; do
  name=bench_$$
  case $database in
    sqlite) url=sqlite:$tmp/taglink.db ;;
    postgres) url=${TAGLINK_TEST_POSTGRES_URL%/*}/$name; psql -qd "$TAGLINK_TEST_POSTGRES_URL" -c "CREATE DATABASE $name" ;;
    mariadb)
      url=${TAGLINK_TEST_MARIADB_URL%/*}/$name
      address=${TAGLINK_TEST_MARIADB_URL#*@} address=${address%/*}
      mariadb --no-defaults -uroot -h"${address%:*}" -P"${address#*:}" -e "CREATE DATABASE $name" ;;
  esac
  start "$url"
  link=$(curl -fsS "$base/link/" -H "Authorization: Bearer $BENCH_TOKEN" -H 'Content-Type: application/json' \
    -d '{"link":"https://www.example.org","tag":"bench"}' | jq -r .link_id)
  # No tag has an empty name, so the answer is known once the token is checked.
  ceiling=$(measure read "/tag/?tag=")
  row "$database" "token check, empty answer" "$ceiling"
  row "$database" "GET /link/{id}" "$(measure read "/link/$link")"
  row "$database" "POST /link/" "$(measure write /link/)"
  row "$database" "GET /link/ (100 of many)" "$(measure read /link/)"
  row "$database" "GET /link/?tag= (100 of many)" "$(measure read '/link/?tag=tag+1')"
  stop
done
