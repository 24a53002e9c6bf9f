#!/usr/bin/env bash
# Installs the tutorial's stack into a virtual environment: install.sh FOLDER. Changes nothing if it is there
# already. MariaDB's connector is compiled and needs its C library; as root on Debian or Ubuntu it is installed.
set -euo pipefail
requirements=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/requirements.txt
venv=$1

! cmp --silent "$requirements" "$venv/installed.txt" || exit 0
if ! command -v mariadb_config >/dev/null; then
  if [[ $EUID != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "bench: MariaDB Connector/C is not installed (Debian, Ubuntu: apt-get install libmariadb-dev)" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends libmariadb-dev
fi
python3 -m venv --clear "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$requirements"
cp "$requirements" "$venv/installed.txt"
