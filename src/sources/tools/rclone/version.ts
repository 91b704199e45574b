import { fail, ok, type Result } from '../../../model/problem.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { runProcess } from '../../../system/process.ts'
import { findProgram } from '../find-program.ts'
import { VersionMemory } from '../program-file.ts'
import type { OperationIo } from '../tool.ts'
import { classify } from './classify.ts'
import { failureText, headline } from './log.ts'
import { problem } from './problems.ts'

/** Oldest and newest version that the tests run with. */
export const versions = { oldest: '1.60.0', newestTested: '1.75.2' } as const

const timeLimitMs = 30_000

const known = new VersionMemory()

/**
 * The version of an rclone program, such as `1.75.2`. Asked once for each program file.
 *
 * Errors: `rclone.not-found`, `rclone.not-executable`, `rclone.output` when it is something else, and how it ended.
 */
export async function loadVersion(program: string, io: Pick<OperationIo, 'signal'>): Promise<Result<string>> {
  const environment = childEnvironment<string>({ RCLONE_CONFIG: '/dev/null' })
  const found = findProgram(program, environment.PATH)
  if (!found.ok) return fail(problem(`rclone.${found.code}`, { program }))
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
      version ??= /^rclone v(\d+\.\d+\.\d+)/.exec(line)?.[1]
    },
  })
  const context = {
    program,
    repository: program,
    limitSeconds: timeLimitMs / 1000,
    ...(ended.signal === undefined ? {} : { signal: ended.signal }),
  }
  const text = failureText(ended.stderrTail)
  if (ended.ended !== 'exited' || ended.exitCode !== 0)
    return fail(problem(classify(ended, text), context, headline(text)))
  if (version === undefined) return fail(problem('rclone.output', context))
  known.set(found.path, version)
  return ok(version)
}
