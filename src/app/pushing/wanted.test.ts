import { describe, expect, it } from 'vitest'
import { makeJob, makeStanding } from '../../../test/http/standings.ts'
import { parseConfig } from '../../config/parse.ts'
import type { Config } from '../../config/schema.ts'
import { wantedOf } from './wanted.ts'

const configOf = (metrics: object, job: object = {}): Config => {
  const { config, errors } = parseConfig(
    JSON.stringify({
      repositories: { nas: { tool: 'restic', url: '/nas', password: { env: 'P' } } },
      jobs: { documents: { repository: 'nas', sources: ['/d'], tags: ['daily'], host: 'nas', ...job } },
      metrics,
    }),
  )
  if (config === undefined) throw new Error(JSON.stringify(errors))
  return config
}
const push = (more: object) => ({ pushgateway: { url: 'https://push.example.com/gate/', ...more } })
const wanted = (metrics: object, standing = makeStanding({ jobs: [makeJob()] }), job: object = {}) =>
  wantedOf(configOf(metrics, job), standing, 'vm-1')

describe('what is to be on a gateway', () => {
  const rows: readonly (readonly [string, object, readonly string[]])[] = [
    ['the default', {}, ['put metrics/job/documents/instance/vm-1']],
    ['the nine of a script', { names: 'nfs-backup' }, ['put metrics/job/nfs_backup/instance/daily']],
    ['the three of a sidecar', { names: 'sidecar' }, ['post metrics/job/backup/instance/nas']],
    ['those of resticprofile', { names: 'resticprofile' }, ['put metrics/job/documents.backup']],
    ['those of runrestic', { names: 'runrestic' }, ['put metrics/job/runrestic/instance/documents']],
    ['a method', { names: 'sidecar', method: 'put' }, ['put metrics/job/backup/instance/nas']],
    [
      'several, each in its group',
      { names: ['muster', 'sidecar'] },
      ['put metrics/job/documents/instance/vm-1', 'post metrics/job/backup/instance/nas'],
    ],
    [
      'several in one group, whole',
      { names: ['sidecar', 'nfs-backup'], job: 'x', instance: '{variant}' },
      ['put metrics/job/x/instance/daily'],
    ],
    [
      'no instance, and more labels',
      { instance: '', grouping: { of: '{tag}/x' } },
      ['put metrics/job/documents/of@base64/ZGFpbHkveA=='],
    ],
  ]
  for (const [name, more, want] of rows)
    it(name, () => {
      const [all] = wanted(push(more))
      expect(all).toMatchObject({ target: 'pushgateway', place: 'https://push.example.com/gate/' })
      expect(all?.pushes.map(({ method, key }) => `${method} ${key}`)).toEqual(want)
      for (const { body, job } of all?.pushes ?? []) {
        expect(job).toBe('documents')
        expect(body).toMatch(/\n$/)
        expect(body).not.toContain('\r')
      }
    })

  it('is nothing of other programs before the first run, and the deadline of our own', () => {
    const standing = makeStanding({ jobs: [makeJob({ operations: [{ operation: 'backup' }] })] })
    const [all] = wanted(push({ names: ['muster', 'nfs-backup', 'sidecar'] }), standing)
    expect(all?.pushes.map(({ key }) => key)).toEqual(['metrics/job/documents/instance/vm-1'])
    expect(all?.pushes[0]?.body).toContain('\nmuster_job_expected_before_timestamp_seconds{')
  })

  it('bears the end of the newest run, and is none of a backup that was never started', () => {
    const [job] = makeStanding({ jobs: [makeJob()] }).jobs
    const last = job?.operations.find(({ operation }) => operation === 'backup')?.last
    if (job === undefined || last?.endedAt === undefined) throw new Error('no backup that ended')
    const pushes = (outcome: 'ok' | 'skipped') =>
      wanted(
        push({ names: 'sidecar' }),
        makeStanding({ jobs: [{ ...job, operations: [{ operation: 'backup', last: { ...last, outcome } }] }] }),
      )[0]?.pushes
    expect(pushes('ok')).toMatchObject([{ ranAt: last.endedAt }])
    expect(pushes('skipped')).toEqual([])
  })

  it('does not change with time alone', () => {
    const at = (now: Date) =>
      wanted(push({ names: ['muster', 'nfs-backup', 'sidecar'] }), makeStanding({ now, jobs: [makeJob()] }))
    expect(at(new Date(0))).toEqual(at(new Date()))
  })

  it('goes to each place that is configured', () => {
    const all = wanted({ textfile: { directory: '/t' }, otlp: { url: 'https://otlp.example.com/v1/metrics' } })
    expect(all.map(({ target, place, pushes }) => [target, place, pushes.map(({ key }) => key)])).toEqual([
      ['textfile', '/t', ['muster_documents.prom']],
      ['otlp', 'https://otlp.example.com/v1/metrics', ['']],
    ])
    expect(wanted({})).toEqual([])
  })
})
