# cijkl on processors, without CUDA: the server by default, any other verb when it is named.
#
#   docker build -t cijkl .
#   docker run --rm -p 127.0.0.1:8000:8000 -v cijkl:/data cijkl
#   docker run --rm -v "$PWD:/work" -w /work cijkl predict mine.cif --json -

FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE LICENSE-WEIGHTS ./
COPY src ./src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
ARG EXTRAS=predict,sevennet,d3,screen,web
COPY constraints.txt /tmp/constraints.txt
COPY --from=build /wheels /tmp/wheels
# torch by itself first, from where it is built without CUDA: a fifth of the size
RUN pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu \
        --constraint /tmp/constraints.txt torch \
    && pip install --no-cache-dir --constraint /tmp/constraints.txt \
        "$(ls /tmp/wheels/cijkl-*.whl)[${EXTRAS}]" \
    && rm -r /tmp/wheels /tmp/constraints.txt \
    && useradd --create-home --uid 1000 cijkl \
    && mkdir /data \
    && chown cijkl /data
USER cijkl
# queue, results, downloads
ENV CIJKL_CACHE=/data
VOLUME /data
WORKDIR /data
EXPOSE 8000
# a server that listens at 127.0.0.1 of its own container is reached by nobody, so it listens at all
# of its addresses; who gets there is up to -p: 127.0.0.1:8000:8000 lets in this machine only. For
# others set a token: -e CIJKL_TOKEN=...
ENTRYPOINT ["cijkl"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
