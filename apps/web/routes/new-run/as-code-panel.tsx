import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CopyButton } from '../../components/copy-button.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { useSession } from '../../queries/session.ts';
import { asCurl, asTypeScript, asYaml, type CodeContext } from './as-code.ts';
import type { JsonObject } from './request.ts';
import styles from './new-run.module.css';

/** The run as it stands in the form, for a shell, for TypeScript and as YAML. */
export function AsCode({ body, isComplete }: { body: JsonObject; isComplete: boolean }) {
  const session = useSession();
  const context: CodeContext = {
    origin: window.location.origin,
    // A key of the project says by itself which one it is for.
    project: session?.instance === true ? session.project.id : undefined,
  };
  const yaml = useQuery({
    queryKey: ['run-as-yaml', body],
    queryFn: () => asYaml(body),
    placeholderData: (before) => before,
  });
  const codes = [
    {
      name: 'curl',
      text: asCurl(body, context),
      about: 'With the key of an editor in LLM_EVAL_KEY. Run twice, it is two runs.',
    },
    {
      name: 'TypeScript',
      text: asTypeScript(body, context),
      about: 'With the client of this repository, and the key of an editor in LLM_EVAL_KEY.',
    },
    {
      name: 'YAML',
      text: yaml.data ?? '',
      about: 'The body of the run, to be kept and reviewed. The API takes it as JSON.',
    },
  ];
  return (
    <details className={styles.more}>
      <summary>The same as code</summary>
      {!isComplete && (
        <p className={styles.soft}>
          Not everything is filled in yet: the API would refuse it as it stands.
        </p>
      )}
      <Tabs defaultValue="curl">
        <Tabs.List aria-label="The run as code">
          {codes.map(({ name }) => (
            <Tabs.Tab key={name} value={name}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {codes.map(({ name, text, about }) => (
          <Tabs.Panel key={name} value={name}>
            <p className={styles.codeAbout}>{about}</p>
            <div className={styles.command}>
              <Scrollable className={styles.scroll} label={`The run as ${name}`}>
                <pre>{text}</pre>
              </Scrollable>
              <CopyButton text={text} label={`Copy the run as ${name}`} />
            </div>
          </Tabs.Panel>
        ))}
      </Tabs>
    </details>
  );
}
