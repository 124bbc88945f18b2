/** What is selected, and which one was selected last: a range begins there. */
export interface Selection {
  ids: ReadonlySet<string>;
  last: string | undefined;
}

/**
 * A row is selected, or is not any more; with `range` all from the last one to it are.
 * @param rows all that there are, in their order
 */
export function selecting(
  { ids, last }: Selection,
  rows: readonly string[],
  id: string,
  range: boolean,
): Selection {
  const [from, to] = [rows.indexOf(last ?? id), rows.indexOf(id)];
  const next = new Set(ids);
  if (range && from >= 0 && to >= 0) {
    for (const one of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(one);
    return { ids: next, last: last ?? id };
  }
  if (!next.delete(id)) next.add(id);
  return { ids: next, last: id };
}
