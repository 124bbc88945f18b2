import type { JsonObject } from './request.ts';

/** Where the code runs against, and what a key needs to say beside itself. */
export interface CodeContext {
  origin: string;
  /** The project, for a key that may work in several. */
  project: string | undefined;
}

/** Commands for a shell that submit the run; the key is read from the environment. */
export function asCurl(body: JsonObject, { origin, project }: CodeContext): string {
  // Within quotes nothing of the body is read by the shell, and no line of JSON is the word alone.
  return [
    `curl -sS ${quoted(`${origin}/api/v1/runs`)} \\`,
    '  -H "Authorization: Bearer $LLM_EVAL_KEY" \\',
    ...(project === undefined ? [] : [`  -H ${quoted(`X-Project: ${project}`)} \\`]),
    "  -H 'Content-Type: application/json' --data-binary @- <<'JSON'",
    JSON.stringify(body, null, 2),
    'JSON',
  ].join('\n');
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The same with the typed client; a run whose outputs come from own code also does its items. */
export function asTypeScript(body: JsonObject, { origin, project }: CodeContext): string {
  const isClient = isObject(body.target) && body.target.kind === 'client';
  const options = [
    `  baseUrl: ${JSON.stringify(origin)},`,
    '  key: process.env.LLM_EVAL_KEY,',
    ...(project === undefined ? [] : [`  project: ${JSON.stringify(project)},`]),
  ];
  return [
    `import { createClient${isClient ? ', runTarget' : ''} } from '#libs/sdk';`,
    '',
    'const client = createClient({',
    ...options,
    '});',
    `const run = await client.submitRun({ body: ${literal(body)} });`,
    'console.log(run.id);',
    ...(isClient
      ? [
          '',
          '// Your code answers the items: here, what it returns is the output.',
          'const produce = async ({ input }) => `an answer to ${JSON.stringify(input)}`;',
          'const done = await runTarget(client, run.id, produce, { concurrency: run.concurrency });',
          'console.log(done.state);',
        ]
      : []),
  ].join('\n');
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON is a literal already; names of fields that need no quotes do without. No text of JSON begins a line so. */
const literal = (body: JsonObject): string =>
  JSON.stringify(body, null, 2).replaceAll(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, '$1$2:');

/** The body as YAML 1.2, to be kept and reviewed. */
export async function asYaml(body: JsonObject): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(body, { lineWidth: 100, aliasDuplicateObjects: false });
}
