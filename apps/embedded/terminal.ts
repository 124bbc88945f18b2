// Whoever reads the output may go away (`npm start | head`); that must not end anything.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

/** Writes a line for the person who started LLM-Eval. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line about something that went wrong. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}
