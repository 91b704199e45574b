import type { Generate } from '../generated.ts'
import { type Entry, entries } from '../reference/entries.ts'
import { cell, generatedNote } from '../reference/markdown.ts'
import { oneLineYaml } from '../reference/yaml.ts'

/** Every key of `muster.yaml`, a table for each block. */
export const generate: Generate = async () => {
  const sections: string[] = []
  section('Top level', 'What stands at the left margin.', entries(), [], sections)
  const content = `# Configuration reference

${generatedNote('src/config/schema.ts')}
By task: [configuration.md](../configuration.md). All of it in one file: [muster.sample.yaml](muster.sample.yaml). For
editors: [muster.schema.json](muster.schema.json), also by \`muster config schema\`.

| Type | Written as |
| --- | --- |
| duration | \`90m\`, \`36h\`, \`1h30m\`, \`7d\`, \`2w\`: whole numbers with \`s\`, \`m\`, \`h\`, \`d\` or \`w\` |
| size | \`500M\`, \`2G\`: a whole number with \`K\`, \`M\`, \`G\` or \`T\`, powers of 1024 |
| percentage | \`50%\`, \`12.5%\` |
| schedule | \`"15 2 * * *"\`, \`"@daily"\`, \`"@every 6h"\`: see [schedules.md](../schedules.md) |
| time zone | \`Europe/Berlin\`, \`UTC\` |
| secret | \`{ file: PATH }\`, \`{ env: NAME }\`, \`{ command: [PROGRAM, ARGUMENT] }\` \`{ credential: NAME }\` or \`{ vault: PATH, key: NAME, mount: kv, version: 2 }\` (all but the path may be left out); plain text works, with a warning |

Names of repositories and jobs have at most 63 letters, digits, dots, dashes and underscores, and begin with a letter or digit.

${sections.join('\n')}`
  return [{ path: 'docs/reference/configuration.md', content }]
}

function section(
  title: string,
  description: string,
  all: readonly Entry[],
  path: readonly string[],
  out: string[],
): void {
  const rows = all.map(
    (entry) =>
      `| ${row(entry, [...path, entry.key])
        .map(cell)
        .join(' | ')} |\n`,
  )
  out.push(
    `## ${title}\n\n${description}\n\n| Key | Type | Default | What |\n| --- | --- | --- | --- |\n${rows.join('')}`,
  )
  for (const entry of all) {
    const below = [...path, entry.key, ...(entry.names ? ['NAME'] : [])]
    if (entry.below.length > 0) section(`\`${below.join('.')}\``, entry.description, entry.below, below, out)
    if (entry.each.length > 0)
      section(`Each of \`${below.join('.')}\``, entry.description, entry.each, [...below, 'each'], out)
  }
}

function row(entry: Entry, path: readonly string[]): string[] {
  const isBlock = entry.below.length > 0
  const link = [...path, ...(entry.names ? ['NAME'] : [])]
    .join('')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
  const shown = isBlock ? `see [below](#${link})` : entry.type
  const fallback = entry.required
    ? '**required**'
    : entry.fallback === undefined
      ? ''
      : `\`${oneLineYaml(entry.fallback, entry.schema)}\``
  const example =
    isBlock || entry.value === undefined || entry.value === entry.fallback || isEmptyList(entry.value)
      ? ''
      : ` Example: \`${entry.key}: ${oneLineYaml(entry.value, entry.schema)}\``
  return [`\`${entry.key}\``, shown, fallback, entry.description + example]
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0
