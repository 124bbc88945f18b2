import { z } from 'zod';

/** Only an address of this page itself: never a way out to another one. */
const ownAddress = z.string().regex(/^\/(?![/\\])/);

export const signInSearch = z.object({ next: ownAddress.optional().catch(undefined) });
