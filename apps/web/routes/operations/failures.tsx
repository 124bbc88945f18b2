import { SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { FailedItems } from './failed-items.tsx';
import { FailedJobs } from './failed-jobs.tsx';
import { FailedRuns } from './failed-runs.tsx';
import { failureLists } from './search.ts';

const route = getRouteApi('/app/operations');

const names = {
  runs: 'By run and class',
  items: 'Items',
  jobs: 'Jobs of the queues',
} as const;

/** What failed, in three ways to look at it, each with a way to try it again. */
export function Failures() {
  const { list = 'runs' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <div>
        <SegmentedControl
          size="xs"
          aria-label="What is listed"
          value={list}
          data={failureLists.map((value) => ({ value, label: names[value] }))}
          onChange={(value) =>
            void navigate({
              search: (before) => ({
                ...before,
                list: failureLists.find((one) => one === value),
              }),
              replace: true,
            })
          }
        />
      </div>
      {list === 'runs' && <FailedRuns />}
      {list === 'items' && <FailedItems />}
      {list === 'jobs' && <FailedJobs />}
    </>
  );
}
