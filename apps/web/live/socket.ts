import { io, type Socket } from 'socket.io-client';
import type { ClientEvents, ServerEvents } from '#libs/contracts';

export type LiveSocket = Socket<ServerEvents, ClientEvents>;

/** Not connected yet. Websocket only, as the server has it: no sticky sessions are needed then. */
export const createSocket = (): LiveSocket =>
  io({
    path: '/socket.io',
    transports: ['websocket'],
    autoConnect: false,
    reconnectionDelay: 500,
    reconnectionDelayMax: 8_000,
    randomizationFactor: 0.5,
  });
