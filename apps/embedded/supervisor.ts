import { join } from 'node:path';
import type { Config } from '#libs/config';
import { banner } from './banner.ts';
import { seedDemoOnce, type Instance } from './demo-once.ts';
import { messageOf } from './errors.ts';
import { openAdminKey, openHome, openSecretKey, type Home } from './home.ts';
import { takeLock, type Lock } from './lock.ts';
import { capLog } from './log-files.ts';
import { npmPid, onceGone } from './parent.ts';
import { expectFreePort } from './port.ts';
import { KeptPostgres } from './kept-postgres.ts';
import { ServiceProcess } from './service-process.ts';
import { complain, say } from './terminal.ts';

/** What LLM-Eval is made of: programs, as paths, and the demo. */
export interface Programs {
  api: string;
  worker: string;
  /** Fills a new instance with something to look at, through the API. */
  seedDemo: (instance: Instance) => Promise<void>;
}

/** Two signals this close are one Ctrl-C, which the terminal sends and npm repeats. */
const sameSignalMs = 700;
const logLimit = 5 * 1024 * 1024;

/**
 * The embedded mode's whole life: PostgreSQL (unless DATABASE_URL names one), then the API and a
 * worker, each of which brings the tables up to date; and back in the opposite order. Returns the
 * exit code, when nothing of it runs any more. It explains its own failures in one sentence each.
 */
export async function supervise(config: Config, programs: Programs): Promise<number> {
  const supervisor = new Supervisor(config, programs);
  return supervisor.run();
}

class Supervisor {
  readonly #config: Config;
  readonly #programs: Programs;
  readonly #end = Promise.withResolvers<{ exitCode: number }>();
  readonly #stopping = new AbortController();
  #stopAskedAt = 0;
  #lock: Lock | undefined;
  #postgres: KeptPostgres | undefined;
  #services: ServiceProcess[] = [];

  constructor(config: Config, programs: Programs) {
    this.#config = config;
    this.#programs = programs;
  }

  async run(): Promise<number> {
    this.#listen();
    const started = this.#start().catch((error: unknown) => this.#fail(error));
    const { exitCode } = await this.#end.promise;
    this.#stopping.abort();
    this.#lock?.note({ stopping: true });
    await this.#stopServices();
    await started; // A step of the start that was under way has ended by now, or soon will.
    await this.#stopServices();
    await this.#postgres?.stop();
    this.#lock?.release();
    return exitCode;
  }

  #listen(): void {
    process.on('uncaughtException', (error) => this.#fail(error));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => this.#askToStop());
    }
  }

  #askToStop(): void {
    const now = performance.now();
    if (this.#stopAskedAt === 0) {
      this.#stopAskedAt = now;
      say('Stopping…');
      this.#end.resolve({ exitCode: 0 });
    } else if (now - this.#stopAskedAt > sameSignalMs) {
      for (const service of this.#services) service.kill();
    }
  }

  #fail(error: unknown): void {
    if (this.#stopping.signal.aborted) return; // Stopped while starting: that is no failure.
    complain(messageOf(error));
    this.#end.resolve({ exitCode: 1 });
  }

  async #start(): Promise<void> {
    const { host, port } = this.#config;
    const home = openHome(this.#config.home);
    const npm = npmPid();
    if (npm !== undefined) onceGone(npm, () => this.#askToStop());
    this.#lock = await takeLock(home.running, npm);
    await expectFreePort(host, port);
    for (const name of ['api', 'worker', 'postgres']) {
      capLog(join(home.logs, `${name}.log`), logLimit);
    }
    say('LLM-Eval is starting…');
    const databaseUrl = this.#config.databaseUrl ?? (await this.#startPostgres(home));
    this.#stopping.signal.throwIfAborted();
    await this.#startServices(home, databaseUrl);
  }

  async #startPostgres(home: Home): Promise<string> {
    this.#postgres = new KeptPostgres({
      dataFolder: home.postgres,
      logFile: join(home.logs, 'postgres.log'),
      graceMs: this.#forceAfterMs + 1_000,
      onGuardian: (pid) => this.#lock?.note({ guardian: pid }),
    });
    const url = await this.#postgres.start();
    void this.#postgres.gaveUp.then((reason) => this.#fail(new Error(reason)));
    return url;
  }

  async #startServices(home: Home, databaseUrl: string): Promise<void> {
    const given = this.#config.adminKey;
    const adminKey = given === undefined ? openAdminKey(home) : { key: given, isNew: false };
    const secretKeys = this.#config.secretKeys;
    const secretKey = secretKeys.length > 0 ? secretKeys.join(',') : openSecretKey(home);
    let { port } = this.#config;
    const service = (name: 'api' | 'worker'): ServiceProcess =>
      new ServiceProcess({
        name,
        entry: this.#programs[name],
        logFile: join(home.logs, `${name}.log`),
        environment: () => ({
          ...process.env,
          DATABASE_URL: databaseUrl,
          LLM_EVAL_ADMIN_KEY: adminKey.key,
          LLM_EVAL_HOME: home.folder,
          LLM_EVAL_SECRET_KEY: secretKey,
          PORT: String(port),
        }),
        onChange: () => this.#noteServices(),
      });
    const api = service('api');
    const worker = service('worker');
    this.#services = [api, worker];
    const [ready] = await Promise.all([api.start(), worker.start()]);
    port = ready.port ?? port;

    const { url, text } = banner({
      host: this.#config.host,
      port,
      home,
      adminKey,
      adminKeyIsGiven: given !== undefined,
    });
    say(text);
    if (this.#postgres)
      void seedDemoOnce(home, { url, adminKey: adminKey.key }, this.#programs.seedDemo);
  }

  #noteServices(): void {
    const pids = this.#services.map((service) => service.pid).filter((pid) => pid !== undefined);
    this.#lock?.note({ services: pids });
    this.#postgres?.setClients(pids);
  }

  async #stopServices(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop(this.#forceAfterMs)));
  }

  /** A service ends itself two seconds after its deadline; only one that hangs needs force. */
  get #forceAfterMs(): number {
    return this.#config.shutdownDeadlineMs + 3_000;
  }
}
