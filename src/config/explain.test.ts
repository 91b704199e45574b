import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { sayPath } from './finding.ts'
import { parseConfig } from './parse.ts'

const repository = 'repositories: { box: { tool: restic, url: /srv/b, password: { env: P } } }\n'
const job = (body: string): string => `${repository}jobs:\n  a: { repository: box, sources: [/x], ${body} }\n`

/** `[YAML, path, message, next]` of the one finding. */
const rows: readonly (readonly [name: string, text: string, path: string, message: RegExp, next: RegExp])[] = [
  ['an unknown key at the top', `${repository}job: {}`, 'job', /^unknown key "job"$/, /^Did you mean "jobs"\?$/],
  ['an unknown key below', job('guard: { minFile: 1 }'), 'jobs.a.guard.minFile', /unknown key/, /"minFiles"/],
  [
    'an unknown key in the branch of a tool',
    'repositories: { b: { tool: restic, url: /x, packsize: 8, password: { env: P } } }',
    'repositories.b.packsize',
    /unknown key/,
    /"packSize"/,
  ],
  [
    'a key that belongs one block further down',
    job('keepDaily: 3'),
    'jobs.a.keepDaily',
    /unknown key/,
    /belongs under retention: \{ keepDaily/,
  ],
  [
    'a key like no other',
    job('zzzzzz: 3'),
    'jobs.a.zzzzzz',
    /unknown key/,
    /^Take it out\. Known here: repository, sources,/,
  ],
  ['an unknown repository', job('').replace('box, s', 'bix, s'), 'jobs.a.repository', /no repository "bix"/, /"box"/],
  ['a text for a list', job('tags: x'), 'jobs.a.tags', /^expected a list, found "x"$/, /tags: \[x\]\.$/],
  [
    'a text for a number',
    `${repository}concurrency: many`,
    'concurrency',
    /^expected a number, found "many"$/,
    /such as concurrency: 2\.$/,
  ],
  [
    'a number for a text',
    `${repository}state: 12`,
    'state',
    /^expected a text, found 12$/,
    /such as state: \/var\/lib\/muster\.$/,
  ],
  [
    'yes for true',
    job('excludeCaches: yes'),
    'jobs.a.excludeCaches',
    /found "yes"/,
    /^Write true; YAML takes yes for a text/,
  ],
  ['nothing for a block', `${repository}jobs: { a: }`, 'jobs.a', /found nothing/, /at least: repository, sources/],
  [
    'a missing key',
    'repositories: { b: { tool: restic, password: { env: P } } }',
    'repositories.b.url',
    /^is missing$/,
    /such as url: \/srv\/backup/,
  ],
  [
    'a missing tool',
    'repositories: { b: { url: /x, password: { env: P } } }',
    'repositories.b.tool',
    /^is missing$/,
    /such as tool: (?:borg|rclone|restic)/,
  ],
  [
    'a tool there is not',
    'repositories: { b: { tool: tar, url: /x } }',
    'repositories.b.tool',
    /"tar" does not fit/,
    /one of: .*restic/,
  ],
  ['a duration without unit', job('maxAge: 36'), 'jobs.a.maxAge', /^36 does not fit$/, /36h/],
  ['a duration of nothing', job('grace: 0h'), 'jobs.a.grace', /"0h"/, /such as 90m/],
  ['a size of no unit there is', job('guard: { minBytes: 3Q }'), 'jobs.a.guard.minBytes', /"3Q"/, /such as 500M/],
  ['a share over the whole', job('guard: { maxShrink: 200% }'), 'jobs.a.guard.maxShrink', /"200%"/, /from 0% to 100%/],
  ['a minute there is not', job('schedule: 61 2 * * *'), 'jobs.a.schedule', /allowed are 0-59/, /within 0-59/],
  ['a schedule of four fields', job('schedule: 15 2 * *'), 'jobs.a.schedule', /has 4 fields/, /five fields/],
  ['a date that never comes', job('schedule: 0 0 30 2 *'), 'jobs.a.schedule', /never fires/, /does not exist/],
  ['a misspelt zone', job('timezone: Europe/Berln'), 'jobs.a.timezone', /no such time zone/, /"Europe\/Berlin"/],
  ['a zone like no other', job('timezone: x'), 'jobs.a.timezone', /no such time zone/, /such as Europe\/Berlin/],
  ['an empty policy', job('retention: {}'), 'jobs.a.retention', /nothing would be kept/, /keepDaily: 14/],
  [
    'a misspelt policy is one error',
    job('retention: { keepDialy: 3 }'),
    'jobs.a.retention.keepDialy',
    /unknown key/,
    /"keepDaily"/,
  ],
  ['a number too small', job('limits: { cpus: 0 }'), 'jobs.a.limits.cpus', /^0 is too small$/, /at least 1/],
  ['a number too large', job('limits: { nice: 40 }'), 'jobs.a.limits.nice', /^40 is too large$/, /at most 19/],
  [
    'an empty list',
    `${repository}jobs: { a: { repository: box, sources: [] } }`,
    'jobs.a.sources',
    /holds nothing/,
    /sources: \[\/srv\/nfs\]/,
  ],
  [
    'a word that is not in the list',
    job('limits: { ionice: { class: idel } }'),
    'jobs.a.limits.ionice.class',
    /none of: idle/,
    /"idle"/,
  ],
  ['a tag with a comma', job('tags: ["a,b"]'), 'jobs.a.tags[0]', /"a,b"/, /no comma/],
  [
    'a refused argument, without its value',
    job('extraArgs: ["--password-command=echo s3cret"]'),
    'jobs.a.extraArgs',
    /--password-command=…" is refused/,
    /Take it out/,
  ],
  [
    'a name with a blank',
    'repositories: { "a b": { tool: restic, url: /x, password: { env: P } } }',
    'repositories["a b"]',
    /the name "a b"/,
    /letters, digits/,
  ],
  ['no repository at all', 'repositories: {}', 'repositories', /names no repository/, /box: \{ tool: restic/],
  [
    'a ping with the name of a job',
    `${'repositories: { r: { tool: restic, url: /r, password: { file: x } } }'}\njobs: { a: { repository: r, sources: [/a] } }\npings: { a: { key: { file: k } } }`,
    'pings.a',
    /is the name of a job already/,
    /another name/,
  ],
  ['a ping without a key', 'pings: { a: { schedule: "@daily" } }', 'pings.a.key', /is missing/, /file/],
  ['an empty file', '', 'repositories', /names no repository/, /box: \{ tool: restic/],
  ['a list for a file', '- a', '', /expected a block of keys, found a list/, /known: .*repositories/],
  [
    'a wide address without login',
    `${repository}server: { listen: "0.0.0.0:9121" }`,
    'server.listen',
    /without a login/,
    /server\.auth/,
  ],
  [
    'a port beyond all',
    `${repository}server: { listen: "127.0.0.1:99999" }`,
    'server.listen',
    /does not fit/,
    /0 to 65535/,
  ],
  [
    'a misspelt source of a secret',
    'repositories: { b: { tool: restic, url: /x, password: { flie: /p } } }',
    'repositories.b.password',
    /unknown source of a secret "flie"/,
    /"file"/,
  ],
  [
    'two sources of one secret',
    'repositories: { b: { tool: restic, url: /x, password: { file: /p, env: P } } }',
    'repositories.b.password',
    /one source/,
    /\{ file: PATH \}/,
  ],
]

describe('what is wrong with a file', () => {
  for (const [name, text, path, message, next] of rows) {
    it(name, () => {
      const { errors, config } = parseConfig(text)
      assert.equal(config, undefined)
      assert.equal(errors.length, 1, JSON.stringify(errors))
      const [found] = errors
      assert.equal(sayPath(found?.path ?? []), path)
      assert.match(found?.message ?? '', message)
      assert.match(found?.next ?? '', next)
    })
  }

  it('is told with line and column of the key', () => {
    const { errors } = parseConfig('repositories:\n  box:\n    tool: restic\n    url: /x\n    pasword: { env: P }\n')
    assert.deepEqual({ line: errors[1]?.line, column: errors[1]?.column }, { line: 5, column: 5 })
  })

  it('is placed where the anchor stands when it came by an alias', () => {
    const { errors } = parseConfig(
      'repositories:\n  a: &box\n    tool: restic\n    url: /x\n    password: { env: P }\n    nope: 1\n  b: *box\n',
    )
    assert.deepEqual(
      errors.map(({ path, line }) => [sayPath(path), line]),
      [
        ['repositories.b.url', 4],
        ['repositories.a.nope', 6],
        ['repositories.b.nope', 6],
      ],
    )
  })

  it('is a short form of a key that is there', () => {
    const { errors } = parseConfig(
      'repositories: { b: { tool: restic, url: /x, password: { env: P }, env: { A: b } } }',
    )
    assert.match(errors[0]?.next ?? '', /"environment"/)
  })

  it('is told all at once below a tool and a name that do not exist', () => {
    const { errors } = parseConfig(
      'repositories: { r: { tool: restc, url: /x, pasword: { env: P } } }\njobs: { "b b": { repository: r, sources: [], maxAge: 36 } }\n',
    )
    assert.deepEqual(errors.map(({ path }) => sayPath(path)).sort(), [
      'jobs["b b"]',
      'jobs["b b"].maxAge',
      'jobs["b b"].sources',
      'repositories.r.pasword',
      'repositories.r.tool',
    ])
  })

  it('is told all at once, in the order of the file', () => {
    const { errors } = parseConfig(
      'jobs: { a: { repository: x, sources: y } }\nrepositories: { b: { tool: restic, urk: /x, password: { env: P } } }\nextra: 1\n',
    )
    assert.deepEqual(
      errors.map(({ path }) => sayPath(path)),
      ['jobs.a.repository', 'jobs.a.sources', 'repositories.b.url', 'repositories.b.urk', 'extra'],
    )
  })

  it('is cut where there is no end to it', () => {
    const names = Array.from({ length: 500 }, (_, at) => `  r${at}: { tool: restic, password: { env: P } }\n`).join('')
    const { errors } = parseConfig(`repositories:\n${names}`)
    assert.equal(errors.length, 201)
    assert.equal(errors.at(-1)?.message, '300 more')
  })
})
