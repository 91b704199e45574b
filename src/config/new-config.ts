/** A first configuration, for a person to read and change. */
import { stringify } from 'yaml'

export interface Answers {
  readonly tool: InitTool
  readonly repository: string
  readonly passwordFile: string
  readonly sources: readonly string[]
  readonly schedule: string
  readonly job: string
  /** Where the ledger is to be, when the usual place belongs to another configuration. */
  readonly state?: string
  /** Make the repository and the first backup at once. */
  readonly run: boolean
}

/** Tools that a first configuration can be made for. */
export const initTools = ['restic', 'borg'] as const
export type InitTool = (typeof initTools)[number]

/** YAML text with comments; every value is quoted as it has to be. */
export function renderNewConfig(answers: Answers): string {
  const value = (of: unknown): string => stringify(of, { collectionStyle: 'flow', lineWidth: 0 }).trim()
  return `# Configuration of Muster. All keys: muster config schema, or docs/reference/configuration.md
${answers.state === undefined ? '' : `state: ${value(answers.state)}   # a ledger of its own: the usual one belongs to another configuration\n`}repositories:
  main:
    tool: ${answers.tool}
    url: ${value(answers.repository)}
    password: { file: ${value(answers.passwordFile)} }
    prune: { schedule: "30 4 * * 0" }   # Sundays: removes data that no snapshot needs
    check: { schedule: "0 3 * * 0" }    # Sundays: looks at the structure of the repository

jobs:
  ${answers.job}:
    repository: main
    sources: ${value(answers.sources)}
    excludeCaches: true
    schedule: ${value(answers.schedule)}
    retention: { keepLast: 7, keepDaily: 14, keepWeekly: 8, keepMonthly: 12 }
    guard: { maxShrink: 50% }           # warns when half of the files are suddenly gone
`
}
