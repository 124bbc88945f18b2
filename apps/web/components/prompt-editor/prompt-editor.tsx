import { ActionIcon, Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useRef } from 'react';
import type { PromptMessage } from '#libs/contracts';
import { TemplateArea, type TemplateHandle } from './template-area.tsx';
import { VariableList } from './variable-list.tsx';
import type { Variable } from './variables.ts';
import styles from './prompt-editor.module.css';

/** A prompt that is written out; both forms are kept while one is looked at. */
export interface WrittenPrompt {
  source: 'text' | 'messages';
  text: string;
  messages: PromptMessage[];
}

const roles = ['system', 'user', 'assistant'] as const;

/**
 * Writes a prompt: one text, or the messages of a chat, with the variables of a dataset to choose from.
 * @param faultAt what is wrong at a path within the prompt, such as `messages.0.content`
 * @param variables undefined while no dataset is chosen
 */
export function PromptEditor(props: {
  value: WrittenPrompt;
  onChange: (value: WrittenPrompt) => void;
  variables: readonly Variable[] | undefined;
  faultAt: (path: string) => string | undefined;
}) {
  const { value, onChange, variables = [], faultAt } = props;
  const { source, text, messages } = value;
  const areas = useRef<(TemplateHandle | null)[]>([]);
  const last = useRef<number>(undefined);
  const setMessage = (at: number, change: Partial<PromptMessage>): void =>
    onChange({
      ...value,
      messages: messages.map((one, index) => (index === at ? { ...one, ...change } : one)),
    });
  const insert = (path: string): void => {
    const end = source === 'text' ? 0 : messages.length - 1;
    areas.current[Math.min(last.current ?? end, end)]?.insert(path);
  };
  return (
    <div className={styles.editor}>
      <SegmentedControl
        size="xs"
        className={styles.form}
        aria-label="Form of the prompt"
        value={source}
        data={[
          { value: 'text', label: 'One text' },
          { value: 'messages', label: 'Messages' },
        ]}
        onChange={(source) => onChange(inForm(value, source === 'messages' ? 'messages' : 'text'))}
      />
      {source === 'text' ? (
        <TemplateArea
          ref={(handle) => {
            areas.current[0] = handle;
          }}
          label="Prompt"
          name="Prompt"
          minRows={5}
          placeholder={'Answer in one word: {{ input }}'}
          value={text}
          variables={variables}
          error={faultAt('text')}
          onFocus={() => {
            last.current = 0;
          }}
          onChange={(text) => onChange({ ...value, text })}
        />
      ) : (
        messages.map((message, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- a message has nothing but its place
          <div key={index} className={styles.message}>
            <div className={styles.messageHead}>
              <NativeSelect
                size="xs"
                aria-label={`Role of message ${index + 1}`}
                value={message.role}
                data={[...roles]}
                onChange={({ currentTarget }) => {
                  const role = roles.find((one) => one === currentTarget.value);
                  if (role) setMessage(index, { role });
                }}
              />
              {messages.length > 1 && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove message ${index + 1}`}
                  title="Remove"
                  onClick={() =>
                    onChange({ ...value, messages: messages.filter((_, at) => at !== index) })
                  }
                >
                  <X size={14} aria-hidden />
                </ActionIcon>
              )}
            </div>
            <TemplateArea
              ref={(handle) => {
                areas.current[index] = handle;
              }}
              label={null}
              name={`Message ${index + 1}, ${message.role}`}
              value={message.content}
              variables={variables}
              error={faultAt(`messages.${index}.content`)}
              onFocus={() => {
                last.current = index;
              }}
              onChange={(content) => setMessage(index, { content })}
            />
          </div>
        ))
      )}
      {source === 'messages' && (
        <Button
          className={styles.add}
          variant="default"
          size="compact-xs"
          leftSection={<Plus size={13} aria-hidden />}
          onClick={() =>
            onChange({
              ...value,
              messages: [...messages, { role: nextRole(messages), content: '' }],
            })
          }
        >
          Add a message
        </Button>
      )}
      {props.variables && <VariableList variables={variables} onChoose={insert} />}
    </div>
  );
}

/** What was written goes along where the other form is still empty. */
function inForm(value: WrittenPrompt, source: WrittenPrompt['source']): WrittenPrompt {
  const { text, messages } = value;
  const written = messages.filter(({ content }) => content !== '');
  if (source === 'messages' && text !== '' && written.length === 0) {
    return { source, text, messages: [{ role: 'user', content: text }] };
  }
  const [only] = written;
  if (source === 'text' && text === '' && only?.role === 'user' && written.length === 1) {
    return { ...value, source, text: only.content };
  }
  return { ...value, source };
}

const nextRole = (messages: readonly PromptMessage[]): PromptMessage['role'] =>
  messages.at(-1)?.role === 'user' ? 'assistant' : 'user';
