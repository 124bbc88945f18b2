import { runService } from '#libs/config';
import { startApi } from './server.ts';

runService('api', async (config, logger) => {
  const api = await startApi(config, logger);
  return { ready: { url: api.url, port: api.port }, stop: () => api.close() };
});
