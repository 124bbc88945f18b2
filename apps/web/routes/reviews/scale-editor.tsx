import { ActionIcon, Button, Checkbox, Radio, Stack, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { annotationLimits } from '#libs/contracts';
import { newCategory, type CategoryDraft, type ScaleDraft } from './scale-draft.ts';
import styles from './reviews.module.css';

/** Says what values people may give. */
export function ScaleEditor(props: { draft: ScaleDraft; onChange: (draft: ScaleDraft) => void }) {
  const { draft } = props;
  const change = (part: Partial<ScaleDraft>): void => props.onChange({ ...draft, ...part });
  return (
    <>
      <Radio.Group
        label="Values"
        description="A scale stays as it is once the metric is made."
        value={draft.kind}
        onChange={(kind) => {
          if (kind === 'boolean' || kind === 'categorical' || kind === 'numeric') change({ kind });
        }}
      >
        <Stack gap={6} mt={6}>
          <Radio value="boolean" label="Pass or fail" />
          <Radio value="categorical" label="Categories, such as helpful, neutral, harmful" />
          <Radio value="numeric" label="A number, such as 1 to 5" />
        </Stack>
      </Radio.Group>
      {draft.kind === 'categorical' && <Categories draft={draft} change={change} />}
      {draft.kind === 'numeric' && (
        <div className={styles.numbers}>
          <TextInput
            label="Lowest"
            inputMode="decimal"
            value={draft.min}
            onChange={({ currentTarget }) => change({ min: currentTarget.value })}
          />
          <TextInput
            label="Highest"
            inputMode="decimal"
            value={draft.max}
            onChange={({ currentTarget }) => change({ max: currentTarget.value })}
          />
          <TextInput
            label="Step"
            placeholder="any number"
            inputMode="decimal"
            value={draft.step}
            onChange={({ currentTarget }) => change({ step: currentTarget.value })}
          />
        </div>
      )}
    </>
  );
}

function Categories(props: { draft: ScaleDraft; change: (part: Partial<ScaleDraft>) => void }) {
  const { draft, change } = props;
  const { categories, ordered } = draft;
  const set = (id: string, part: Partial<CategoryDraft>): void =>
    change({ categories: categories.map((one) => (one.id === id ? { ...one, ...part } : one)) });
  return (
    <div className={styles.categories}>
      {categories.map(({ id, name, description }, index) => (
        <div key={id} className={styles.category}>
          <TextInput
            size="xs"
            aria-label={`Category ${index + 1}`}
            placeholder={`Category ${index + 1}`}
            maxLength={100}
            value={name}
            onChange={({ currentTarget }) => set(id, { name: currentTarget.value })}
          />
          <TextInput
            size="xs"
            aria-label={`When to choose category ${index + 1}`}
            placeholder="When to choose it (optional)"
            maxLength={500}
            value={description}
            onChange={({ currentTarget }) => set(id, { description: currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove category ${index + 1}`}
            disabled={categories.length <= 2}
            onClick={() => change({ categories: categories.filter((one) => one.id !== id) })}
          >
            <X size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <div className={styles.actions}>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<Plus size={13} aria-hidden />}
          disabled={categories.length >= annotationLimits.categories}
          onClick={() => change({ categories: [...categories, newCategory()] })}
        >
          Add a category
        </Button>
      </div>
      <Checkbox
        label="They are in order, so that neighbours agree in part"
        checked={ordered}
        onChange={({ currentTarget }) => change({ ordered: currentTarget.checked })}
      />
    </div>
  );
}
