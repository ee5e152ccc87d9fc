# The company's base image for Python services. `make build` fills the arguments; a service writes
# `FROM company/python-service:latest` and nothing about tracing.
#
# Written for BuildKit as old as Docker Engine 20.10: secret and bind mounts, but no `COPY --link`, no
# heredocs, and no syntax line, which would pull an image from a registry that may not be there.

# The image of images/versions.toml, or the one bootstrapped from the Debian archive.
ARG UPSTREAM=scratch
# hadolint ignore=DL3006
FROM ${UPSTREAM}

# Each step ends by giving all that it wrote this one date: the same inputs are then the same layers, and a rebuild that
# brings nothing new is no release. What only the build needs is mounted below /dev, which is no part of the image: no
# empty mount point stays.
ARG SOURCE_DATE_EPOCH=0

# A shell that stops at the first error, also in the middle of a pipe. Children get Docker's own back below.
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]

# tini reaps orphans, and as PID 1 passes SIGTERM on: the bootstrapped upstream has it, the official has not.
# hadolint ignore=DL3008
RUN --mount=type=bind,source=images/install/one-date.sh,target=/dev/build/one-date.sh \
    --mount=type=secret,id=ca_bundle,target=/dev/build/ca_bundle,mode=0444 \
    if ! command -v tini >/dev/null; then \
        https=(); if [ -s /dev/build/ca_bundle ]; then https=(-o Acquire::https::CAInfo=/dev/build/ca_bundle); fi; \
        apt-get "${https[@]}" update && \
        apt-get "${https[@]}" install --yes --no-install-recommends tini && \
        rm -rf /var/lib/apt/lists/* /var/log/apt/* /var/log/*.log /var/cache/ldconfig/aux-cache; \
    fi && \
    sh /dev/build/one-date.sh

# HOME and /app belong to group 0 as well: a platform that starts containers with a random uid gives them
# that group, and a service must be able to write its cache all the same.
ARG APP_UID=10001
RUN --mount=type=bind,source=images/install/one-date.sh,target=/dev/build/one-date.sh \
    groupadd --gid "${APP_UID}" app && \
    useradd --uid "${APP_UID}" --gid app --no-log-init --create-home --shell /usr/sbin/nologin app && \
    install --directory --owner=app --group=root --mode=0775 /app /home/app /opt/venv && \
    install --directory --mode=0755 /opt/tracing && \
    sh /dev/build/one-date.sh

# The service's packages go into a venv of their own, which its user may fill and which starts out empty.
# Debian's pip refuses to install outside of one ("externally managed"). pip and the API are pinned by hash.
RUN --mount=type=secret,id=ca_bundle,target=/dev/build/ca_bundle,mode=0444 \
    --mount=type=bind,source=images/install,target=/dev/build/install \
    --mount=type=bind,source=images/versions.toml,target=/dev/build/versions.toml \
    --mount=type=tmpfs,target=/tmp \
    if [ -s /dev/build/ca_bundle ]; then export PIP_CERT=/dev/build/ca_bundle; fi && \
    export PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore && \
    python3 -m venv /opt/venv && \
    python3 -I /dev/build/install/requirements.py /dev/build/versions.toml pip > /tmp/pip.txt && \
    python3 -I /dev/build/install/requirements.py /dev/build/versions.toml opentelemetry-api typing-extensions > /tmp/api.txt && \
    /opt/venv/bin/python -m pip install --quiet --require-hashes --requirement /tmp/pip.txt && \
    /opt/venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: --no-compile \
        --target /opt/tracing/api --requirement /tmp/api.txt && \
    python3 -I /dev/build/install/requirements.py /dev/build/versions.toml \
        --but pip opentelemetry-api typing-extensions > /tmp/detail.txt && \
    /opt/venv/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: --no-compile \
        --target /opt/tracing/detail --requirement /tmp/detail.txt && \
    /opt/venv/bin/python /dev/build/install/detail.py /opt/tracing/detail && \
    { /opt/venv/bin/python -m pip uninstall --quiet --yes setuptools wheel 2>/dev/null || true; } && \
    printf '[global]\nno-cache-dir = true\ndisable-pip-version-check = true\n' > /opt/venv/pip.conf && \
    chown --recursive app:root /opt/venv && \
    python3 /dev/build/install/sealing.py /opt/tracing/api && \
    python3 /dev/build/install/sealing.py /opt/tracing/detail && \
    sh /dev/build/install/one-date.sh

# Off by default: a certificate that can read everybody's traffic is in an image only if somebody wanted it.
# The argument is the bundle's digest: a secret is not part of the cache's key, and a new bundle must get in.
ARG TRUST_CA=""
RUN --mount=type=secret,id=ca_bundle,target=/dev/build/ca_bundle,mode=0444 \
    --mount=type=bind,source=images/install,target=/dev/build/install \
    if [ -n "${TRUST_CA}" ]; then python3 -I /dev/build/install/trust.py /dev/build/ca_bundle; fi && \
    sh /dev/build/install/one-date.sh

# The tracing layer comes last: it changes most often, and a new one rebuilds in a second.
ARG COMPANY=company
ARG VERSION=0
ARG COLLECTOR=http://otel-collector:4318
RUN --mount=type=bind,source=images/install,target=/dev/build/install \
    --mount=type=bind,source=images/rootfs,target=/dev/build/sources/rootfs \
    --mount=type=bind,source=tracing_bootstrap,target=/dev/build/sources/tracing_bootstrap \
    python3 /dev/build/install/tracing.py /dev/build/sources && \
    sh /dev/build/install/one-date.sh

SHELL ["/bin/sh", "-c"]

# Only what cannot stand in a file: a service keeps the ENV that it was built with for ever. PORT is what gunicorn
# itself listens on, on all interfaces; without it, and with a service's own config, it would be the loopback.
ENV PATH=/opt/venv/bin:$PATH \
    VIRTUAL_ENV=/opt/venv \
    HOME=/home/app \
    PORT=8000 \
    PYTHONUNBUFFERED=1

WORKDIR /app
# The number, since Kubernetes cannot see that a name is not root (runAsNonRoot).
USER ${APP_UID}
EXPOSE 8000
STOPSIGNAL SIGTERM
# -g: the whole process group gets the signal, also where a service's start script forgets `exec`.
ENTRYPOINT ["/usr/bin/tini", "-g", "--"]
CMD ["gunicorn", "app:app"]
