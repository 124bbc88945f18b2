import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '#libs/sdk';
import { renderTarget, type RenderTarget } from '#libs/contracts';
import { renderedQuery } from '../../queries/new-run.ts';

/** What is written settles for so long before the server is asked. */
const SETTLED_MS = 350;

/** What the server makes of a template on an item, and what it finds wrong with it. */
export interface RenderedState {
  query: ReturnType<typeof useRenderedQuery>;
  /** By the paths of a run. Empty where it was asked about something else than what is there now. */
  faults: ApiError['errors'];
  /** Whether anything can be asked yet. */
  asked: boolean;
  /** Which item is shown, from 0. */
  skip: number;
  setSkip: (skip: number) => void;
}

const useRenderedQuery = (body: RenderTarget | undefined) => useQuery(renderedQuery(body));

/**
 * Renders a target on real items while it is written, shortly after each change.
 * @param request a `RenderTarget` without its place; what cannot be sent yet is not
 */
export function useRendered(request: unknown): RenderedState {
  const [skip, setSkip] = useState(0);
  const [settled] = useDebouncedValue(JSON.stringify(request ?? null), SETTLED_MS);
  const wanted: unknown = JSON.parse(settled);
  const place = { items: 1, skip };
  const parsed =
    typeof wanted === 'object' && wanted !== null
      ? renderTarget.safeParse({ ...wanted, ...place })
      : undefined;
  const query = useRenderedQuery(parsed?.data);
  const isCurrent = settled === JSON.stringify(request ?? null);
  return {
    query,
    faults: isCurrent && query.error instanceof ApiError ? query.error.errors : [],
    asked: parsed?.success === true,
    skip,
    setSkip,
  };
}
