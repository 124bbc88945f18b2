import compression from 'compression';

/**
 * Compresses what is answered, from 1 kB on, for who takes it. Downloads are left as they are: they
 * stream at the pace of the client, and a compressor would hold back what was read for them.
 */
export const compress = compression({
  filter: (request, response) =>
    !response.hasHeader('Content-Disposition') && compression.filter(request, response),
});
