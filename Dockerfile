# docker build -t polygate .
# docker run --rm -p 8080:8080 -v "$PWD:/config:ro" polygate
# docker stop -t 15 …: Docker waits 10 s by itself, as long as the drain may take.
#
# The folder mounted at /config has gateway.config.ts and the files that it names.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build
RUN npm prune --omit=dev

FROM node:24-slim
ENV NODE_ENV=production
# Where the healthcheck asks. Set it as well when the configuration moves the admin port.
ENV HEALTHCHECK_PORT=9901
WORKDIR /app
COPY package.json LICENSE NOTICE ./
COPY protos ./protos
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Not /app: a mount there would hide the bundled protos.
WORKDIR /config
# The files above belong to root and this user cannot change them.
USER node
EXPOSE 8080
# Alive, not ready: a gateway that waits for an upstream's schema must not be restarted for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTHCHECK_PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# A young generation of at most 12 MB instead of 48: what calls allocate is dead when they end. Measured in docs/performance.md.
ENTRYPOINT ["node", "--max-semi-space-size=4", "/app/dist/cli.js"]
CMD ["serve", "--host", "0.0.0.0"]
