import { queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';

/** The newest recordings, to choose from. */
export const recordingsQuery = queryOptions({
  queryKey: ['recordings'],
  queryFn: ({ signal }) => client.listRecordings({ query: { limit: 200 }, signal }),
  select: (page) => page.items,
});

/** One that may be older than those. */
export const recordingQuery = (id: string) =>
  queryOptions({
    queryKey: ['recordings', id],
    queryFn: ({ signal }) => client.getRecording({ params: { id }, signal }),
  });
