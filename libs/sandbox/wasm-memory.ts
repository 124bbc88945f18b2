/** What is used here of WebAssembly, which the types of Node do not declare. */
interface Memory {
  readonly buffer: { readonly byteLength: number };
  grow: (this: Memory, pages: number) => number;
}
declare const WebAssembly: { readonly Memory: { readonly prototype: Memory } };

const PAGE_BYTES = 65_536;
const MEMORY_BYTES_MAX = 512 * 2 ** 20;

let refused = false;

/**
 * Bounds the memory of every parser in WebAssembly. Their own bound is 2 GB and more, which a text of
 * 100 KB can reach. What a parser says after it got no memory is not about the text.
 */
export function boundMemories(): void {
  const { prototype } = WebAssembly.Memory;
  const { grow } = prototype;
  prototype.grow = function growBounded(pages) {
    if (this.buffer.byteLength + pages * PAGE_BYTES > MEMORY_BYTES_MAX) {
      refused = true;
      throw new RangeError('no more memory');
    }
    return grow.call(this, pages);
  };
}

/** Whether any parser asked for more memory than there is. */
export const wasMemoryRefused = (): boolean => refused;
