import pg from 'pg';

const RECONNECT_MS = 500;

/**
 * Listens to a PostgreSQL channel on a connection of its own, and connects again when it breaks.
 * What is sent while it is away is lost. A payload is the JSON that was sent, parsed.
 * @returns a function that stops listening
 * @throws where it cannot connect at first
 */
export async function listenToChannel(options: {
  url: string;
  channel: string;
  onPayload: (payload: unknown) => void;
  onError: (error: Error) => void;
}): Promise<() => Promise<void>> {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: options.url,
      keepAlive: true,
      application_name: 'llm-eval-listen',
    });
    next.on('notification', ({ payload }) => {
      try {
        options.onPayload(JSON.parse(payload ?? 'null'));
      } catch (error) {
        options.onError(error instanceof Error ? error : new Error(String(error)));
      }
    });
    next.on('error', options.onError);
    next.on('end', reconnect);
    client = next;
    await next.connect();
    try {
      await next.query(`listen ${next.escapeIdentifier(options.channel)}`);
    } catch (error) {
      // Connected but deaf: ending it makes way for another, by the event above.
      await next.end();
      throw error;
    }
  };

  const reconnect = (): void => {
    if (stopped || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      connect().catch((error: unknown) => {
        options.onError(error instanceof Error ? error : new Error(String(error)));
        reconnect();
      });
    }, RECONNECT_MS);
  };

  const stop = async (): Promise<void> => {
    stopped = true;
    clearTimeout(timer);
    await client?.end();
  };
  try {
    await connect();
  } catch (error) {
    // The caller has nothing by which to stop what would go on trying.
    await stop();
    throw error;
  }
  return stop;
}
