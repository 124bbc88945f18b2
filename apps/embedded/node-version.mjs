// Parsed by whatever Node a machine has: nothing newer than plain ES modules here.

/**
 * One sentence when this Node cannot run LLM-Eval, otherwise undefined. `stripsTypes` tells whether
 * it runs TypeScript as it stands (process.features.typescript).
 */
export function versionProblem(version, stripsTypes) {
  var parts = version.split('.').map(Number);
  var recent = parts[0] > 22 || (parts[0] === 22 && parts[1] >= 17);
  if (recent && stripsTypes) return undefined;
  return (
    'LLM-Eval needs Node 24 (22.18 at least) and this is Node ' +
    version +
    ': start it with `npm start`, which uses the Node 24 that `npm install` brings along.'
  );
}
