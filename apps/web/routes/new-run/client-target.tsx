import { CopyButton } from '../../components/copy-button.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import styles from './new-run.module.css';

const snippet = `import { answer, createClient, runTarget } from '#libs/sdk';

const client = createClient({ baseUrl: 'ORIGIN', key: process.env.LLM_EVAL_KEY });
await runTarget(client, runId, async ({ input }, { signal }) => {
  const { text, tokens } = await myPipeline(input, { signal });
  return answer(text, { inputTokens: tokens.in, outputTokens: tokens.out });
});`;

/** What happens where the outputs come from the caller's own code. */
export function ClientTarget() {
  const text = snippet.replace('ORIGIN', window.location.origin);
  return (
    <div className={styles.teach}>
      <p>
        The run is created and waits. Your code takes its items, a few at a time under a lease, and
        posts what it made of them; any number of processes may do so at once, and the items of one
        that dies go to the others. Scores are computed here as the answers come. What your code
        throws becomes the error of that item.
      </p>
      <p>
        With the TypeScript client of this repository it is one call, for the id that the run has
        once it is submitted; the code at the end of this page does both:
      </p>
      <div className={styles.command}>
        <Scrollable className={styles.scroll} label="Your own code, with the client">
          <pre>{text}</pre>
        </Scrollable>
        <CopyButton text={text} label="Copy the code" />
      </div>
      <p>
        Other languages call <code>POST /runs/&#123;id&#125;/leases</code> and{' '}
        <code>…/results</code>: see the <a href="/docs">API reference</a>.
      </p>
    </div>
  );
}
