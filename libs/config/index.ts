export {
  concurrencyOf,
  ConfigurationError,
  loadConfig,
  type Config,
  type LiveBounds,
} from './config.ts';
export { every, type Repetition } from './every.ts';
export { createLogger, describeError, type Logger } from './logger.ts';
export { runService, type Service } from './service.ts';
