#!/bin/sh
# Remove what the targets made: caches, the virtualenv, and the images that carry our names.
set -eu
cd "$(dirname "$0")/.."

rm -rf .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .grimp_cache
if [ ! -L .venv ]; then rm -rf .venv; fi
find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

if docker version >/dev/null 2>&1; then
    company=${COMPANY:-company}
    for name in "${REGISTRY:+$REGISTRY/}$company/python-service" "$company/upstream-debian" \
        "$company/bench-service" "$company/bench-service-untraced" "$company/shapes-*" "$company/test-registry"; do
        docker image ls --format '{{.Repository}}:{{.Tag}}' "$name" | while read -r image; do
            docker image rm "$image" >/dev/null && echo "clean: removed $image"
        done
    done
    docker volume ls --quiet --filter "label=shapes=$company" | while read -r volume; do
        docker volume rm "$volume" >/dev/null && echo "clean: removed volume $volume"
    done
fi
