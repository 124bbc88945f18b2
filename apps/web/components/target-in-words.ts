import type { SettledTarget } from '#libs/contracts';

/** What produced the outputs, in a few words. */
export function targetInWords(target: SettledTarget): string {
  switch (target.kind) {
    case 'model':
      return `${target.model} by ${target.provider}`;
    case 'http':
      return hostOf(target.url);
    case 'client':
      return 'own code';
    case 'recorded':
    default:
      return 'recorded';
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'an endpoint');
