# syntax=docker/dockerfile:1

FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
# The flags that SQLite is compiled with.
COPY .cargo .cargo
COPY config config
COPY migrations migrations
COPY crates crates
# The caches outlive a build but are no part of the image: the binary has to leave target/ in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package taglink-http --bin taglink \
    && install -D --strip target/release/taglink /out/taglink

FROM debian:bookworm-slim
# Certificates: for a PostgreSQL that is reached with TLS. MariaDB's are built in.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install --directory --mode=0700 --owner=10001 --group=10001 /data
COPY --from=build /out/taglink /usr/local/bin/taglink

# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV TAGLINK__SERVER__HOST=0.0.0.0 \
    TAGLINK__DATABASE__URL=sqlite:/data/taglink.db
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["taglink", "healthcheck"]
ENTRYPOINT ["taglink"]
CMD ["serve"]
