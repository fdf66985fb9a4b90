#!/usr/bin/env bash
# A private PostgreSQL for the tests, in a temporary folder, on a free port of the loopback interface.
#   eval "$(tests/postgres.sh start)"   starts it and sets RUNHUB_TEST_POSTGRES and RUNHUB_TEST_POSTGRES_FOLDER
#   tests/postgres.sh stop              stops the one RUNHUB_TEST_POSTGRES_FOLDER names and deletes its folder
set -euo pipefail

bin() {
  local tool=$1 found
  found=$(command -v "$tool" || true)
  if [ -z "$found" ]; then found=$(ls -d /usr/lib/postgresql/*/bin/"$tool" 2>/dev/null | sort -V | tail -n 1 || true); fi
  [ -n "$found" ] || { echo "postgres.sh: $tool is missing; install the package postgresql" >&2; exit 3; }
  readlink -f "$found"
}

# PostgreSQL refuses to run as root: use the package's own user then.
as_owner() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

case ${1:-} in
  start)
    initdb=$(bin initdb) pg_ctl=$(bin pg_ctl)
    folder=$(mktemp -d "${TMPDIR:-/tmp}/runhub-pg.XXXXXX")
    [ "$(id -u)" = 0 ] && chown postgres "$folder"
    port=$(node -e 'const s=require("net").createServer();s.listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
    cd /
    # Nobody pulls the plug on this server (tests kill RunHub, never PostgreSQL), so it need not wait for the disk: half of each test's time went into creating and
    # dropping its database. What RunHub asks of it, synchronous_commit and transactions, stays as an operator has it.
    as_owner "$initdb" -D "$folder/data" -U runhub --auth=trust -E UTF8 --locale=C >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 3; }
    as_owner "$pg_ctl" -D "$folder/data" -w -l "$folder/log" \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=300 -c shared_buffers=128MB -c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum_naptime=600" start >&2 \
      || { cat "$folder/log" >&2; exit 3; }
    echo "export RUNHUB_TEST_POSTGRES_FOLDER='$folder'"
    echo "export RUNHUB_TEST_POSTGRES='Host=127.0.0.1;Port=$port;Username=runhub;Database=postgres;Maximum Pool Size=20'"
    ;;
  stop)
    [ -n "${RUNHUB_TEST_POSTGRES_FOLDER:-}" ] || exit 0
    cd /
    as_owner "$(bin pg_ctl)" -D "$RUNHUB_TEST_POSTGRES_FOLDER/data" -m immediate stop >&2 || true
    rm -rf "$RUNHUB_TEST_POSTGRES_FOLDER"
    ;;
  *) echo "usage: postgres.sh start|stop" >&2; exit 2 ;;
esac
