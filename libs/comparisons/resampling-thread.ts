import { parentPort } from 'node:worker_threads';
import { resample } from './analysis/resample.ts';
import type { ResampleAnswer, ResampleRequest } from './resampler.ts';

parentPort?.on('message', ({ id, input, options }: ResampleRequest) => {
  let answer: ResampleAnswer;
  try {
    answer = { id, resampled: resample(input, options) };
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
