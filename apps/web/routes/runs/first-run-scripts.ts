import type { Target } from '#libs/contracts';

/** One way to a first run: commands for a shell, against the server at `origin`. */
export interface FirstRunScript {
  kind: Target['kind'];
  title: string;
  about: string;
  script: (origin: string) => string;
}

const dataset = (origin: string): string => `KEY=…  # the key you signed in with
API=${origin}/api/v1
id() { grep -o '"id":"[^"]*' | head -n 1 | cut -d '"' -f 4; }
call() { curl -sS -H "Authorization: Bearer $KEY" "$@"; }

# 1. A dataset, and its first version
DATASET=$(call $API/datasets -H 'Content-Type: application/json' \\
  -d '{"name":"capitals"}' | id)
call $API/datasets/$DATASET/versions -H 'Content-Type: application/x-ndjson' \\
  --data-binary '{"key":"fr","input":"Capital of France?","expected":"Paris"}
{"key":"jp","input":"Capital of Japan?","expected":"Tokyo"}'
`;

const run = (target: string): string => `call $API/runs -H 'Content-Type: application/json' -d '{
  "name": "my first run", "datasetId": "'$DATASET'",
  "target": ${target},
  "metrics": [{"metric": "exact_match"}]}'`;

/** A first run with each kind of target. */
export const firstRuns: readonly [FirstRunScript, ...FirstRunScript[]] = [
  {
    kind: 'recorded',
    title: 'Recorded outputs',
    about: 'Outputs that you have already are scored; nothing is called.',
    script: (origin) => `${dataset(origin)}
# 2. What your model answered
RECORDING=$(call "$API/recordings?name=first" -H 'Content-Type: application/x-ndjson' \\
  --data-binary '{"key":"fr","output":"Paris"}
{"key":"jp","output":"Kyoto"}' | id)

# 3. The run: it appears here by itself
${run(`{"kind": "recorded", "recordingId": "'$RECORDING'"}`)}
`,
  },
  {
    kind: 'model',
    title: 'A model',
    about:
      'A model of a provider answers. Adding the provider needs the key of an admin; its own key is encrypted and never leaves the server.',
    script: (origin) => `${dataset(origin)}
# 2. The provider, with its key. Ollama, vLLM and the like: "kind": "openai_compatible"
#    and a "baseUrl"; one on a private address needs OUTGOING_ALLOW on the server
PROVIDER_KEY=…
call $API/providers -H 'Content-Type: application/json' -d '{
  "name": "openai", "kind": "openai", "credentials": {"apiKey": "'$PROVIDER_KEY'"}}'

# 3. The run: it appears here by itself, and stops where it would cost more than the cap
${run(`{"kind": "model", "provider": "openai", "model": "gpt-5-mini",
    "prompt": {"text": "{{ input }} Answer with the name of the city alone."}},
  "maxCostUsd": 1`)}
`,
  },
  {
    kind: 'http',
    title: 'An endpoint',
    about:
      'An address of yours answers, such as your application’s. One on a private address needs OUTGOING_ALLOW on the server.',
    script: (origin) => `${dataset(origin)}
# 2. Your endpoint: it gets {"question": …} and answers with {"answer": {"text": …}}
ENDPOINT=https://…

# 3. The run: it appears here by itself
${run(`{"kind": "http", "url": "'$ENDPOINT'",
    "body": {"question": "{{ input }}"}, "outputPath": "answer.text"}`)}
`,
  },
  {
    kind: 'client',
    title: 'Your own code',
    about:
      'Your code takes items, and posts what it made of them. From TypeScript, evaluate and runTarget of the client do all of it.',
    script: (origin) => `${dataset(origin)}
# 2. The run: it appears here by itself, and waits
RUN=$(${run('{"kind": "client"}')} | id)

# 3. Take its items, and post an output for each
until LEASE=$(call $API/runs/$RUN/leases -H 'Content-Type: application/json' -d '{}' | id)
  [ -n "$LEASE" ]; do sleep 1; done
call $API/runs/$RUN/leases/$LEASE/results -H 'Content-Type: application/json' \\
  -d '{"results": [{"no": 0, "output": "Paris"}, {"no": 1, "output": "Kyoto"}]}'
`,
  },
];
