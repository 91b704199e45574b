import type { Finding } from '../../model/finding.ts'
import { oneLine } from '../../system/text.ts'
import { paint } from './style.ts'

const marks = { fine: ['green', '✓'], warning: ['yellow', '!'], error: ['red', '✗'] } as const

/** One line a finding, what to do behind an arrow; a count at the end. */
export function renderFindings(findings: readonly Finding[]): string {
  const lines = findings.map((finding) => {
    const [colour, mark] = marks[finding.level]
    const head = `${paint(colour, mark)} ${oneLine(finding.subject)}: ${oneLine(finding.message)}`
    return finding.next === '' ? head : `${head}\n    → ${oneLine(finding.next)}`
  })
  const count = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length
  const [errors, warnings] = [count('error'), count('warning')]
  const sum =
    errors + warnings === 0
      ? paint('green', 'All is well.')
      : `${errors} error${errors === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}.`
  return [...lines, '', sum].join('\n')
}
