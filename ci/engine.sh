#!/bin/sh
# Make a Docker Engine available that can build with BuildKit: use the one that answers; where none does, and we
# are root on Debian or Ubuntu, install the distribution's and start it. Running it again changes nothing.
set -eu
export LC_ALL=C

ANSWER_SECONDS=60
LOG=${ENGINE_LOG:-/var/log/dockerd.log}
PID_FILE=${ENGINE_PID_FILE:-/var/run/docker.pid}

say() { echo "engine: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

version() { timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null; }

answers() { [ -n "$(version)" ]; }

# Every docker command on PATH, one a line: a new one without buildx may hide an old one that needs none.
commands() {
    echo "$PATH" | tr ':' '\n' | while read -r directory; do
        if [ -x "$directory/docker" ]; then echo "$directory/docker"; fi
    done
}

# The same rule as buildkit/decisions/builder_choice.py: buildx, or a docker command older than 23.
builds() {
    for command in $(commands); do
        if "$command" buildx version >/dev/null 2>&1; then return 0; fi
        major=$("$command" --version 2>/dev/null | sed -n 's/^[^0-9]*\([0-9]*\)\..*/\1/p')
        if [ "${major:-99}" -lt 23 ]; then return 0; fi
    done
    return 1
}

require_debian_root() {
    command -v apt-get >/dev/null || fail "$1; install $2 with this system's package manager, then try again"
    [ "$(id -u)" = 0 ] || fail "$1; install $2, or run this as root"
}

has_package() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }

# Those of the named packages that this distribution has.
available() {
    for package in "$@"; do
        if has_package "$package"; then echo "$package"; fi
    done
}

install() {
    started=$(date +%s)
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $1 >"$LOG.apt" 2>&1 ||
        fail "cannot install $(echo "$1" | tr '\n' ' '): $(grep -E '^E:' "$LOG.apt" | tail -n 1); see $LOG.apt"
    say "installed $(echo "$1" | tr '\n' ' ')in $(($(date +%s) - started)) s"
}

update_lists() {
    apt-get update >"$LOG.apt" 2>&1 ||
        fail "apt-get update failed: $(grep -E '^E:' "$LOG.apt" | tail -n 1); see $LOG.apt"
}

# The packets of a container must fit the host's way out, or large answers never arrive.
mtu_option() {
    interface=$(awk '$2 == "00000000" { print $1; exit }' /proc/net/route 2>/dev/null || true)
    mtu=$(cat "/sys/class/net/${interface:-none}/mtu" 2>/dev/null || echo 1500)
    if [ "$mtu" -lt 1500 ]; then echo "--mtu=$mtu"; fi
}

# A zombie keeps its name: in a container whose PID 1 does not reap, a dead dockerd stays in /proc.
runs() {
    [ -s "$PID_FILE" ] && awk '/^Name:/ { name = $2 } /^State:/ { state = $2 }
        END { exit !(name == "dockerd" && state != "Z") }' "/proc/$(cat "$PID_FILE")/status" 2>/dev/null
}

start() {
    if [ -d /run/systemd/system ]; then
        systemctl start docker >/dev/null 2>&1 || fail "systemctl start docker failed; see journalctl -u docker"
    elif ! runs; then
        rm -f "$PID_FILE" # left by an engine that was killed; dockerd would take its number for a running one
        # A session of its own: the engine outlives this script and the terminal.
        # shellcheck disable=SC2046 # at most one word
        setsid nohup dockerd $(mtu_option) >"$LOG" 2>&1 </dev/null &
        child=$!
    fi
}

wait_until_it_answers() {
    deadline=$(($(date +%s) + ANSWER_SECONDS))
    until answers; do
        if [ -n "${child:-}" ] && ! kill -0 "$child" 2>/dev/null; then
            fail "dockerd stopped: $(tail -n 1 "$LOG"); see $LOG"
        fi
        if [ "$(date +%s)" -ge "$deadline" ]; then
            fail "dockerd does not answer after $ANSWER_SECONDS s: $(tail -n 1 "$LOG" 2>/dev/null); see $LOG"
        fi
        sleep 0.3
    done
}

if ! answers; then
    if [ -n "${DOCKER_HOST:-}" ]; then fail "no engine answers at DOCKER_HOST=$DOCKER_HOST; start it or unset DOCKER_HOST"; fi
    require_debian_root "no Docker Engine answers" "docker.io (or Docker's own docker-ce) and its buildx plugin"
    if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
        update_lists
        # Debian 13 has the command, and newer distributions the plugin, in packages of their own.
        packages=$(available docker.io docker-cli docker-buildx iptables)
        [ -n "$packages" ] || fail "this distribution has no docker.io; install Docker's own docker-ce, then try again"
        install "$packages"
    fi
    start
    wait_until_it_answers
    say "started Docker Engine $(version)"
fi

if ! builds; then
    require_debian_root "no docker command here can drive BuildKit" "docker's buildx plugin"
    update_lists
    plugin=$(available docker-buildx-plugin docker-buildx | head -n 1)
    # A distribution without the plugin has a docker.io that is old enough to build alone.
    install "${plugin:-docker.io}"
    builds || fail "no docker command here can drive BuildKit; install docker's buildx plugin"
fi
