import { createServer } from 'node:http';

/**
 * An endpoint in a process of its own: answers every POST after the milliseconds in `ANSWER_AFTER_MS`,
 * and `GET /counts` with how many it answered and had in flight at most since the last such question.
 */
const delayMs = Number(process.env.ANSWER_AFTER_MS ?? 200);
const counts = { answered: 0, inFlight: 0, most: 0 };

const server = createServer((request, response) => {
  const json = (body: unknown) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.method === 'GET') {
    json({ answered: counts.answered, most: counts.most });
    counts.answered = 0;
    counts.most = counts.inFlight;
    return;
  }
  counts.inFlight += 1;
  counts.most = Math.max(counts.most, counts.inFlight);
  request.resume();
  setTimeout(() => {
    counts.inFlight -= 1;
    counts.answered += 1;
    json({ output: 'the answer' });
  }, delayMs);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
});
process.on('disconnect', () => process.exit());
