import express, { type Router } from 'express';
import { getAbsoluteFSPath } from 'swagger-ui-dist';
import { createOpenApiDocument } from '../../../libs/contracts/openapi.ts';

const paths = ['/docs', '/api/v1/docs'];

const page = (base: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>LLM-Eval API</title>
    <link rel="icon" href="${base}/assets/favicon-32x32.png" />
    <link rel="stylesheet" href="${base}/assets/swagger-ui.css" />
  </head>
  <body>
    <div id="reference"></div>
    <script src="${base}/assets/swagger-ui-bundle.js"></script>
    <script src="${base}/start.js"></script>
  </body>
</html>
`;

// A file of its own: the content security policy allows no script inside a page.
const startScript = `SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  domNode: document.getElementById('reference'),
  deepLinking: true,
  tryItOutEnabled: true,
});
`;

/** The contract, and its reference page, which loads nothing from elsewhere. */
export function docsRouter(): Router {
  const router = express.Router();
  const document = JSON.stringify(createOpenApiDocument());
  router.get(['/openapi.json', '/api/v1/openapi.json'], (_request, response) => {
    response.type('application/json').send(document);
  });
  for (const base of paths) {
    router.get(base, (_request, response) => {
      response.type('html').send(page(base));
    });
    router.get(`${base}/start.js`, (_request, response) => {
      response.type('text/javascript').send(startScript);
    });
    router.use(
      `${base}/assets`,
      express.static(getAbsoluteFSPath(), { index: false, maxAge: '1h' }),
    );
  }
  return router;
}
