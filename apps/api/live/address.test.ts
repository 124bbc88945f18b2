import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { addressOf, networkOf } from './address.ts';

const requestVia = (forwarded: string | undefined): IncomingMessage => {
  const tcp = new Socket();
  Object.defineProperty(tcp, 'remoteAddress', { value: '10.0.0.1' });
  const request = new IncomingMessage(tcp);
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded;
  return request;
};

test.each([
  ['203.0.113.7', 0, '10.0.0.1'],
  ['203.0.113.7', 1, '203.0.113.7'],
  ['1.2.3.4, 203.0.113.7', 1, '203.0.113.7'],
  ['1.2.3.4, 203.0.113.7', 2, '1.2.3.4'],
  ['203.0.113.7', 5, '203.0.113.7'],
  [undefined, 1, '10.0.0.1'],
  [' , ', 1, '10.0.0.1'],
])('%s behind %i trusted proxies is from %s', (forwarded, trusted, address) => {
  expect(addressOf(requestVia(forwarded), trusted)).toBe(address);
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
  ['::1', '::/64'],
  ['unix', 'unix'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
