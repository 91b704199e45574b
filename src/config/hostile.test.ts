import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { parse } from 'yaml'
import { sayFinding } from './finding.ts'
import { type ParsedConfig, parseConfig } from './parse.ts'

const sample = readFileSync(join(import.meta.dirname, '../../test/fixtures/secrets.yaml'), 'utf8')
const canary = /CANARY/

/** All that a person would see. */
const said = ({ errors, warnings }: ParsedConfig): string =>
  [...errors, ...warnings].map((finding) => sayFinding('muster.yaml', finding)).join('\n') +
  JSON.stringify({ errors, warnings })

/** Where the canaries ended up: a mutation may make one the name of a zone, and then it is no secret any more. */
function isMisplaced(text: string): boolean {
  let value: unknown
  try {
    value = parse(text, { maxAliasCount: 100, logLevel: 'silent', merge: false })
  } catch {
    return false
  }
  const look = (node: unknown, kept: boolean): boolean => {
    if (typeof node === 'string') return !kept && canary.test(node)
    if (typeof node !== 'object' || node === null) return false
    return Object.entries(node).some(
      ([key, item]) =>
        (canary.test(key) && !kept) || look(item, kept || /^(?:password|environment|users|tokens|url)$/.test(key)),
    )
  }
  // A whole file that is one text, or a block that became one, is kept too: nobody repeats those.
  return typeof value === 'object' && look(value, false)
}

const at = fc.nat({ max: sample.length - 1 })
const lines = sample.split('\n')
const line = fc.nat({ max: lines.length - 1 })
const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(
    ...'[]{}:,-?*&!|>\'"%@`#\t\n \\',
    '- ',
    ': ',
    '\n  ',
    '&a ',
    '*a',
    '!!binary ',
    '<<: *a',
    '|\n',
    '>-',
    '---\n',
    '~',
  ),
)

/** One change to the sample: a piece put in, a stretch taken out, lines moved, doubled, indented. */
const mutation: fc.Arbitrary<(text: string) => string> = fc.oneof(
  fc.tuple(at, piece).map(
    ([place, put]) =>
      (text: string) =>
        text.slice(0, place) + put + text.slice(place),
  ),
  fc.tuple(at, fc.nat({ max: 40 })).map(
    ([place, count]) =>
      (text: string) =>
        text.slice(0, place) + text.slice(place + count),
  ),
  fc.tuple(at, piece).map(
    ([place, put]) =>
      (text: string) =>
        text.slice(0, place) + put + text.slice(place + put.length),
  ),
  fc.tuple(line, line).map(
    ([from, to]) =>
      (text: string) =>
        moved(text.split('\n'), from, to),
  ),
  line.map(
    (which) => (text: string) =>
      text
        .split('\n')
        .map((one, index) => (index === which ? `${one}\n${one}` : one))
        .join('\n'),
  ),
  fc.tuple(line, fc.nat({ max: 6 })).map(
    ([which, blanks]) =>
      (text: string) =>
        text
          .split('\n')
          .map((one, index) => (index === which ? ' '.repeat(blanks) + one.trimStart() : one))
          .join('\n'),
  ),
)

function moved(all: string[], from: number, to: number): string {
  const [taken = ''] = all.splice(from, 1)
  all.splice(to, 0, taken)
  return all.join('\n')
}

describe('any file', () => {
  it('is answered with a value: any text', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => void parseConfig(text)),
      { numRuns: 3_000 },
    ))

  it('is answered with a value: any plain value written as YAML or JSON', () =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const { errors } = parseConfig(JSON.stringify({ repositories: value, jobs: value, server: value }))
        assert.ok(errors.length > 0)
      }),
      { numRuns: 1_000 },
    ))

  it('is answered with a value and repeats no secret: the sample, changed', { timeout: 120_000 }, () => {
    let misplaced = 0
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const text = mutations.reduce((before, mutate) => mutate(before), sample)
        const answer = parseConfig(text)
        if (!canary.test(said(answer))) return
        assert.ok(isMisplaced(text), `repeated:\n${said(answer)}\nin:\n${text}`)
        misplaced++
      }),
      { numRuns: 4_000 },
    )
    assert.ok(misplaced < 400, `${misplaced} of 4000 were let off`)
  })

  it('keeps every prototype as it was', () => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.constantFrom(...names), (one, two) => {
        parseConfig(
          `${one}: { ${two}: { polluted: 1 } }\nrepositories: { ${one}: { ${two}: 1 } }\njobs: { ${two}: { ${one}: x } }`,
        )
        assert.equal(({} as Record<string, unknown>).polluted, undefined)
        assert.equal((Object as unknown as Record<string, unknown>).polluted, undefined)
      }),
    )
  })
})

describe('a secret in plain text', () => {
  it('is no name of a user, place or profile', () => {
    const environment =
      'environment: { AWS_PROFILE: backup, B2_ACCOUNT_ID: "0012", RESTIC_REST_USERNAME: u, B2_ACCOUNT_KEY: k }'
    const text = `repositories: { b: { tool: restic, url: /x, password: { env: P }, ${environment} } }`
    assert.deepEqual(
      parseConfig(text).warnings.map(({ path }) => path.at(-1)),
      ['B2_ACCOUNT_KEY'],
    )
  })

  it('is taken, with one warning for each place, which names the fix', () => {
    const { config, warnings } = parseConfig(sample)
    assert.notEqual(config, undefined)
    assert.deepEqual(
      warnings.map(({ path }) => path.join('.')),
      [
        'repositories.box.url',
        'repositories.box.password',
        'repositories.box.environment.AWS_SECRET_ACCESS_KEY',
        'repositories.box.environment.RESTIC_REST_PASSWORD',
        'repositories.remote.url',
        'repositories.remote.password',
        'pings.laptop.key',
        'notify.phone.token',
        'notify.phone.password',
        'notify.hook.url',
        'notify.hook.headers.Authorization',
        'notify.hook.secret',
        'notify.others.urls.0',
        'notify.api.api',
        'notify.checks.url',
        'ns8.redis.password',
        'heartbeat.url',
        'server.auth.users.admin',
        'server.auth.tokens.0',
        'metrics.pushgateway.password',
        'metrics.otlp.token',
        'metrics.otlp.headers.X-Key',
      ],
    )
    assert.ok(warnings.every(({ next }) => /\{ file: PATH \}|under environment/.test(next)))
  })

  const mistakes = [
    'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\njobs:\n  password: CANARY',
    'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\njobs:\n  anything: CANARY',
    'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\njobs: { a: { repository: b, sources: [/x], password: CANARY } }',
    'CANARY',
    'repositories: CANARY',
    'repositories: { b: "rest:https://u:CANARY@h/" }',
    'repositories: { b: { tool: restic, url: [CANARY], password: { env: P } } }',
    'repositories: { b: { tool: restic, url: /x, password: [CANARY] } }',
    'repositories: { b: { tool: restic, url: /x, password: { CANARY: x } } }',
    'repositories: { b: { tool: restic, url: /x, password: { file: [CANARY] } } }',
    'repositories: { b: { tool: restic, url: /x, password: { env: CANARY! } } }',
    'repositories: { b: { tool: restic, url: /x, password: *CANARY } }',
    'repositories: { b: { tool: restic, url: /x, password: !CANARY } }',
    'repositories: { b: { tool: restic, url: /x, password: @CANARY } }',
    'repositories:\n  b:\n    tool: restic\n    url: /x\n    password: |CANARY\n',
    'repositories:\n  b:\n    tool: restic\n    url: /x\n    password: &CANARY\n',
    'repositories:\n  b:\n    password: "CAN\\qCANARY"\n',
    'repositories:\n  b:\n    password: {CANARY\n',
    'repositories: { b: { tool: restic, url: /x, environment: CANARY } }',
    'repositories: { b: { tool: restic, url: /x, environment: [A=CANARY] } }',
    'repositories: { b: { tool: restic, url: /x, environment: { A=CANARY: x } } }',
    'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\nserver: { auth: "admin:CANARY" }',
    'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\nserver: { auth: { users: "admin:CANARY" } }',
    'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\nserver: { auth: { users: { "admin:CANARY": x } } }',
    'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\nserver: { auth: { tokens: CANARY } }',
    'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\nserver: { auth: { tokens: [[CANARY]] } }',
    'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\njobs: { a: { repository: b, sources: [/x], extraArgs: [--password-command=CANARY] } }',
  ]
  for (const text of mistakes)
    it(`is not repeated in ${JSON.stringify(text.slice(0, 90))}`, () => {
      const answer = parseConfig(text)
      assert.ok(answer.errors.length > 0)
      assert.doesNotMatch(said(answer), canary)
    })
})
