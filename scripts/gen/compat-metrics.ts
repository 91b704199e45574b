import type { Compat, RepositoryFacts } from '../../src/outlets/metrics/compat/compat.ts'
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
is written as it would write it, but by those of borg, where it is left out. They are told from the ledger: no scrape reads a repository.

What is told of everything at one path can have an address of its own: \`muster serve --compat-listen :9999=borg-exporter\`.

Where an exporter tells when its last run over everything ended, here it is when a *collection* ended: the moment at which every repository had been
read since the collection before, well or ill. With \`read.every\` of their own, the slowest sets the pace. It survives a restart.

${Object.values(compats).map(section).join('\n')}`
  return [{ path: 'docs/reference/compat-metrics.md', content }]
}

function section(compat: Compat): string {
  const path = compat.scope === 'repository' ? 'NAME/metrics' : 'metrics'
  const text = textOf(compat)
  const told = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ \S+\n(.+)/gm)].map(
    ([, name, help = '', series = '']) => ({ name, help, series }),
  )
  const bare = Object.entries(compat.meanings ?? {}).filter(([name]) => text.includes(`${name} `))
  const all = [...told, ...bare.map(([name, help]) => ({ name, help, series: '' }))]
  const rows = all.map(({ name, help, series }) => `| \`${name}\` | ${labelsOf(series)} | ${cell(help)} |\n`)
  return `## ${compat.system}

At \`/compat/${compat.system}/${path}\`.

| Name | Labels | ${compat.meanings === undefined ? 'HELP' : 'Meaning (there is no HELP in it)'} |
| --- | --- | --- |
${rows.join('')}`
}

function textOf(compat: Compat): string {
  const { now, jobs } = fullStanding
  const repositories = fullStanding.repositories.map((one) => ({ ...one, ...(isOfBorg(compat) && { tool: 'borg' }) }))
  if (compat.scope === 'all')
    return compat.render({
      now,
      repositories,
      jobs,
      collectedAt: now,
      urlOf: ({ location }) => location,
      keepsKnown: true,
    })
  const [repository] = repositories
  if (repository === undefined) return ''
  const snapshots = makeSnapshots(1).map((one) => ({ ...one, files: 1, finishedAt: now }))
  const made = new Map(snapshots.map(({ id }) => [id, { counters: { addedBytes: 1 }, durationMs: 1 }]))
  const facts: RepositoryFacts = { repository, snapshots, made }
  return compat.scope === 'tool' ? compat.render([facts]) : compat.render(facts)
}

const isOfBorg = (compat: Compat): boolean => compat.scope === 'tool' || compat.meanings !== undefined

const labelsOf = (series: string): string =>
  [...series.matchAll(/(\w+)="/g)].map(([, name]) => `\`${name}\``).join(', ')
