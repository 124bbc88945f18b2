import Sequencer from '@jest/test-sequencer';

/** Where whole products are started, and broken: what takes longest first. */
const slow = ['test/faults', 'apps/embedded', 'test/browser', 'test/cluster'];

const rankOf = ({ path }) => {
  const rank = slow.findIndex((folder) => path.includes(`/${folder}/`));
  return rank === -1 ? slow.length : rank;
};

/**
 * Starts the long suites first, so that at the end no worker waits for one of them. Where jest has run
 * all of them before, it knows better; on a clean clone it would go by the size of the files.
 */
export default class SlowFirst extends Sequencer {
  sort(given) {
    const tests = super.sort(given);
    const known = tests.every(({ duration }) => duration !== undefined);
    return known ? tests : tests.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
