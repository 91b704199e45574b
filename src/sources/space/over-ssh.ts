/** Room in the store behind an ssh, by `df` there. */
import { fail, ok, type Result } from '../../model/problem.ts'
import type { Space } from '../../model/space.ts'
import { childEnvironment } from '../../system/environment.ts'
import { type ProcessResult, runProcess } from '../../system/process.ts'
import { isStorageBox, type SshPlace, toArguments } from '../../system/ssh/place.ts'
import { faultOfEnd } from '../ssh-end.ts'
import { parseDf, systemOf } from './df.ts'
import { noProgram, spaceProblem, spaceTimedOut, unparsed, unsupportedSpace } from './problems.ts'

export interface SpaceIo {
  readonly signal: AbortSignal
  readonly timeLimitMs: number
}

const way = 'df'

/** @param argv How ssh is started; the place is added. */
export async function spaceByDf(
  name: string,
  argv: readonly string[],
  place: SshPlace,
  io: SpaceIo,
): Promise<Result<Space>> {
  let said = ''
  for (const command of commandsFor(place)) {
    const lines: string[] = []
    const ended = await ask(argv, place, command, lines, io)
    const problem = problemOf(name, ended, io)
    if (problem !== undefined) return fail(problem)
    const systems = parseDf(lines.join('\n'))
    const own = systems === undefined ? undefined : systemOf(systems, place.path)
    if (own !== undefined) return ok(own.space)
    if (systems !== undefined)
      return fail(
        unsupportedSpace(
          name,
          way,
          `it lists ${systems.length} file systems, and which of them is meant cannot be told`,
        ),
      )
    said ||= lines.join('\n') || ended.stderrTail
  }
  return fail(unparsed(name, way, said))
}

/** A storage box knows the bare command alone; elsewhere the folder says which file system is meant. */
function* commandsFor({ host, path }: SshPlace): Generator<string> {
  const folder = path?.replace(/^~\//, './')
  if (!isStorageBox(host)) yield `df -P -k -- ${folder === undefined ? '.' : `'${folder.replaceAll("'", `'\\''`)}'`}`
  if (!isStorageBox(host) && folder !== undefined && !folder.startsWith('/')) yield 'df -P -k .'
  yield 'df'
}

const ask = (
  argv: readonly string[],
  place: SshPlace,
  command: string,
  lines: string[],
  io: SpaceIo,
): Promise<ProcessResult> =>
  runProcess({
    command: argv[0] ?? 'ssh',
    args: [...argv.slice(1), '-T', ...toArguments(place), command],
    // The language and the size of a block are the server's own matter; ours are not sent.
    environment: childEnvironment<string>({ LC_ALL: 'C' }),
    signal: io.signal,
    timeLimitMs: io.timeLimitMs,
    onLine: (line) => void (lines.length < 1000 && lines.push(line)),
    maxLineBytes: 4096,
  })

/** What ssh itself says, by its own exit code; that of `df` is another matter. */
function problemOf(name: string, ended: ProcessResult, { timeLimitMs }: SpaceIo) {
  if (ended.ended === 'spawn-failed') return noProgram(name, 'ssh')
  if (ended.ended !== 'exited') return spaceTimedOut(name, way, timeLimitMs / 1000)
  if (ended.exitCode !== 255) return undefined
  return spaceProblem(name, way, faultOfEnd(ended.stderrTail, 255).fault, timeLimitMs)
}
