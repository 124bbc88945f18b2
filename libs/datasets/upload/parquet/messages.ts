/** Of one row group. */
export interface ParquetLimits {
  /** Of the columns that are read, unpacked, in bytes. */
  groupBytes: number;
  /** The same where lists are among them: such a group is held as a whole. */
  groupBytesOfLists: number;
  groupRows: number;
}

/** What the process that reads is asked for; it answers each before the next is asked. */
export type Question =
  | { kind: 'open'; bytes: number; limits: ParquetLimits }
  /** Only these columns, by name. */
  | { kind: 'read'; columns: string[] }
  | { kind: 'next' };

/** The cells of a row in the order of the columns, or what is wrong with it. */
export type Row = unknown[] | string;

export type Answer =
  | { kind: 'names'; names: string[] }
  /** Rows that follow each other, as JSON, and the number of the first. */
  | { kind: 'rows'; line: number; text: string }
  | { kind: 'end' }
  /** What is wrong with the file. */
  | { kind: 'fault'; message: string };

/** Where the process finds the file, which it inherits. */
export const FILE_DESCRIPTOR = 4;
