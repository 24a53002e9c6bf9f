#!/usr/bin/env bash
# Measures taglink on SQLite, PostgreSQL and MariaDB in one run, beside its peers, with throwaway servers that
# sync every commit to the disk. Prints one table for each part; bench/run.py lists the parts. A run without
# BENCH_ONLY and BENCH_DATABASES takes less than 10 minutes on two cores, once the programs are built, and writes
# bench/RESULTS.md, docs/performance.svg and the tables of docs/PERFORMANCE.md.
# Needs Python 3.10, wrk, the database servers (scripts/setup.sh), for the part "rates" pgbench and MariaDB
# Connector/C, and for the part "instructions" valgrind.
#
#   BENCH_BINARY     the program to measure (default: the release build of this checkout, built first)
#   BENCH_DATABASES  "sqlite postgres mariadb"
#   BENCH_ONLY       some of "rates writes logins start sizes statements search memory waits instructions"; without it,
#                    the first four
#   BENCH_SECONDS    5: seconds for each measurement of requests per second
#   BENCH_CLIENTS    64: HTTP connections in the parts "rates" and "logins"
#   BENCH_COMMIT_MS  unset: milliseconds that a commit on PostgreSQL waits, as on a slower disk (commit_delay)
#   BENCH_FULL       1: the parts "sizes", "search" and "memory" also with 1,000,000 links (takes much longer, and
#                    several GB of disk)
#   BENCH_FOLDER     /var/tmp: the parent of the temporary data folder; must be on a disk and, when root runs
#                    the benchmark, accessible to the user postgres
#
# The load goes to 127.0.0.1 only.
set -euo pipefail
[[ -z ${BENCH_BINARY:-} ]] || BENCH_BINARY=$(realpath "$BENCH_BINARY")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v wrk >/dev/null; then
  echo "bench: wrk is not installed (Debian, Ubuntu: apt-get install wrk)" >&2
  exit 1
fi
if [[ -z ${BENCH_BINARY:-} ]]; then
  cargo build --release --locked --package taglink-http --bin taglink
  BENCH_BINARY=${CARGO_TARGET_DIR:-target}/release/taglink
fi
export BENCH_BINARY PYTHONDONTWRITEBYTECODE=1
exec python3 bench/run.py
