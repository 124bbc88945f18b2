import { Button, TextInput } from '@mantine/core';
import { Check, Plus, Search } from 'lucide-react';
import { useState } from 'react';
import type { MetricDescription } from '#libs/contracts';
import { Dialog } from '../../components/dialog.tsx';
import { useAnnounce } from '../../components/announcer.tsx';
import { familyName, findMetrics, needsInWords } from '../catalogue/in-words.ts';
import { useNewRun } from './new-run-context.ts';
import styles from './metric-picker.module.css';

/** Every metric there is, those that are recommended first, then by family. */
export function MetricPicker(props: {
  recommended: readonly { metric: string; why: string }[];
  onAdd: (metric: string) => void;
  onClose: () => void;
}) {
  const { recommended, onAdd, onClose } = props;
  const { draft, metrics } = useNewRun();
  const announce = useAnnounce();
  const [text, setText] = useState('');
  const found = findMetrics(metrics, text);
  const whyOf = (name: string) => recommended.find(({ metric }) => metric === name)?.why ?? '';
  const first = recommended.flatMap(({ metric, why }) => {
    const described = found.find(({ name }) => name === metric);
    return described ? [{ metric: described, why }] : [];
  });
  const byFamily = [...new Set(found.map(({ family }) => family))].map((family) => ({
    name: familyName(family),
    metrics: found.filter((one) => one.family === family).map((metric) => ({ metric, why: '' })),
  }));
  const groups =
    text.trim() === ''
      ? [
          ...(first.length > 0 ? [{ name: 'Recommended for this dataset', metrics: first }] : []),
          ...byFamily,
        ]
      : [{ name: 'Found', metrics: found.map((metric) => ({ metric, why: whyOf(metric.name) })) }];
  return (
    <Dialog title="Add metrics" size="48rem" fills onClose={onClose}>
      <TextInput
        size="xs"
        type="search"
        data-autofocus
        aria-label="Search the metrics"
        placeholder="Search"
        leftSection={<Search size={14} aria-hidden />}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <output className="visually-hidden">{found.length} metrics found</output>
      {found.length === 0 && <p className={styles.none}>No metric matches.</p>}
      {groups.map(
        (group) =>
          group.metrics.length > 0 && (
            <section key={group.name} aria-label={group.name} className={styles.group}>
              <h3>{group.name}</h3>
              <ul>
                {group.metrics.map(({ metric, why }) => (
                  <Choice
                    key={metric.name}
                    metric={metric}
                    why={why}
                    count={draft.metrics.filter((one) => one.metric === metric.name).length}
                    onAdd={() => {
                      onAdd(metric.name);
                      announce(`${metric.title} is added`);
                    }}
                  />
                ))}
              </ul>
            </section>
          ),
      )}
      <div className={styles.end}>
        <Button size="xs" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}

function Choice(props: {
  metric: MetricDescription;
  why: string;
  count: number;
  onAdd: () => void;
}) {
  const { metric, why, count, onAdd } = props;
  const needs = needsInWords(metric);
  return (
    <li className={styles.choice}>
      <div>
        <strong>{metric.title}</strong> <code>{metric.name}</code>
        <p>{metric.description}</p>
        {(needs !== '' || why !== '') && (
          <p className={styles.soft}>
            {[why, needs && `Needs ${needs}`].filter((part) => part !== '').join(' · ')}
          </p>
        )}
      </div>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Add ${metric.title}`}
        leftSection={count > 0 ? <Check size={13} aria-hidden /> : <Plus size={13} aria-hidden />}
        onClick={onAdd}
      >
        {count === 0 ? 'Add' : count === 1 ? 'Added; add again' : `${count} added; add again`}
      </Button>
    </li>
  );
}
