import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';

/**
 * What is searched for, told when the typing pauses. The slash goes to it, as it does elsewhere; not
 * from within another field.
 */
export function SearchField(props: {
  label: string;
  value: string | undefined;
  className?: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const { label, value, onChange } = props;
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState<string>();
  const tell = useDebouncedCallback((text: string) => {
    onChange(text.trim() === '' ? undefined : text);
    setTyped(undefined);
  }, 300);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event;
      const typing = target instanceof Element && target.closest('input, textarea, select');
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <TextInput
      ref={input}
      size="xs"
      type="search"
      className={props.className}
      aria-label={label}
      placeholder="Search ( / )"
      leftSection={<Search size={14} aria-hidden />}
      maxLength={200}
      value={typed ?? value ?? ''}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        tell(currentTarget.value);
      }}
    />
  );
}
