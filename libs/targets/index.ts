import type { RecordedTarget, SettledTarget } from '#libs/contracts';
import type {
  Caller,
  CallSettings,
  ModelCalls,
  OutgoingHttp,
  RecordedOutputs,
  SecretSource,
  Target,
  TargetLocality,
} from '#libs/evaluation';
import { createClientTarget } from './client.ts';
import { createHttpTarget } from './http.ts';
import { createModelTarget } from './model.ts';
import { createRecordedTarget } from './recorded.ts';

export { templateValuesOf } from './each-item.ts';
export {
  compileHttpRequest,
  type HttpRequestTemplate,
  type RenderedRequest,
} from './http-request.ts';

/** What the targets of one run need of the world around them. */
export interface TargetPorts {
  /** Opens the outputs of a recording or of an earlier run. */
  recordedOutputs(source: RecordedTarget): RecordedOutputs;
  /** What the client's code has answered for items of this run. */
  clientOutputs(): RecordedOutputs;
  models: ModelCalls;
  caller: Caller;
  http: OutgoingHttp;
  secrets: SecretSource;
  settings: CallSettings;
}

/** Where a kind of target does its work; it decides how a run is cut into batches. */
export function localityOf(target: { kind: SettledTarget['kind'] }): TargetLocality {
  switch (target.kind) {
    case 'recorded':
    case 'client':
      return 'local';
    case 'model':
    case 'http':
      return 'network';
    default:
      return unknownKind(target.kind);
  }
}

/** The target that a run's specification describes. */
export function createTarget(target: SettledTarget, ports: TargetPorts): Target {
  switch (target.kind) {
    case 'recorded':
      return createRecordedTarget(ports.recordedOutputs(target));
    case 'client':
      return createClientTarget(ports.clientOutputs());
    case 'model':
      return createModelTarget(target, ports.models);
    case 'http':
      return createHttpTarget(target, ports);
    default:
      return unknownKind(target);
  }
}

/** The compiler refuses a call while a kind is left out of a switch. */
function unknownKind(kind: never): never {
  throw new Error(`unknown kind of target: ${String(kind)}`);
}
