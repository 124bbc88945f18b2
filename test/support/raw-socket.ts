import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { waitFor } from './wait.ts';

/** A client of Socket.IO that is no more than a TCP connection: it can stop reading, and hang up. */
export interface RawSocket {
  tcp: Socket;
  /** Packets that have been read, as text, the oldest first; `42[…]` is an event. */
  packets: string[];
  /** Sends a packet. */
  send(packet: string): void;
  /** Emits an event, with the number of its answer where one is wanted. */
  emit(event: string, request: unknown, answer?: number): void;
}

/** Opens a TCP connection and asks for a websocket, but says no more. */
export async function openRawSocket(url: string): Promise<RawSocket> {
  const { hostname, port } = new URL(url);
  const tcp = connect(Number(port), hostname);
  tcp.on('error', () => {});
  await once(tcp, 'connect');
  tcp.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  const packets: string[] = [];
  let head = true;
  let rest = Buffer.alloc(0);
  tcp.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    if (head) {
      const end = rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      head = false;
      rest = rest.subarray(end + 4);
    }
    for (let frame = firstFrame(rest); frame; frame = firstFrame(rest)) {
      rest = rest.subarray(frame.length);
      if (frame.opcode === 1) packets.push(frame.text);
    }
  });
  const send = (packet: string): void => {
    tcp.write(maskedFrame(packet));
  };
  return {
    tcp,
    packets,
    send,
    emit: (event, request, answer) => send(`42${answer ?? ''}${JSON.stringify([event, request])}`),
  };
}

/** As `openRawSocket`, and through the handshake. */
export async function connectRawSocket(url: string, key: string): Promise<RawSocket> {
  const raw = await openRawSocket(url);
  const read = (start: string) =>
    waitFor(() => {
      if (raw.tcp.destroyed) throw new Error(`refused: ${raw.packets.join(' ')}`);
      return raw.packets.find((packet) => packet.startsWith(start));
    });
  // What is sent before the server has said that it is open may be lost.
  await read('0');
  raw.send(`40${JSON.stringify({ key })}`);
  await read('40');
  return raw;
}

/** The payloads of events of that name that a raw socket has read. */
export function eventsOf(raw: RawSocket, name: string): unknown[] {
  return raw.packets.flatMap((packet) => {
    if (!packet.startsWith('42[')) return [];
    const [event, payload]: unknown[] = JSON.parse(packet.slice(2));
    return event === name ? [payload] : [];
  });
}

function firstFrame(bytes: Buffer): { opcode: number; text: string; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const header = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < header) return undefined;
  const size =
    short === 127
      ? Number(bytes.readBigUInt64BE(2))
      : short === 126
        ? bytes.readUInt16BE(2)
        : short;
  if (bytes.length < header + size) return undefined;
  return {
    opcode: bytes.readUInt8(0) & 0x0f,
    text: bytes.toString('utf8', header, header + size),
    length: header + size,
  };
}

/** As clients have to send it. The mask is zero, which leaves the text as it is. */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = Buffer.alloc(4);
  if (payload.length < 126) {
    return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
  }
  const size = Buffer.alloc(2);
  size.writeUInt16BE(payload.length);
  return Buffer.concat([Buffer.from([0x81, 0x80 | 126]), size, mask, payload]);
}
