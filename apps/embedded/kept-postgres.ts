import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './errors.ts';
import { startPostgres, type Postgres, type PostgresOptions } from './postgres/index.ts';
import { complain } from './terminal.ts';

const attempts = 5;

/** PostgreSQL, started again when it is lost, at the same address, so that its clients reconnect. */
export class KeptPostgres {
  readonly #options: PostgresOptions;
  readonly #gaveUp = Promise.withResolvers<string>();
  readonly #stopping = new AbortController();
  #postgres: Postgres | undefined;
  #clients: number[] = [];
  #restarting: Promise<void> = Promise.resolve();

  constructor(options: PostgresOptions) {
    this.#options = options;
  }

  /** Resolves, with the reason, when PostgreSQL is lost and cannot be started again. */
  get gaveUp(): Promise<string> {
    return this.#gaveUp.promise;
  }

  /** Starts PostgreSQL and returns the URL of its database. */
  async start(): Promise<string> {
    const postgres = await startPostgres(this.#options);
    this.#postgres = postgres;
    postgres.setClients(this.#clients);
    void postgres.lost.then((reason) => {
      if (!this.#stopping.signal.aborted) this.#restarting = this.#restart(postgres.url, reason);
    });
    return postgres.url;
  }

  /** See Postgres.setClients. */
  setClients(pids: number[]): void {
    this.#clients = pids;
    this.#postgres?.setClients(pids);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#restarting;
    await this.#postgres?.stop();
  }

  async #restart(url: string, reason: string): Promise<void> {
    const { signal } = this.#stopping;
    complain(`[postgres] ${reason}; starts again – see ${this.#options.logFile}`);
    let problem = reason;
    for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt += 1) {
      try {
        if ((await this.start()) === url) return;
        problem = 'its port was taken by another program';
        break;
      } catch (error) {
        problem = messageOf(error);
        await delay(1_000 * attempt, undefined, { signal }).catch(() => {});
      }
    }
    if (!signal.aborted) this.#gaveUp.resolve(`PostgreSQL was lost for good: ${problem}`);
  }
}
