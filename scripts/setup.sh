#!/usr/bin/env bash
# Installs what `make test` needs besides Rust and a C compiler. As root on Debian or Ubuntu it installs what
# is missing; elsewhere it says what to install. Changes nothing when everything is there already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=scripts/find-servers.sh
source scripts/find-servers.sh

packages=() descriptions=()

need() { # package description test...
  if ! "${@:3}" >/dev/null 2>&1; then
    packages+=("$1")
    descriptions+=("$2")
  fi
}

any_of() { # the browser has other names elsewhere
  local name
  for name; do
    ! command -v "$name" || return 0
  done
  return 1
}

look_around() {
  packages=() descriptions=()
  need postgresql "PostgreSQL 14 or newer: the server (initdb, postgres) and psql" find_postgres
  need mariadb-server-core "MariaDB 10.11 or newer: the server (mariadbd, mariadb-install-db)" find_mariadb
  need mariadb-client "MariaDB's client (mariadb)" command -v mariadb
  need chromium "Chromium, or its path in CHROMIUM" \
    any_of "${CHROMIUM:-chromium}" chromium chromium-browser google-chrome
  need nodejs "Node.js 18 or newer" node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'
  need npm "npm" command -v npm
  need python3-venv "Python 3.10 or newer, with venv" python3 -c 'import ensurepip, venv'
  need jq "jq" command -v jq
  need curl "curl 7.76 or newer" curl --fail-with-body --version
  need openssl "openssl" command -v openssl
  need locales "The sources of locales (localedef)" test -e /usr/share/i18n/locales/de_DE
}

# Wanted are the programs, not services: nothing is started or restarted, no database cluster is made, and
# when it has finished the machine is set up as it was before.
install_packages() {
  local policy=/usr/sbin/policy-rc.d no_cluster=/etc/postgresql-common/createcluster.d/taglink.conf
  local temporary=("$no_cluster")
  mkdir -p "$(dirname "$no_cluster")"
  echo 'create_main_cluster = false' >"$no_cluster"
  if [[ ! -e $policy ]]; then
    temporary+=("$policy")
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  # shellcheck disable=SC2064 # the names as they are now
  trap "rm -f ${temporary[*]}" EXIT

  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
  apt-get update -qq
  # Before Debian 12 and Ubuntu 24.04 the server alone is a package with a version in its name.
  apt-cache show mariadb-server-core >/dev/null 2>&1 || packages=("${packages[@]/%-server-core/-server}")
  apt-get install -qq -y --no-install-recommends --no-remove "${packages[@]}" >/dev/null || true # see below
}

look_around
if [[ ${#packages[@]} -gt 0 && $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
  echo "setup.sh: installing ${packages[*]}"
  install_packages
  look_around
fi
if [[ ${#packages[@]} -gt 0 ]]; then
  {
    echo "setup.sh: please install"
    printf '  - %s\n' "${descriptions[@]}"
    echo "On Debian or Ubuntu, as root: apt-get install ${packages[*]}"
  } >&2
  exit 1
fi

for tests in browser clients openapi typescript; do
  dir=tests/$tests
  if [[ ! $dir/node_modules/.package-lock.json -nt $dir/package-lock.json ]]; then
    echo "setup.sh: npm ci in $dir"
    npm ci --prefix "$dir" --loglevel=error
  fi
done

for tests in clients openapi; do
  venv=target/$tests-venv requirements=tests/$tests/requirements.txt
  if [[ ! $venv/installed -nt $requirements ]]; then
    echo "setup.sh: pip install in $venv"
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
    touch "$venv/installed"
  fi
done
