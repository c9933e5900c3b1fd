// Texts that services send every day, of any size: none of them may be refused for the work that looking through it takes.
import { createHash } from 'node:crypto';

/** Repeats what a generator gives for 0, 1, 2 and so on, up to a size. */
function upTo(bytes: number, piece: (i: number) => string): string {
  let text = '';
  for (let i = 0; text.length < bytes; i += 1) text += piece(i);
  return text.slice(0, bytes);
}

function noise(i: number | string): Buffer {
  return createHash('sha512').update(String(i)).digest();
}

const link = (i: number): string =>
  `https://shop.example.com/search?q=caf%C3%A9%20no%2E${i}&amp;page=${i}&amp;back=%2Fa%252Fb&utm_source=20mail`;

const html = (i: number): string =>
  `<div class="item" data-id=${i} style="color:#3d3d3d">\n\t<a href="${link(i)}">It&#39;s &quot;number ${i}&quot; &amp; more</a>\r\n</div>\n`;

const code = (i: number): string =>
  `function f${i}(a,b){return a&&b?"\\u00e9\\n"+a.replace(/\\\\x(\\d+)/g,'\\x41')+"&nbsp;%d":[0x1f,0xa0,"\\101",{a:b=>b%25}]};`;

const record = (i: number): object => ({
  id: i,
  uuid: noise(i).toString('hex').slice(0, 32),
  etag: noise(i).toString('base64').slice(0, 43),
  name: `Customer "${i}"`,
  url: link(i),
  note: 'Called about the delivery.\nNobody was in, so the driver left it with a neighbour.',
});

const mail = (i: number): string =>
  `Subject: =?utf-8?Q?caf=C3=A9_${i}?=\r\nDear customer, your order =3D ${i} was sent, and it will be with you =\r\nin a few days. ${'=20'.repeat(4)}\r\n`;

/** Each kind, by name. */
export const ordinaryReplies: Readonly<Record<string, (bytes: number) => unknown>> = {
  'JSON of records': (bytes) => Array.from({ length: Math.ceil(bytes / 400) }, (_, i) => record(i)),
  'JSON within JSON within JSON': (bytes) =>
    JSON.stringify(JSON.stringify(Array.from({ length: Math.ceil(bytes / 600) }, (_, i) => record(i)))),
  HTML: (bytes) => upTo(bytes, html),
  'HTML within JSON within JSON': (bytes) => JSON.stringify({ page: upTo(bytes, html) }),
  'escaped HTML': (bytes) =>
    upTo(bytes, html).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  'a list of links': (bytes) => Array.from({ length: Math.ceil(bytes / 110) }, (_, i) => link(i)),
  'a form that was encoded': (bytes) => encodeURIComponent(upTo(bytes / 2, html)),
  'an image in base64': (bytes) => upTo(bytes, (i) => noise(i).toString('base64').slice(0, 84)),
  'text in base64': (bytes) => Buffer.from(upTo((bytes * 3) / 4, html)).toString('base64'),
  'wrapped base64 of base64': (bytes) =>
    Buffer.from(Buffer.from(upTo(bytes / 2, html)).toString('base64'))
      .toString('base64')
      .replace(/.{76}/g, '$&\r\n'),
  'a hex dump': (bytes) => upTo(bytes, (i) => `${noise(i).toString('hex').replace(/../g, '$& ')}\n`),
  'hex of text': (bytes) => Buffer.from(upTo(bytes / 2, html)).toString('hex'),
  'minified code': (bytes) => upTo(bytes, code),
  CSV: (bytes) =>
    upTo(bytes, (i) => `${i},"Customer ""${i}""",2026-11-24T13:00:${i % 60}Z,${(i * 7919) % 1e6}.50,=A${i}\r\n`),
  'text of many languages': (bytes) => upTo(bytes, (i) => `Größe ${i}: 日本語のテキスト, русский текст, 😀 & فارسی. `),
  'a list of bytes': (bytes) => upTo(bytes, (i) => `0x${(noise(i)[0] ?? 0).toString(16).padStart(2, '0')}, `),
  mail: (bytes) => upTo(bytes, mail),
  prose: (bytes) => upTo(bytes, (i) => `The order no. ${i} went out late, and the customer was told so by the shop. `),
};
