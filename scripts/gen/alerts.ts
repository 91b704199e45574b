import { writeDuration } from '../../src/model/units.ts'
import type { Alert } from '../../src/outlets/rules/alert.ts'
import { alerts } from '../../src/outlets/rules/catalog.ts'
import type { Generate } from '../generated.ts'
import { generatedNote } from '../reference/markdown.ts'

const groups: Readonly<Record<string, string>> = {
  sets: 'Backup sets',
  jobs: 'Jobs',
  upkeep: 'Prunes and checks',
  repositories: 'Repositories',
  muster: 'Muster itself',
  'restic-reporter': 'Under the names of restic-reporter',
  'borg-exporter': 'Under the names of scripts around borg',
}

/** Every alert of `muster rules`, with what it means and what to do. */
export const generate: Generate = async () => {
  const parts = [...Map.groupBy(alerts, ({ group }) => group)].map(
    ([group, own]) => `## ${groups[group] ?? group}\n\n${own.map(section).join('\n')}`,
  )
  const content = `# Alerts

${generatedNote('src/outlets/rules/')}
What \`muster rules\` prints, for what a configuration has. How to load and test it: [Alerts and dashboards](../alerting.md).

${parts.join('\n')}`
  return [{ path: 'docs/reference/alerts.md', content }]
}

const section = ({ name, severity, forMs, by, when, todo }: Alert): string => `### ${name}

Fires when ${when}. ${todo}

Severity \`${severity}\`${forMs > 0 ? `, when that holds for ${writeDuration(forMs)}` : ', at once'}${
  by.length === 0 ? '' : `; one for each ${by.map((label) => `\`${label}\``).join(', ')}`
}.
`
