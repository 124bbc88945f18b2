import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { isSignedOut } from './queries/client.ts';
import { sessionQuery } from './queries/session.ts';
import { Failure, FrameFailure } from './layout/failure.tsx';
import { NotFound } from './layout/not-found.tsx';
import { Page } from './layout/page.tsx';
import { catalogueSearch } from './routes/catalogue/search.ts';
import { datasetSearch } from './routes/dataset/search.ts';
import { datasetsSearch } from './routes/datasets/search.ts';
import { compareSearch } from './routes/compare/search.ts';
import { newRunSearch } from './routes/new-run/search.ts';
import { promptSearch } from './routes/prompt/search.ts';
import { promptsSearch } from './routes/prompts/search.ts';
import { gateSearch } from './routes/gate/search.ts';
import { gatesSearch } from './routes/gates/search.ts';
import { operationsSearch } from './routes/operations/search.ts';
import { providersSearch } from './routes/providers/search.ts';
import { reviewSearch } from './routes/review/search.ts';
import { reviewsSearch } from './routes/reviews/search.ts';
import { scoreSearch } from './routes/score/search.ts';
import { runSearch } from './routes/run/search.ts';
import { runsSearch } from './routes/runs/search.ts';
import { templateSearch } from './routes/template/search.ts';
import { templatesSearch } from './routes/templates/search.ts';
import { signInSearch } from './routes/sign-in-search.ts';

const root = createRootRouteWithContext<{ queries: QueryClient }>()({});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import('./routes/sign-in.tsx'), 'SignIn'),
});

/** Leads who is not signed in to where that is done, and back afterwards. */
async function needsSession(given: {
  context: { queries: QueryClient };
  location: { href: string };
}): Promise<void> {
  try {
    await given.context.queries.ensureQueryData(sessionQuery);
  } catch (error) {
    if (!isSignedOut(error)) throw error;
    throw redirect({ to: '/sign-in', search: { next: given.location.href } });
  }
}

/** Every page that needs somebody signed in lies below. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: Page,
  errorComponent: FrameFailure,
  beforeLoad: needsSession,
});

/** Scoring fills the screen: nothing else stands beside it. */
const score = createRoute({
  getParentRoute: () => root,
  path: '/reviews/$queueId/score',
  validateSearch: scoreSearch,
  beforeLoad: needsSession,
  errorComponent: FrameFailure,
  component: lazyRouteComponent(() => import('./routes/score/score.tsx'), 'ScorePage'),
});

const home = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('./routes/home/home.tsx'), 'Home'),
});

const runs = createRoute({
  getParentRoute: () => app,
  path: '/runs',
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import('./routes/runs/runs.tsx'), 'Runs'),
});

const run = createRoute({
  getParentRoute: () => app,
  path: '/runs/$runId',
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import('./routes/run/run.tsx'), 'RunPage'),
});

const datasets = createRoute({
  getParentRoute: () => app,
  path: '/datasets',
  validateSearch: datasetsSearch,
  component: lazyRouteComponent(() => import('./routes/datasets/datasets.tsx'), 'Datasets'),
});

const dataset = createRoute({
  getParentRoute: () => app,
  path: '/datasets/$datasetId',
  validateSearch: datasetSearch,
  component: lazyRouteComponent(() => import('./routes/dataset/dataset.tsx'), 'DatasetPage'),
});

const compare = createRoute({
  getParentRoute: () => app,
  path: '/compare',
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import('./routes/compare/compare.tsx'), 'ComparePage'),
});

const reviews = createRoute({
  getParentRoute: () => app,
  path: '/reviews',
  validateSearch: reviewsSearch,
  component: lazyRouteComponent(() => import('./routes/reviews/reviews.tsx'), 'Reviews'),
});

const review = createRoute({
  getParentRoute: () => app,
  path: '/reviews/$queueId',
  validateSearch: reviewSearch,
  component: lazyRouteComponent(() => import('./routes/review/review.tsx'), 'ReviewPage'),
});

const newRun = createRoute({
  getParentRoute: () => app,
  path: '/runs/new',
  validateSearch: newRunSearch,
  component: lazyRouteComponent(() => import('./routes/new-run/new-run.tsx'), 'NewRun'),
});

const prompts = createRoute({
  getParentRoute: () => app,
  path: '/prompts',
  validateSearch: promptsSearch,
  component: lazyRouteComponent(() => import('./routes/prompts/prompts.tsx'), 'Prompts'),
});

const newPrompt = createRoute({
  getParentRoute: () => app,
  path: '/prompts/new',
  validateSearch: promptSearch.pick({ dataset: true }),
  component: lazyRouteComponent(() => import('./routes/prompt/new-prompt.tsx'), 'NewPrompt'),
});

const prompt = createRoute({
  getParentRoute: () => app,
  path: '/prompts/$promptId',
  validateSearch: promptSearch,
  component: lazyRouteComponent(() => import('./routes/prompt/prompt.tsx'), 'PromptPage'),
});

const templates = createRoute({
  getParentRoute: () => app,
  path: '/templates',
  validateSearch: templatesSearch,
  component: lazyRouteComponent(() => import('./routes/templates/templates.tsx'), 'Templates'),
});

const template = createRoute({
  getParentRoute: () => app,
  path: '/templates/$templateId',
  validateSearch: templateSearch,
  component: lazyRouteComponent(() => import('./routes/template/template.tsx'), 'TemplatePage'),
});

/** Not at /metrics, which is where Prometheus finds the metrics of the server itself. */
const catalogue = createRoute({
  getParentRoute: () => app,
  path: '/catalogue',
  validateSearch: catalogueSearch,
  component: lazyRouteComponent(() => import('./routes/catalogue/catalogue.tsx'), 'Catalogue'),
});

const metric = createRoute({
  getParentRoute: () => app,
  path: '/catalogue/$name',
  component: lazyRouteComponent(() => import('./routes/metric/metric.tsx'), 'MetricPage'),
});

const gates = createRoute({
  getParentRoute: () => app,
  path: '/gates',
  validateSearch: gatesSearch,
  component: lazyRouteComponent(() => import('./routes/gates/gates.tsx'), 'Gates'),
});

const gate = createRoute({
  getParentRoute: () => app,
  path: '/gates/$gateId',
  validateSearch: gateSearch,
  component: lazyRouteComponent(() => import('./routes/gate/gate.tsx'), 'GatePage'),
});

const providers = createRoute({
  getParentRoute: () => app,
  path: '/settings/providers',
  validateSearch: providersSearch,
  component: lazyRouteComponent(() => import('./routes/providers/providers.tsx'), 'Providers'),
});

const keys = createRoute({
  getParentRoute: () => app,
  path: '/settings/keys',
  component: lazyRouteComponent(() => import('./routes/keys/keys.tsx'), 'Keys'),
});

const projects = createRoute({
  getParentRoute: () => app,
  path: '/settings/projects',
  component: lazyRouteComponent(() => import('./routes/projects/projects.tsx'), 'Projects'),
});

/** Not at /admin, below which the API shows Bull Board. */
const operations = createRoute({
  getParentRoute: () => app,
  path: '/operations',
  validateSearch: operationsSearch,
  component: lazyRouteComponent(() => import('./routes/operations/operations.tsx'), 'Operations'),
});

/** Also an unknown address is shown inside the frame. */
const unknown = createRoute({ getParentRoute: () => app, path: '$', component: NotFound });

const routeTree = root.addChildren([
  signIn,
  score,
  app.addChildren([
    home,
    runs,
    newRun,
    run,
    compare,
    reviews,
    review,
    datasets,
    dataset,
    prompts,
    newPrompt,
    prompt,
    templates,
    template,
    catalogue,
    metric,
    gates,
    gate,
    providers,
    keys,
    projects,
    operations,
    unknown,
  ]),
]);

export const createAppRouter = (queries: QueryClient) =>
  createRouter({
    routeTree,
    context: { queries },
    defaultPreload: 'intent',
    defaultErrorComponent: Failure,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
