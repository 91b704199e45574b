import { mkdirSync } from 'node:fs'
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import { toResult } from '../called.ts'
import type { OperationIo, OperationResult, RepositoryAccess, RestoreSpec } from '../tool.ts'
import { callBorg } from './command.ts'
import { archiveArgument } from './command-text.ts'
import { parseMessage } from './messages.ts'
import { problem } from './problems.ts'
import { listArchives } from './survey.ts'

/** Restores into `target`. Takes a lock, so that nothing removes data meanwhile. */
export async function restore(access: RepositoryAccess, spec: RestoreSpec, io: OperationIo): Promise<OperationResult> {
  const startedAt = performance.now()
  const failed = (why: Problem): OperationResult => ({
    outcome: io.signal.aborted ? 'cancelled' : 'failed',
    problem: why,
    durationMs: performance.now() - startedAt,
  })
  const name = await nameOf(access, spec.snapshotId, io)
  if (!name.ok) return failed(name.problem)
  try {
    mkdirSync(spec.target, { recursive: true })
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error)
    return failed(
      problem('borg.restore-incomplete', { repository: access.name }, `the target cannot be made: ${cause}`),
    )
  }
  let done = 0
  const called = await callBorg(access, io, {
    args: restoreArguments(spec, name.value),
    // Stored paths have no leading slash, and are restored below the current folder.
    cwd: spec.target,
    withoutCache: true,
    onErrorLine: (line) => {
      const message = parseMessage(line)
      if (message?.type !== 'progress_percent' || message.current === undefined) return
      done = Math.max(done, message.current)
      io.onProgress?.({
        bytesDone: message.current,
        ...(message.total !== undefined && message.total > 0 && { totalBytes: message.total }),
      })
    },
    progress: () => done,
  })
  const result = { ...toResult(called), durationMs: performance.now() - startedAt }
  if (!called.warned) return result
  return { ...result, problem: problem('borg.restore-incomplete', { repository: access.name }, called.text) }
}

/** `pp:` takes a path as it is, whatever signs are in it. */
export const restoreArguments = (spec: RestoreSpec, name: string): readonly string[] => [
  'extract',
  '--progress',
  '--',
  archiveArgument(name),
  ...spec.include.map((path) => `pp:${path.replace(/^\/+/, '')}`),
]

/** borg 1.x takes archives by name only. @param id Whole, or its first digits. */
export async function nameOf(access: RepositoryAccess, id: string, io: OperationIo): Promise<Result<string>> {
  const listed = await listArchives(access, io)
  if (!listed.ok) return listed
  const archive = id === '' ? undefined : listed.value.archives.find((one) => one.id.startsWith(id))
  return archive === undefined ? fail(problem('borg.no-archive', { repository: access.name })) : ok(archive.name)
}
