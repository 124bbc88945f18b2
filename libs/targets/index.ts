import type { Target as TargetSpec } from '#libs/contracts';
import type { RecordedOutputs, Target, TargetLocality } from '#libs/evaluation';
import { createRecordedTarget } from './recorded.ts';

/** What targets need of the world around them. */
export interface TargetPorts {
  /** Opens the outputs of a recording or of an earlier run. */
  recordedOutputs(source: Extract<TargetSpec, { kind: 'recorded' }>): RecordedOutputs;
}

/** Where a kind of target does its work; it decides how a run is cut into batches. */
export function localityOf(target: TargetSpec): TargetLocality {
  switch (target.kind) {
    case 'recorded':
      return 'local';
    default:
      return unknownKind(target.kind);
  }
}

/** The target that a run's specification describes. */
export function createTarget(target: TargetSpec, ports: TargetPorts): Target {
  switch (target.kind) {
    case 'recorded':
      return createRecordedTarget(ports.recordedOutputs(target));
    default:
      return unknownKind(target.kind);
  }
}

/** The compiler refuses a call while a kind is left out of a switch. */
function unknownKind(kind: never): never {
  throw new Error(`unknown kind of target: ${String(kind)}`);
}
