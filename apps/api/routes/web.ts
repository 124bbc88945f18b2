import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, type Router } from 'express';
import staticCompressed from 'express-static-gzip';

const builtUi = fileURLToPath(new URL('../../web/dist', import.meta.url));
/** What is never a page of the UI, whoever asks. */
const notPages = /^\/(api|socket\.io|admin|health|metrics|docs|assets)(\/|$)/;

/**
 * The built UI. Its assets have a hash in their names and are kept for good; every address that a
 * browser navigates to is the one page, which finds its own way, and of which a browser asks each time
 * whether it has changed.
 */
export function webRouter(webRoot: string = builtUi): Router {
  const router = express.Router();
  // Compressed by the build, not here: at its highest level Brotli makes scripts a seventh smaller
  // than at one that a request can wait for, and sending what is compressed already costs nothing.
  const assets = staticCompressed(join(webRoot, 'assets'), {
    enableBrotli: true,
    orderPreference: ['br', 'gzip'],
    index: false,
    serveStatic: { index: false, immutable: true, maxAge: '365d' },
  });
  router.use('/assets', assets, notCompressed);
  router.use(express.static(webRoot, { index: false, maxAge: '1h' }));

  const page = express.static(webRoot, {
    fallthrough: false,
    setHeaders: (response) => response.setHeader('Cache-Control', 'no-cache'),
  });
  router.get('/{*path}', (request, response, next) => {
    const navigates = request.path === '/' || request.accepts(['json', 'html']) === 'html';
    if (notPages.test(request.path) || !navigates) {
      next();
      return;
    }
    request.url = '/index.html';
    page(request, response, () => {
      response
        .status(404)
        .type('text')
        .send('The UI is not built: run `npm run build`. The API is described at /docs.\n');
    });
  });
  return router;
}

/** What was there when the process started, and a newer build has taken away, is answered like all else. */
const notCompressed: RequestHandler = (_request, response, next) => {
  response.removeHeader('Content-Encoding');
  next();
};
