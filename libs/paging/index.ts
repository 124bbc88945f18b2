export { decodeCursor, encodeCursor, toPage, type Page, type PageQuery } from './cursor.ts';
export { timeCursor } from './time-cursor.ts';
