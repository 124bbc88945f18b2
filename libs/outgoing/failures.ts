import { OutgoingError } from '#libs/evaluation';

const unreachable: Record<string, string> = {
  ENOTFOUND: 'is a host name that nobody knows; check its spelling',
  EAI_AGAIN: 'could not be looked up just now',
  ECONNREFUSED: 'does not accept connections; check that it runs, and the port',
  ECONNRESET: 'closed the connection',
  UND_ERR_SOCKET: 'closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'does not accept connections in time',
  ETIMEDOUT: 'does not accept connections in time',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
  EPROTO: 'does not speak TLS; check http or https',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS; check http or https',
};

/** Why there was no answer, of the host only: an address may hold secrets. */
export function describeFailure(error: unknown, { host }: URL): OutgoingError {
  if (error instanceof OutgoingError) return error;
  const code = codeOf(error);
  const cause = { cause: error };
  if (code.startsWith('HPE_') || code.startsWith('Z_') || code.startsWith('ERR__ERROR_')) {
    return new OutgoingError(
      'invalid_response',
      `${host} gave an answer that can't be read`,
      cause,
    );
  }
  if (code.startsWith('UND_ERR_INVALID_ARG')) {
    return new OutgoingError('invalid_request', 'the request cannot be made as it is', cause);
  }
  const known = unreachable[code];
  if (known !== undefined) return new OutgoingError('unreachable', `${host} ${known}`, cause);
  if (/CERT|ALTNAME|SELF_SIGNED|LEAF_SIGNATURE/.test(code)) {
    const message = `${host} has a certificate that is not trusted (${code})`;
    return new OutgoingError('unreachable', message, cause);
  }
  const suffix = code === '' ? '' : ` (${code})`;
  return new OutgoingError('unreachable', `${host} could not be called${suffix}`, cause);
}

/** The code of an error, of the first of several attempts, or of what caused it. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return 'cause' in error ? codeOf(error.cause) : '';
}
