#!/bin/sh
# Log in to the registry as $REGISTRY_USER, where one is given: to $REGISTRY's host, else to that of $IMAGE. The
# password comes from $REGISTRY_PASSWORD; it is in no command line and no log.
set -eu
if [ -z "${REGISTRY_USER:-}" ]; then
    echo "login: no REGISTRY_USER: whatever docker is logged in to already" >&2
    exit 0
fi
registry=${REGISTRY:-${IMAGE:?neither REGISTRY nor IMAGE is set}}
: "${REGISTRY_PASSWORD:?is not set}"
printf %s "$REGISTRY_PASSWORD" |
    docker login --username "$REGISTRY_USER" --password-stdin "${registry%%/*}" >/dev/null
