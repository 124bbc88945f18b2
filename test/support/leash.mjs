/**
 * Runs the command given as arguments until it is told `stop`, or until the process that started
 * this one is gone, also by `kill -9`. The folder named first is removed in the end.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [folder, command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: 'ignore', cwd: folder });
const end = () => child.kill('SIGKILL');
process.on('message', end);
process.on('disconnect', end);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
const finish = () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit();
};
child.on('exit', finish);
child.on('error', finish);
