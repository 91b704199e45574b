import { openRequests } from '../../src/outlets/http/requests.ts'
import { renderMetrics } from '../../src/outlets/metrics/render.ts'
import { fullStanding } from '../../test/fixtures/standing.ts'
import type { Generate } from '../generated.ts'
import { cell, generatedNote } from '../reference/markdown.ts'

/** Every metric family: read from what a standing with everything in it renders to. */
export const generate: Generate = async () => {
  const requests = openRequests()
  requests.count('/', 'GET', 200)
  const text = renderMetrics(fullStanding, { maxSeries: 10_000, format: 'prometheus' }, [requests.family()])
  const rows = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)\n(\S+)/gm)].map(
    ([, name = '', help = '', type = '', series = '']) => ({ name, help, type, labels: labelsOf(series) }),
  )
  rows.sort((a, b) => (a.name < b.name ? -1 : 1))
  const lines = rows.map(({ name, help, type, labels }) => `| \`${name}\` | ${type} | ${labels} | ${cell(help)} |\n`)
  const content = `# Metrics

${generatedNote('src/outlets/metrics/')}
At \`/metrics\` of \`muster serve\`, as Prometheus text or OpenMetrics, and from \`muster collect --format prometheus\`. Times are
Unix seconds, sizes bytes. What is not known is absent, never 0. An age is never published: subtract from \`time()\`.

| Name | Type | Labels | What |
| --- | --- | --- | --- |
${lines.join('')}
\`muster serve\` also exports the usual metrics of a Node.js process, \`process_…\` and \`nodejs_…\`. At most \`metrics.maxSeries\`
series of backup sets are told per repository; \`muster_repository_series_dropped_total\` counts the rest.
`
  return [{ path: 'docs/reference/metrics.md', content }]
}

const labelsOf = (series: string): string =>
  [...series.matchAll(/(\w+)="/g)].map(([, name]) => `\`${name}\``).join(', ')
