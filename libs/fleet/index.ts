export { joinFleet, type FleetMember } from './member.ts';
export { noRates, readRates, type QueueRates } from './throughput.ts';
export { forgetOldWorkers, listWorkers, readFleet, type Fleet } from './workers.ts';
