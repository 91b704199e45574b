import type { Compat } from '../../src/outlets/metrics/compat/compat.ts'
import { compats } from '../../src/outlets/metrics/compat/registry.generated.ts'
import { fullStanding } from '../../test/fixtures/standing.ts'
import { makeSnapshots } from '../../test/http/standings.ts'
import type { Generate } from '../generated.ts'
import { cell, generatedNote } from '../reference/markdown.ts'

/** The families under the names of other exporters, read from what a standing with everything in it renders to. */
export const generate: Generate = async () => {
  const content = `# Metrics under other names

${generatedNote('src/outlets/metrics/compat/')}
All are gauges, in the classic text format, with the names, HELP texts, labels and numbers of the exporter they come from; also what it does not know
is written as it would write it. They are told from the ledger: no scrape reads a repository.

Where an exporter tells when its last run over everything ended, here it is when a *collection* ended: the moment at which every repository had been
read since the collection before, well or ill. With \`read.every\` of their own, the slowest sets the pace. It survives a restart.

${Object.values(compats).map(section).join('\n')}`
  return [{ path: 'docs/reference/compat-metrics.md', content }]
}

function section(compat: Compat): string {
  const path = compat.scope === 'all' ? 'metrics' : 'NAME/metrics'
  const rows = [...textOf(compat).matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ \S+\n(.+)/gm)].map(
    ([, name, help = '', series = '']) => `| \`${name}\` | ${labelsOf(series)} | ${cell(help)} |\n`,
  )
  return `## ${compat.system}

At \`/compat/${compat.system}/${path}\`.

| Name | Labels | HELP |
| --- | --- | --- |
${rows.join('')}`
}

function textOf(compat: Compat): string {
  const { now, repositories } = fullStanding
  if (compat.scope === 'all')
    return compat.render({ now, repositories, collectedAt: now, urlOf: ({ location }) => location, keepsKnown: true })
  const [repository] = repositories
  return repository === undefined ? '' : compat.render({ repository, snapshots: makeSnapshots(1), made: new Map() })
}

const labelsOf = (series: string): string =>
  [...series.matchAll(/(\w+)="/g)].map(([, name]) => `\`${name}\``).join(', ')
