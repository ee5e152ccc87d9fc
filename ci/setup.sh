#!/bin/sh
# Make .venv with exactly the packages of requirements.lock; nothing happens while it is up to date.
set -eu
cd "$(dirname "$0")/.."

say() { echo "setup: $*" >&2; }

# A link leads to another checkout's virtualenv: it is not ours to change.
if [ -L .venv ] && [ -x .venv/bin/python ]; then exit 0; fi

# The machine's own Python where it is new enough, else a newer one beside it.
for name in python3 python3.11 python3.12 python3.13 python3.14; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "${python:-}" ]; then
    say "no Python 3.11 or newer on PATH; install one (Debian and Ubuntu: apt-get install python3 python3-venv)"
    exit 1
fi

stamp="$("$python" -V | cat - requirements.lock ci/setup.sh | cksum)"
if [ -x .venv/bin/python ] && [ "$(cat .venv/stamp 2>/dev/null || true)" = "$stamp" ]; then exit 0; fi

started=$(date +%s)
# One of another Python cannot be brought up to date.
if ! .venv/bin/python -c "import sys; sys.exit('$("$python" -V)' != 'Python ' + sys.version.split()[0])" 2>/dev/null; then
    rm -rf .venv
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    # Debian and Ubuntu keep it in a package of its own.
    minor=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
        say "$python cannot make a virtualenv; install python$minor-venv"
        exit 1
    fi
    log=$(mktemp)
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        "python$minor-venv"; } >"$log" 2>&1; then
        say "cannot install python$minor-venv: $(grep -E '^E:' "$log" | tail -n 1)"
        exit 1
    fi
    rm -f "$log"
fi
"$python" -m venv .venv
if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --progress-bar off \
    --require-hashes --requirement requirements.lock; then
    say "pip failed; behind a proxy that inspects TLS, set PIP_CERT to your company's CA bundle"
    exit 1
fi
echo "$stamp" >.venv/stamp
say "made .venv in $(($(date +%s) - started)) s"
