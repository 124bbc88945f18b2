import { createServer } from 'node:net';
import { codeOf, messageOf } from './errors.ts';

/**
 * Makes sure that the API will be able to listen, before anything slow is done.
 * @throws when it will not, with the remedy.
 */
export async function expectFreePort(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    throw new Error(problem(error, host, port), { cause: error });
  }
  await new Promise((resolve) => server.close(resolve));
}

function problem(error: unknown, host: string, port: number): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `Port ${port} is already in use: set PORT to another one, for example PORT=${port === 65535 ? 3000 : port + 1} npm start.`;
    case 'EACCES':
      return `Port ${port} may not be used by this user: set PORT to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST ${host} is not an address of this machine: use 127.0.0.1, or 0.0.0.0 for all of its addresses.`;
    case undefined:
    default:
      return `LLM-Eval cannot listen on ${host}:${port} (${messageOf(error)}): set HOST and PORT to something else.`;
  }
}
