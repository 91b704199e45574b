import type { Generate } from '../generated.ts'
import { generatedNote } from '../reference/markdown.ts'
import { type FoundProblem, findProblems } from '../reference/problem-codes.ts'

/** What the part before the dot is about. */
const areas: Readonly<Record<string, string>> = {
  backup: 'After a backup',
  config: 'Configuration',
  dashboard: 'Dashboards',
  drill: 'Restores for proof',
  guard: 'Guards of the source',
  heartbeat: 'Signs of life',
  hook: 'Hooks',
  http: 'The page and the API',
  job: 'Jobs',
  lane: 'Waiting for a repository',
  ledger: 'The ledger',
  muster: 'Muster itself',
  notify: 'Telling people',
  ns8: 'NethServer 8',
  push: 'Handing metrics on',
  rclone: 'rclone',
  reader: 'Reading without the program',
  repository: 'Repositories',
  restic: 'restic',
  rules: 'Alert rules',
  run: 'Runs',
  schedule: 'Schedules',
  secret: 'Secrets',
  space: 'Room in the stores',
  ssh: 'SSH',
  vault: 'HashiCorp Vault',
}

const retries: Readonly<Record<string, string>> = {
  soon: 'Trying again in a moment may help.',
  'next-run': 'The next scheduled run tries again.',
  never: 'Trying again does not help; a person has to act first.',
}

/** Every problem by its code, with what to do. */
export const generate: Generate = async (root) => {
  const found = Map.groupBy(await findProblems(root), ({ code }) => code)
  const byArea = Map.groupBy([...found], ([code]) => code.split('.')[0] ?? '')
  const parts = [...byArea].map(
    ([area, codes]) => `## ${areas[area] ?? area}\n\n${codes.map(([code, all]) => section(code, all)).join('\n')}`,
  )
  const content = `# Problems

${generatedNote('the sources')}
What can go wrong, by the code that stands in \`--json\`, in the API, in \`muster_repository_problem\` and in \`$MUSTER_PROBLEM\`
of hooks. \`{name}\` stands for what is filled in. What to do comes with every message; the codes do not change.

${parts.join('\n')}`
  return [{ path: 'docs/reference/problems.md', content }]
}

function section(code: string, all: readonly FoundProblem[]): string {
  const said = all.map(
    ({ message, next }) => `- ${literally(message)}${next === '' ? '' : `\n  **Next:** ${literally(next)}`}\n`,
  )
  const [{ retry = '', source = undefined } = {}] = all
  const notes = [
    ...(source === undefined ? [] : [`Recognised by: ${literally(source)}.`]),
    ...retry.split(' or ').flatMap((one) => retries[one] ?? []),
  ]
  return `### \`${code}\`\n\n${said.join('')}${notes.length === 0 ? '' : `\n${notes.join(' ')}\n`}`
}

/** Placeholders as code; outside code nothing that markdown or HTML would take for its own. */
const literally = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith('`') ? part : part.replaceAll(/[<*_]/g, '\\$&').replaceAll(/\{([^{}]*)\}/g, '`{$1}`'),
    )
    .join('')
