import { fail, ok, type Result } from '../../../model/problem.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { runProcess } from '../../../system/process.ts'
import { findProgram } from '../find-program.ts'
import { VersionMemory } from '../program-file.ts'
import type { OperationIo } from '../tool.ts'
import { classify, failureText, headline } from './classify.ts'
import { problem } from './problems.ts'

/** Oldest and newest version that the tests run with. */
export const versions = { oldest: '1.2.0', newestTested: '1.4.0' } as const

const timeLimitMs = 30_000

const known = new VersionMemory()

/**
 * The version of a borg program, such as `1.4.0`. Asked once for each program file.
 *
 * Errors: `borg.version` for borg 2, `borg.not-found`, `borg.not-executable`, `borg.output` when it is something else, and how it ended.
 */
export async function loadVersion(program: string, io: Pick<OperationIo, 'signal'>): Promise<Result<string>> {
  const environment = childEnvironment<string>({})
  const found = findProgram(program, environment.PATH)
  if (!found.ok) return fail(problem(`borg.${found.code}`, { program }))
  const remembered = known.get(found.path)
  if (remembered !== undefined) return ok(remembered)

  let version: string | undefined
  const ended = await runProcess({
    command: found.path,
    args: ['--version'],
    environment,
    signal: io.signal,
    timeLimitMs,
    onLine: (line) => {
      version ??= /^borg (\d+\.\d+\.\d+\S*)/.exec(line)?.[1]
    },
  })
  const context = { program, limitSeconds: timeLimitMs / 1000, ...(ended.signal && { signal: ended.signal }) }
  if (ended.ended !== 'exited' || ended.exitCode !== 0)
    return fail(problem(classify(ended, ended.stderrTail), context, headline(failureText(ended.stderrTail))))
  if (version === undefined) return fail(problem('borg.output', context))
  if (!version.startsWith('1.')) return fail(problem('borg.version', { ...context, version }))
  known.set(found.path, version)
  return ok(version)
}
