/** Room in what rclone reaches, by `rclone about --json`. */
import { z } from 'zod'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { Secret } from '../../model/secret.ts'
import type { Space } from '../../model/space.ts'
import { childEnvironment } from '../../system/environment.ts'
import { runProcess } from '../../system/process.ts'
import type { SpaceIo } from './over-ssh.ts'
import { noProgram, spaceProblem, spaceTimedOut, unparsed, unsupportedSpace } from './problems.ts'

const way = 'rclone about'
const Count = z.number().int().min(0)
/** Bytes. What the remote does not tell is left out. Source: rclone, "rclone about". */
const About = z.looseObject({ total: Count.optional(), used: Count.optional(), free: Count.optional() })

/** @returns Undefined where the text is no answer; `partial` where it says too little. Unknown is never 0. */
export function parseAbout(text: string): Space | 'partial' | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const about = About.safeParse(value)
  if (!about.success) return undefined
  const { total, used, free } = about.data
  const totalBytes = total ?? (used !== undefined && free !== undefined ? used + free : undefined)
  const freeBytes = free ?? (total !== undefined && used !== undefined ? Math.max(0, total - used) : undefined)
  if (totalBytes === undefined || freeBytes === undefined) return 'partial'
  return totalBytes > 0 && freeBytes <= totalBytes ? { freeBytes, totalBytes, way: 'rclone' } : undefined
}

export interface RcloneRemote {
  readonly program: string
  /** `remote:path`. */
  readonly remote: string
  readonly environment: Readonly<Record<string, string | Secret>>
}

export async function spaceByRclone(name: string, remote: RcloneRemote, io: SpaceIo): Promise<Result<Space>> {
  const lines: string[] = []
  const ended = await runProcess({
    command: remote.program,
    args: ['about', '--json', '--', remote.remote],
    environment: childEnvironment(remote.environment),
    signal: io.signal,
    timeLimitMs: io.timeLimitMs,
    onLine: (line) => void (lines.length < 100 && lines.push(line)),
    maxLineBytes: 64 * 1024,
  })
  if (ended.ended === 'spawn-failed') return fail(noProgram(name, remote.program))
  if (ended.ended !== 'exited') return fail(spaceTimedOut(name, way, io.timeLimitMs / 1000))
  const said = ended.stderrTail
  if (ended.exitCode !== 0) {
    const isUnsupported = /doesn't support about|not supported|optional feature not implemented/i.test(said)
    if (isUnsupported) return fail(unsupportedSpace(name, way, 'this kind of remote has no such question'))
    const isHostKey = /knownhosts: key (?:is unknown|mismatch)/i.test(said)
    return fail(
      spaceProblem(
        name,
        way,
        { kind: isHostKey ? 'host-key' : 'unreachable', detail: lastWords(said) },
        io.timeLimitMs,
      ),
    )
  }
  const space = parseAbout(lines.join('\n'))
  if (space === 'partial')
    return fail(unsupportedSpace(name, way, 'the remote tells neither what is free nor how much there is'))
  return space === undefined ? fail(unparsed(name, way, lines.join('\n'))) : ok(space)
}

/** Without the date rclone begins a line with; addresses in it may hold what nobody shall read. */
const lastWords = (said: string): string =>
  (said.trim().split('\n').at(-1) ?? '')
    .replace(/^[\d/]+ [\d:]+ /, '')
    .replaceAll(/(?:pass|password|token|secret|key)\w*=\S+/gi, '***')
    .slice(0, 200)
