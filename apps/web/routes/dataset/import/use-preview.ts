import { useMutation, useQuery } from '@tanstack/react-query';
import { v4 as uuid } from 'uuid';
import { useEffect, useState } from 'react';
import type { ColumnMapping, ItemMediaType, UploadPreview } from '#libs/contracts';
import { client } from '../../../queries/client.ts';
import { isOnePiece, type Delimiter } from './formats.ts';

/** How a file is read, as it was chosen here. */
export interface Reading {
  mediaType: ItemMediaType;
  delimiter: Delimiter | undefined;
  sheet: string | undefined;
  mapping: ColumnMapping | undefined;
}

/** A file, and which of those that were chosen one after the other it is. */
export interface ChosenFile {
  datasetId: string;
  file: File;
  nth: number;
}

/** A file of this size is looked at as a whole each time something is chosen. */
const largestLookedAtWhole = 2_000_000;
const beginning = 1_000_000;
const linesLookedAt = 100;

/** What the API is told of a reading. */
export const queryOf = ({ delimiter, sheet, mapping }: Reading) => ({
  delimiter,
  sheet,
  mapping: mapping === undefined ? undefined : JSON.stringify(mapping),
});

export interface Look {
  preview: UploadPreview;
  /** Whether all of the file was looked at, so that what it says of errors is final. */
  complete: boolean;
}

/** What the file would become, looked at anew with each choice; of a large one, its beginning. */
export function usePreview({ datasetId, file, nth }: ChosenFile, reading: Reading | undefined) {
  const whole = file.size <= largestLookedAtWhole;
  return useQuery({
    queryKey: ['upload-preview', datasetId, nth, file.name, file.size, file.lastModified, reading],
    enabled: reading !== undefined,
    queryFn: async ({ signal }): Promise<Look> => {
      if (!reading) throw new Error('Nothing is known of the file yet.');
      const cut = !whole && !isOnePiece(reading.mediaType);
      const preview = await client.previewDatasetVersion({
        params: { id: datasetId },
        query: { ...queryOf(reading), lines: whole ? undefined : linesLookedAt },
        body: cut ? file.slice(0, beginning) : file,
        contentType: reading.mediaType,
        signal,
      });
      const complete = whole && preview.wrongLines === 0 ? preview.whole : whole;
      return { preview: cut ? withoutCutLine(preview) : preview, complete };
    },
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
}

/** The last line of a beginning may be cut in two; what is wrong with it says nothing. */
function withoutCutLine(preview: UploadPreview): UploadPreview {
  if (preview.lines >= linesLookedAt) return preview;
  const last = Math.max(...preview.errors.map(({ line = 0 }) => line));
  const errors = preview.errors.filter(({ line }) => line !== last);
  return { ...preview, errors, wrongLines: new Set(errors.map(({ line }) => line)).size };
}

/** Sends all of the file, to be checked or to be kept, and tells how far it has come. */
export function useWholeFile<Result>(send: (given: SendGiven) => Promise<Result>) {
  const [sending, setSending] = useState<{ importId: string; abort: AbortController }>();
  const mutation = useMutation({
    mutationFn: async () => {
      const begun = { importId: uuid(), abort: new AbortController() };
      setSending(begun);
      try {
        return await send({ importId: begun.importId, signal: begun.abort.signal });
      } finally {
        setSending(undefined);
      }
    },
  });
  // Who closes the dialog wants none of it.
  useEffect(() => () => sending?.abort.abort(), [sending]);
  const importId = sending?.importId;
  const progress = useQuery({
    queryKey: ['import', importId],
    // A list, which is empty before the upload has begun.
    queryFn: ({ signal }) => client.listImports({ query: { id: [importId ?? ''] }, signal }),
    enabled: importId !== undefined,
    refetchInterval: 500,
  });
  return {
    ...mutation,
    progress: importId === undefined ? undefined : progress.data?.items[0],
    stop: () => sending?.abort.abort(),
  };
}

interface SendGiven {
  importId: string;
  signal: AbortSignal;
}
