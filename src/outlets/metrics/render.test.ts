import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import {
  failingStanding,
  healthyStanding,
  lockedProblem,
  makeJob,
  makeRepository,
  makeRun,
  makeSet,
  makeStanding,
} from '../../../test/http/standings.ts'
import type { Standing } from '../../model/standing.ts'
import { renderMetrics } from './render.ts'

const lines = (standing: Standing, maxSeries = 2000): string[] =>
  renderMetrics(standing, { maxSeries, format: 'prometheus' })
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
const named = (all: readonly string[], name: string): string[] =>
  all.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))

describe('the metrics', () => {
  it('leave out what is unknown: never 0, never -1', () => {
    const all = lines(
      makeStanding({
        jobs: [makeJob({ operations: [] })],
        repositories: [
          { name: 'new', tool: 'restic', location: '/x', sets: [], operations: [], findings: [], lanes: [] },
        ],
        totals: [],
      }),
    )
    for (const name of [
      'muster_repository_up',
      'muster_repository_snapshots',
      'muster_repository_size_bytes',
      'muster_repository_locks',
      'muster_job_last_run_timestamp_seconds',
      'muster_job_last_exit_code',
      'muster_job_files_new',
    ])
      assert.deepEqual(named(all, name), [])
  })

  it('say by one family of eight how a set stands, with a single 1', () => {
    const all = named(lines(failingStanding), 'muster_set_verdict').filter((line) => line.includes('host="desktop"'))
    assert.equal(all.length, 8)
    assert.deepEqual(
      all.filter((line) => line.endsWith(' 1')),
      ['muster_set_verdict{repository="nas",host="desktop",user="ben",verdict="late"} 1'],
    )
  })

  it('publish deadlines and times, and no age', () => {
    const all = lines(healthyStanding)
    assert.equal(named(all, 'muster_set_expected_before_timestamp_seconds').length, 7)
    assert.equal(named(all, 'muster_job_expected_before_timestamp_seconds').length, 3)
    assert.deepEqual(
      all.filter((line) => /^[^{ ]*_age/.test(line)),
      [],
    )
  })

  it('tell why a reading failed, and that it did', () => {
    const all = lines(failingStanding)
    assert.deepEqual(named(all, 'muster_repository_problem'), [
      'muster_repository_problem{repository="cloud",code="restic.password"} 1',
    ])
    assert.ok(named(all, 'muster_repository_up').includes('muster_repository_up{repository="cloud"} 0'))
  })

  it('tell what Muster itself has lost or does not follow', () => {
    assert.ok(
      lines(failingStanding).includes('muster_ledger_degraded 1') &&
        lines(failingStanding).includes('muster_config_reload_successful 0'),
    )
    assert.ok(
      lines(healthyStanding).includes('muster_ledger_degraded 0') &&
        lines(healthyStanding).includes('muster_config_reload_successful 1'),
    )
  })

  it('count every outcome of every job from 0', () => {
    const all = named(lines(makeStanding()), 'muster_job_runs_total')
    assert.equal(all.length, 7)
    assert.ok(
      all.includes('muster_job_runs_total{job="documents",repository="nas",operation="backup",outcome="failed"} 0'),
    )
  })

  it('do not call a warning a success', () => {
    const last = makeRun({ outcome: 'warning' })
    const all = lines(makeStanding({ jobs: [makeJob({ operations: [{ operation: 'backup', last }] })] }))
    assert.deepEqual(
      named(all, 'muster_job_last_success_timestamp_seconds').filter((line) => line.includes('job="documents"')),
      [],
    )
    assert.ok(
      all.includes('muster_job_last_outcome{job="documents",repository="nas",operation="backup",outcome="warning"} 1'),
    )
  })

  it('name the newest failure for the operations of a repository, without a job', () => {
    const last = makeRun({ operation: 'check', outcome: 'failed', problem: lockedProblem })
    const all = lines(makeStanding({ repositories: [makeRepository({ operations: [{ operation: 'check', last }] })] }))
    assert.ok(all.includes('muster_job_last_outcome{job="",repository="nas",operation="check",outcome="failed"} 1'))
  })

  it('are in one order, whenever they are asked for', () =>
    assert.deepEqual(lines(healthyStanding), lines(healthyStanding)))
})

describe('the cap on series', () => {
  const hosts = (from: number, amount: number) =>
    Array.from({ length: amount }, (_, at) => makeSet({ host: `host-${String(from + at).padStart(6, '0')}` }))
  const ofSets = (all: readonly string[], repository: string): string[] =>
    all.filter((line) => line.startsWith('muster_set_') && line.includes(`repository="${repository}"`))
  const perSet = ofSets(lines(makeStanding({ repositories: [makeRepository({ sets: hosts(0, 1) })] })), 'nas').length

  it('holds with 10,000 hosts, drops whole sets, and says how many series', () => {
    const all = lines(
      makeStanding({
        repositories: [
          makeRepository({ sets: hosts(0, 10_000) }),
          makeRepository({ name: 'other', sets: hosts(0, 2) }),
        ],
      }),
      2000,
    )
    const kept = ofSets(all, 'nas')
    assert.ok(kept.length <= 2000 && kept.length > 2000 - perSet, `${kept.length}`)
    assert.equal(kept.length % perSet, 0)
    assert.ok(all.includes(`muster_repository_series_dropped_total{repository="nas"} ${10_000 * perSet - kept.length}`))
    assert.ok(all.includes('muster_repository_series_dropped_total{repository="other"} 0'))
    assert.equal(ofSets(all, 'other').length, 2 * perSet)
  })

  it('holds with 10,000 tags of one host, and never writes one series twice', () => {
    const sets = Array.from({ length: 10_000 }, (_, at) =>
      makeSet({ tags: [`tag-${at}`, 'x'.repeat(at % 3000)].sort() }),
    )
    const twins = [['a,b'], ['a', 'b'], ['a\\,b'], [], ['']].map((tags) => makeSet({ tags }))
    const all = lines(makeStanding({ repositories: [makeRepository({ sets })] }), 2000)
    const kept = ofSets(all, 'nas')
    assert.ok(kept.length <= 2000 && kept.length > 2000 - perSet, `${kept.length}`)
    assert.ok(all.includes(`muster_repository_series_dropped_total{repository="nas"} ${10_000 * perSet - kept.length}`))
    assert.ok(kept.every((line) => line.length < 1_300))
    const some = ofSets(lines(makeStanding({ repositories: [makeRepository({ sets: twins })] })), 'nas')
    assert.equal(new Set(some.map((line) => line.replace(/ \S+$/, ''))).size, twins.length * perSet)
  })

  it('keeps the same sets as more come', () => {
    const of = (amount: number) =>
      ofSets(lines(makeStanding({ repositories: [makeRepository({ sets: hosts(0, amount) })] }), 500), 'nas')
    assert.deepEqual(of(300), of(10_000))
  })
})
