import { toResult } from '../called.ts'
import type { CheckResult, CheckSpec, OperationIo, RepositoryAccess } from '../tool.ts'
import { callRestic } from './command.ts'
import { parseCheckSummary, parseError, parseLine } from './messages.ts'
import { problem } from './problems.ts'

const mostFindings = 200

/** Checks structure, and data as far as asked. Takes an exclusive lock; the temporary cache of restic is its own business. */
export async function check(access: RepositoryAccess, spec: CheckSpec, io: OperationIo): Promise<CheckResult> {
  const report = new CheckReport()
  const called = await callRestic(access, io, {
    args: checkArguments(spec),
    onLine: (line) => report.line(line),
    onErrorLine: (line) => report.errorLine(line),
  })
  const result = toResult(called)
  const findings = report.findings.map(called.redact)
  // 0.18 and later say how many errors there were; a 0 beside errors would be a lie of some other program.
  if (result.outcome === 'ok' && !report.clean) {
    return {
      ...result,
      outcome: 'failed',
      problem: problem('restic.output', { repository: access.name }, called.text),
      findings,
    }
  }
  const damaged = result.problem?.code === 'restic.failed' && findings.length > 0
  if (!damaged) return { ...result, findings }
  const context = { repository: access.name, findings: findings.length }
  return { ...result, problem: problem('restic.damaged', context, findings[0]), findings }
}

function checkArguments(spec: CheckSpec): readonly string[] {
  const { readData } = spec
  return [
    'check',
    '--json',
    ...(readData === undefined ? [] : readData === 'all' ? ['--read-data'] : [`--read-data-subset=${readData}`]),
  ]
}

/** Collects what a check says: JSON since 0.18, plain text before. */
export class CheckReport {
  readonly findings: string[] = []
  #errors: number | undefined
  #saidNoErrors = false

  line(line: string): void {
    const value = parseLine(line)
    if (value === undefined) this.#saidNoErrors ||= line === 'no errors were found'
    else this.#errors = parseCheckSummary(value) ?? this.#errors
  }

  errorLine(line: string): void {
    const value = parseLine(line)
    const error = (value === undefined ? line : parseError(value)?.reason)?.trim()
    if (error && this.findings.length < mostFindings && !/^Fatal: repository contains errors/.test(error))
      this.findings.push(error)
  }

  /** The check itself says that it found no errors. */
  get clean(): boolean {
    return this.#errors === undefined ? this.#saidNoErrors : this.#errors === 0
  }
}
