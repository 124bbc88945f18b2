// A file of its own, and not a module: it must run before the first paint, and the content security
// policy allows no inline script.
{
  const stored = localStorage.getItem('llm-eval-color-scheme');
  const dark = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const scheme = stored === 'light' || stored === 'dark' ? stored : dark;
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
}
// The schemas must not probe for eval, which the policy would report as a violation.
globalThis.__zod_globalConfig = { jitless: true };
