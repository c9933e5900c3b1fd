// Tests which resolved addresses a service may be dialled at.
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { addressPolicy, classifyAddress, isAllowedAddress, isOwnListener } from '../../src/net/address-guard.ts';
import { httpService } from './http-service.ts';

const publicOnly = addressPolicy(httpService({}));
const declared = addressPolicy(
  httpService({ addresses: ['10.1.0.0/16', 'fd12::/16', '169.254.0.0/16', '127.0.0.0/8'] }),
);
const loopback = addressPolicy(httpService({ trust: { kind: 'loopback' } }));

describe('classifyAddress', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['10.0.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.0.9', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['::ffff:10.0.0.1', 'private'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['64:ff9b::a00:1', 'never'],
    ['64:ff9b::a9fe:a9fe', 'never'],
    ['2002:7f00:1::', 'never'],
    ['2002:808:808::1', 'public'],
    ['2001::1', 'never'],
    ['::7f00:1', 'never'],
    ['::ffff:0:7f00:1', 'never'],
    ['0.0.0.0', 'never'],
    ['::', 'never'],
    ['169.254.169.254', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['fd00:ec2::254', 'never'],
    ['100.100.100.200', 'never'],
    ['168.63.129.16', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['224.0.0.1', 'never'],
    ['ff02::1', 'never'],
    ['255.255.255.255', 'never'],
    ['5f00::1', 'never'],
    ['metadata.google.internal', 'never'],
    ['2130706433', 'never'],
    ['0x7f.1', 'never'],
    ['127.1', 'never'],
  ])('D09: takes %s for %s', (address, expected) => {
    expect(classifyAddress(address)).toBe(expected);
  });
});

describe('isAllowedAddress', () => {
  it('D08: allows only public addresses when no range is declared', () => {
    expect(
      ['8.8.8.8', '10.1.2.3', '127.0.0.1', '::1', 'fd12::1'].filter((a) => isAllowedAddress(a, publicOnly)),
    ).toEqual(['8.8.8.8']);
  });

  it('allows private addresses inside a declared range, in every spelling, and none beside it', () => {
    const asked = ['10.1.2.3', '::ffff:10.1.2.3', '10.2.0.1', 'fd12::5', 'fd13::5', '127.0.0.1'];
    expect(asked.filter((a) => isAllowedAddress(a, declared))).toEqual([
      '10.1.2.3',
      '::ffff:10.1.2.3',
      'fd12::5',
      '127.0.0.1',
    ]);
  });

  it('C9: refuses a metadata address even inside a declared range', () => {
    expect(isAllowedAddress('169.254.169.254', declared)).toBe(false);
  });

  it('allows loopback with trust loopback, and no other private address', () => {
    expect(['127.0.0.1', '::1', '10.0.0.1'].filter((a) => isAllowedAddress(a, loopback))).toEqual(['127.0.0.1', '::1']);
  });

  it('refuses a range that is no CIDR with CONFIG_INVALID', () => {
    expect(() => addressPolicy(httpService({ addresses: ['10.0.0.0/33'] }))).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});

describe('isOwnListener', () => {
  it('knows the bound address in every spelling, and any loopback address on its port', () => {
    const own = [{ host: '127.0.0.1', port: 7420 }];
    expect(isOwnListener('127.0.0.1', 7420, own)).toBe(true);
    expect(isOwnListener('::ffff:127.0.0.1', 7420, own)).toBe(true);
    expect(isOwnListener('::1', 7420, own)).toBe(true);
    expect(isOwnListener('127.0.0.1', 7421, own)).toBe(false);
    expect(isOwnListener('8.8.8.8', 7420, own)).toBe(false);
  });

  it('knows every address of this machine when bound to all of them', () => {
    const own = [{ host: '0.0.0.0', port: 7420 }];
    const local = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address));
    expect(local.filter((address) => !address.includes('%') && !isOwnListener(address, 7420, own))).toEqual([]);
    expect(isOwnListener('8.8.8.8', 7420, own)).toBe(false);
  });
});
