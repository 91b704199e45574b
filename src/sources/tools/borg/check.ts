import { toResult } from '../called.ts'
import type { CheckResult, CheckSpec, OperationIo, RepositoryAccess } from '../tool.ts'
import { waitFor } from './backup.ts'
import { callBorg } from './command.ts'
import { parseMessage } from './messages.ts'
import { problem } from './problems.ts'
import { settingsOf } from './settings.ts'

const mostFindings = 200

/**
 * Checks the stored data, what the archives say, and reads all data back where that is asked for; or the stored data for a time.
 * Takes an exclusive lock. Exit code 1 means problems found, with every version.
 */
export async function check(access: RepositoryAccess, spec: CheckSpec, io: OperationIo): Promise<CheckResult> {
  if (spec.readData !== undefined && spec.readData !== 'all') {
    const why = problem('borg.refused-argument', {
      argument: spec.readData,
      reason: 'it reads all data back, or none; write all, or use checkFor',
    })
    return { outcome: 'failed', problem: why, durationMs: 0, findings: [] }
  }
  const found: string[] = []
  let [done, clean] = [0, false]
  const called = await callBorg(access, io, {
    args: checkArguments(access, spec),
    onErrorLine: (line) => {
      const message = parseMessage(line)
      if (message?.type === 'progress_percent') done += 1
      if (message?.type !== 'log_message') return
      clean ||= /no problems found/.test(message.message)
      if (/ERROR|CRITICAL|WARNING/.test(message.levelname) && found.length < mostFindings) found.push(message.message)
    },
    progress: () => done,
  })
  const result = toResult(called)
  const findings = found.map(called.redact)
  if (called.problem === undefined && clean) return { ...result, findings: [] }
  // Neither clean nor damaged: some other program, or a version that says it otherwise.
  if (called.problem === undefined)
    return {
      ...result,
      outcome: 'failed',
      problem: problem('borg.output', { program: 'borg check' }, called.text),
      findings,
    }
  const damaged = called.process.exitCode === 1 || called.warned
  if (!damaged) return { ...result, findings: called.problem.code === 'borg.damaged' ? findings : [] }
  const context = { repository: access.name, findings: findings.length }
  return { ...result, problem: problem('borg.damaged', context, findings[0]), findings }
}

export function checkArguments(access: Pick<RepositoryAccess, 'own'>, spec: CheckSpec): readonly string[] {
  const { checkOnly, checkFor } = settingsOf(access)
  const partly = checkFor !== undefined && spec.readData === undefined
  const only = partly ? 'repository' : spec.readData === undefined ? checkOnly : undefined
  return [
    'check',
    '--info',
    '--progress',
    ...waitFor(),
    ...(only === undefined ? [] : [`--${only}-only`]),
    ...(partly ? [`--max-duration=${Math.max(1, Math.round(checkFor / 1000))}`] : []),
    ...(spec.readData === 'all' ? ['--verify-data'] : []),
  ]
}
