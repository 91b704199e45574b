/** Sources, schedules and retention of jobs. */
import { access } from 'node:fs/promises'
import type { Job } from '../../config/schema.ts'
import type { Finding } from '../../model/finding.ts'
import { sayDuration } from '../../model/units.ts'
import { deadlineAfter } from '../../verdict/deadline.ts'
import { keepWindow } from '../../verdict/retention-window.ts'
import { parseSchedule, type Schedule } from '../../verdict/schedule/parse.ts'
import { type App, repositoryOf, zoneOf } from '../context.ts'
import { longestPauseMs } from '../pace.ts'
import { expectationOf } from '../standing/expectation.ts'
import { error, fine, warning } from './findings.ts'

export async function examineJobs(app: App, repositories: readonly string[]): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for (const [name, job] of Object.entries(app.config.jobs)) {
    if (!repositories.includes(job.repository)) continue
    found.push(...(await sourceFindings(name, job)), ...scheduleFindings(app, name, job))
  }
  for (const name of repositories) found.push(...(await upkeepFindings(app, name)))
  return found
}

async function sourceFindings(name: string, job: Job): Promise<Finding[]> {
  const subject = `job ${name}`
  const missing: string[] = []
  for (const source of job.sources)
    if (
      !(await access(source).then(
        () => true,
        () => false,
      ))
    )
      missing.push(source)
  if (missing.length === 0)
    return [fine(subject, `${job.sources.length} source${job.sources.length === 1 ? '' : 's'} there`)]
  return missing.map((source) =>
    error(
      subject,
      `the source ${source} is not there, or this user may not see it`,
      'Mount or create it, or correct sources.',
    ),
  )
}

function scheduleFindings(app: App, name: string, job: Job): Finding[] {
  const subject = `job ${name}`
  const zone = job.timezone ?? zoneOf(app.config)
  const schedule = scheduleOf(job.schedule)
  const found: Finding[] = []
  if (schedule === undefined && job.maxAge === undefined) {
    found.push(
      warning(
        subject,
        'has neither schedule nor maxAge: nobody notices when it stops',
        'Add schedule: or maxAge: to the job.',
      ),
    )
  }
  return [...found, ...retentionFindings(app, subject, job, schedule, zone)]
}

/** The last good snapshot must outlive the time until somebody notices that newer ones are bad. */
function retentionFindings(
  app: App,
  subject: string,
  job: Job,
  schedule: Schedule | undefined,
  zone: string,
): Finding[] {
  if (job.retention === undefined) return []
  const window = keepWindow(job.retention, schedule, zone, app.now())
  const deadline = deadlineAfter(expectationOf(app, { ...job, graceMs: job.grace + (job.jitter ?? 0) }), app.now())
  if (window === undefined || deadline === undefined) return []
  const pause = longestPauseMs(repositoryOf(app, job.repository).read.every, zoneOf(app.config), app.now())
  const delay = deadline.getTime() - app.now().getTime() + pause
  if (window > delay) return []
  return [
    warning(
      subject,
      `retention keeps snapshots for ${sayDuration(window)}, but a missing backup is noticed only after up to ${sayDuration(delay)}`,
      'Keep longer (keepDaily, keepWeekly), or shorten grace or maxAge.',
    ),
  ]
}

async function upkeepFindings(app: App, name: string): Promise<Finding[]> {
  const repository = repositoryOf(app, name)
  const subject = `repository ${name}`
  const found: Finding[] = []
  const jobs = Object.values(app.config.jobs).filter((job) => job.repository === name)
  const follows = (work: 'prune' | 'check'): boolean => jobs.some(({ upkeep }) => upkeep.includes(work))
  const forgets = jobs.some((job) => job.retention !== undefined)
  if (forgets && repository.prune === undefined && !follows('prune')) {
    found.push(
      warning(
        subject,
        'snapshots are forgotten, but nothing prunes: it only grows',
        `Add prune: { schedule: "30 4 * * 0" } to the repository, unless its server prunes.`,
      ),
    )
  }
  if (repository.check === undefined && !follows('check')) {
    const what = 'no check is scheduled: damage shows only when it is needed'
    found.push(warning(subject, what, 'Add check: { schedule: "0 3 * * 0" } to the repository.'))
  }
  for (const operation of ['check', 'prune'] as const) {
    const [last] = await app.ledger.runs({ repository: name, operation, closedOnly: true, most: 1 })
    if (last?.problem === undefined || last.outcome === 'ok') continue
    const when = sayDuration(app.now().getTime() - last.startedAt.getTime())
    const { message, next, code } = last.problem
    found.push(error(subject, `the last ${operation}, ${when} ago, was not good: ${message}`, next, code))
  }
  return found
}

function scheduleOf(text: string | undefined): Schedule | undefined {
  const parsed = text === undefined ? undefined : parseSchedule(text)
  return parsed?.ok === true ? parsed.value : undefined
}
