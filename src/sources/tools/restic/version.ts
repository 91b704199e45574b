import { statSync } from 'node:fs'
import { fail, ok, type Result } from '../../../model/problem.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { runProcess } from '../../../system/process.ts'
import type { OperationIo } from '../tool.ts'
import { classify, failureText, headline } from './classify.ts'
import { problem } from './problems.ts'
import { findProgram } from './program.ts'

/** Oldest and newest version that the tests run with. */
export const versions = { oldest: '0.14.0', newestTested: '0.19.1' } as const

const timeLimitMs = 30_000

/** One entry a program file; a new file under the same name is asked again. */
const known = new Map<string, string>()

/**
 * The version of a restic program, such as `0.18.0`. Asked once for each program file.
 *
 * Errors: `restic.not-found`, `restic.not-executable`, `restic.output` when it is something else, and how it ended.
 */
export async function loadVersion(program: string, io: Pick<OperationIo, 'signal'>): Promise<Result<string>> {
  const environment = childEnvironment<string>({})
  const found = findProgram(program, environment.PATH)
  if (!found.ok) return fail(problem(found.code, { program }))
  const key = fileKey(found.path)
  const remembered = known.get(key)
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
  known.set(key, version)
  return ok(version)
}

/** Compares `major.minor.patch` numerically. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (let index = 0; index < 3; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

function fileKey(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path)
    return `${path} ${ino} ${size} ${mtimeMs}`
  } catch {
    return path
  }
}
