import { createAccess, type Access } from '#libs/access';
import { createAdmin } from '#libs/admin';
import { createCalls } from '#libs/calls';
import { createComparisons } from '#libs/comparisons';
import { concurrencyOf, ConfigurationError, type Config, type Logger } from '#libs/config';
import { openDatabase } from '#libs/database';
import { joinReplicas } from '#libs/fleet';
import { createModels } from '#libs/models';
import { createOutgoingHttp } from '#libs/outgoing';
import { createProviders, warnOfUnopened } from '#libs/providers';
import { openQueues } from '#libs/queues';
import { snapshotsOfQueues, versionsOfQueues } from '#libs/reviews';
import { createRuns } from '#libs/runs';
import { createSandbox } from '#libs/sandbox';
import { Registry } from 'prom-client';
import { createApp } from './app.ts';
import { loadOf } from './admin/load.ts';
import { createAuthenticator } from './http/auth.ts';
import { listen } from './http/listen.ts';
import { announcing } from './live/announce.ts';
import { attachLive, type Live } from './live/sockets.ts';

/** A running API process. */
export interface Api {
  url: string;
  port: number;
  /** Finishes the requests under way, within the deadline, then lets go of everything. */
  close(): Promise<void>;
}

/**
 * Opens the database, brings it up to date, sees to the default project and the admin key, and
 * listens. Any number of replicas may start at once.
 * @throws {ConfigurationError} where the environment has to change first
 */
export async function startApi(config: Config, logger: Logger): Promise<Api> {
  if (config.databaseUrl === undefined) {
    throw new ConfigurationError(
      'DATABASE_URL is not set: set it, or run `npm start`, which brings its own PostgreSQL.',
    );
  }
  // What has been opened is closed in the opposite order, also where the start fails half-way.
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).toReversed()) await close();
  };
  try {
    const database = await openDatabase({
      url: config.databaseUrl,
      poolMax: config.databasePoolMax,
      onWarning: (message) => logger.warn({ message }, 'database'),
    });
    opened.push(() => database.close());
    if (!(await database.isMigrated())) await database.migrate();

    const access = createAccess(database);
    await access.ensureDefaultProject();
    if (config.adminKey !== undefined) await access.ensureAdminKey(config.adminKey);
    else if (!(await access.hasAdminKey())) {
      throw new ConfigurationError(
        'There is no admin key yet: set LLM_EVAL_ADMIN_KEY to a secret of at least 8 characters; `openssl rand -hex 24` makes one.',
      );
    }

    const queues = await openQueues(config, logger);
    opened.push(() => queues.close());
    const sandbox = createSandbox();
    opened.push(() => sandbox.close());
    const http = createOutgoingHttp({ allow: config.outgoingAllow });
    opened.push(() => http.close());
    const calls = createCalls({ database, logger });
    opened.push(() => calls.close());
    const providers = createProviders({ database, secretKeys: config.secretKeys });
    await warnOfUnopened({ database, secretKeys: config.secretKeys, logger });
    const models = createModels({ caller: calls, http, providers });
    let live: Live | undefined;
    const runs = announcing(createRuns({ database, queues, logger }), (runId) =>
      live?.runChanged(runId),
    );
    const comparisons = createComparisons({ database, queues, logger });
    const announcedAccess: Access = {
      ...access,
      async revokeKey(principal, keyId, note) {
        await access.revokeKey(principal, keyId, note);
        live?.endAccess({ keyId });
      },
      async closeSession(token) {
        await access.closeSession(token);
        live?.endAccess({ sessionId: access.sessionIdOf(token) });
      },
    };

    const { publicOrigins } = config;
    const authenticator = createAuthenticator({ access, publicOrigins });
    const app = createApp(
      {
        config,
        logger,
        database,
        access: announcedAccess,
        runs,
        comparisons,
        queues,
        admin: createAdmin({ database, queues, logger }, concurrencyOf(config)),
        sandbox,
        http,
        models,
        caller: calls,
        providers,
        registry: new Registry(),
        live: () => live?.gauges(),
      },
      authenticator,
    );
    const server = await listen(app, {
      ...config,
      headersTimeoutMs: config.live.handshakeTimeoutMs,
    });
    opened.push(() => server.close(config.shutdownDeadlineMs));
    const attached = await attachLive({
      httpServer: server.server,
      config,
      logger,
      access,
      authenticator,
      runs,
      comparisons,
      reviews: {
        snapshots: (queueIds) => snapshotsOfQueues(database, queueIds),
        versions: (queueIds) => versionsOfQueues(database, queueIds),
      },
      queues,
    });
    live = attached;
    opened.push(() => attached.close());
    const replica = joinReplicas({
      database,
      logger,
      load: () => loadOf(attached.gauges(), database.gauges()),
    });
    opened.push(() => replica.leave());
    return { url: server.url, port: server.port, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
