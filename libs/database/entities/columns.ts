import { p } from '@mikro-orm/core';

/** Ids are UUIDs of version 7, made by the application: they sort by time and need no round trip. */
export const uuidKey = () => p.uuid().primary();

export const createdAt = () => p.datetime().defaultRaw('now()');

/**
 * JSON kept as text, byte for byte: unlike jsonb it holds what models and people really write, such as
 * \u0000 and lone surrogates, and keeps the order of keys.
 */
export const verbatimJson = () => p.json<unknown>().columnType('json');
