import { strict as assert } from 'node:assert'
import { describe, expect, it } from 'vitest'
import { sayPath } from './finding.ts'
import { parseConfig } from './parse.ts'

const keep = 'retention: { keepLast: 3 }'
const withJobs = (a: string, b: string): string => `
repositories: { box: { tool: restic, url: /b, password: { env: P } }, far: { tool: restic, url: /f, password: { env: P } } }
jobs:
  A: { repository: box, ${a} }
  B: { ${b.includes('repository') ? '' : 'repository: box, '}${b} }
`
const paths = (a: string, b: string): string[] =>
  parseConfig(withJobs(a, b), { host: 'here' }).errors.map(({ path }) => sayPath(path))

describe('a policy that would thin the snapshots of another job', () => {
  const rows: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['same sources, no tags, one policy', `sources: [/x], ${keep}`, 'sources: [/x]', ['jobs.A.retention']],
    [
      'same sources and tags, two policies',
      `sources: [/x], tags: [t], ${keep}`,
      `sources: [/x], tags: [t], ${keep}`,
      ['jobs.A.retention', 'jobs.B.retention'],
    ],
    ['the other has more sources', `sources: [/x], ${keep}`, `sources: [/y, /x], ${keep}`, ['jobs.A.retention']],
    [
      'the other has more tags',
      `sources: [/x], tags: [t], ${keep}`,
      'sources: [/x], tags: [u, t]',
      ['jobs.A.retention'],
    ],
    ['sources that are the same once resolved', `sources: [/x/], ${keep}`, 'sources: [/y/../x]', ['jobs.A.retention']],
    ['same explicit host', `sources: [/x], host: h, ${keep}`, 'sources: [/x], host: h', ['jobs.A.retention']],
    [
      'the host of this machine, named and not',
      `sources: [/x], host: here, ${keep}`,
      'sources: [/x]',
      ['jobs.A.retention'],
    ],
    ['no policy at all', 'sources: [/x]', 'sources: [/x]', []],
    ['the other has fewer sources', `sources: [/x, /y], ${keep}`, 'sources: [/x]', []],
    ['a tag of its own', `sources: [/x], tags: [A], ${keep}`, 'sources: [/x]', []],
    ['other sources', `sources: [/x], ${keep}`, 'sources: [/y]', []],
    ['another host', `sources: [/x], ${keep}`, 'sources: [/x], host: h', []],
    ['another repository', `sources: [/x], ${keep}`, 'repository: far, sources: [/x]', []],
  ]
  for (const [name, a, b, want] of rows) it(name, () => assert.deepEqual(paths(a, b), want))

  it('names the other job and the fix', () => {
    const [found] = parseConfig(withJobs(`sources: [/x], ${keep}`, 'sources: [/x]')).errors
    assert.match(found?.message ?? '', /^would forget snapshots of B too/)
    assert.match(found?.next ?? '', /tags: \[A\]/)
  })
})

describe('two entries for one repository', () => {
  const errors = (one: string, two: string): string[] => {
    const entry = (url: string): string => `{ tool: restic, password: { env: P }, url: "${url}" }`
    const { errors: found } = parseConfig(`repositories: { one: ${entry(one)}, two: ${entry(two)} }`)
    return found.map(({ path, message }) => `${sayPath(path)} ${message}`)
  }
  for (const [one, two] of [
    ['/b', '/b'],
    ['/b', '/b/'],
    ['/b', 'local:/x/../b'],
    ['rest:http://h/r', 'rest:http://h/r/'],
    ['rest:http://u:p@h/r', 'rest:http://other:pw@h/r'],
    ['s3:h/bucket', 's3:h/bucket'],
  ] as const)
    it(`${one} and ${two}`, () =>
      assert.deepEqual(errors(one, two), ['repositories.two.url is the address of one already']))
  for (const [one, two] of [
    ['/b', '/c'],
    ['rest:http://h/r', 'rest:http://h/s'],
    ['rest:http://h/r', 'rest:https://h/r'],
  ] as const)
    it(`not ${one} and ${two}`, () => assert.deepEqual(errors(one, two), []))
})

describe('an address to listen on', () => {
  const errors = (server: string): number =>
    parseConfig(`repositories: { b: { tool: restic, url: /b, password: { env: P } } }\nserver: ${server}`).errors.length
  for (const listen of ['127.0.0.1:1', '127.9.9.9:1', 'localhost:1', '[::1]:1'])
    it(`${listen} needs no login`, () => assert.equal(errors(`{ listen: "${listen}" }`), 0))
  for (const listen of ['0.0.0.0:1', '[::]:1', '*:1', ':1', 'nas:1', '10.0.0.1:1']) {
    it(`${listen} needs one`, () => assert.equal(errors(`{ listen: "${listen}" }`), 1))
    it(`${listen} may have one`, () =>
      assert.equal(errors(`{ listen: "${listen}", auth: { tokens: [{ env: T }] } }`), 0))
  }
})

it('a policy of tags alone keeps nothing for sure', () => {
  assert.deepEqual(paths('sources: [/x], retention: { keepTags: [t] }', 'sources: [/y]'), ['jobs.A.retention'])
})

describe('what is expected of sets', () => {
  const errors = (expect: string): string[] =>
    parseConfig(`repositories: { b: { tool: restic, url: /b, password: { env: P }, expect: ${expect} } }`).errors.map(
      ({ path, message }) => `${sayPath(path)} ${message}`,
    )
  const rows: [expect: string, error?: RegExp][] = [
    ['{ every: 1d, grace: 1h, sets: [{ match: "*", maxAge: 2d }, { match: nas, archived: true }] }'],
    ['{ archived: true }'],
    ['{ sets: [{ match: "nobody/ever", learn: false }] }'],
    ['{ every: 1d, maxAge: 2d }', /^repositories\.b\.expect has maxAge and every/],
    ['{ archived: true, schedule: "@daily" }', /expect has schedule and archived/],
    ['{ sets: [{ match: nas, archived: true, every: 1d }] }', /expect\.sets\[0\] has every and archived/],
    ['{ sets: [{ match: nas }] }', /expect\.sets\[0\] says nothing/],
    ['{ sets: [{ every: 1d }] }', /expect\.sets\[0\]\.match/],
  ]
  for (const [expect, error] of rows)
    it(`${error === undefined ? 'may be' : 'is not'} ${expect}`, () => {
      const found = errors(expect)
      assert.equal(found.length, error === undefined ? 0 : 1, found.join())
      if (error !== undefined) assert.match(found[0] ?? '', error)
    })
})

describe('a repository that is read without a password', () => {
  const errors = (repository: string, rest = ''): string[] =>
    parseConfig(`repositories: { b: { tool: restic, url: /b, ${repository} } }\n${rest}`).errors.map(({ path }) =>
      sayPath(path),
    )
  it('needs none', () => assert.deepEqual(errors('read: { keyless: true }'), []))
  it('needs one without that', () => assert.deepEqual(errors('read: { keyless: false }'), ['repositories.b.password']))
  it('needs one to be pruned', () =>
    assert.deepEqual(errors('read: { keyless: true }, prune: { schedule: "@daily" }'), ['repositories.b.password']))
  it('has no jobs', () =>
    assert.deepEqual(
      errors('password: { env: P }, read: { keyless: true }', 'jobs: { a: { repository: b, sources: [/x] } }'),
      ['jobs.a.repository'],
    ))
  it('is told apart by tags or paths alone', () =>
    assert.deepEqual(errors('password: { env: P }, sets: { by: [tags, host] }'), ['repositories.b.sets.by[1]']))
})

describe('a repository of borg', () => {
  const errors = (repository: string, ...jobs: string[]): string[] => {
    const text = `
repositories: { box: { tool: borg, url: /b, ${repository} } }
jobs:
${jobs.map((job, at) => `  J${at}: { repository: box, sources: [/x], ${job} }`).join('\n')}
`
    return parseConfig(text, { host: 'here' }).errors.map(({ path, message }) => `${sayPath(path)} ${message}`)
  }
  const secret = 'password: { env: P }'

  it('needs a password, unless it is meant to be open or its key file does without', () => {
    expect(errors('', 'maxAge: 1d')).toEqual(['repositories.box.password is missing'])
    for (const own of ['unencrypted: true', 'keyFile: /k', secret]) expect(errors(own, 'maxAge: 1d')).toEqual([])
  })

  it('refuses what borg does not have, and says what it has', () => {
    const found = errors(
      `${secret}, check: { schedule: "@daily", readDataSubset: 5% }, limits: { downloadRate: 1M }`,
      'retention: { keepDaily: 1, keepWithinDaily: 1d, keepTags: [a], group: [host] }, limits: { cpus: 1 }',
    )
    expect(found.map((text) => text.split(' ', 1)[0])).toEqual([
      'repositories.box.check.readDataSubset',
      'repositories.box.limits.downloadRate',
      'jobs.J0.retention.keepWithinDaily',
      'jobs.J0.retention.keepTags',
      'jobs.J0.retention.group',
      'jobs.J0.limits.cpus',
    ])
  })

  it('refuses a name that is always the same, with the reason', () => {
    const [found] = errors(secret, 'archiveName: backup')
    expect(found).toMatch(/^jobs\.J0\.archiveName .*every backup but the first would fail/)
  })

  it('holds options to the form of borg, and those of restic away', () => {
    expect(errors(secret, 'compression: max')).toEqual([
      expect.stringMatching(/^jobs\.J0\.compression "max" does not fit/),
    ])
    expect(errors(secret, 'compression: "zstd,6"')).toEqual([])
    expect(errors(secret, 'readConcurrency: 4')).toEqual([expect.stringMatching(/is an option of restic/)])
    expect(errors(secret, 'extraArgs: [--read-concurrency=1]')).toEqual([expect.stringMatching(/is refused/)])
  })

  it('tells policies apart by the names of archives, not by sources', () => {
    const keep = 'retention: { keepDaily: 3 }'
    expect(errors(secret, keep, 'maxAge: 1d')).toEqual([
      expect.stringMatching(/^jobs\.J0\.retention would forget snapshots of J1 too: same repository, and the names/),
    ])
    expect(errors(secret, `${keep}, archiveName: "{hostname}-a-{now}"`, 'archiveName: "{hostname}-b-{now}"')).toEqual(
      [],
    )
    expect(errors(secret, keep, 'host: other')).toEqual([])
  })
})
