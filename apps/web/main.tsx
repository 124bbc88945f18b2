import '@mantine/core/styles.layer.css';
import './theme/tokens.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createQueryClient } from './queries/client.ts';
import { Announcer } from './components/announcer.tsx';
import { createRunFeed, LiveProvider } from './live/live.tsx';
import { createAppRouter } from './router.tsx';
import { colorSchemeManager, cssVariablesResolver, theme } from './theme/theme.ts';

const queries = createQueryClient(() => {
  feed.close();
  const { pathname, href } = router.state.location;
  if (pathname === '/sign-in') return;
  void router.navigate({ to: '/sign-in', search: { next: href } });
});
const feed = createRunFeed(queries);
const router = createAppRouter(queries);

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager}
      cssVariablesResolver={cssVariablesResolver}
    >
      <QueryClientProvider client={queries}>
        <LiveProvider feed={feed}>
          <Announcer>
            <RouterProvider router={router} />
          </Announcer>
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
