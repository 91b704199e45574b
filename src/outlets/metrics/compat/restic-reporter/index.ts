/** The six metrics of restic-reporter 1.0.1, byte for byte: names, HELP, labels and their order, numbers. */
import type { RepositoryStanding } from '../../../../model/standing.ts'
import type { AllFacts, Compat } from '../compat.ts'
import { type GoSample, renderGauges } from '../go-text.ts'

const dayMs = 86_400_000
/** A set whose age in whole days is beyond this is called legacy. */
const legacyDays = 60

export const compat: Compat = { system: 'restic-reporter', scope: 'all', render }

function render(facts: AllFacts): string {
  const repositories = withoutTwins(facts).sort(([a], [b]) => compare(a, b))
  const failed = repositories.filter(([, { lastReading }]) => lastReading?.problem !== undefined)
  const sets = repositories
    .filter(
      ([, { lastReading }]) => facts.keepsKnown || (lastReading !== undefined && lastReading.problem === undefined),
    )
    .flatMap(([url, repository]) =>
      setsOf(repository).map((set) => ({ ...set, url, days: daysOf(set.newestAt, facts.now) })),
    )
    .sort(
      (a, b) =>
        compare(a.host, b.host) ||
        compare(legacyOf(a.days), legacyOf(b.days)) ||
        compare(a.url, b.url) ||
        compare(a.user, b.user),
    )
  const ofSets = (value: (set: (typeof sets)[number]) => number): GoSample[] =>
    sets.map((set) => ({
      labels: { host: set.host, isLegacy: legacyOf(set.days), url: set.url, user: set.user },
      value: value(set),
    }))
  const ages = [...sets].sort((a, b) => compare(a.host, b.host) || compare(a.url, b.url) || compare(a.user, b.user))
  return renderGauges([
    {
      name: 'backup_days_age',
      help: 'Age in days since the most recent backup in a backup set',
      samples: ages.map(({ host, url, user, days }) => ({ labels: { host, url, user }, value: days })),
    },
    {
      name: 'backup_job_error_count',
      help: 'Number of errors encountered by backup monitoring job',
      samples: facts.collectedAt === undefined ? [] : [{ labels: {}, value: failed.length }],
    },
    {
      name: 'backup_job_last_success_unixtime',
      help: 'Last time a batch job successfully finished',
      samples: facts.collectedAt === undefined ? [] : [{ labels: {}, value: facts.collectedAt.getTime() / 1000 }],
    },
    {
      name: 'backup_newest_timestamp',
      help: 'Most recent snapshot timestamp in backup set',
      samples: ofSets(({ newestAt }) => Math.floor(newestAt.getTime() / 1000)),
    },
    {
      name: 'backup_read_error_count',
      help: 'Number of errors encountered when reading backup',
      samples: repositories
        .filter(([, { lastReading }]) => lastReading !== undefined)
        .map(([url, { lastReading }]) => ({ labels: { url }, value: lastReading?.problem === undefined ? 0 : 1 })),
    },
    {
      name: 'backup_snapshot_count',
      help: 'Number of snapshots in a backup set',
      samples: ofSets(({ snapshots }) => snapshots),
    },
  ])
}

/** Two repositories that are shown under one address would be two series of one name; the first stays. */
function withoutTwins({ repositories, urlOf }: AllFacts): (readonly [url: string, RepositoryStanding])[] {
  const byUrl = new Map<string, RepositoryStanding>()
  for (const repository of repositories) {
    const url = urlOf(repository)
    if (!byUrl.has(url)) byUrl.set(url, repository)
  }
  return [...byUrl]
}

interface ReporterSet {
  readonly host: string
  readonly user: string
  readonly snapshots: number
  readonly newestAt: Date
}

/** By host and user; one without a name is `UNKNOWN`, as is one that has that very name. */
function setsOf({ sets }: RepositoryStanding): ReporterSet[] {
  const byName = new Map<string, ReporterSet>()
  for (const { set } of sets) {
    const user = set.user === '' ? 'UNKNOWN' : set.user
    const key = JSON.stringify([set.host, user])
    const known = byName.get(key)
    byName.set(key, {
      host: set.host,
      user,
      snapshots: set.snapshots + (known?.snapshots ?? 0),
      newestAt: known !== undefined && known.newestAt > set.newestAt ? known.newestAt : set.newestAt,
    })
  }
  return [...byName.values()]
}

/** Whole days, cut off towards zero; a snapshot from the future has a negative age, or none. */
const daysOf = (newestAt: Date, now: Date): number => Math.trunc((now.getTime() - newestAt.getTime()) / dayMs)
const legacyOf = (days: number): string => String(days > legacyDays)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
