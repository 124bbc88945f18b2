import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Router } from 'express';

const builtUi = fileURLToPath(new URL('../../web/dist', import.meta.url));
/** What is never a page of the UI, whoever asks. */
const notPages = /^\/(api|socket\.io|admin|health|metrics|docs|assets)(\/|$)/;

/**
 * The built UI. Its assets have a hash in their names and are kept for good; every address that a
 * browser navigates to is the one page, which finds its own way.
 */
export function webRouter(webRoot: string = builtUi): Router {
  const router = express.Router();
  router.use(
    '/assets',
    express.static(join(webRoot, 'assets'), { index: false, immutable: true, maxAge: '365d' }),
  );
  router.use(express.static(webRoot, { index: false, maxAge: '1h' }));
  router.get('/{*path}', (request, response, next) => {
    const navigates = request.path === '/' || request.accepts(['json', 'html']) === 'html';
    if (notPages.test(request.path) || !navigates) {
      next();
      return;
    }
    response.set('Cache-Control', 'no-cache');
    response.sendFile('index.html', { root: webRoot, cacheControl: false }, (error?: Error) => {
      if (!error || response.headersSent) return;
      response
        .status(404)
        .type('text')
        .send('The UI is not built: run `npm run build`. The API is described at /docs.\n');
    });
  });
  return router;
}
