/** Findings of history for people: what was found, when, and what to do. */
import { type KeptFinding, numbered } from '../../model/history.ts'
import { oneLine } from '../../system/text.ts'
import { paint } from './style.ts'

export function renderHistory(findings: readonly KeptFinding[]): string {
  if (findings.length === 0) return 'No open finding.'
  return findings
    .map(({ number, repository, kind, message, next, foundAt, settledAt }) => {
      const head = `${number}  ${oneLine(repository)}  ${kind}, found ${foundAt.toISOString()}`
      const lines = [
        `    ${oneLine(message)}`,
        ...(settledAt === undefined ? [`    → ${oneLine(numbered(next, number))}`] : []),
      ]
      return [settledAt === undefined ? paint('red', head) : `${head}: settled`, ...lines].join('\n')
    })
    .join('\n')
}
