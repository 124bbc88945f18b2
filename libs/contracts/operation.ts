import { z } from 'zod';

export const roles = ['viewer', 'editor', 'admin'] as const;
/** What a key may do: a viewer reads, an editor also writes, an admin also manages keys and queues. */
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;

/**
 * One call of the API. The server validates by it, the OpenAPI document is written from it, and the
 * typed client calls it: nothing about a call stands anywhere else.
 */
export interface Operation {
  /** Also the name of the client's method. */
  id: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, with parameters as `{name}`. */
  path: string;
  summary: string;
  description?: string;
  tag: string;
  /** The least role that may call it; null: no key is needed. */
  role: Role | null;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  /** A JSON body. */
  body?: z.ZodType;
  /** A body that streams: its media types. The server reads it line by line. */
  streams?: readonly string[];
  /** An answer that streams: its media types. The handler writes it, row by row. */
  downloads?: readonly string[];
  status: 200 | 201 | 202 | 204;
  /** Where the answer is not ready yet: the same shape, with `Retry-After`. */
  alsoAnswers?: 202;
  response?: z.ZodType;
}

/** Keeps the exact types of an operation, so that server and client are typed by it. */
export const defineOperation = <const O extends Operation>(operation: O): O => operation;

type Output<T> = T extends z.ZodType ? z.output<T> : undefined;
type Input<T> = T extends z.ZodType ? z.input<T> : undefined;

/** What a handler gets, validated, with defaults filled in. */
export interface OperationInput<O extends Operation> {
  params: Output<O['params']>;
  query: Output<O['query']>;
  headers: Output<O['headers']>;
  body: Output<O['body']>;
}

/** A body that is sent as it is produced, for operations with `streams`. */
export type StreamBody = string | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** What a caller gives. */
export type OperationRequest<O extends Operation> = OptionalWhereUndefined<{
  params: CallerInput<O['params']>;
  query: CallerInput<O['query']>;
  headers: CallerInput<O['headers']>;
  body: O['streams'] extends readonly string[] ? StreamBody : Input<O['body']>;
  /** The media type of a body that streams. */
  contentType: O['streams'] extends readonly (infer Type)[] ? Type : undefined;
}>;

/** What the call answers with; a download as it arrives, whose reader fails where it breaks off. */
export type OperationResponse<O extends Operation> = O['downloads'] extends readonly string[]
  ? ReadableStream<Uint8Array>
  : Output<O['response']>;

/** What the server's handler answers with: nothing for a download, which it writes itself. */
export type HandlerAnswer<O extends Operation> = Output<O['response']>;

/**
 * Coercion takes anything (`unknown`), but a caller should give what comes out of it. A parameter
 * that may be left out may also be undefined, so that callers need not build objects by conditions.
 */
type CallerInput<T> = T extends z.ZodObject
  ? { [K in keyof z.input<T>]: WhatComesOut<z.input<T>, z.output<T>, K> }
  : undefined;
type WhatComesOut<In, Out, K extends keyof In> =
  | (unknown extends In[K] ? (K extends keyof Out ? Out[K] : never) : In[K])
  | (undefined extends In[K] ? undefined : never);

type OptionalWhereUndefined<T> = {
  [K in keyof T as [T[K]] extends [undefined] ? never : {} extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as [T[K]] extends [undefined] ? never : {} extends T[K] ? K : never]?: T[K];
};
