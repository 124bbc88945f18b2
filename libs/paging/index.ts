export { decodeCursor, encodeCursor, toPage } from './cursor.ts';
