import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { lockedProblem, makeRepository, makeSet, now } from '../../../../../test/http/standings.ts'
import type { RepositoryStanding } from '../../../../model/standing.ts'
import type { AllFacts } from '../compat.ts'
import { compat } from './index.ts'

const at = (text: string): Date => new Date(text)
const set = (host: string, user: string, newestAt: string, snapshots: number) =>
  makeSet({ host, user, newestAt: at(newestAt), snapshots })
const failed = { id: 'r', repository: 'x', startedAt: now, endedAt: now, way: 'native', problem: lockedProblem }

const one = makeRepository({
  name: 'one',
  location: 'rest:https://backups.example.com/one',
  sets: [
    set('web', 'root', '2026-11-21T01:00:00Z', 7),
    set('web', '', '2026-09-21T11:42:37Z', 3),
    set('db', 'postgres', '2026-09-22T11:42:37.900Z', 12),
    set('ahead', 'x', '2026-11-21T13:42:37Z', 1),
  ],
})
const two = makeRepository({
  name: 'two',
  location: 'rest:https://backups.example.com/two',
  lastReading: failed,
  sets: [set('mail', 'root', '2026-11-18T11:42:37Z', 1_234_567)],
})
const empty = makeRepository({ name: 'empty', location: 'b2:empty:', sets: [] })

const facts = (repositories: readonly RepositoryStanding[], more: Partial<AllFacts> = {}): AllFacts => ({
  now,
  repositories,
  jobs: [],
  collectedAt: at('2026-11-21T00:00:07.250Z'),
  urlOf: ({ location }) => location,
  keepsKnown: false,
  ...more,
})
const render = (given: AllFacts): string => {
  assert.ok(compat.scope === 'all')
  return compat.render(given)
}

/** By hand, from the names, HELP texts and rules of restic-reporter 1.0.1 and the text format of Go's client. */
const golden = `# HELP backup_days_age Age in days since the most recent backup in a backup set
# TYPE backup_days_age gauge
backup_days_age{host="ahead",url="rest:https://backups.example.com/one",user="x"} 0
backup_days_age{host="db",url="rest:https://backups.example.com/one",user="postgres"} 59
backup_days_age{host="web",url="rest:https://backups.example.com/one",user="UNKNOWN"} 61
backup_days_age{host="web",url="rest:https://backups.example.com/one",user="root"} 0
# HELP backup_job_error_count Number of errors encountered by backup monitoring job
# TYPE backup_job_error_count gauge
backup_job_error_count 1
# HELP backup_job_last_success_unixtime Last time a batch job successfully finished
# TYPE backup_job_last_success_unixtime gauge
backup_job_last_success_unixtime 1.79521920725e+09
# HELP backup_newest_timestamp Most recent snapshot timestamp in backup set
# TYPE backup_newest_timestamp gauge
backup_newest_timestamp{host="ahead",isLegacy="false",url="rest:https://backups.example.com/one",user="x"} 1.795268557e+09
backup_newest_timestamp{host="db",isLegacy="false",url="rest:https://backups.example.com/one",user="postgres"} 1.790077357e+09
backup_newest_timestamp{host="web",isLegacy="false",url="rest:https://backups.example.com/one",user="root"} 1.7952228e+09
backup_newest_timestamp{host="web",isLegacy="true",url="rest:https://backups.example.com/one",user="UNKNOWN"} 1.789990957e+09
# HELP backup_read_error_count Number of errors encountered when reading backup
# TYPE backup_read_error_count gauge
backup_read_error_count{url="b2:empty:"} 0
backup_read_error_count{url="rest:https://backups.example.com/one"} 0
backup_read_error_count{url="rest:https://backups.example.com/two"} 1
# HELP backup_snapshot_count Number of snapshots in a backup set
# TYPE backup_snapshot_count gauge
backup_snapshot_count{host="ahead",isLegacy="false",url="rest:https://backups.example.com/one",user="x"} 1
backup_snapshot_count{host="db",isLegacy="false",url="rest:https://backups.example.com/one",user="postgres"} 12
backup_snapshot_count{host="web",isLegacy="false",url="rest:https://backups.example.com/one",user="root"} 7
backup_snapshot_count{host="web",isLegacy="true",url="rest:https://backups.example.com/one",user="UNKNOWN"} 3
`

describe('the metrics of restic-reporter', () => {
  it('are byte for byte what it writes (golden)', () => assert.equal(render(facts([two, empty, one])), golden))

  it('keep what was last known of a repository that cannot be read, where that is wanted', () => {
    const text = render(facts([two], { keepsKnown: true }))
    assert.match(text, /^backup_read_error_count\{url=".*two"\} 1$/m)
    assert.match(text, /^backup_days_age\{host="mail",.*\} 3$/m)
    assert.match(text, /^backup_snapshot_count\{host="mail",.*\} 1\.234567e\+06$/m)
  })

  it('change with the clock alone: on day 61 a set is legacy', () => {
    const later = (days: number) =>
      render(facts([one], { now: new Date(at('2026-11-21T01:00:00Z').getTime() + days * 86_400_000) }))
    assert.match(later(60.99), /backup_newest_timestamp\{host="web",isLegacy="false",.*user="root"\}/)
    assert.match(later(61), /backup_newest_timestamp\{host="web",isLegacy="true",.*user="root"\}/)
    assert.match(later(-2), /backup_days_age\{host="web",.*user="root"\} -2$/m)
  })

  it('are two lines with nothing to read, and nothing before the first collection', () => {
    assert.equal(
      render(facts([])).replaceAll(/^#.*\n/gm, ''),
      'backup_job_error_count 0\nbackup_job_last_success_unixtime 1.79521920725e+09\n',
    )
    const unread: RepositoryStanding = {
      name: 'n',
      tool: 'restic',
      location: '/n',
      sets: [],
      operations: [],
      findings: [],
      lanes: [],
    }
    assert.equal(render(facts([unread], { collectedAt: undefined })), '')
  })

  it('have one series of a name, whatever users and addresses are called', () => {
    const unnamed = makeRepository({
      ...one,
      sets: [set('a', '', '2026-11-20T00:00:00Z', 1), set('a', 'UNKNOWN', '2026-11-21T00:00:00Z', 2)],
    })
    const text = render(facts([unnamed, { ...unnamed, name: 'again' }]))
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    assert.equal(new Set(series.map((line) => line.slice(0, line.lastIndexOf(' ')))).size, series.length)
    assert.match(text, /^backup_snapshot_count\{.*user="UNKNOWN"\} 3$/m)
  })
})
