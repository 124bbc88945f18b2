import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { fenceOption, fenceRule } from './fence.ts';
import { grammarJudge } from './grammar-metric.ts';

/** Whether the output is XML. */
export const xmlValidity = defineMetric({
  name: 'xml_validity',
  title: 'XML',
  family: 'structure',
  description: 'Whether the output is a well-formed XML document.',
  definition: `True when the output is one well-formed XML 1.0 document whose names are in declared namespaces. No DTD or schema is loaded or checked against. An output that is not a text, or is blank, is wrong. Elements that nest deeper than the parser goes (256), and texts of more than 2,000,000 characters, give an error. The details hold the first fault with its line and column, counted within what is parsed. ${fenceRule}`,
  source:
    'W3C, Extensible Markup Language (XML) 1.0 and Namespaces in XML 1.0, as libxml2 reads them.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({ fence: fenceOption }),
  examples: [
    { output: '<a><b c="1"/></a>', value: true },
    { output: '<a><b></a>', value: false },
    { config: { fence: 'auto' }, output: '```xml\n<a/>\n```', value: true },
  ],
  prepare({ fence }, { sandbox }) {
    return grammarJudge(fence, ['xml', 'html', 'svg'], async (text) => sandbox.parseXml(text));
  },
});
