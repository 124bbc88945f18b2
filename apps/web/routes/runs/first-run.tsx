import { useMay } from '../../queries/session.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import styles from './first-run.module.css';

const script = (origin: string): string => `KEY=…  # the key you signed in with
API=${origin}/api/v1
id() { grep -o '"id":"[^"]*' | head -n 1 | cut -d '"' -f 4; }
call() { curl -sS -H "Authorization: Bearer $KEY" "$@"; }

# 1. A dataset, and its first version
DATASET=$(call $API/datasets -H 'Content-Type: application/json' \\
  -d '{"name":"capitals"}' | id)
call $API/datasets/$DATASET/versions -H 'Content-Type: application/x-ndjson' \\
  --data-binary '{"key":"fr","input":"Capital of France?","expected":"Paris"}
{"key":"jp","input":"Capital of Japan?","expected":"Tokyo"}'

# 2. What your model answered
RECORDING=$(call "$API/recordings?name=first" -H 'Content-Type: application/x-ndjson' \\
  --data-binary '{"key":"fr","output":"Paris"}
{"key":"jp","output":"Kyoto"}' | id)

# 3. The run: it appears here by itself
call $API/runs -H 'Content-Type: application/json' -d '{
  "name": "my first run", "datasetId": "'$DATASET'",
  "target": {"kind": "recorded", "recordingId": "'$RECORDING'"},
  "metrics": [{"metric": "exact_match"}]}'
`;

/** What an empty project shows: how the first run comes about. */
export function FirstRun() {
  const mayWrite = useMay('editor');
  const text = script(window.location.origin);
  return (
    <section className={styles.section} aria-labelledby="first-run">
      <h2 id="first-run">No runs yet</h2>
      <p>
        A run scores what a model answered to each item of a dataset. This page shows its progress
        and its scores while it goes. Paste this into a shell to see one:
      </p>
      {!mayWrite && (
        <p>Your own key only reads: this needs the key of an editor or an admin of the project.</p>
      )}
      <div className={styles.code}>
        <div className={styles.copy}>
          <CopyButton text={text} label="Copy the commands" />
        </div>
        <Scrollable className={styles.scroll} label="Commands for a first run">
          <pre>{text}</pre>
        </Scrollable>
      </div>
      <p>
        Everything else that can be called is in the <a href="/docs">API reference</a>.
      </p>
    </section>
  );
}
