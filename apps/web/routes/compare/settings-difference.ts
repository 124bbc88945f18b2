import type { Json, Run } from '#libs/contracts';

/** One setting in all runs, in their order; undefined where a run does not have it. */
export interface Setting {
  group: string;
  name: string;
  values: (string | undefined)[];
  differs: boolean;
}

/** Every setting of the runs that can change what they give, with the value of each run as text. */
export function settingsOf(runs: readonly Run[]): Setting[] {
  const flat = runs.map((run) => settingsOfRun(run));
  const places = new Map<string, { group: string; name: string }>();
  for (const settings of flat) {
    for (const [place, { group, name }] of settings) {
      if (!places.has(place)) places.set(place, { group, name });
    }
  }
  const order = [...new Set([...places.values()].map(({ group }) => group))];
  return [...places]
    .map(([place, { group, name }]) => {
      const values = flat.map((settings) => settings.get(place)?.value);
      return { group, name, values, differs: new Set(values).size > 1 };
    })
    .toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
}

type Flat = Map<string, { group: string; name: string; value: string }>;

function settingsOfRun(run: Run): Flat {
  const flat: Flat = new Map();
  const put = (group: string, name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    flat.set(`${group}/${name}`, { group, name, value: textOf(value) });
  };
  put('Data', 'dataset', run.datasetName);
  put('Data', 'version', run.datasetVersion);
  put('Data', 'part of it', run.filter ?? 'every item');
  put('Data', 'repeats', run.repeats);
  const { target } = run;
  if (target.kind === 'model') {
    const { prompt, ...rest } = target;
    for (const [name, value] of leavesOf(rest)) put('Target', name, value);
    put('Prompt', 'name', prompt.name);
    put('Prompt', 'version', prompt.version);
    if ('text' in prompt.content) put('Prompt', 'text', prompt.content.text);
    else {
      prompt.content.messages.forEach(({ role, content }, index) =>
        put('Prompt', `message ${index + 1}, ${role}`, content),
      );
    }
  } else for (const [name, value] of leavesOf(target)) put('Target', name, value);
  for (const { name, ...spec } of run.metrics) {
    for (const [path, value] of leavesOf(spec)) put(`Metric ${name}`, path, value);
  }
  put('Calls', 'concurrency', run.concurrency);
  put('Calls', 'time-out, ms', run.timeoutMs);
  put('Calls', 'retries', run.maxRetries);
  put('Calls', 'cache', run.cache ? 'yes' : 'no');
  put('Calls', 'cap on cost, US dollars', run.maxCostUsd);
  put('Calls', 'cap on time, ms', run.maxDurationMs);
  put('Labels', 'tags', run.tags.length > 0 ? run.tags.join(', ') : undefined);
  for (const [path, value] of leavesOf(run.metadata)) put('Labels', path, value);
  return flat;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/** The values inside an object by their paths; arrays are values. */
function leavesOf(value: object, path = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([name, inner]: [string, Json | undefined]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return isObject ? leavesOf(inner, at) : [[at, inner] satisfies [string, unknown]];
  });
}
