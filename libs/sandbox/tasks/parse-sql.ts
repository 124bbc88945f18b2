import type { ParseFault, SqlDialect } from '#libs/evaluation';
import { parse as parsePostgresql, SqlError } from 'libpg-query';
import { FormattedSyntaxError, parse as parseOther, type ParserOptions } from 'sql-parser-cst';
import { bounded } from '../messages.ts';
import { positionOf } from './position.ts';

/** How prepared statements name their parameters. */
const parameters = {
  mysql: ['?'],
  mariadb: ['?'],
  sqlite: ['?', '?nr', ':name', '@name', '$name'],
  bigquery: ['?', '@name'],
} as const;

const noStatement = { message: 'there is no statement in it' };

/**
 * PostgreSQL by its own parser, the other dialects by their grammars in sql-parser-cst. Any number of
 * statements, at least one. Names are not looked up: a table need not exist.
 */
export async function parseSql(dialect: SqlDialect, text: string): Promise<ParseFault> {
  if (text.trim() === '') return noStatement;
  return dialect === 'postgresql' ? postgresql(text) : other(dialect, text);
}

async function postgresql(text: string): Promise<ParseFault> {
  // To the parser, which is written in C, the text would end there.
  const end = text.indexOf('\u0000');
  if (end !== -1) return { message: 'the character U+0000', ...positionOf(text, end) };
  try {
    const { stmts } = await parsePostgresql(text);
    return stmts === undefined || stmts.length === 0 ? noStatement : undefined;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const place = error.sqlDetails?.cursorPosition;
    const message = bounded(error.message);
    return place === undefined
      ? { message }
      : { message, ...positionOf(text, offsetOf(text, place)) };
  }
}

/** PostgreSQL counts characters, which may be two units of a JavaScript string. */
function offsetOf(text: string, characters: number): number {
  let offset = 0;
  for (let count = 0; count < characters && offset < text.length; count += 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

function other(dialect: Exclude<SqlDialect, 'postgresql'>, text: string): ParseFault {
  const options: ParserOptions = { dialect, paramTypes: [...parameters[dialect]], filename: 'sql' };
  try {
    const { statements } = parseOther(text, options);
    return statements.every(({ type }) => type === 'empty') ? noStatement : undefined;
  } catch (error) {
    if (!(error instanceof FormattedSyntaxError)) throw error;
    const [first = ''] = error.message.split('\n', 1);
    const message = bounded(first.replace(/^Syntax Error: /, 'syntax error: '));
    const [, line, column] = /^--> sql:(\d+):(\d+)$/m.exec(error.message) ?? [];
    return line === undefined || column === undefined
      ? { message }
      : { message, line: Number(line), column: Number(column) };
  }
}
