import { createContext, useContext } from 'react';
import type { RunSearch } from './search.ts';

type ItemSearch = Omit<RunSearch, 'view' | 'metrics' | 'detail' | 'item'>;

export const ShowItemsContext = createContext<(filter: ItemSearch) => void>(() => undefined);

/** Shows the items that a filter takes, further down the page, in place of those that are shown there. */
export const useShowItems = () => useContext(ShowItemsContext);
