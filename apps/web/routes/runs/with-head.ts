interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
interface Pages<Item> {
  pages: Page<Item>[];
  pageParams: (string | undefined)[];
}

/**
 * The pages with a newer first page in the place of what it covers. Runs that left the covered part
 * (their state changed under a filter) are gone; those that new ones pushed out of it stay. Where so
 * much is new that nothing joins, the older pages are dropped and load again on scrolling.
 */
export function withHead<Item extends { id: string; createdAt: string }>(
  known: Pages<Item>,
  head: Page<Item>,
): Pages<Item> {
  const onlyHead = { pages: [head], pageParams: [undefined] };
  const last = head.items.at(-1);
  if (head.nextCursor === null || !last) return onlyHead;
  const inHead = new Set(head.items.map((item) => item.id));
  const joins = known.pages.some((page) => page.items.some((item) => inHead.has(item.id)));
  if (!joins) return onlyHead;
  const below = Date.parse(last.createdAt);
  const rest = known.pages.map((page) => ({
    ...page,
    items: page.items.filter((item) => !inHead.has(item.id) && Date.parse(item.createdAt) <= below),
  }));
  const [first, ...others] = rest;
  if (!first) return onlyHead;
  return { ...known, pages: [{ ...first, items: [...head.items, ...first.items] }, ...others] };
}
