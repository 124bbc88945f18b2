import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { SubmitRun } from '#libs/contracts';
import type { ClientRequest } from '#libs/sdk';
import { client } from './client.ts';

/** What asks a server to look at something unfinished: an answer of no is as good as any, so it is not repeated. */
const asked = { retry: false, staleTime: 30_000, placeholderData: keepPreviousData } as const;

/** What a prompt or a request becomes for items of a dataset. */
export const renderedQuery = (body: ClientRequest<'renderTarget'>['body'] | undefined) =>
  queryOptions({
    queryKey: ['rendered', body],
    queryFn: ({ signal }) => client.renderTarget({ body: body ?? nothing(), signal }),
    enabled: body !== undefined,
    ...asked,
  });

/** What a run would do and cost. */
export const runPreviewQuery = (request: SubmitRun | undefined) =>
  queryOptions({
    queryKey: ['run-preview', request],
    queryFn: ({ signal }) =>
      client.previewRun({ body: { ...(request ?? nothing()), items: 1 }, signal }),
    enabled: request !== undefined,
    ...asked,
  });

function nothing(): never {
  throw new Error('asked without a body');
}
