# Server, agent and CLI in one image: what the npm package holds, with its production dependencies.
#
#   docker build -t qgjob .
#   docker run -d --name qgjob -p 127.0.0.1:8080:8080 -v qgjob:/data --stop-timeout 15 qgjob
#
# BASE: any Debian or Ubuntu (glibc) with Node 22.12 or newer and npm.
ARG BASE=docker.io/library/node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# The compiler is all that is needed of the tools, and it has no script of its own to run.
RUN npm ci --ignore-scripts
COPY . .
# By its path: the `node` of node_modules is a tool of the tests, whose script did not run.
RUN "$(command -v node)" scripts/prepare.mjs \
  && mkdir /package /packed \
  && npm pack --ignore-scripts --silent --pack-destination /packed \
  && tar -xzf /packed/qgjob-*.tgz -C /package --strip-components=1 \
  && npm prune --omit=dev --ignore-scripts \
  && mv node_modules /package/

FROM ${BASE}
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="qgjob" \
  org.opencontainers.image.description="Queue, schedule and run app tests: server, agent and CLI" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# The numbers are fixed, so that volumes fit the next image, and Kubernetes sees that it is not root.
RUN groupadd --gid 10001 qgjob \
  && useradd --uid 10001 --gid 10001 --home-dir /agent --no-create-home --shell /usr/sbin/nologin qgjob \
  && install -d -o qgjob -g qgjob -m 0750 /data /agent \
  && ln -s /opt/qgjob/build/cli/main.js /usr/local/bin/qgjob
COPY --from=build /package /opt/qgjob
COPY --chmod=0755 deploy/image/qgjob-health.mjs /usr/local/bin/qgjob-health
# In a container the network of the container is the boundary, and -p says who reaches it.
ENV QGJOB_HOST=0.0.0.0 QGJOB_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["qgjob-health"]
ENTRYPOINT ["qgjob"]
CMD ["server"]
