#!/usr/bin/env bash
# Builds RunHub and runs every test against both database engines and a real browser.
#   bash tests/run.sh                 everything but the long tests
#   bash tests/run.sh --long          the long tests too
#   bash tests/run.sh --filter EXPR   only tests that match (as in dotnet test --filter)
# Needs the .NET SDK and Node. What else it needs (PostgreSQL, Chromium, strace, nbformat) it installs through apt when it may.
# The last line is "N passed, N failed"; the exit code is 0 only when nothing failed. With CI=true a missing component is
# a failure (nbformat alone is not: one test, skipped without it), else the tests that need it are skipped and say so.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 2

export RUNHUB_LONG=${RUNHUB_LONG:-}
filter=
while [ $# -gt 0 ]; do
  case $1 in
    --long) RUNHUB_LONG=1 ;;
    --filter) filter=${2:?--filter needs an expression}; shift ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift
done
selected=$filter
[ -n "$RUNHUB_LONG" ] || filter="Category!=Long${filter:+&($filter)}"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
[ -n "${HOME:-}" ] && [ -w "$HOME" ] || { HOME=$(mktemp -d); export HOME; }
passed=0 failed=0 skipped=0 problems=() own_postgres=
results=$(mktemp -d "${TMPDIR:-/tmp}/runhub-results.XXXXXX")

# Databases and folders of tests live for seconds: in memory, where there is plenty, they cost no disk.
memory=
megabytes() { awk -v name="$1:" '$1 == name { print int($2 / 1024) }' /proc/meminfo 2>/dev/null; }
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "$(df --output=avail -m /dev/shm 2>/dev/null | tail -n 1)" -gt 6000 ] && [ "$(megabytes MemAvailable)" -gt 10000 ]; then
  memory=$(mktemp -d /dev/shm/runhub-tests.XXXXXX)
  # Programs are started from there, and PostgreSQL's own user goes in.
  chmod 711 "$memory"
  printf '#!/bin/sh\n' >"$memory/starts" && chmod +x "$memory/starts"
  if "$memory/starts" 2>/dev/null; then export TMPDIR=$memory; fi
fi

finish() {
  [ -z "$own_postgres" ] || bash tests/postgres.sh stop </dev/null >/dev/null 2>&1
  rm -rf "$results"
  [ -z "$memory" ] || rm -rf "$memory"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

problem() { problems+=("$1"); failed=$((failed + 1)); echo "run.sh: $1" >&2; }

# --- what is needed -------------------------------------------------------------------------------------------------
for tool in dotnet node npm; do
  command -v "$tool" >/dev/null || { echo "run.sh: $tool is missing; install the .NET 10 SDK and Node 20 first" >&2; echo "0 passed, 1 failed"; exit 1; }
done

has_postgres() { command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
has_strace() { command -v strace >/dev/null; }
has_nbformat() {
  local python
  for python in $(type -ap python3); do "$python" -c 'import jsonschema, nbformat' 2>/dev/null && return; done
  return 1
}

wanted=()
has_postgres || wanted+=(postgresql)
has_chromium || wanted+=(chromium)
# Optional: most browser tests run in it, in three quarters of the time.
command -v chromium-headless-shell >/dev/null || wanted+=(chromium-headless-shell)
has_strace || wanted+=(strace)
has_nbformat || wanted+=(python3-nbformat)
if [ ${#wanted[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ]; then as_root=(env); else as_root=(sudo -n env); fi
  if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
    echo "installing ${wanted[*]}"
    apt=("${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120)
    "${apt[@]}" update </dev/null >"$results/apt.log" 2>&1 || tail -n 5 "$results/apt.log" >&2
    # The packages one by one: a missing one must not take the others with it.
    for package in "${wanted[@]}"; do
      "${apt[@]}" install --no-install-recommends "$package" </dev/null >"$results/apt.log" 2>&1 || tail -n 5 "$results/apt.log" >&2
    done
  else
    echo "install these to run every test: apt-get install ${wanted[*]}" >&2
  fi
fi

missing() {
  if [ "${CI:-}" = true ]; then problem "$1 is missing"; else echo "run.sh: $1 is missing: the tests that need it are skipped" >&2; fi
}
has_chromium || missing chromium
has_strace || missing strace
# One test alone, whose rules are also checked without it: never a failure.
has_nbformat || echo "run.sh: no python3 has nbformat: notebooks are not checked against its schema" >&2
if [ -z "${RUNHUB_TEST_POSTGRES:-}" ]; then
  if has_postgres && started=$(bash tests/postgres.sh start </dev/null); then eval "$started"; own_postgres=1; else missing PostgreSQL; fi
fi

# --- build once -----------------------------------------------------------------------------------------------------
echo "building"
# No build server may stay behind: it would hold our output open.
build=(-c Release --nologo -v quiet -nodeReuse:false -p:UseSharedCompilation=false)
# A compiler lives for seconds: what is compiled in tiers never gets to the last one.
if ! DOTNET_TieredCompilation=0 dotnet build RunHub.sln "${build[@]}" </dev/null >"$results/build.log" 2>&1; then
  grep -E "error|npm" "$results/build.log" | sort -u | head -n 40
  [ -s "$results/build.log" ] && tail -n 5 "$results/build.log"
  echo "the build failed"
  echo "0 passed, 1 failed"
  exit 1
fi

# Whoever starts RunHub as an operator does starts this one: it is what operators get, and being compiled beforehand it starts in a third of the time.
if [ -z "$selected" ]; then
  echo "publishing"
  if dotnet publish src/RunHub -r linux-x64 -o "$results/published" "${build[@]}" </dev/null >"$results/build.log" 2>&1; then
    export RUNHUB_TEST_PROGRAM=$results/published/runhub
  else
    tail -n 20 "$results/build.log"
    problem "publishing failed"
  fi
fi

# --- test -----------------------------------------------------------------------------------------------------------
count() { # attribute, trx file
  sed -n "s/.*<Counters[^>]* $1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1
}

[ -n "$RUNHUB_LONG" ] && limit=7200 || limit=900
for project in RunHub.UnitTests RunHub.IntegrationTests RunHub.BrowserTests; do
  echo
  echo "== $project"
  start=$SECONDS
  timeout -k 10 "$limit" dotnet test "tests/$project" -c Release --no-build --nologo ${filter:+--filter "$filter"} \
    --results-directory "$results" --logger "trx;LogFileName=$project.trx" --logger "console;verbosity=minimal" </dev/null
  code=$?
  trx=$results/$project.trx
  if [ -f "$trx" ]; then
    ok=$(count passed "$trx") all=$(count executed "$trx") total=$(count total "$trx")
    passed=$((passed + ok)) failed=$((failed + all - ok)) skipped=$((skipped + total - all))
    # What tests measured, one line each.
    grep -o 'figure: [^<]*' "$trx" | sed 's/^figure: /   /'
    [ "$code" = 0 ] || [ "$all" != "$ok" ] || problem "$project ended with $code though no test failed"
    [ "$all" != 0 ] || [ -n "$selected" ] || problem "$project ran no test"
  elif [ "$code" != 0 ]; then
    problem "$project ended with $code and left no results"
  elif [ -z "$selected" ]; then
    problem "$project left no results"
  fi
  echo "   $((SECONDS - start)) s"
done

echo
[ ${#problems[@]} = 0 ] || printf 'problem: %s\n' "${problems[@]}"
[ "$skipped" = 0 ] || echo "$skipped skipped"
[ "$((passed + failed))" != 0 ] || { problem "no test ran"; }
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
