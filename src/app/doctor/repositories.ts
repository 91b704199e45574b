/** Program, secrets, reachability and locks of one repository. */

import { loadSecret } from '../../config/secrets/load.ts'
import type { Finding } from '../../model/finding.ts'
import type { Lock } from '../../model/snapshot.ts'
import { sayBytes, sayDuration } from '../../model/units.ts'
import type { Tool } from '../../sources/tools/tool.ts'
import { aheadToleranceMs } from '../../verdict/freshness.ts'
import { type Reached, reach, toolOf } from '../access.ts'
import { type App, repositoryOf } from '../context.ts'
import { damageProblem } from '../damage.ts'
import { look } from '../look.ts'
import { measureSpace } from '../space/measure.ts'
import { isOlder, tooOld } from '../tool-version.ts'
import { lockProof } from '../unlock.ts'
import { error, fine, warning } from './findings.ts'
import { examineSsh } from './ssh/examine.ts'

/** Tools refresh their locks every few minutes; older ones are most likely dead. Source: restic, 30 minutes. */
const staleMs = 30 * 60_000

export async function examineRepository(app: App, name: string, signal: AbortSignal): Promise<readonly Finding[]> {
  const subject = `repository ${name}`
  const secrets = await secretFindings(app, name, subject)
  const { read, prune, check } = repositoryOf(app, name)
  // Only what has a password needs a program.
  const isListed = read.keyless && prune === undefined && check === undefined
  const program = isListed ? [] : await programFindings(app, name, subject, signal)
  const ssh = await examineSsh(app, name, subject, signal)
  const first = [...secrets, ...program, ...ssh]
  const stuck = first.some((finding) => finding.level === 'error')
  return [...first, ...(stuck ? [] : await reachFindings(app, name, subject, signal))]
}

async function secretFindings(app: App, name: string, subject: string): Promise<Finding[]> {
  const { password, environment } = repositoryOf(app, name)
  const found: Finding[] = []
  for (const source of [...(password === undefined ? [] : [password]), ...Object.values(environment)]) {
    if (typeof source === 'string') {
      found.push(
        warning(
          subject,
          'a secret stands in the configuration in plain text',
          'Put it into a file of mode 0600 and write { file: PATH }.',
        ),
      )
      continue
    }
    const loaded = await loadSecret(source, { env: app.env })
    if (!loaded.ok) found.push(error(subject, loaded.problem.message, loaded.problem.next, loaded.problem.code))
    else if (loaded.value.warning !== undefined)
      found.push(warning(subject, loaded.value.warning.message, loaded.value.warning.next))
  }
  return found
}

async function programFindings(app: App, name: string, subject: string, signal: AbortSignal): Promise<Finding[]> {
  const { tool: toolName, program } = repositoryOf(app, name)
  const tool = toolOf(toolName)
  const version = await tool.version(program === undefined ? {} : { program }, { signal, timeLimitMs: 30_000 })
  if (!version.ok) return [error(subject, version.problem.message, version.problem.next, version.problem.code)]
  const range = `${tool.versions.oldest} to ${tool.versions.newestTested}`
  if (isOlder(version.value, tool.versions.oldest)) {
    const { message, next, code } = tooOld(tool, version.value)
    return [error(subject, message, next, code)]
  }
  if (isOlder(tool.versions.newestTested, version.value))
    return [
      warning(
        subject,
        `${toolName} ${version.value} is newer than what this Muster was tested with (${range})`,
        'It will most likely work. Look for a newer Muster.',
      ),
    ]
  return [fine(subject, `${toolName} ${version.value}`)]
}

/** As a reading looks that knows nothing yet; with tools that start their program for each snapshot, as one that knows what there was. */
async function lookNow(app: App, reached: Reached, signal: AbortSignal) {
  const { result } = await look(app, reached, {
    signal,
    locks: true,
    size: false,
    known: async () =>
      reached.tool.survey === undefined ? new Set() : await app.ledger.knownSnapshots(reached.access.name, true),
    knownKeys: new Set(),
    isRecorded: async () => false,
    trustTimes: false,
  })
  return result
}

async function keylessFindings(app: App, reached: Reached, subject: string, signal: AbortSignal): Promise<Finding[]> {
  const result = await lookNow(app, reached, signal)
  if (!result.ok) return [error(subject, result.problem.message, result.problem.next, result.problem.code)]
  return [fine(subject, `can be listed without a password; ${result.value.ids.length} snapshots`)]
}

async function reachFindings(app: App, name: string, subject: string, signal: AbortSignal): Promise<Finding[]> {
  const reached = await reach(app, name)
  if (!reached.ok) return [error(subject, reached.problem.message, reached.problem.next, reached.problem.code)]
  if (reached.value.repository.read.keyless) return keylessFindings(app, reached.value, subject, signal)
  const { repository } = reached.value
  const looked = await lookNow(app, reached.value, signal)
  if (!looked.ok) {
    const wanted =
      looked.problem.code.endsWith('.no-repository') &&
      repository.create &&
      (await app.ledger.lastReading(name, true)) === undefined
    if (wanted) return [fine(subject, 'is not there yet; the first run makes it')]
    return [error(subject, looked.problem.message, looked.problem.next, looked.problem.code)]
  }
  const { ids, fresh, damaged, locks = [] } = looked.value
  const opened = reached.value.access.password === undefined ? 'can be read' : 'opens with the password'
  const found = [fine(subject, `${opened}; ${ids.length} snapshots`)]
  const damage = damageProblem(name, damaged)
  if (damage !== undefined) found.push(error(subject, damage.message, damage.next, damage.code))
  const ahead = fresh.filter((snapshot) => snapshot.takenAt.getTime() - app.now().getTime() > aheadToleranceMs)
  const far = ahead.at(-1)
  if (far !== undefined)
    found.push(
      error(
        subject,
        `${ahead.length} snapshot${ahead.length === 1 ? ' is' : 's are'} dated in the future, up to ${far.takenAt.toISOString()} (by ${far.host})`,
        `Set the clock of ${far.host}. Forget nothing until then: a policy would keep these and remove good ones.`,
      ),
    )
  const ours = await lockProof(app, name)
  found.push(...(await spaceFindings(app, name, subject, reached.value, signal)))
  return [...found, ...locks.map((lock) => lockFinding(subject, lock, reached.value.tool, ours(lock), app.now()))]
}

async function spaceFindings(
  app: App,
  name: string,
  subject: string,
  reached: Reached,
  signal: AbortSignal,
): Promise<Finding[]> {
  const measure = await measureSpace(app, name, { signal, now: true, reached })
  if (measure === undefined) return []
  const { space, problem } = measure
  if (space !== undefined)
    return [fine(subject, `${sayBytes(space.freeBytes)} of ${sayBytes(space.totalBytes)} free in its store`)]
  if (problem === undefined) return []
  const isAsked = repositoryOf(app, name).space !== undefined
  return [{ ...(isAsked ? error : warning)(subject, problem.message, problem.next), code: problem.code }]
}

function lockFinding(subject: string, lock: Lock, { locking }: Tool, ours: boolean, now: Date): Finding {
  const ageMs = now.getTime() - lock.takenAt.getTime()
  const what = `${lock.exclusive ? 'locked exclusively' : 'locked'} by process ${lock.pid}${lock.user === '' ? '' : ` of ${lock.user}`} on ${lock.host} for ${sayDuration(ageMs)}`
  if (ours)
    return warning(
      subject,
      `${what}; that was a process of Muster and is dead`,
      'The next run that meets it removes it.',
    )
  if (ageMs > staleMs && locking !== undefined) {
    const next = `See on ${lock.host} whether process ${lock.pid} still runs; if not: ${locking.remove}`
    return locking.isRenewed
      ? error(subject, `${what}; living processes renew their locks more often`, next)
      : warning(subject, what, next)
  }
  return lock.exclusive
    ? warning(subject, what, 'Let that work end; runs wait for it or fail meanwhile.')
    : fine(subject, what)
}
