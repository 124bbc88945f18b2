import { ActionIcon, Skeleton } from '@mantine/core';
import { ChevronLeft, ChevronRight, Check, TriangleAlert } from 'lucide-react';
import type { PreviewItem, RenderedTarget } from '#libs/contracts';
import { ApiError } from '#libs/sdk';
import { formatCount } from '../../format/numbers.ts';
import { ProblemPanel } from '../problem.tsx';
import { Scrollable } from '../scrollable.tsx';
import type { RenderedState } from './use-rendered.ts';
import styles from './prompt-editor.module.css';

/**
 * What a template becomes for an item of the dataset, and which of its variables items lack.
 * @param waitsFor what has to be there first, where nothing can be shown yet
 */
export function Rendered({ state, waitsFor }: { state: RenderedState; waitsFor: string }) {
  const { query, faults, asked, skip, setSkip } = state;
  const { data, error } = query;
  if (!asked && !data) return <p className={styles.soft}>{waitsFor}</p>;
  return (
    <section
      className={styles.rendered}
      aria-label="Preview on an item"
      aria-busy={query.isFetching}
    >
      {data ? (
        <>
          <Head data={data} skip={skip} setSkip={setSkip} stale={query.isError} />
          {data.items.map((item) => (
            <Asked key={item.key} item={item} />
          ))}
          <Named data={data} />
        </>
      ) : query.isFetching ? (
        <>
          <span className="visually-hidden">Rendering</span>
          <Skeleton height={14} width="40%" />
          <Skeleton height={90} />
        </>
      ) : null}
      {/* What is wrong with the template itself stands at its field. */}
      {error && !(error instanceof ApiError && faults.length > 0) && (
        <ProblemPanel error={error} doing="render this" onRetry={() => void query.refetch()} />
      )}
      {error && faults.some(({ field }) => field?.startsWith('target')) && (
        <p className={styles.fault}>
          <TriangleAlert size={14} aria-hidden /> {data ? 'This is how it was: w' : 'W'}hat is
          written now cannot be rendered.
        </p>
      )}
    </section>
  );
}

function Head(props: {
  data: RenderedTarget;
  skip: number;
  setSkip: (skip: number) => void;
  stale: boolean;
}) {
  const { data, skip, setSkip, stale } = props;
  const [item] = data.items;
  return (
    <div className={styles.renderedHead}>
      <h3>
        {stale ? 'Before' : 'Becomes'}, for item {formatCount(skip + 1)} of{' '}
        {formatCount(data.total)}
        {item && (
          <>
            : <code>{item.key}</code>
          </>
        )}
      </h3>
      <span className={styles.steps}>
        <ActionIcon
          size="sm"
          variant="default"
          aria-label="Item before"
          disabled={skip === 0}
          onClick={() => setSkip(skip - 1)}
        >
          <ChevronLeft size={14} aria-hidden />
        </ActionIcon>
        <ActionIcon
          size="sm"
          variant="default"
          aria-label="Next item"
          disabled={skip + 1 >= data.total}
          onClick={() => setSkip(skip + 1)}
        >
          <ChevronRight size={14} aria-hidden />
        </ActionIcon>
      </span>
    </div>
  );
}

function Asked({ item: { messages, request, error, inputTokens } }: { item: PreviewItem }) {
  if (error) {
    return (
      <p className={styles.fault}>
        <TriangleAlert size={14} aria-hidden /> This item would fail: {error.message}
      </p>
    );
  }
  return (
    <>
      {messages?.map(({ role, content }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a message has nothing but its place
        <div key={index}>
          <p className={styles.role}>{role}</p>
          <Scrollable className={styles.shown} label={`Message ${index + 1}, rendered`}>
            <pre>{content}</pre>
          </Scrollable>
        </div>
      ))}
      {request && (
        <Scrollable className={styles.shown} label="Request, rendered">
          <pre>
            {`${request.method} ${request.url}\n`}
            {Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\n`)}
            {request.body !== undefined &&
              `\n${typeof request.body === 'string' ? request.body : JSON.stringify(request.body, null, 2)}`}
          </pre>
        </Scrollable>
      )}
      {typeof inputTokens === 'number' && (
        <p className={styles.soft}>about {formatCount(inputTokens)} tokens</p>
      )}
    </>
  );
}

/** Each variable of the template, and whether items have it. */
function Named({ data: { variables, sampled } }: { data: RenderedTarget }) {
  if (variables.length === 0) {
    return (
      <p className={styles.fault}>
        <TriangleAlert size={14} aria-hidden /> It names no variable, so all items are asked the
        same.
      </p>
    );
  }
  return (
    <ul className={styles.named} aria-label="Variables that it names">
      {variables.map(({ name, missing }) => (
        <li key={name} data-missing={missing > 0 || undefined}>
          {missing > 0 ? <TriangleAlert size={13} aria-hidden /> : <Check size={13} aria-hidden />}
          <code>{name}</code>{' '}
          {missing === 0
            ? 'is in every item'
            : missing === sampled
              ? `is in none of ${formatCount(sampled)} items looked at`
              : `is missing in ${formatCount(missing)} of ${formatCount(sampled)} items looked at`}
        </li>
      ))}
    </ul>
  );
}
