import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ItemMediaType } from '#libs/contracts';
import { delimiterOf, formatOf, type Delimiter } from './formats.ts';
import { areFields, guessRoles, mappingOf, type ColumnRole } from './mapping.ts';
import { usePreview, type ChosenFile, type Reading } from './use-preview.ts';

/** How a file is read: as its name and its first line say, until somebody says otherwise. */
export function useReading(chosen: ChosenFile) {
  const { file, nth } = chosen;
  const [mediaType, setMediaType] = useState<ItemMediaType>(() => formatOf(file.name));
  const [delimiter, setDelimiter] = useState<Delimiter>();
  const [sheet, setSheet] = useState<string>();
  const [chosenRoles, setRoles] = useState<ColumnRole[]>();
  const [mapped, setMapped] = useState<boolean>();
  const begins = useQuery({
    queryKey: ['file-begins', nth, file.name, file.size, file.lastModified],
    queryFn: () => file.slice(0, 10_000).text(),
    staleTime: Infinity,
    gcTime: 0,
  });
  const isCsv = mediaType === 'text/csv';
  const parts = delimiter ?? (begins.data === undefined ? undefined : delimiterOf(begins.data));
  const plain: Reading | undefined =
    isCsv && parts === undefined
      ? undefined
      : { mediaType, delimiter: isCsv ? parts : undefined, sheet, mapping: undefined };
  // As the file is: its columns are known from this, whatever they are said to be.
  const asItIs = usePreview(chosen, plain);
  const { columns = [], sheets = [] } = asItIs.data?.preview ?? {};
  const fitting = areFields(columns);
  const usesRoles = mapped ?? !fitting;
  const roles = chosenRoles?.length === columns.length ? chosenRoles : guessRoles(columns);
  const mapping = usesRoles ? mappingOf(columns, roles) : undefined;
  const isKnown = plain !== undefined && asItIs.data !== undefined;
  return {
    asItIs,
    mediaType,
    delimiter: isCsv ? (parts ?? ',') : undefined,
    sheets,
    sheet: sheet ?? sheets[0] ?? '',
    fitting,
    /** Undefined: the columns are what their names say. */
    roles: usesRoles ? roles : undefined,
    /** Undefined as long as it is not known how the file is to be read. */
    reading: isKnown && (!usesRoles || mapping !== undefined) ? { ...plain, mapping } : undefined,
    wantsInput: isKnown && usesRoles && mapping === undefined,
    setMediaType,
    setDelimiter,
    setSheet,
    setRoles,
    setMapped,
  };
}
