/** A short look at the repository of a module, through the program that knows its login. */
import type { Probe, Soundness } from '../../../model/diagnosis.ts'
import type { Problem } from '../../../model/problem.ts'
import type { Secret } from '../../../model/secret.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { type ProcessResult, runProcess } from '../../../system/process.ts'
import { redactor } from '../../../system/redact.ts'
import { shownLines } from '../../../system/text.ts'
import {
  CheckReport,
  classify,
  failureText,
  headline,
  type ProblemCode,
  parseSnapshots,
  problem as resticProblem,
} from '../../tools/restic/words.ts'
import { isId } from './keys.ts'
import { problem } from './problems.ts'
import type { Ns8Settings } from './settings.ts'

export interface ProbeWish {
  readonly module: string
  /** Of several plans a module has one repository in each. */
  readonly plan?: string
  readonly check: boolean
}

export interface ProbeSettings extends Pick<Ns8Settings, 'runagent'> {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** To be looked for in what is said. */
  readonly secrets?: readonly Secret[]
}

const longestWords = 2_000
/** Between TERM and KILL; whoever waits for a look waits this much longer. */
const graceMs = 5_000
/** Of some 40,000 snapshots. */
const longestList = 64 * 1024 * 1024
const mostLines = 400

interface Ran {
  readonly result: ProcessResult
  readonly lines: readonly string[]
  readonly tookMs: number
}

/**
 * Writes nothing but restic's own lock, and gives up at the signal. Never throws. `restic-wrapper` takes short forms of its own options,
 * so restic gets none that it could take for one. Source: ns8-core, `runagent` and `restic-wrapper`.
 */
export async function probeNs8(wish: ProbeWish, settings: ProbeSettings, signal: AbortSignal): Promise<Probe> {
  const { module, plan } = wish
  const redact = redactor(settings.secrets ?? [])
  const way = 'runagent restic-wrapper'
  if (!isId(module) || (plan !== undefined && !isId(plan)))
    return { repository: 'of a module', way, soundness: 'unknown', problem: problem('ns8.plan-id', {}), tookMs: 0 }
  const base = { repository: module, part: module, way }
  const call = (args: readonly string[], onErrorLine?: (line: string) => void): Promise<Ran> =>
    run(
      ['-m', module, 'restic-wrapper', ...(plan === undefined ? [] : ['--backup', plan]), ...args],
      settings,
      signal,
      onErrorLine,
    )

  const listed = await call(['snapshots', '--json'])
  const said = wordsOf(listed, redact)
  if (listed.result.exitCode !== 0) return { ...base, ...failed(listed, wish, settings, said), ...ending(listed, said) }
  const snapshots = snapshotsIn(listed.lines)
  if (snapshots === undefined) {
    const odd = resticProblem('restic.output', { repository: module })
    return { ...base, soundness: 'tool error', problem: odd, ...ending(listed, said) }
  }
  // It lists what it can read, and ends well whatever it cannot.
  if (unread.test(said))
    return {
      ...base,
      soundness: 'damaged',
      problem: resticProblem('restic.damaged', { repository: module }, said),
      ...ending(listed, said),
    }
  const newestAt = snapshots.at(-1)?.takenAt
  const seen = { ...base, snapshots: snapshots.length, ...(newestAt && { newestAt }) }
  if (!wish.check) return { ...seen, soundness: snapshots.length === 0 ? 'empty' : 'sound', ...ending(listed, '') }

  const report = new CheckReport()
  const checked = await call(['check'], (line) => report.errorLine(line))
  for (const line of checked.lines) report.line(line)
  const words = wordsOf(checked, redact)
  const tookMs = listed.tookMs + checked.tookMs
  if (checked.result.exitCode === 0)
    return { ...seen, soundness: snapshots.length === 0 ? 'empty' : 'sound', ...ending(checked, ''), tookMs }
  const end = ending(checked, words)
  const found = failed(checked, wish, settings, words)
  // Beyond the words that are known: whatever a check that ran to its end complains of is damage.
  if (found.problem?.code !== 'restic.failed' || report.findings.length === 0)
    return { ...seen, ...found, ...end, tookMs }
  const damaged = resticProblem('restic.damaged', { repository: module }, redact(report.findings[0] ?? ''))
  return { ...seen, soundness: 'damaged', problem: damaged, ...end, tookMs }
}

async function run(
  args: readonly string[],
  { runagent: [command = 'runagent', ...fixed], env }: ProbeSettings,
  signal: AbortSignal,
  onErrorLine?: (line: string) => void,
): Promise<Ran> {
  const lines: string[] = []
  const began = performance.now()
  const result = await runProcess({
    command,
    args: [...fixed, ...args],
    environment: childEnvironment({}, env ?? process.env) as Record<string, string>,
    signal,
    stopSignal: 'SIGTERM',
    graceMs,
    maxLineBytes: longestList,
    onLine: (line) => void (lines.length < mostLines && lines.push(line)),
    ...(onErrorLine && { onErrorLine }),
  })
  return { result, lines, tookMs: Math.round(performance.now() - began) }
}

const ending = ({ result, tookMs }: Ran, words: string): Pick<Probe, 'exitCode' | 'words' | 'tookMs'> => ({
  tookMs,
  ...(words !== '' && { words }),
  ...(result.exitCode !== undefined && { exitCode: result.exitCode }),
})

/** What it said on standard error, else what it said at all. */
function textOf({ result, lines }: Ran): string {
  const text = failureText(result.stderrTail).trim()
  return text === '' ? lines.filter((line) => !/^[[{]/.test(line)).join('\n') : text
}

/** For people: from the fatal line on, where it is long. */
function wordsOf(ran: Ran, redact: (text: string) => string): string {
  const text = textOf(ran)
  return shownLines(redact(text.length <= longestWords ? text : headline(text))).slice(0, longestWords)
}

function failed(
  ran: Ran,
  { module }: ProbeWish,
  { runagent: [program = 'runagent'] }: ProbeSettings,
  words: string,
): { readonly soundness: Soundness; readonly problem: Problem } {
  const { result } = ran
  const text = textOf(ran)
  if (result.ended === 'spawn-failed')
    return { soundness: 'unknown', problem: problem('ns8.no-runagent', { program }, result.cause) }
  // It lives on another node: that says nothing of its repository.
  if (/\[FATAL\] Cannot find module/i.test(text))
    return { soundness: 'unknown', problem: problem('ns8.no-module', { module }) }
  if (/^usage: .*restic-wrapper|^restic-wrapper: error:|^Traceback \(most recent call last\)/im.test(text))
    return { soundness: 'tool error', problem: problem('ns8.wrapper', { module }, words) }
  const code = classify(result, text)
  // It tries for long: what it said until it was ended tells why.
  if (soundnessOf[code] === 'unknown' && unreached.test(text))
    return { soundness: 'unreachable', problem: resticProblem('restic.network', { repository: module }, words) }
  return { soundness: soundnessOf[code] ?? 'tool error', problem: resticProblem(code, { repository: module }, words) }
}

/** Source: restic, `ForAllSnapshots` and `LoadUnpacked`, observed with 0.14, 0.18 and 0.19. */
const unread = /ciphertext verification failed|^Ignoring "|hash does not match|invalid data returned/im
const unreached =
  /connection refused|no such host|name resolution|network is unreachable|no route to host|i\/o timeout|connection reset|\b50[0234]\b/i

/** Where it was cut short nobody knows. */
const soundnessOf: Partial<Readonly<Record<ProblemCode, Soundness>>> = {
  'restic.no-repository': 'gone',
  'restic.locked': 'locked',
  'restic.invalid-lock': 'locked',
  'restic.password': 'credentials',
  'restic.no-password': 'credentials',
  'restic.denied': 'credentials',
  'restic.host-key': 'host key',
  'restic.network': 'unreachable',
  'restic.tls': 'unreachable',
  'restic.store-full': 'full',
  'restic.damaged': 'damaged',
  'restic.interrupted': 'unknown',
  'restic.timed-out': 'unknown',
  'restic.stalled': 'unknown',
  'restic.killed': 'unknown',
}

/** The list stands in one line; others may be of what starts restic. */
function snapshotsIn(lines: readonly string[]): ReturnType<typeof parseSnapshots> {
  for (const line of lines.toReversed()) {
    if (!/^\s*(?:\[|null\b)/.test(line)) continue
    try {
      const snapshots = parseSnapshots(JSON.parse(line))
      if (snapshots !== undefined) return snapshots
    } catch {
      // Another line may be it.
    }
  }
  return undefined
}
