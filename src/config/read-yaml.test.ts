import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { parseConfig } from './parse.ts'
import { maxBytes, maxDepth } from './tokens.ts'

const bomb = `${Array.from(
  { length: 9 },
  (_, at) =>
    `a${at}: &a${at} [${Array(10)
      .fill(at === 0 ? 'x' : `*a${at - 1}`)
      .join(', ')}]`,
).join('\n')}\n`

/** Text that no reader should fall over, and what is said of it. */
const hostile: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  ['an alias bomb', bomb, /aliases .* repeat more/],
  ['very many aliases', `x: &a 1\ny: [${'*a, '.repeat(5_000)}]`, /aliases .* repeat more/],
  ['an alias of itself', 'a: &a [*a]', /without an anchor/],
  ['an alias of nothing', 'a: *b', /without an anchor/],
  ['brackets, 100,000 deep', '['.repeat(100_000), /more than 64 levels/],
  ['closed brackets, 100,000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /more than 64 levels/],
  ['braces, deep', '{a: '.repeat(100_000), /more than 64 levels/],
  ['braces, one a line', '{a:\n'.repeat(100_000), /more than 64 levels/],
  ['brackets behind a quote in a block text', `a: |\n  it's "\nb: ${'['.repeat(1_000)}`, /more than 64 levels/],
  ['brackets behind an open quote in a comment', `# don't "\nb: ${'['.repeat(1_000)}`, /more than 64 levels/],
  [
    'a staircase of keys',
    Array.from({ length: 1_000 }, (_, at) => `${' '.repeat(at)}a:\n`).join(''),
    /more than 64 levels/,
  ],
  ['a chain of dashes', '- '.repeat(100_000), /more than 64 levels/],
  ['a chain of question marks', '? '.repeat(100_000), /more than 64 levels/],
  ['a chain of colons', ': '.repeat(100_000), /more than 64 levels/],
  ['a text of 10 MB', `a: ${'x'.repeat(10_000_000)}`, /at most 1048576/],
  ['a megabyte of commas', `[${','.repeat(maxBytes - 2)}]`, /words and signs/],
  ['a megabyte of keys', Array.from({ length: 100_000 }, (_, at) => `k${at}: 1\n`).join(''), /words and signs/],
  ['a key that stands twice', 'a: 1\na: 2', /stands twice/],
  ['a number and a text of one name', '1: 1\n"1": 2', /stands twice/],
  ['a merge key', 'a: &a {}\nb:\n  <<: *a', /merge keys/],
  ['__proto__', '__proto__: { polluted: yes }', /__proto__ cannot be used/],
  ['__proto__ below', 'a: { __proto__: { polluted: yes } }', /__proto__ cannot be used/],
  ['a list for a key', '? [a]\n: b', /no plain text/],
  ['nothing for a key', ': b', /no plain text/],
  ['a tag of its own', 'a: !ruby/object b', /with a tag/],
  ['binary data', 'a: !!binary aGk=', /with a tag/],
  ['a set', 'a: !!set { b }', /with a tag/],
  ['a directive', '%FOO bar\n---\na: 1', /begins with %/],
  ['two documents', 'a: 1\n---\nb: 2', /second document/],
  ['a tab', 'a:\n\tb: 1', /tab in the indentation/],
  ['keys in different columns', 'a:\n  b: 1\n c: 2', /indentation/],
  ['a second colon in a value', 'a: logger b: c', /second colon/],
  ['a bare cron line', 'a: { s: * * * * * }', /begins with \*/],
  ['a bare short form', 's: @daily', /begins with a sign/],
  ['a quote that is not closed', 'a: "b\nc: 1', /not closed: "/],
  ['a bracket that is not closed', 'a: [b\nc: 1', /not closed: \]/],
  ['NUL', 'a: \0\0: b: [', /./],
]

describe('hostile text', () => {
  for (const [name, text, message] of hostile) {
    it(`${name} is refused with a place and a fix`, () => {
      const begun = performance.now()
      const { errors, config } = parseConfig(text)
      assert.ok(performance.now() - begun < 10_000)
      assert.equal(config, undefined)
      assert.match(errors[0]?.message ?? '', message)
      assert.ok((errors[0]?.line ?? 0) >= 1 && (errors[0]?.column ?? 0) >= 1)
      assert.notEqual(errors[0]?.next, '')
      assert.ok(errors.every((error) => error.message.length < 400))
    })
  }

  it('does not wear the process down: twenty in a row, and a good file after them', () => {
    const begun = performance.now()
    for (let round = 0; round < 20; round++) {
      const [, text = ''] = hostile[round % 16] ?? []
      assert.equal(parseConfig(text).config, undefined)
    }
    assert.ok(performance.now() - begun < 20_000)
    assert.notEqual(
      parseConfig('repositories: { b: { tool: restic, url: /x, password: { env: P } } }').config,
      undefined,
    )
    assert.equal(({} as Record<string, unknown>).polluted, undefined)
  })
})

describe('what may be written', () => {
  it(`goes ${maxDepth} levels deep and no deeper`, () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    assert.doesNotMatch(parseConfig(nested(maxDepth)).errors[0]?.message ?? '', /levels/)
    assert.match(parseConfig(nested(maxDepth + 1)).errors[0]?.message ?? '', /levels/)
  })

  it('holds any number of brackets and quotes in its texts and comments', () => {
    const text = `repositories: # it's [[[ "\n  b: { tool: restic, url: "/x${'['.repeat(100)}", password: { env: P } }\njobs:\n  a:\n    repository: b\n    sources: [/x]\n    exclude: [${"'*[', ".repeat(100)}]\n    hooks:\n      before: |\n        echo "it's ${'{'.repeat(100)}\n`
    assert.deepEqual(parseConfig(text).errors, [])
  })

  it('may have Windows line ends, and anchors for whole values', () => {
    const text =
      'repositories:\r\n  a: { tool: restic, url: /a, password: &p { env: P } }\r\n  b: { tool: restic, url: /b, password: *p }\r\n'
    assert.deepEqual(parseConfig(text).config?.repositories.b?.password, { env: 'P' })
  })

  it('keeps a name as it is written', () => {
    const text =
      'repositories: { 010: { tool: restic, url: /a, password: { env: P } }, constructor: { tool: restic, url: /b, password: { env: P } } }'
    assert.deepEqual(Object.keys(parseConfig(text).config?.repositories ?? {}), ['010', 'constructor'])
  })
})
