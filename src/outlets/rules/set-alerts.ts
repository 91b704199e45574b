/** Alerts on backup sets: what is late by its own schedule, what is dated in the future, what is not there at all. */
import { type Alert, aheadToleranceSeconds, anyOf, hourMs, minuteMs, type TestSeries } from './alert.ts'
import type { RepositoryFacts, RuleFacts } from './facts.ts'
import { oneOf, quoted } from './selector.ts'

const deadline = 'muster_set_expected_before_timestamp_seconds'
const newest = 'muster_set_newest_snapshot_timestamp_seconds'
const by = ['repository', 'host', 'user']

/** Repositories in which somebody expects snapshots by a time. */
const withDeadline = (facts: RuleFacts): readonly RepositoryFacts[] =>
  facts.repositories.filter((one) => one.deadlines === 'learned' || isSure(one, facts))

/** Declared, or written by a job with a schedule. */
const isSure = ({ name, deadlines }: RepositoryFacts, { jobs }: RuleFacts): boolean =>
  deadlines === 'declared' || jobs.some(({ repository, everyMs }) => repository === name && everyMs !== undefined)

const ofSet = (repository: string, name: string, value: TestSeries['value']): TestSeries => ({
  name,
  labels: { repository, host: 'host', user: 'user' },
  value,
})

export const setAlerts: readonly Alert[] = [
  {
    name: 'MusterSetLate',
    set: 'muster',
    group: 'sets',
    severity: 'critical',
    forMs: 5 * minuteMs,
    by,
    summary: 'The backups of {{ $labels.host }} in {{ $labels.repository }} are late',
    when: 'the deadline of a backup set has passed and its next snapshot is not there',
    todo: 'See whether the machine that writes it is on and its job runs: `muster status` says since when it is late.',
    rules(facts, select) {
      const all = withDeadline(facts)
      const sure = all.find((one) => isSure(one, facts))
      // A deadline that is learned is not there at first.
      return [sure ?? all[0]].flatMap((one) =>
        one === undefined
          ? []
          : {
              expr: `${select(deadline)} < time()`,
              faults: [
                {
                  what: 'the deadline of a set has passed',
                  change: [ofSet(one.name, deadline, { fromNow: -1 })],
                  fires: [{ repository: one.name, host: 'host', user: 'user' }],
                  ...(sure === undefined && ({ absentIsNormal: true } as const)),
                },
              ],
            },
      )
    },
  },
  {
    name: 'MusterSetAhead',
    set: 'muster',
    group: 'sets',
    severity: 'warning',
    forMs: 5 * minuteMs,
    by,
    summary: 'The newest snapshot of {{ $labels.host }} in {{ $labels.repository }} is dated in the future',
    when: 'the newest snapshot of a backup set is dated more than two minutes in the future, which hides every later gap',
    todo: 'Set the clock of the machine that wrote it, and of this one; forget the snapshot once others are there.',
    rules: ({ repositories }, select) =>
      repositories.slice(0, 1).map(({ name }) => ({
        expr: `${select(newest)} > time() + ${aheadToleranceSeconds}`,
        faults: [
          {
            what: 'a snapshot from the future',
            change: [ofSet(name, newest, { fromNow: aheadToleranceSeconds + 60 })],
            fires: [{ repository: name, host: 'host', user: 'user' }],
          },
        ],
      })),
  },
  {
    name: 'MusterSetsMissing',
    set: 'muster',
    group: 'sets',
    severity: 'critical',
    forMs: hourMs,
    by: ['repository'],
    summary: 'A backup set that is expected in {{ $labels.repository }} is not there',
    when: 'no backup set fits a pattern of `expect`, or a repository in which snapshots are expected has no set with a deadline: it is empty, or nothing is told of it',
    todo: 'Look into it with `muster snapshots`; snapshots that were there and are gone are told by `muster status`.',
    rules(facts, select) {
      const all = withDeadline(facts)
      const expected = all.filter(({ deadlines }) => deadlines === 'declared').map(({ name }) => name)
      // What is learned may be learned by and by; what jobs write is there once one of them went well.
      const written = all.filter((one) => one.deadlines !== 'declared' && isSure(one, facts)).map(({ name }) => name)
      const missing = 'muster_repository_missing_sets'
      const faults = (names: readonly string[]) => [
        {
          what: 'no set is there',
          gone: names.flatMap((repository) => [{ name: deadline, labels: { repository } }]),
          fires: names.map((repository) => ({ repository })),
        },
      ]
      const good = (): string =>
        select('muster_job_last_success_timestamp_seconds', 'operation="backup"', oneOf('repository', written))
      return [
        ...(expected.length === 0
          ? []
          : [
              {
                expr: anyOf(expected.map((name) => `absent(${select(deadline, `repository=${quoted(name)}`)})`)),
                faults: faults(expected),
              },
              {
                expr: `${select(missing, oneOf('repository', expected))} > 0`,
                faults: expected.slice(0, 1).map((repository) => ({
                  what: 'a set that is expected is not there',
                  change: [{ name: missing, labels: { repository }, value: 1 }],
                  fires: [{ repository }],
                })),
              },
            ]),
        ...(written.length === 0
          ? []
          : [
              {
                expr: `group by (repository) (${good()})\nunless on (repository)\n${select(deadline)}`,
                faults: faults(written),
              },
            ]),
      ]
    },
  },
]
