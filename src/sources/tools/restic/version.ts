import { fail, ok, type Result } from '../../../model/problem.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { runProcess } from '../../../system/process.ts'
import { findProgram } from '../find-program.ts'
import { VersionMemory } from '../program-file.ts'
import type { OperationIo } from '../tool.ts'
import { classify, failureText, headline } from './classify.ts'
import { problem } from './problems.ts'

/** Oldest and newest version that the tests run with. */
export const versions = { oldest: '0.14.0', newestTested: '0.19.1' } as const

const timeLimitMs = 30_000

const known = new VersionMemory()

/**
 * The version of a restic program, such as `0.18.0`. Asked once for each program file.
 *
 * Errors: `restic.not-found`, `restic.not-executable`, `restic.output` when it is something else, and how it ended.
 */
export async function loadVersion(program: string, io: Pick<OperationIo, 'signal'>): Promise<Result<string>> {
  const environment = childEnvironment<string>({})
  const found = findProgram(program, environment.PATH)
  if (!found.ok) return fail(problem(`restic.${found.code}`, { program }))
  const remembered = known.get(found.path)
  if (remembered !== undefined) return ok(remembered)

  let version: string | undefined
  const ended = await runProcess({
    command: found.path,
    args: ['version'],
    environment,
    signal: io.signal,
    timeLimitMs,
    onLine: (line) => {
      version ??= /^restic (\d+\.\d+\.\d+)/.exec(line)?.[1]
    },
  })
  const context = {
    program,
    limitSeconds: timeLimitMs / 1000,
    ...(ended.signal === undefined ? {} : { signal: ended.signal }),
  }
  const text = failureText(ended.stderrTail)
  if (ended.ended !== 'exited' || ended.exitCode !== 0)
    return fail(problem(classify(ended, text), context, headline(text)))
  if (version === undefined) return fail(problem('restic.output', context))
  known.set(found.path, version)
  return ok(version)
}
