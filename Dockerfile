# The vault in a container: `docker compose up`, or for the image alone `docker build -t ownship .`
#
# The tag is exact; a release pins its digest too:
#   docker buildx imagetools inspect python:3.13.9-slim-trixie --format '{{.Manifest.Digest}}'

FROM python:3.13.9-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
# An environment without pip, filled by the image's own pip, so that it can be copied as it is.
RUN python -m venv --without-pip /opt/ownship
COPY requirements.lock .
RUN pip --python /opt/ownship install --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY policies policies
COPY portal portal
COPY vault vault
RUN pip --python /opt/ownship install --no-deps --no-build-isolation . \
    && pip --python /opt/ownship uninstall --yes hatchling editables
# The root is read-only at run time: bytecode is made here and never checked against a clock.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/ownship/lib


FROM python:3.13.9-slim-trixie
# Nothing that installs: whoever breaks in finds no package manager for Python.
RUN pip uninstall --yes pip \
    && rm -rf /usr/local/lib/python3.13/ensurepip \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/ownship
COPY --from=build /opt/ownship /opt/ownship
ENV PATH=/opt/ownship/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OWNSHIP_HOME=/var/lib/ownship
WORKDIR /var/lib/ownship
VOLUME /var/lib/ownship
USER 10001:10001
EXPOSE 8000
# Stop: not ready, no new connections, 20 s to finish, the log's appender flushed.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["ownship", "health"]
ENTRYPOINT ["ownship"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
