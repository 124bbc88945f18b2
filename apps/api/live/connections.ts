import type { IncomingMessage } from 'node:http';
import type { LiveBounds, Logger } from '#libs/config';
import { every, type Repetition } from '#libs/config';
import type { SocketClosed } from '#libs/contracts';
import { property } from '../http/problem.ts';
import { addressOf, networkOf } from './address.ts';
import { Counts } from './counts.ts';
import type { LiveSocket, Missed } from './events.ts';

type EngineConnection = LiveSocket['conn'];

/** Why something is refused: for programs, and in words with the remedy. */
export type Refusal = SocketClosed;

/** So much may wait for a client before it is shown no more than the newest of each, once it reads. */
const BEHIND_BYTES = 64 * 1024;
/** Who is told that the connection ends has this long to read it. */
const GOODBYE_MS = 2_000;
/** As many refused ones may be open, to be told why; beyond, they are turned away without a word. */
const MOST_REFUSED = 64;
const SWEEP_EVERY_MS = 1_000;
/** The rate of messages is an average over this long: who connects again subscribes to all at once. */
const BURST_SECONDS = 10;

/** One connection of a client: what it holds here, and what it may. */
export interface Connection {
  /** Where it comes from, behind the proxies that are trusted. */
  readonly address: string;
  /** Why its handshake is to be refused; settled when it came, told where a client can read it. */
  readonly refusal: Refusal | undefined;
  /** Counts it for a key until it goes; or why it may not be. */
  claimKey(keyId: string): Refusal | undefined;
  /** Counts one more subscription; or why there may be none. */
  subscribe(): Refusal | undefined;
  unsubscribe(): void;
  /** Why what it sends now is not listened to. */
  tooFast(): Refusal | undefined;
  /** Set by who shows: more waits for it than it reads, so it is to be shown no more until it does. */
  onBehind: () => void;
  /** It reads again; it is owed what was shown after that show. */
  onCaughtUp: (since: number) => void;
  /** Shows what it missed, for as long as it keeps up. */
  makeUp(missed: readonly Missed[]): void;
  /** For a handshake that was accepted: who is told when the connection ends. */
  socket: LiveSocket | undefined;
  /** Ends it: says why, and cuts it off if it does not go by itself. */
  end(reason: Refusal): void;
  /** Closes it after what is on its way, and cuts it off if it does not go by itself. */
  hangUp(): void;
}

export interface ConnectionGauges {
  sockets: number;
  /** Keys and addresses that have sockets, and the most that one of them has. */
  keys: number;
  mostOfKey: number;
  addresses: number;
  mostOfAddress: number;
  subscriptions: number;
  mostSubscriptions: number;
  bufferedBytes: number;
  mostBufferedBytes: number;
  messages: number;
  /** How often, by code: handshakes and requests refused, sockets ended. */
  refused: [code: string, count: number][];
  ended: [code: string, count: number][];
}

/** The connections of one replica, within their bounds. */
export interface Connections {
  /** What is known of a request to connect before it is answered; undefined: turn it away. */
  admit(request: IncomingMessage): Connection | undefined;
  /** The connection of a request that was admitted. */
  of(request: IncomingMessage): Connection;
  /** It speaks: from here on it is measured. */
  opened(conn: EngineConnection): void;
  /** Remembers that something was refused. */
  refused(refusal: Refusal): Refusal;
  gauges(): ConnectionGauges;
  stop(): Promise<void>;
}

/**
 * @param options.busy why no more sockets may come just now
 * @param options.shown the number of the last show
 */
export function createConnections(options: {
  bounds: LiveBounds;
  trustProxy: number;
  logger: Logger;
  busy: () => Refusal | undefined;
  shown: () => number;
}): Connections {
  const { bounds, logger } = options;
  const known = new WeakMap<IncomingMessage, OpenConnection>();
  const open = new Set<OpenConnection>();
  const byKey = new Counts();
  const byAddress = new Counts();
  const refusedBy = new Counts();
  const endedBy = new Counts();
  const behindBytes = Math.min(BEHIND_BYTES, Math.floor(bounds.maxBufferedBytes / 4));
  const burst = bounds.maxMessagesPerSecond * BURST_SECONDS;
  let admitted = 0;
  let messages = 0;

  const refused = (refusal: Refusal): Refusal => {
    refusedBy.add(refusal.code);
    return refusal;
  };

  const tooMany = {
    sockets: {
      code: 'too_many_sockets',
      message: `This replica serves at most ${bounds.maxSockets} sockets; try again later, or run more replicas, or raise LIVE_MAX_SOCKETS.`,
    },
    ofAddress: {
      code: 'too_many_sockets_of_address',
      message: `One address may hold at most ${bounds.maxSocketsPerAddress} sockets of a replica; close some, or raise LIVE_MAX_SOCKETS_PER_ADDRESS. Behind a proxy set TRUST_PROXY, lest all count as one.`,
    },
    ofKey: {
      code: 'too_many_sockets_of_key',
      message: `One key may hold at most ${bounds.maxSocketsPerKey} sockets of a replica; close some, use another key, or raise LIVE_MAX_SOCKETS_PER_KEY.`,
    },
    subscriptions: {
      code: 'too_many_subscriptions',
      message: `One socket watches at most ${bounds.maxSubscriptions} things; unsubscribe from some, or open another socket.`,
    },
    messages: {
      code: 'too_many_messages',
      message: `One socket may send ${bounds.maxMessagesPerSecond} messages a second on the average; send fewer.`,
    },
    bytes: {
      code: 'too_slow',
      message: `More than ${bounds.maxBufferedBytes} bytes waited for this socket to be read; read faster, or watch less with it.`,
    },
    silence: {
      code: 'idle',
      message: `Nothing was watched for ${bounds.idleTimeoutMs} ms; connect again when there is something to watch.`,
    },
  } satisfies Record<string, Refusal>;

  class OpenConnection implements Connection {
    readonly address: string;
    readonly refusal: Refusal | undefined;
    onBehind = (): void => {};
    onCaughtUp: Connection['onCaughtUp'] = () => {};
    socket: LiveSocket | undefined;
    subscriptions = 0;
    readonly #tcp: IncomingMessage['socket'];
    #conn: EngineConnection | undefined;
    #keyId: string | undefined;
    /** The number of the last show that it got, where it does not keep up. */
    #behindSince: number | undefined;
    /** Bytes that the transport has not taken yet. */
    #queued = 0;
    #heardAt = performance.now();
    #allowance = burst;
    #allowedAt = performance.now();
    #ended = false;

    constructor(request: IncomingMessage, address: string, refusal: Refusal | undefined) {
      this.address = address;
      this.refusal = refusal;
      this.#tcp = request.socket;
      open.add(this);
      // Of all that can tell of an end this always comes: whatever else failed, and whoever hung up.
      this.#tcp.once('close', () => {
        open.delete(this);
        if (this.#keyId !== undefined) byKey.give(this.#keyId);
        this.#keyId = undefined;
        if (refusal) return;
        admitted -= 1;
        byAddress.give(networkOf(address));
      });
    }

    opened(conn: EngineConnection): void {
      this.#conn = conn;
      conn.on('packet', (packet: { type: string }) => {
        messages += 1;
        this.#refill();
        this.#allowance -= 1;
        if (packet.type === 'message') this.#heardAt = performance.now();
        if (this.#allowance < -burst) this.end(tooMany.messages);
      });
      conn.on('packetCreate', ({ data }: { data?: unknown }) => {
        this.#queued += sizeOf(data);
        const waiting = this.waitingBytes();
        if (waiting > bounds.maxBufferedBytes) this.end(tooMany.bytes);
        else if (waiting > behindBytes && !this.#isBehind()) {
          this.#behindSince = options.shown();
          this.onBehind();
        }
      });
      conn.on('flush', () => {
        this.#queued = 0;
      });
      // After what the connection itself does with it: what it has kept is on its way then.
      conn.transport.on('ready', () => {
        const since = this.#behindSince;
        if (since === undefined || this.waitingBytes() > behindBytes / 2) return;
        this.#behindSince = undefined;
        this.onCaughtUp(since);
      });
      conn.on('close', (_reason: string, description: unknown) => {
        const tooLarge = property(description, 'message').includes('Max payload size exceeded');
        if (tooLarge) endedBy.add('message_too_large');
        // Whoever ended it: a client that does not answer the end of a websocket would keep the line.
        this.hangUp();
      });
    }

    #isBehind(): boolean {
      return this.#behindSince !== undefined;
    }

    makeUp(missed: readonly Missed[]): void {
      if (!this.socket) return;
      for (const { order, show } of missed.toSorted((a, b) => a.order - b.order)) {
        show(this.socket);
        if (!this.#isBehind()) continue;
        this.#behindSince = order;
        return;
      }
    }

    /** What this process holds for a client that has not read it. */
    waitingBytes(): number {
      return this.#queued + this.#tcp.writableLength;
    }

    claimKey(keyId: string): Refusal | undefined {
      if (this.#keyId === keyId) return undefined;
      if (this.#tcp.destroyed) return { code: 'disconnected', message: 'The socket is gone.' };
      if (!byKey.take(keyId, bounds.maxSocketsPerKey)) return refused(tooMany.ofKey);
      if (this.#keyId !== undefined) byKey.give(this.#keyId);
      this.#keyId = keyId;
      return undefined;
    }

    subscribe(): Refusal | undefined {
      if (this.subscriptions >= bounds.maxSubscriptions) return refused(tooMany.subscriptions);
      this.subscriptions += 1;
      return undefined;
    }

    unsubscribe(): void {
      this.subscriptions -= 1;
      this.#heardAt = performance.now();
    }

    tooFast(): Refusal | undefined {
      this.#refill();
      return this.#allowance < 0 ? refused(tooMany.messages) : undefined;
    }

    #refill(): void {
      const now = performance.now();
      const earned = ((now - this.#allowedAt) / 1_000) * bounds.maxMessagesPerSecond;
      this.#allowance = Math.min(burst, this.#allowance + earned);
      this.#allowedAt = now;
    }

    end(reason: Refusal): void {
      if (this.#ended) return;
      this.#ended = true;
      endedBy.add(reason.code);
      logger.info({ code: reason.code, keyId: this.#keyId, address: this.address }, 'socket ended');
      if (this.socket) {
        this.socket.emit('socket:closed', reason);
        this.socket.disconnect(true);
      }
      this.hangUp();
    }

    hangUp(): void {
      this.#conn?.close();
      setTimeout(() => this.#tcp.destroy(), GOODBYE_MS).unref();
    }

    sweep(): void {
      if (this.waitingBytes() > bounds.maxBufferedBytes) this.end(tooMany.bytes);
      const silent = performance.now() - this.#heardAt > bounds.idleTimeoutMs;
      if (this.subscriptions === 0 && silent) this.end(tooMany.silence);
    }
  }

  const refusalOf = (address: string): Refusal | undefined => {
    const busy = options.busy();
    if (busy) return refused(busy);
    if (admitted >= bounds.maxSockets) return refused(tooMany.sockets);
    if (byAddress.take(networkOf(address), bounds.maxSocketsPerAddress)) return undefined;
    return refused(tooMany.ofAddress);
  };

  const sweeping: Repetition = every(
    Math.min(SWEEP_EVERY_MS, bounds.idleTimeoutMs),
    async () => {
      for (const connection of open) connection.sweep();
    },
    (error) => logger.error({ err: error }, 'sockets could not be looked after'),
  );

  return {
    admit(request) {
      if (request.socket.destroyed) return undefined;
      const address = addressOf(request, options.trustProxy);
      const refusal = refusalOf(address);
      if (refusal && open.size - admitted >= MOST_REFUSED) return undefined;
      if (!refusal) admitted += 1;
      const connection = new OpenConnection(request, address, refusal);
      known.set(request, connection);
      return connection;
    },

    of(request) {
      const connection = known.get(request);
      if (!connection) throw new Error('A connection was not admitted.');
      return connection;
    },

    opened(conn) {
      known.get(conn.request)?.opened(conn);
    },

    refused,

    gauges() {
      const gauges = {
        sockets: admitted,
        keys: byKey.size,
        mostOfKey: byKey.most(),
        addresses: byAddress.size,
        mostOfAddress: byAddress.most(),
        subscriptions: 0,
        mostSubscriptions: 0,
        bufferedBytes: 0,
        mostBufferedBytes: 0,
        messages,
        refused: refusedBy.entries(),
        ended: endedBy.entries(),
      };
      for (const connection of open) {
        const waiting = connection.waitingBytes();
        gauges.bufferedBytes += waiting;
        gauges.mostBufferedBytes = Math.max(gauges.mostBufferedBytes, waiting);
        gauges.subscriptions += connection.subscriptions;
        gauges.mostSubscriptions = Math.max(gauges.mostSubscriptions, connection.subscriptions);
      }
      return gauges;
    },

    stop: () => sweeping.stop(),
  };
}

function sizeOf(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  return data instanceof Uint8Array ? data.byteLength : 0;
}
