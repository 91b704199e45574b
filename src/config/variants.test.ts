import { describe, expect, it } from 'vitest'
import { sayPath } from './finding.ts'
import { parseConfig } from './parse.ts'
import { expandVariants } from './variants.ts'

const head = 'repositories: { box: { tool: restic, url: /b, password: { env: P } } }\njobs:\n'
const parsed = (jobs: string) => parseConfig(`${head}${jobs}`, { host: 'here' })
const told = (jobs: string): string[] =>
  parsed(jobs).errors.map(({ path, line, message }) => `${line} ${sayPath(path)} ${message}`)

const nfs = `
  nfs:
    repository: box
    sources: [/srv/nfs]
    excludeIfPresent: [.nobackup]
    limits: { cpus: 1 }
    tags: [nfs]
    variants:
      sub-daily: { schedule: "0 */4 * * *", retention: { keepWithin: 2d } }
      monthly: { schedule: "0 3 1 * *", tags: [long], limits: { cpus: 2 }, retention: { keepLast: 12 } }`

describe('variants of a job', () => {
  it('are jobs, with what each says in place of what the job says', () => {
    const { config, errors } = parsed(nfs)
    expect(errors).toEqual([])
    expect(Object.keys(config?.jobs ?? {})).toEqual(['nfs-sub-daily', 'nfs-monthly'])
    expect(config?.jobs['nfs-sub-daily']).toMatchObject({
      repository: 'box',
      sources: ['/srv/nfs'],
      excludeIfPresent: ['.nobackup'],
      limits: { cpus: 1 },
      tags: ['sub-daily', 'nfs'],
      schedule: '0 */4 * * *',
    })
    expect(config?.jobs['nfs-monthly']).toMatchObject({
      tags: ['long', 'nfs'],
      limits: { cpus: 2 },
      retention: { keepLast: 12 },
    })
    expect(config?.jobs['nfs-monthly']).not.toHaveProperty('variants')
  })

  it('stand beside jobs without any', () => {
    const { config } = parsed(`${nfs}\n  other: { repository: box, sources: [/x] }`)
    expect(Object.keys(config?.jobs ?? {})).toEqual(['nfs-sub-daily', 'nfs-monthly', 'other'])
  })

  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'what is wrong with the job is told once, where it stands',
      '  nfs:\n    repository: bx\n    sources: [/x]\n    variants:\n      a: {}\n      b: {}',
      ['4 jobs.nfs.repository there is no repository "bx"'],
    ],
    [
      'what is wrong with a variant is told where it stands',
      '  nfs:\n    repository: box\n    sources: [/x]\n    variants:\n      a: { schedule: "61 * * * *" }\n      b: { colour: red }',
      ['7 jobs.nfs.variants.a.schedule', '8 jobs.nfs.variants.b.colour'],
    ],
    [
      'what is missing is missing in the job',
      '  nfs:\n    repository: box\n    variants:\n      a: {}',
      ['3 jobs.nfs.sources is missing'],
    ],
    [
      'a list of variants',
      '  nfs:\n    repository: box\n    sources: [/x]\n    variants: [a, b]',
      ['6 jobs.nfs.variants expected'],
    ],
    [
      'no variants',
      '  nfs:\n    repository: box\n    sources: [/x]\n    variants: {}',
      ['6 jobs.nfs.variants names no variant'],
    ],
    [
      'a variant that is a text',
      '  nfs:\n    repository: box\n    sources: [/x]\n    variants: { a: daily }',
      ['6 jobs.nfs.variants.a expected'],
    ],
    [
      'a job of the same name',
      '  nfs:\n    repository: box\n    sources: [/x]\n    variants: { a: {} }\n  nfs-a: { repository: box, sources: [/y] }',
      ['6 jobs.nfs.variants.a makes a job nfs-a'],
    ],
    [
      'tags of the job and of the variant',
      '  nfs:\n    repository: box\n    sources: [/x]\n    tags: [1]\n    variants:\n      a: { tags: [good, "b,d"] }',
      ['6 jobs.nfs.tags[0] expected', '8 jobs.nfs.variants.a.tags[1]'],
    ],
    [
      'variants inside variants',
      '  nfs:\n    repository: box\n    sources: [/x]\n    variants:\n      a: { variants: { b: {} } }',
      ['7 jobs.nfs.variants.a.variants'],
    ],
  ]
  for (const [name, jobs, want] of rows)
    it(name, () => {
      const all = told(jobs)
      expect(all.length, all.join('\n')).toBe(want.length)
      for (const [at, begin] of want.entries()) expect(all[at]).toContain(begin)
    })

  it('leave whatever else stands there to others', () => {
    for (const raw of [undefined, 3, [], {}, { jobs: [] }, { jobs: { a: 3 } }])
      expect(expandVariants(raw).raw).toEqual(raw)
  })
})
