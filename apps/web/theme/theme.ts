import {
  createTheme,
  Menu,
  localStorageColorSchemeManager,
  type CSSVariablesResolver,
} from '@mantine/core';

/** One theme for every screen; the colours themselves are custom properties in tokens.css. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: {
    accent: [
      '#eef3ff',
      '#dde6fd',
      '#b9cbfa',
      '#93b1ff',
      '#7096f3',
      '#5480e8',
      '#4069d8',
      '#2f56c4',
      '#27489f',
      '#203a80',
    ],
    // Mantine draws its dark controls with these: the same cool greys as the surfaces.
    dark: [
      '#e4e8ef',
      '#c3cad6',
      '#9ba5b6',
      '#6b7486',
      '#3a4252',
      '#2b323f',
      '#1e232d',
      '#171b23',
      '#11141a',
      '#0c0e13',
    ],
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'var(--mono)',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Mantine would give the focus to an empty element, which is nothing that a menu may contain. So the
    // first item has it, as of any menu that a button opens.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
  },
});

export const colorSchemeManager = localStorageColorSchemeManager({ key: 'llm-eval-color-scheme' });

const shared = {
  '--mantine-color-body': 'var(--raised)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-soft)',
  '--mantine-color-placeholder': 'var(--ink-soft)',
  '--mantine-color-default': 'var(--raised)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-border': 'var(--line)',
  '--mantine-color-error': 'var(--state-failed)',
};

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: shared,
  dark: shared,
});
