import { z } from 'zod';
import { runState } from '#libs/contracts';

export const runsSearch = z.object({ state: runState.optional().catch(undefined) });
