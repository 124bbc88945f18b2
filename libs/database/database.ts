import { MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { DatabaseError } from 'pg';
import { advisoryLocks } from './locks.ts';
import { ormConfig } from './orm.ts';
import { dropBrokenConnections } from './pool.ts';

export { sql };

/** Whatever can run statements: the database itself, or a transaction. */
export interface Queryable {
  /** MikroORM's entity manager: a fresh one outside of transactions, the transaction's own inside. */
  em: EntityManager;
  /**
   * Runs a statement written with the `sql` tag, its values bound, and answers with its rows. The
   * column names are what the statement says; dates come as text, bigint and numeric as strings.
   */
  query<Row>(statement: RawBuilder<Row>): Promise<Row[]>;
  /** The first row, or undefined. */
  queryOne<Row>(statement: RawBuilder<Row>): Promise<Row | undefined>;
}

export interface PoolGauges {
  total: number;
  idle: number;
  waiting: number;
}

/** A process's access to PostgreSQL, through MikroORM. */
export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction. Deadlocks and serialisation failures are no fault of the caller:
   * the whole of `work` then runs again, up to three times, so it must have no effects elsewhere.
   */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>;
  gauges(): PoolGauges;
  /** Resolves when PostgreSQL answers. @throws what the driver says where it does not. */
  ping(): Promise<void>;
  /** True when every migration that this code knows has been applied. */
  isMigrated(): Promise<boolean>;
  /** Applies what is missing; any number of processes may call it at once. */
  migrate(): Promise<void>;
  close(): Promise<void>;
}

const RETRIED_CODES = new Set(['40001', '40P01']);
const TRANSACTION_TRIES = 3;

const queryable = (em: EntityManager): Queryable => {
  // Once, since making one costs more than a statement does here.
  const kysely = em.getKysely();
  const query = async <Row>(statement: RawBuilder<Row>): Promise<Row[]> =>
    (await statement.execute(kysely)).rows;
  return { em, query, queryOne: async (statement) => (await query(statement))[0] };
};

/**
 * Connects lazily: the pool opens connections as they are needed, drops broken ones and opens new
 * ones after PostgreSQL was away.
 * @param options.poolMax connections at most; further callers wait for one
 */
export async function openDatabase(options: {
  url: string;
  poolMax: number;
  onWarning?: (message: string) => void;
}): Promise<Database> {
  const orm = await MikroORM.init(ormConfig(options));
  const connection = orm.em.getConnection();
  const pool = await connection.getNativeClient();
  dropBrokenConnections(pool);
  const outside = queryable(orm.em.fork());

  const ping = async (): Promise<void> => {
    await outside.query(sql`select 1`);
  };

  return {
    get em() {
      return orm.em.fork();
    },
    query: async (statement) => outside.query(statement),
    queryOne: async (statement) => outside.queryOne(statement),

    async transaction(work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await orm.em.fork().transactional((em) => work(queryable(em)));
        } catch (error) {
          if (attempt === TRANSACTION_TRIES || !isRetryable(error)) throw error;
        }
      }
    },

    gauges: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    ping,

    async isMigrated() {
      return (await orm.migrator.getPending()).length === 0;
    },

    async migrate() {
      // One connection holds the lock while the migrator works on others, so that processes that
      // start together apply each migration once.
      await orm.em.fork().transactional(async (em) => {
        await sql`select pg_advisory_xact_lock(${advisoryLocks.migrate})`.execute(em.getKysely());
        await orm.migrator.up();
      });
    },

    close: () => orm.close(true),
  };
}

function isRetryable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DatabaseError) return RETRIED_CODES.has(cause.code ?? '');
    if ('code' in cause && typeof cause.code === 'string' && RETRIED_CODES.has(cause.code))
      return true;
  }
  return false;
}
