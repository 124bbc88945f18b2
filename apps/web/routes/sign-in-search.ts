import { z } from 'zod';

/** Only an address of this page itself: never a way out to another one. */
const ownAddress = z.string().regex(/^\/(?![/\\])/);

export const signInSearch = z.object({ next: ownAddress.optional().catch(undefined) });

/** Bull Board and the API's pages lie at this address too, beside this application and not in it. */
export const isOwnPage = (address: string): boolean => !/^\/(admin|api|docs)(\/|$)/.test(address);
