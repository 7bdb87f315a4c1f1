#!/usr/bin/env bash
# Runs a command with the DATABASE_URL of a PostgreSQL of its own, which is gone when the command has ended. Where there is
# no PostgreSQL, root installs the one of Debian or Ubuntu.
set -euo pipefail

main() {
  folder=$(mktemp -d)
  server=
  trap clean_up EXIT

  programs=$(find_programs) || { install_package && programs=$(find_programs); }
  start_server
  DATABASE_URL="postgres://shop@127.0.0.1:$port/postgres" "$@"
}

find_programs() {
  local initdb
  initdb=$(command -v initdb || find /usr/lib/postgresql -name initdb 2>/dev/null | sort --version-sort | tail -n 1)
  [[ -n $initdb ]] && dirname "$(readlink -f "$initdb")"
}

install_package() {
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    echo 'There is no PostgreSQL here, and only root on Debian or Ubuntu can install it.' >&2
    return 1
  fi
  echo 'installing PostgreSQL with apt-get'
  export DEBIAN_FRONTEND=noninteractive
  local install=(apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=120)
  quietly apt-get update || true # one unreachable source is no obstacle to the others
  # Between the two: nobody asked for a database of the machine's own, which the second would create and start.
  quietly "${install[@]}" postgresql-common &&
    sed -i 's/^#\?create_main_cluster .*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf &&
    quietly "${install[@]}" postgresql
}

start_server() {
  local as_owner=()
  if ((EUID == 0)); then # PostgreSQL refuses to run as root
    chown nobody:nogroup "$folder"
    as_owner=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
  fi
  port=$(node --input-type=module --eval "import { freePort } from './tools/redis/index.mjs'; console.log(await freePort())")

  quietly "${as_owner[@]}" "$programs/initdb" --pgdata="$folder/data" --username=shop --auth=trust --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync
  "${as_owner[@]}" "$programs/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c fsync=off >"$folder/log" 2>&1 &
  server=$!

  until "$programs/pg_isready" --quiet --host=127.0.0.1 --port="$port" --timeout=1; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2 && exit 1; }
    sleep 0.1
  done
  "$programs/postgres" --version
}

clean_up() {
  [[ -z $server ]] || { kill -INT "$server" && wait "$server"; } || true # INT: do not wait for clients
  rm -rf "$folder"
}

# What a program says is only of interest when it fails.
quietly() {
  "$@" >"$folder/log" 2>&1 || { cat "$folder/log" >&2 && return 1; }
}

main "$@"
