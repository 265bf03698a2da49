# syntax=docker/dockerfile:1
# tests/house/test_dockerfile.py runs these same steps without a container engine.

# ── Build: everything is put into one environment under /opt/signon ──────────
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements-build.lock requirements.lock ./
RUN python3 -m venv --without-pip /opt/build
RUN python3 -m pip --python /opt/build/bin/python install --no-deps --require-hashes --only-binary :all: -r requirements-build.lock
RUN python3 -m venv --without-pip /opt/signon
RUN python3 -m pip --python /opt/signon/bin/python install --no-deps --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY migrations migrations
COPY openapi openapi
RUN /opt/build/bin/python -m hatchling build --target wheel --directory /build/dist
RUN python3 -m pip --python /opt/signon/bin/python install --no-deps --no-index /build/dist/*.whl

# ── Run: Python, that environment, and a user without rights ─────────────────
FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin signon
COPY --from=build /opt/signon /opt/signon
# Nothing is written beside the code: the file system may be mounted read-only.
ENV PATH=/opt/signon/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /opt/signon
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
STOPSIGNAL SIGTERM
# What was built, from where: `make image` gives all of them.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="signon" \
      org.opencontainers.image.description="Central sign-on for electronic filing in the US federal courts" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.base.name="docker.io/library/python:3.11-slim"
ENTRYPOINT ["signon"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
