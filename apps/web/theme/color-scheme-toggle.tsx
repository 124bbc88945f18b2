import { ActionIcon, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { Moon, Sun, SunMoon } from 'lucide-react';

const next = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const icons = { auto: SunMoon, light: Sun, dark: Moon } as const;
const names: Record<MantineColorScheme, string> = {
  auto: "the system's",
  light: 'light',
  dark: 'dark',
};

/** One button that goes round: as the system has it, light, dark. */
export function ColorSchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = icons[colorScheme];
  const label = `Colours: ${names[colorScheme]}. Switch to ${names[next[colorScheme]]}`;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(next[colorScheme])}
    >
      <Icon size={18} aria-hidden />
    </ActionIcon>
  );
}
