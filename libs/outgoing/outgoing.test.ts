import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OutgoingError, type OutgoingRequest } from '#libs/evaluation';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { createOutgoingHttp, type OutgoingOptions } from './index.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What the servers below were asked, by path. */
const asked: {
  port: number;
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}[] = [];
const servers: Server[] = [];
let handlers: Record<string, Handler> = {};

async function serve(): Promise<number> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      asked.push({ port: portOf(server), method, path, headers, body });
      const handler = handlers[path.replace(/\?.*$/, '')];
      if (handler) handler(request, response);
      else response.end(`you asked ${method} ${path}`);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return portOf(server);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

let port = 0;
let other = 0;
beforeAll(async () => {
  port = await serve();
  other = await serve();
});
const clients: ReturnType<typeof createOutgoingHttp>[] = [];
afterAll(async () => {
  await Promise.all(clients.map(async (client) => client.close()));
  for (const server of servers) server.close().closeAllConnections();
});

const client = (options: Partial<OutgoingOptions> = {}) => {
  const made = createOutgoingHttp({ allow: [], ...options });
  clients.push(made);
  return made;
};

const request = (url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  url,
  method: 'GET',
  timeoutMs: 5_000,
  maxBytes: 10_000,
  signal: new AbortController().signal,
  ...more,
});

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'answered';
  } catch (error) {
    return error instanceof OutgoingError ? error.code : String(error);
  }
};

describe('an address that is not of the public internet', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.8.8.8/',
    'http://localhost/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.64.0.1/',
    'http://100.100.100.200/',
    'http://168.63.129.16/',
    'http://192.0.0.192/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::10.0.0.1]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[64:ff9b:1::1]/',
    'http://[2002:7f00:1::1]/',
    'http://[2001:0:1::1]/',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[ff02::1]/',
    'http://[2001:db8::1]/',
    'http://[4000::1]/',
  ])('%s is refused', async (url) => {
    const call = client().request(request(url));
    await expect(call).rejects.toMatchObject({
      name: 'OutgoingError',
      code: 'refused',
      message: expect.stringMatching(/OUTGOING_ALLOW/),
    });
  });

  test('is refused behind a name, whichever of its addresses it is', async () => {
    for (const address of [
      '127.0.0.1',
      '10.0.0.1',
      '::1',
      'fd00::1',
      '::ffff:10.0.0.1',
      'fe80::1%eth0',
      'x',
    ]) {
      const resolve = async () => [{ address, family: address.includes(':') ? 6 : 4 }];
      expect(await codeOf(client({ resolve }).request(request('http://name.test/')))).toBe(
        'refused',
      );
    }
  });

  test('may be called where it is allowed, and only there', async () => {
    const cases: [allow: string, url: string, outcome: string][] = [
      ['127.0.0.1', `http://127.0.0.1:${port}/`, 'answered'],
      [`127.0.0.1:${port}`, `http://127.0.0.1:${port}/`, 'answered'],
      [`127.0.0.1:${port}`, `http://127.0.0.1:${other}/`, 'refused'],
      ['127.0.0.0/8', `http://0x7f.1:${port}/`, 'answered'],
      ['127.0.0.1', `http://[::ffff:127.0.0.1]:${port}/`, 'answered'],
      ['10.0.0.0/8', `http://127.0.0.1:${port}/`, 'refused'],
      ['::/0', `http://127.0.0.1:${port}/`, 'refused'],
      ['scorer.test', `http://scorer.test:${port}/`, 'answered'],
      ['Scorer.Test', `http://scorer.test.:${port}/`, 'answered'],
      [`scorer.test:${port}`, `http://scorer.test:${port}/`, 'answered'],
      [`scorer.test:${port}`, `http://scorer.test:${other}/`, 'refused'],
      ['scorer.test', `http://other.test:${port}/`, 'refused'],
      ['scorer.test', `http://a.scorer.test:${port}/`, 'refused'],
      ['scorer.test', `http://127.0.0.1:${port}/`, 'refused'],
      ['127.0.0.1', `http://other.test:${port}/`, 'answered'],
    ];
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const outcomes = await Promise.all(
      cases.map(async ([allow, url]) =>
        codeOf(client({ allow: [allow], resolve }).request(request(url))),
      ),
    );
    expect(outcomes).toEqual(cases.map(([, , outcome]) => outcome));
  });

  test('of several addresses of a name, only those that may be are connected to', async () => {
    const resolve = async () => [
      { address: '10.255.255.1', family: 4 },
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ];
    const answer = await client({ allow: ['127.0.0.1'], resolve }).request(
      request(`http://mixed.test:${port}/mixed`),
    );
    expect(answer).toMatchObject({ status: 200, text: 'you asked GET /mixed' });
  });

  test('is not reached by an answer of the DNS that changes', async () => {
    let lookups = 0;
    const resolve = async () => {
      lookups += 1;
      return [{ address: lookups === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }];
    };
    // The documentation's range stands for a public address here; nothing answers there.
    const http = client({ allow: [`192.0.2.1:${port}`], resolve });
    const seen = asked.length;
    const first = request(`http://rebind.test:${port}/rebind`, { timeoutMs: 300 });
    expect(await codeOf(http.request(first))).not.toBe('answered');
    expect(lookups).toBe(1);
    expect(await codeOf(http.request(request(`http://rebind.test:${port}/rebind`)))).toBe(
      'refused',
    );
    expect(lookups).toBe(2);
    expect(asked.slice(seen)).toEqual([]);
  });
});

describe('a redirect', () => {
  const allow = ['127.0.0.1'];
  const to =
    (status: number, location: string): Handler =>
    (_request, response) => {
      response.writeHead(status, { location }).end('moved');
    };
  const post = {
    method: 'POST',
    body: '{}',
    headers: { authorization: 'secret', 'content-type': 'application/json', 'x-key': 'secret' },
  } as const;

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://10.0.0.1/',
    '//192.168.0.1/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'http://user:hunter2@127.0.0.1/',
    'http://[',
  ])('to %s is refused', async (location) => {
    handlers = { '/go': to(302, location) };
    const call = client({ allow }).request(request(`http://127.0.0.1:${port}/go`));
    await expect(call).rejects.toMatchObject({ code: 'refused' });
    await expect(call).rejects.not.toMatchObject({ message: expect.stringMatching(/hunter2/) });
  });

  test.each([301, 302, 303])('%i becomes a GET without its body', async (status) => {
    handlers = { '/go': to(status, '/there?a=1') };
    const answer = await client({ allow }).request(request(`http://127.0.0.1:${port}/go`, post));
    expect(answer.text).toBe('you asked GET /there?a=1');
    expect(asked.at(-1)).toMatchObject({
      body: '',
      headers: { authorization: 'secret', 'x-key': 'secret' },
    });
    expect(asked.at(-1)?.headers).not.toHaveProperty('content-type');
  });

  test.each([307, 308])('%i is made again as it was', async (status) => {
    handlers = { '/go': to(status, '/there') };
    await client({ allow }).request(request(`http://127.0.0.1:${port}/go`, post));
    expect(asked.at(-1)).toMatchObject({ method: 'POST', path: '/there', body: '{}' });
  });

  test('to another origin loses the headers of the caller', async () => {
    handlers = { '/go': to(307, `http://127.0.0.1:${other}/there`) };
    await client({ allow }).request(request(`http://127.0.0.1:${port}/go`, post));
    const there = asked.at(-1);
    expect(there).toMatchObject({
      port: other,
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(there?.headers).not.toHaveProperty('authorization');
    expect(there?.headers).not.toHaveProperty('x-key');
  });

  test('is followed five times, and no more', async () => {
    handlers = Object.fromEntries(
      [0, 1, 2, 3, 4].map((step) => [`/${step}`, to(302, `/${step + 1}`)]),
    );
    const answer = await client({ allow }).request(request(`http://127.0.0.1:${port}/0`));
    expect(answer.text).toBe('you asked GET /5');
    handlers = { '/loop': to(302, '/loop') };
    expect(await codeOf(client({ allow }).request(request(`http://127.0.0.1:${port}/loop`)))).toBe(
      'refused',
    );
  });

  test('without an address is an answer', async () => {
    handlers = { '/go': (_request, response) => response.writeHead(302).end('where?') };
    const answer = await client({ allow }).request(request(`http://127.0.0.1:${port}/go`));
    expect(answer).toMatchObject({ status: 302, text: 'where?' });
  });
});

describe('a request', () => {
  const allow = ['127.0.0.1'];

  test('is sent as it is, and answered with any status', async () => {
    handlers = {
      '/teapot': (_request, response) =>
        response.writeHead(418, { 'X-Two': ['a', 'b'], 'content-type': 'text/plain' }).end('é😀'),
    };
    const answer = await client({ allow }).request(
      request(`http://127.0.0.1:${port}/teapot?q=1#no`, {
        method: 'PUT',
        body: 'é',
        headers: { 'X-Key': 'k' },
      }),
    );
    expect(answer).toMatchObject({ status: 418, text: 'é😀', headers: { 'x-two': 'a, b' } });
    expect(asked.at(-1)).toMatchObject({
      method: 'PUT',
      path: '/teapot?q=1',
      body: 'é',
      headers: { 'x-key': 'k', 'user-agent': 'llm-eval' },
    });
  });

  test.each<[string, Partial<OutgoingRequest>]>([
    ['no URL', { url: 'scorer' }],
    ['a relative URL', { url: '/score' }],
    ['another protocol', { url: 'ftp://example.org/' }],
    ['a file', { url: 'file:///etc/passwd' }],
    ['a password in the URL', { url: 'http://user:hunter2@example.org/' }],
    ['a header of the connection', { headers: { Host: 'other' } }],
    ['a header of a proxy', { headers: { 'Proxy-Authorization': 'x' } }],
    ['two headers in one', { headers: { a: 'b\r\nc: d' } }],
    ['a header without a name', { headers: { '': 'b' } }],
  ])('with %s is an invalid request', async (_, more) => {
    const call = client({ allow }).request(request(`http://127.0.0.1:${port}/`, more));
    await expect(call).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(call).rejects.not.toMatchObject({ message: expect.stringMatching(/hunter2/) });
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('gets %s unpacked, within its bound', async (encoding, pack) => {
    handlers = {
      '/packed': (_request, response) =>
        response.writeHead(200, { 'content-encoding': encoding }).end(pack('x'.repeat(10_000))),
      '/bomb': (_request, response) =>
        response.writeHead(200, { 'content-encoding': encoding }).end(pack('x'.repeat(5_000_000))),
      '/broken': (_request, response) =>
        response.writeHead(200, { 'content-encoding': encoding }).end('no such thing'),
      '/half': (_request, response) =>
        response
          .writeHead(200, { 'content-encoding': encoding })
          .end(pack('x'.repeat(10_000)).subarray(0, 12)),
      '/none': (_request, response) =>
        response.writeHead(204, { 'content-encoding': encoding }).end(),
    };
    const http = client({ allow });
    const at = (path: string) => request(`http://127.0.0.1:${port}${path}`);
    expect((await http.request(at('/packed'))).text).toBe('x'.repeat(10_000));
    expect(await codeOf(http.request(at('/bomb')))).toBe('too_large');
    expect(await codeOf(http.request(at('/broken')))).toBe('invalid_response');
    expect(await codeOf(http.request(at('/half')))).toBe('invalid_response');
    expect(await http.request(at('/none'))).toMatchObject({ status: 204, text: '' });
  });

  test('is given up where the answer is too large, or packed in another way', async () => {
    handlers = {
      '/large': (_request, response) => response.end('x'.repeat(10_001)),
      '/odd': (_request, response) =>
        response.writeHead(200, { 'content-encoding': 'zip' }).end('x'),
      '/often': (_request, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip, gzip, gzip, gzip' }).end('x'),
    };
    const http = client({ allow });
    const code = async (path: string) =>
      codeOf(http.request(request(`http://127.0.0.1:${port}${path}`)));
    expect(await code('/large')).toBe('too_large');
    expect(await code('/odd')).toBe('invalid_response');
    expect(await code('/often')).toBe('invalid_response');
  });

  test('ends in time, whether the answer does not begin or does not end', async () => {
    handlers = {
      '/silent': () => {},
      '/endless': (_request, response) => {
        response.write('x');
      },
    };
    for (const path of ['/silent', '/endless']) {
      const call = client({ allow }).request(
        request(`http://127.0.0.1:${port}${path}`, { timeoutMs: 100 }),
      );
      await expect(call).rejects.toMatchObject({
        code: 'timeout',
        message: expect.stringMatching(/100 ms/),
      });
    }
    const resolve = async () => new Promise<never>(() => {});
    const call = client({ resolve }).request(request('http://slow.test/', { timeoutMs: 50 }));
    expect(await codeOf(call)).toBe('timeout');
  });

  test('can be canceled, before and while it runs', async () => {
    const early = AbortSignal.abort();
    const http = client({ allow });
    expect(
      await codeOf(http.request(request(`http://127.0.0.1:${port}/`, { signal: early }))),
    ).toBe('canceled');
    const controller = new AbortController();
    handlers = { '/silent': () => controller.abort() };
    const { signal } = controller;
    expect(await codeOf(http.request(request(`http://127.0.0.1:${port}/silent`, { signal })))).toBe(
      'canceled',
    );
  });

  test('that nobody answers says why, without what the address holds', async () => {
    handlers = { '/hangup': (incoming) => incoming.socket.destroy() };
    const gone = await serve();
    servers.at(-1)?.close();
    const unknown = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    const cases: [Partial<OutgoingOptions>, string, RegExp][] = [
      [{ allow }, `http://127.0.0.1:${gone}/?key=hunter2`, /does not accept connections/],
      [{ allow }, `http://127.0.0.1:${port}/hangup?key=hunter2`, /closed the connection/],
      [{ allow }, `https://127.0.0.1:${port}/?key=hunter2`, /does not speak TLS/],
      [{ resolve: unknown }, 'http://nobody.test/?key=hunter2', /nobody knows/],
      [{ resolve: async () => [] }, 'http://empty.test/?key=hunter2', /has no address/],
    ];
    for (const [options, url, message] of cases) {
      const error: unknown = await client(options)
        .request(request(url))
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(message) });
      expect(String(error)).not.toContain('hunter2');
    }
  });
});

test('an allow list with anything else in it is refused', () => {
  expect(() => createOutgoingHttp({ allow: ['http://a/'] })).toThrow(TypeError);
});
