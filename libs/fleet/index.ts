export { joinFleet, type FleetMember } from './member.ts';
export { joinReplicas, listReplicas, type ReplicaLoad } from './replicas.ts';
export { noRates, readRates, type QueueRates } from './throughput.ts';
export { forgetOldProcesses, listWorkers, readFleet, type Fleet } from './workers.ts';
