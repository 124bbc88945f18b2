interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
interface Pageable {
  query?: { cursor?: string | undefined; limit?: number | undefined } | undefined;
}

/**
 * Every item of a list, page after page, each fetched when the one before it is used up:
 * `for await (const run of paginate(client.listRuns, { query: { state: 'running' } }))`.
 */
export async function* paginate<Item, Request extends Pageable>(
  list: (request: Request) => Promise<Page<Item>>,
  request: Request,
): AsyncGenerator<Item, void, undefined> {
  let page = await list(request);
  yield* page.items;
  while (page.nextCursor !== null) {
    const query = { ...request.query, cursor: page.nextCursor };
    page = await list(Object.assign({}, request, { query }));
    yield* page.items;
  }
}
