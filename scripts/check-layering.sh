#!/usr/bin/env bash
# Proves that each crate stays ignorant of what its layer must not know (docs/ARCHITECTURE.md): the crates
# named here may not be among its dependencies, not even through others. Compiles nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

status=0

# Everything that a package is built with, on any platform: one line "name vVERSION" each. Not `cargo tree
# --invert` for each pair: it fails alike for a crate that is absent, ambiguous or misspelt.
dependencies() { # package [cargo-tree-argument...]
  cargo tree --locked --edges normal --target all --prefix none --format '{p}' --package "$@"
}

has() { grep -q "^$2 v" <<<"$1"; } # list crate

must_not_reach() { # package crate...
  local list crate
  list=$(dependencies "$1")
  for crate in "${@:2}"; do
    if has "$list" "$crate"; then
      echo "layering: $1 must not know $crate, but depends on it:" >&2
      cargo tree --locked --edges normal --target all --package "$1" --invert "$crate" >&2 || true
      status=1
    fi
  done
}

must_not_name() { # package crate...: as must_not_reach, for the dependencies in its own Cargo.toml only
  local list crate
  list=$(dependencies "$1" --depth 1)
  for crate in "${@:2}"; do
    if has "$list" "$crate"; then
      echo "layering: $1 must not use $crate itself" >&2
      status=1
    fi
  done
}

must_not_reach taglink-domain diesel actix-web tokio config jsonwebtoken serde
must_not_reach taglink-repository actix-web jsonwebtoken argon2
must_not_reach taglink-auth actix-web diesel
must_not_reach taglink-transfer diesel actix-web tokio config jsonwebtoken
must_not_name taglink-http diesel diesel-async

# The check itself must be able to fail: two edges that are meant to be there.
if ! has "$(dependencies taglink-http)" actix-web || ! has "$(dependencies taglink-repository)" diesel; then
  echo "layering: dependencies that are there were not found; does cargo tree print them differently now?" >&2
  exit 1
fi

[[ $status -ne 0 ]] || echo "layering: every crate knows only what it should"
exit "$status"
