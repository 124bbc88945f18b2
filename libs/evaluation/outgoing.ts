/** Headers that belong to the connection, or say where the call goes. */
const reservedHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a header is none that users may set. */
export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return reservedHeaders.has(lower) || lower.startsWith('proxy-');
}

/** A call to an address that a user named. */
export interface OutgoingRequest {
  url: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** For the whole call, redirects and body included, in milliseconds. */
  timeoutMs: number;
  /** Bytes of the answer's body at most, unpacked. */
  maxBytes: number;
  signal: AbortSignal;
}

export interface OutgoingResponse {
  status: number;
  /** Names in lower case; of several values of one name, joined by a comma. */
  headers: Readonly<Record<string, string>>;
  text: string;
}

/** Why a call could not be made, in words free of secrets, fit to be shown to whoever named the address. */
export class OutgoingError extends Error {
  override readonly name = 'OutgoingError';
  /** `invalid_request`: nothing was sent; `invalid_response`: what came back cannot be read. */
  readonly code:
    | 'refused'
    | 'unreachable'
    | 'timeout'
    | 'too_large'
    | 'canceled'
    | 'invalid_request'
    | 'invalid_response';

  constructor(code: OutgoingError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The one way in which the system calls addresses that its users name: never private, loopback,
 * link-local or metadata addresses unless the configuration allows them, whatever names, redirects
 * and changing DNS answers lead there.
 */
export interface OutgoingHttp {
  /** Answers with whatever status the other side gave. @throws {OutgoingError} where there is no answer */
  request(request: OutgoingRequest): Promise<OutgoingResponse>;
  /** Lets go of kept connections. */
  close(): Promise<void>;
}
