import { Radio } from '@mantine/core';
import { Cpu, Globe, History, SquareCode, type LucideIcon } from 'lucide-react';
import { ClientTarget } from './client-target.tsx';
import { targetKinds, type TargetKind } from './draft.ts';
import { HttpTarget } from './http-target.tsx';
import { ModelTarget } from './model-target.tsx';
import { useNewRun } from './new-run-context.ts';
import { RecordedTarget } from './recorded-target.tsx';
import styles from './new-run.module.css';

const kinds: Record<TargetKind, { title: string; about: string; icon: LucideIcon }> = {
  model: { title: 'A model', about: 'of one of the providers, with a prompt', icon: Cpu },
  http: { title: 'An endpoint', about: 'of yours, asked over HTTP', icon: Globe },
  recorded: {
    title: 'Recorded outputs',
    about: 'that exist already; nothing is called',
    icon: History,
  },
  client: { title: 'Your own code', about: 'takes items and answers them', icon: SquareCode },
};

const forms: Record<TargetKind, () => React.JSX.Element> = {
  model: ModelTarget,
  http: HttpTarget,
  recorded: RecordedTarget,
  client: ClientTarget,
};

/** What produces the outputs. What was entered for another kind stays while this one is shown. */
export function TargetFields() {
  const { draft, update } = useNewRun();
  const { kind } = draft.target;
  const Form = forms[kind];
  return (
    <div className={styles.fields}>
      <Radio.Group
        aria-label="Where the outputs come from"
        value={kind}
        onChange={(value) => {
          const chosen = targetKinds.find((one) => one === value);
          if (!chosen) return;
          update((before) => ({ ...before, target: { ...before.target, kind: chosen } }));
        }}
      >
        <div className={styles.kinds}>
          {targetKinds.map((one) => {
            const { title, about, icon: Icon } = kinds[one];
            return (
              <Radio.Card key={one} value={one} className={styles.kind}>
                <Icon size={18} aria-hidden />
                <span>
                  <strong>{title}</strong>
                  <span className={styles.soft}>{about}</span>
                </span>
              </Radio.Card>
            );
          })}
        </div>
      </Radio.Group>
      <Form />
    </div>
  );
}
