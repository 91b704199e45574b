import { toolSettings } from '../../src/sources/tools/settings.generated.ts'
import type { Generate } from '../generated.ts'
import { type Entry, entries } from '../reference/entries.ts'
import { oneLineYaml } from '../reference/yaml.ts'

const width = 110

/** Every key in one file that is valid as it is; what may be left out is a comment: take away its `#` to use it. */
export const generate: Generate = async () => {
  const content = `# yaml-language-server: $schema=./muster.schema.json
# Every key of muster.yaml, made from src/config/schema.ts by \`npm run gen\`. This file is valid as it is.
# "# Text" explains; "#key: value" is a key that may be left out: take its # away to use it.
${entries()
  .flatMap((entry) => linesOf(entry, 0, false))
  .join('\n')}
`
  return [{ path: 'docs/reference/muster.sample.yaml', content }]
}

/** @param off Whether a block around it is commented out already. */
function linesOf(entry: Entry, depth: number, off: boolean, within = ''): string[] {
  // Without jobs it would be a poor sample; and no tool opens its repository without a password.
  const hidden = off || !(entry.required || entry.names || entry.key === 'password')
  const pad = '  '.repeat(depth)
  const sign = alternatives.includes(`${within}.${entry.key}`) ? '# ' : hidden ? '#' : ''
  const out = [...(depth < 3 ? [''] : []), ...comment(entry).map((line) => `${pad}# ${line}`)]
  if (entry.below.length === 0) return [...out, `${pad}${sign}${entry.key}: ${oneLineYaml(entry.value, entry.schema)}`]
  out.push(`${pad}${sign}${entry.key}:`)
  const samples = toolSamples(entry, depth, hidden)
  if (samples !== undefined) return [...out, ...samples]
  if (!entry.names) return [...out, ...entry.below.flatMap((one) => linesOf(one, depth + 1, hidden, entry.key))]
  return [
    ...out,
    `${pad}  ${sampleNames[entry.key] ?? 'name'}:`,
    ...entry.below.flatMap((one) => linesOf(one, depth + 2, hidden)),
  ]
}

/** The tool of the first sample, which shows what all have. */
const firstTool = 'restic'
const otherTools = Object.keys(toolSettings).filter((tool) => tool !== firstTool)

/** Repositories and jobs: one with all that is common, and one for each further tool with what only that has. */
function toolSamples(entry: Entry, depth: number, hidden: boolean): string[] | undefined {
  const name = sampleNames[entry.key]
  if (name === undefined) return undefined
  const pad = '  '.repeat(depth + 1)
  const isFor = (tool: string, { tools }: Entry): boolean => tools === undefined || tools.includes(tool)
  const block = (title: string, own: readonly Entry[]): string[] => [
    `${pad}${title}:`,
    ...own.flatMap((one) => linesOf(one, depth + 2, hidden)),
  ]
  const first = entry.below.filter((one) => isFor(firstTool, one)).map((one) => valued(one, 'tool', firstTool))
  return [
    ...block(name, first),
    ...otherTools.flatMap((tool) => {
      const own = entry.below.filter((one) =>
        one.tools === undefined ? one.required || one.key === 'password' : isFor(tool, one),
      )
      const named = own.map((one) =>
        valued(valued(one, 'tool', tool), 'repository', `${sampleNames.repositories}-${tool}`),
      )
      return [
        '',
        ...block(
          `${name}-${tool}`,
          named.map((one) => valued(one, 'url', `/srv/backup-${tool}`)),
        ),
      ]
    }),
  ]
}

const valued = (entry: Entry, key: string, value: string): Entry => (entry.key === key ? { ...entry, value } : entry)

/** What the key before them says in another way: one of them at a time. */
const alternatives = ['expect.every', 'expect.schedule']

/** The name a job's example gives its repository, and one for the job. */
const sampleNames: Readonly<Record<string, string>> = { repositories: 'offsite', jobs: 'nfs' }

function comment({ description, fallback, required, schema }: Entry): string[] {
  const note = required ? ' Required.' : fallback === undefined ? '' : ` Default: ${oneLineYaml(fallback, schema)}`
  const lines: string[] = []
  for (const word of `${description}${note}`.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
