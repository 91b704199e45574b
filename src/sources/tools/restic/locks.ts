import { fail, ok, type Result } from '../../../model/problem.ts'
import type { Lock } from '../../../model/snapshot.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { callRestic } from './command.ts'
import { outputProblem } from './json.ts'
import { toLock } from './records.ts'

/** All locks of a repository, oldest first, read without taking one. One that vanishes or cannot be read is left out. */
export async function locks(access: RepositoryAccess, io: OperationIo): Promise<Result<readonly Lock[]>> {
  const ids = await lockIds(access, io)
  if (!ids.ok) return ids
  const found: Lock[] = []
  for (const id of ids.value) {
    const lock = await readLock(access, id, io)
    if (!lock.ok) return lock
    if (lock.value !== undefined) found.push(lock.value)
  }
  return ok(found.sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime()))
}

/** One call of restic, where `locks` needs one more for each lock. */
export async function lockIds(access: RepositoryAccess, io: OperationIo): Promise<Result<readonly string[]>> {
  const ids: string[] = []
  const listed = await callRestic(access, io, {
    args: ['list', '--no-lock', '--', 'locks'],
    onLine: (line) => {
      if (/^[0-9a-f]{64}$/.test(line)) ids.push(line)
    },
  })
  return listed.problem === undefined ? ok(ids) : fail(listed.problem)
}

async function readLock(access: RepositoryAccess, id: string, io: OperationIo): Promise<Result<Lock | undefined>> {
  const lines: string[] = []
  const called = await callRestic(access, io, {
    args: ['cat', '--no-lock', '--', 'lock', id],
    onLine: (line) => lines.push(line),
  })
  if (called.problem !== undefined) return isNone(called.text) ? ok(undefined) : fail(called.problem)
  const lock = parseLock(id, lines.join('\n'))
  return lock === undefined ? fail(outputProblem(access)) : ok(lock)
}

/** Gone meanwhile; or not to be read, which `restic unlock` does not remove either, and a backup tells where it matters. */
const isNone = (text: string): boolean =>
  /no such file|does not exist|not found|\(404\)|NoSuchKey|invalid data returned/i.test(text)

/** Reads `cat lock`: a JSON object over several lines, maybe behind a line of text. Never throws. */
export function parseLock(id: string, text: string): Lock | undefined {
  try {
    return toLock(id, JSON.parse(text.slice(text.indexOf('{'))))
  } catch {
    return undefined
  }
}
