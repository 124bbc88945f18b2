import { Combobox, Textarea, useCombobox } from '@mantine/core';
import {
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type ReactNode,
  type Ref,
} from 'react';
import { typedVariable, withVariable, type Variable } from './variables.ts';
import styles from './prompt-editor.module.css';

/** What can be done to a template from beside it. */
export interface TemplateHandle {
  /** Puts a variable in where the caret is, or was. */
  insert: (path: string) => void;
}

/** How many variables are offered at once. */
const OFFERED = 8;

/**
 * A text with Liquid in it. Within `{{ … }}` the variables of the dataset are offered while one types:
 * arrows and Enter choose, Esc leaves it.
 */
export function TemplateArea(props: {
  label: ReactNode;
  name: string;
  value: string;
  variables: readonly Variable[];
  onChange: (value: string) => void;
  description?: string | undefined;
  error?: string | undefined;
  placeholder?: string | undefined;
  minRows?: number | undefined;
  onFocus?: (() => void) | undefined;
  ref?: Ref<TemplateHandle> | undefined;
}) {
  const { value, variables, onChange } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const caret = useRef<number>(undefined);
  const [word, setWord] = useState<string>();
  const combobox = useCombobox({ onDropdownClose: () => setWord(undefined) });
  const offered = word === undefined ? [] : matching(variables, word).slice(0, OFFERED);
  const opened = offered.length > 0;

  useLayoutEffect(() => {
    // The text that the caret belongs to is in the document only now.
    if (caret.current === undefined || !area.current) return;
    area.current.focus();
    area.current.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  });
  useLayoutEffect(() => {
    if (opened) {
      combobox.openDropdown();
      combobox.selectFirstOption();
    } else combobox.closeDropdown();
    // oxlint-disable-next-line react/exhaustive-deps -- the store is made anew with each rendering
  }, [opened, word]);

  const put = (path: string): void => {
    const { selectionStart = value.length, selectionEnd = value.length } = area.current ?? {};
    const next = withVariable(value, selectionStart, selectionEnd, path);
    onChange(next.text);
    caret.current = next.caret;
    setWord(undefined);
  };
  useImperativeHandle(props.ref, () => ({ insert: put }));
  const look = (text: string, place: number): void => {
    const typed = typedVariable(text, place);
    const known = variables.some(({ path }) => path === typed?.word);
    setWord(known ? undefined : typed?.word);
  };
  return (
    <Combobox
      store={combobox}
      withinPortal={false}
      position="bottom-start"
      onOptionSubmit={put}
      size="xs"
    >
      <Combobox.Target withKeyboardNavigation={opened}>
        <Textarea
          ref={area}
          size="xs"
          label={props.label}
          aria-label={props.name}
          description={props.description}
          placeholder={props.placeholder}
          autosize
          minRows={props.minRows ?? 3}
          maxRows={24}
          spellCheck={false}
          error={props.error}
          classNames={{ input: styles.code }}
          value={value}
          onChange={({ currentTarget }) => {
            onChange(currentTarget.value);
            look(currentTarget.value, currentTarget.selectionStart);
          }}
          onFocus={props.onFocus}
          onBlur={() => setWord(undefined)}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={!opened}>
        <Combobox.Options aria-label="Variables of the dataset">
          {offered.map(({ path, example }) => (
            <Combobox.Option key={path} value={path} className={styles.option}>
              <code>{path}</code> <span>{example}</span>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** Those that begin with the word come first, then those that have it anywhere. */
function matching(variables: readonly Variable[], word: string): Variable[] {
  const wanted = word.toLowerCase();
  const has = variables.filter(({ path }) => path.toLowerCase().includes(wanted));
  const begins = has.filter(({ path }) => path.toLowerCase().startsWith(wanted));
  return [...begins, ...has.filter((one) => !begins.includes(one))];
}
