import { lstat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Problem } from '../../../model/problem.ts'
import { type Called, okOf, toResult } from '../called.ts'
import type { CheckAgainst, CheckResult, CheckSpec, OperationIo, RepositoryAccess } from '../tool.ts'
import { callRclone } from './command.ts'
import { destinationOf, placeOf } from './destination.ts'
import { parseLogLine } from './log.ts'
import { problem } from './problems.ts'
import { filterArguments, sourceOf } from './source.ts'

const mostFindings = 200

/**
 * Compares the tree with its source, where that is on this machine: by checksums, or by all data with `readData: 'all'`. A crypt
 * remote, which has no checksums of its own, is compared by `cryptcheck`. What changed in the source since the last backup is no
 * fault of the tree.
 */
export async function check(access: RepositoryAccess, spec: CheckSpec, io: OperationIo): Promise<CheckResult> {
  const none = (why: Problem): CheckResult => ({ outcome: 'failed', problem: why, durationMs: 0, findings: [] })
  if (spec.readData !== undefined && spec.readData !== 'all')
    return none(problem('rclone.subset', { subset: spec.readData }))
  const [against] = spec.against ?? []
  const source = against === undefined ? undefined : sourceOf(against.spec)
  if (against === undefined || source?.ok !== true)
    return none(cannotVerify(access, 'no job here has its source, and without one there is nothing to compare with'))
  const first = await compare(access, spec.readData === 'all' ? ['check', '--download'] : ['check'], against, io)
  // 1.60 and later say so before they compare sizes only.
  const done =
    first.report.hashless && first.report.isCrypt ? await compare(access, ['cryptcheck'], against, io) : first
  return judge(access, done, against, source.value)
}

interface Compared {
  readonly called: Called
  readonly report: CheckReport
}

async function compare(
  access: RepositoryAccess,
  command: readonly string[],
  { spec }: CheckAgainst,
  io: OperationIo,
): Promise<Compared> {
  const report = new CheckReport()
  const oneWay = spec.own.mode === 'sync' ? [] : ['--one-way']
  const places = [spec.sources[0] ?? '', placeOf(destinationOf(access.url.reveal()).name)]
  const called = await callRclone(access, io, {
    args: [...command, '--combined=-', '--stats=1s', ...oneWay, ...filterArguments(spec), '--', ...places],
    onLine: (line) => report.line(line),
    onErrorLine: (line) => report.errorLine(line),
    progress: () => report.progress,
  })
  return { called, report }
}

async function judge(
  access: RepositoryAccess,
  { called, report }: Compared,
  against: CheckAgainst,
  source: string,
): Promise<CheckResult> {
  const result = toResult(called)
  if (called.process.ended !== 'exited') return { ...result, findings: [] }
  const differences: string[] = []
  for (const difference of report.differences)
    if (!(await isExplained(difference, source, against.since))) differences.push(say(difference))
  const findings = differences.slice(0, mostFindings).map(called.redact)
  if (findings.length > 0) {
    const said = `${differences.length} difference${differences.length === 1 ? '' : 's'}`
    const why = problem('rclone.damaged', { repository: access.name, findings: said }, findings[0])
    return { ...result, outcome: 'failed', problem: why, findings }
  }
  // It ended ill, and no difference says why.
  if (called.problem !== undefined && report.differences.length === 0) return { ...result, findings }
  if (report.compared === 0)
    return { ...result, outcome: 'failed', problem: cannotVerify(access, 'no file was compared'), findings }
  const why = report.hashless ? 'its store and the source have no checksum in common' : report.unhashed
  if (why !== undefined) return { ...okOf(result), outcome: 'warning', problem: cannotVerify(access, why), findings }
  return { ...okOf(result), findings }
}

const cannotVerify = (access: RepositoryAccess, why: string): Problem =>
  problem('rclone.cannot-verify', { repository: access.name, why })

interface Difference {
  /** `+` only in the source, `-` only in the tree, `*` different, `!` could not be read. Source: `rclone check --help`. */
  readonly sign: string
  readonly path: string
}

const meanings = new Map([
  ['+', 'is missing in the tree'],
  ['-', 'is in the tree and not in the source'],
  ['*', 'differs'],
  ['!', 'could not be read or compared'],
])
const say = ({ sign, path }: Difference): string => `${path} ${meanings.get(sign) ?? sign}`

/** The source went on since the tree was last brought up to date; what could not be read is never explained so. */
async function isExplained({ sign, path }: Difference, source: string, since: Date | undefined): Promise<boolean> {
  if (since === undefined || sign === '!') return false
  for (let place = join(source, path); place.startsWith(source); place = dirname(place)) {
    const entry = await lstat(place).catch(() => undefined)
    if (entry !== undefined) return entry.mtime >= since || entry.ctime >= since
    if (place === source) return false
  }
  return false
}

/** Collects what a comparison says. */
class CheckReport {
  readonly differences: Difference[] = []
  compared = 0
  /** No checksum in common: only sizes were compared. */
  hashless = false
  isCrypt = false
  /** Some files have no checksum. */
  unhashed: string | undefined
  progress = 0

  line(line: string): void {
    const match = /^([-+*!=]) (.*)$/s.exec(line)
    if (match === null) return
    const [, sign = '', path = ''] = match
    this.progress += 1
    this.compared += 1
    if (sign !== '=') this.differences.push({ sign, path })
  }

  errorLine(text: string): void {
    const line = parseLogLine(text)
    if (line === undefined) return
    if (line.stats !== undefined) this.progress += line.stats.bytes > 0 ? 1 : 0
    if (line.objectType === '*crypt.Fs') this.isCrypt = true
    if (/^No common hash found/.test(line.msg)) this.hashless = true
    const unhashed = /^(\d+) hashes could not be checked/.exec(line.msg)?.[1]
    if (unhashed !== undefined) this.unhashed = `${unhashed} files have no checksum there`
  }
}
