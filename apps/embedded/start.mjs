// What `npm start` runs. Plain JavaScript, so that a Node that is too old gets to say so.
import { versionProblem } from './node-version.mjs';

function fail(sentence) {
  process.stderr.write(sentence + '\n');
  process.exitCode = 1;
}

var problem = versionProblem(process.versions.node, (process.features || {}).typescript);
if (problem) {
  fail(problem);
} else {
  import('./main.ts').catch(function (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    fail(
      'A dependency is missing: run `npm install` first. (' + error.message.split('\n')[0] + ')',
    );
  });
}
