// The documentation of the config is held to the code: its examples load, and it names every key.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { schemaKeywords } from '../../src/config/schema-keywords.ts';
import { credentialKinds } from '../../src/domain/credential.ts';
import { problemsOf } from './config-text.ts';

const text = readFileSync(new URL('../../../../docs/config.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```yaml sallyport\n([\s\S]*?)^```$/gm)].map(([, example]) => example ?? '');

describe('docs/config.md', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThanOrEqual(2);
  });

  it.each(examples.map((example, index) => [index + 1, example] as const))(
    'has an example %i that loads',
    (_, example) => {
      expect(problemsOf(example)).toEqual([]);
    },
  );

  it('names every keyword of inputs and every kind of credential', () => {
    const names = [...schemaKeywords.keys(), ...credentialKinds];
    expect(names.filter((name) => !text.includes(`\`${name}\``) && !text.includes(`\`${name}:`))).toEqual([]);
  });
});
