import { ActionIcon } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { Check, Copy } from 'lucide-react';

/** Copies text; `label` says what, as in "Copy the request id". */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  const shown = clipboard.copied ? 'Copied' : label;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      aria-label={shown}
      title={shown}
      onClick={() => clipboard.copy(text)}
    >
      {clipboard.copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
    </ActionIcon>
  );
}
