# The service as an image: the locked packages without the development tools, not run as root. The library is made at the
# first start, on the volume /data. Only the instructions that tests/packaging/prove_dockerfile.py knows are used here.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
ENV UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/uv && /opt/uv/bin/python -m pip install --quiet uv && python3 -m venv --without-pip /opt/venv
COPY pyproject.toml requirements.lock ./
# The lock is a constraint here: its versions and hashes hold, its development tools stay out.
RUN /opt/uv/bin/uv pip install --quiet --python /opt/venv/bin/python --compile-bytecode --require-hashes \
    --constraint requirements.lock --requirement pyproject.toml --extra postgres
COPY README.md LICENSE ./
COPY prompts prompts
COPY vectorstore vectorstore
COPY qa qa
COPY eval eval
RUN /opt/uv/bin/uv pip install --quiet --python /opt/venv/bin/python --compile-bytecode --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent qa && install --directory --owner=qa --group=qa /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv
COPY seeds seeds
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 PYTHONUNBUFFERED=1
ENV QA_DATA_DIR=/data QA_HOST=0.0.0.0 QA_PORT=8000
USER qa
VOLUME /data
EXPOSE 8000
# /healthz, not /readyz: a server that is still indexing its first documents is well, and must not be restarted for it.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD python -c "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['QA_PORT'] + '/healthz', timeout=4)"
ENTRYPOINT ["qa"]
CMD ["serve", "--seeds", "seeds"]
