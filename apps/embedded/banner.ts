import type { Home } from './home.ts';

/** What a person needs to know once LLM-Eval runs. A key is shown when it is new and never again. */
export function banner(instance: {
  host: string;
  port: number;
  home: Home;
  adminKey: { key: string; isNew: boolean };
  adminKeyIsGiven: boolean;
}): { url: string; text: string } {
  const { host, port, home, adminKey, adminKeyIsGiven } = instance;
  const url = `http://${reachable(host)}:${port}`;
  const keyLines = adminKeyIsGiven
    ? ['the one in LLM_EVAL_ADMIN_KEY']
    : adminKey.isNew
      ? [adminKey.key, `(shown this once, kept in ${home.adminKey})`]
      : [`in ${home.adminKey}`];
  const lines = [
    '',
    `  LLM-Eval is ready at ${url}`,
    '',
    `  Admin key   ${keyLines.join('\n              ')}`,
    `  Data        ${home.folder}`,
    '  Stop        Ctrl-C',
    '',
  ];
  return { url, text: lines.join('\n') };
}

/** The address by which this machine reaches a server that listens on `host`. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
