// Groups in shared memory: they arrive as they were sent, and what does not fit arrives all the same.
import { describe, expect, it } from 'vitest';
import { BlockDecoder, BlockEncoder, blockBytes } from '../../src/store/group-block.ts';
import { query, statement } from '../../src/store/query.ts';
import type { Batch, BoundValue, Leaf } from '../../src/store/store.ts';
import { openStore } from './state-folder.ts';

const leaf: Leaf = {
  at: 1_700_000_000_123,
  kind: 'call.intent',
  subject: 'zażółć 漢字 🔑',
  call: 'opens',
  bytes: Buffer.from('{"a":1}'),
  details: { recordKey: Buffer.alloc(32, 1), sealed: Buffer.alloc(0) },
};
const batch: Batch = {
  statements: [
    { sql: 'one ?', parameters: ['', 'ü\0', 1.5, -0, 2n ** 62n, -7n, null, Buffer.from([0, 255])], expectRows: 0 },
    { sql: 'two', parameters: [] },
  ],
  leaves: [leaf, { ...leaf, call: 'closes', subject: null, details: null }, { ...leaf, call: null, subject: '' }],
  erases: true,
};

function line(bytes: number) {
  const block = Buffer.from(new SharedArrayBuffer(bytes));
  return { encoder: new BlockEncoder(block), decoder: new BlockDecoder(block) };
}

describe('a group in the block', () => {
  it('arrives with every kind of value, again and again', () => {
    const { encoder, decoder } = line(65_536);
    for (let round = 0; round < 3; round++) {
      expect(encoder.encode([batch, { statements: [], leaves: [] }, batch])).toBe(3);
      expect(decoder.decode()).toEqual([batch, { statements: [], leaves: [] }, batch]);
    }
  });

  it('is cut where the block is full, and texts of what did not fit are sent with it later', () => {
    const { encoder, decoder } = line(600);
    const other: Batch = { statements: [{ sql: 'x'.repeat(100), parameters: ['y'.repeat(150)] }], leaves: [] };
    expect(encoder.encode([batch, other])).toBe(1);
    expect(decoder.decode()).toEqual([batch]);
    expect(encoder.encode([other, batch])).toBe(1);
    expect(decoder.decode()).toEqual([other]);
    expect(encoder.encode([{ statements: [], leaves: [{ ...leaf, bytes: new Uint8Array(600) }] }])).toBe(0);
    expect(encoder.encode([batch])).toBe(1);
    expect(decoder.decode()).toEqual([batch]);
  });

  it('forgets texts together with the other end when there are too many', () => {
    const { encoder, decoder } = line(65_536);
    for (let index = 0; index < 1200; index++) {
      const text: Batch = { statements: [{ sql: `text ${index % 700}`, parameters: [index] }], leaves: [] };
      expect(encoder.encode([text])).toBe(1);
      expect(decoder.decode()).toEqual([text]);
    }
  });

  it('forgets them even when the batch that was one too many does not fit', () => {
    const { encoder, decoder } = line(600);
    const text = (name: string, ...parameters: BoundValue[]): Batch => ({
      statements: [{ sql: name, parameters }],
      leaves: [],
    });
    for (let index = 0; index < 512; index++) {
      encoder.encode([text(`old ${index}`)]);
      decoder.decode();
    }
    expect(encoder.encode([text('large', Buffer.alloc(600))])).toBe(0);
    expect(encoder.encode([text('new', 1)])).toBe(1);
    expect(decoder.decode()).toEqual([text('new', 1)]);
  });
});

describe('a batch', () => {
  it('that is larger than the block is written, with its neighbours before and after it', async () => {
    const store = await openStore();
    const insert = (key: string, length: number): Batch => ({
      statements: [
        statement(
          query
            .insertInto('meta')
            .values({ key, value: 'v'.repeat(length) })
            .compile(),
        ),
      ],
      leaves: [],
    });
    const sizes = [10, blockBytes / 4, blockBytes / 4, 10, blockBytes + 1, 10, blockBytes / 4, blockBytes + 1];
    await Promise.all(sizes.map((length, index) => store.write(insert(`k${index}`, length))));
    const rows = await store.read(query.selectFrom('meta').select('value').orderBy('key').compile());
    expect(rows.map(({ value }) => value.length)).toEqual(sizes);
  });

  it('that cannot be written into the block fails alone', async () => {
    const store = await openStore();
    const put = (key: string, expectRows: number): Promise<unknown> =>
      store.write({
        statements: [{ sql: 'insert into meta (key, value) values (?, 1)', parameters: [key], expectRows }],
        leaves: [],
      });
    const results = await Promise.allSettled([put('a', 1), put('b', -1), put('c', 1)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await put('d', 1);
  });
});
