import { diffWordsWithSpace } from 'diff';

/** A piece of a text: as in the other, or only in this one. */
export interface Piece {
  text: string;
  own: boolean;
}

/** Above so many characters together, or so long, texts are shown without marks. */
const CHARACTERS_MAX = 60_000;
const TIME_MAX_MS = 150;

/**
 * Two texts in pieces, those marked that the other does not have, word by word; undefined where they are
 * too long, or too different to be worth marking.
 */
export function markDifferences(
  before: string,
  after: string,
): { before: Piece[]; after: Piece[] } | undefined {
  if (before.length + after.length > CHARACTERS_MAX) return undefined;
  const changes = diffWordsWithSpace(before, after, { timeout: TIME_MAX_MS });
  if (changes === undefined) return undefined;
  return {
    before: joined(changes.filter(({ added }) => !added).map(pieceOf)),
    after: joined(changes.filter(({ removed }) => !removed).map(pieceOf)),
  };
}

const pieceOf = (change: { value: string; added: boolean; removed: boolean }): Piece => ({
  text: change.value,
  own: change.added || change.removed,
});

/** Neighbours of the same kind as one piece; the space between two that are marked is marked with them. */
function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const [index, { text, own }] of pieces.entries()) {
    const isBetween = text.trim() === '' && pieces[index - 1]?.own && pieces[index + 1]?.own;
    const last = all.at(-1);
    const marked = own || isBetween === true;
    if (last && last.own === marked) last.text += text;
    else all.push({ text, own: marked });
  }
  return all;
}
