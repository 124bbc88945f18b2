import { defineMetric } from '#libs/evaluation';
import validator from 'validator';
import { z } from 'zod';
import { excerpt } from '../values/text.ts';
import { formatJudge } from './format-metric.ts';

const SCHEME = /^[a-z][a-z0-9+.-]*$/;
/** Those of which the address follows two slashes. */
const withHost = new Set(['http', 'https', 'ws', 'wss', 'ftp']);
/** White space and control characters, which the URL standard drops or encodes but calls errors. */
const unwritten = /[\s\p{Cc}]/u;

/** Whether the output is a URL. */
export const urlFormat = defineMetric({
  name: 'url_format',
  title: 'URL',
  family: 'structure',
  description: 'Whether the output is one absolute URL, of an allowed protocol; nothing is called.',
  definition:
    'True when the output, without white space at its ends, is an absolute URL that the parser of the WHATWG URL standard accepts, with no white space or control character in it, of a protocol in protocols, and for http, https, ws, wss and ftp with two slashes after it. With requireTld the host must be a domain name with a top-level domain: neither an IP address nor a single word such as localhost. An output that is not a text is wrong.',
  source: 'WHATWG, URL Standard (url.spec.whatwg.org); domain names by isFQDN of validator.js.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    protocols: z
      .array(
        z.string().max(50).regex(SCHEME, 'must be a protocol in lower case and without a colon'),
      )
      .min(1, 'must name at least one')
      .max(50)
      .default(['http', 'https'])
      .meta({ description: 'Protocols that are allowed, such as https' }),
    requireTld: z
      .boolean()
      .default(false)
      .meta({ description: 'The host must be a domain name with a top-level domain' }),
  }),
  examples: [
    { output: 'https://example.com/a?b=c#d', value: true },
    { output: 'example.com', value: false },
    { output: 'See https://example.com', value: false },
    { config: { requireTld: true }, output: 'http://localhost:3000', value: false },
    { config: { protocols: ['ftp'] }, output: 'ftp://example.com/file', value: true },
  ],
  prepare({ protocols, requireTld }) {
    return formatJudge((text) => {
      const url = unwritten.test(text) ? null : URL.parse(text);
      const protocol = url?.protocol.slice(0, -1) ?? '';
      const slashed = text.slice(protocol.length, protocol.length + 3) === '://';
      if (!url || (withHost.has(protocol) && !slashed)) return `${excerpt(text)} is not a URL`;
      if (!protocols.includes(protocol)) return `its protocol is ${excerpt(protocol)}`;
      if (requireTld && !validator.isFQDN(url.hostname)) {
        return `its host ${excerpt(url.hostname)} is not a domain name with a top-level domain`;
      }
      return undefined;
    });
  },
});
