import { notifierSettings } from '../../src/outlets/notify/notifiers/settings.generated.ts'
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
  // Without jobs it would be a poor sample; and no tool opens its repository without a password. That of a notifier needs a user.
  const isLogin = entry.tools?.some((kind) => kind in notifierSettings) === true
  const hidden = off || !(entry.required || entry.names || (entry.key === 'password' && !isLogin))
  const pad = '  '.repeat(depth)
  const sign = alternatives.includes(`${within}.${entry.key}`) ? '# ' : hidden ? '#' : ''
  const out = [...(depth < 3 ? [''] : []), ...comment(entry).map((line) => `${pad}# ${line}`)]
  if (entry.below.length === 0) return [...out, `${pad}${sign}${entry.key}: ${oneLineYaml(entry.value, entry.schema)}`]
  out.push(`${pad}${sign}${entry.key}:`)
  const samples = kindSamples(entry, depth, hidden)
  if (samples !== undefined) return [...out, ...samples]
  if (!entry.names) return [...out, ...entry.below.flatMap((one) => linesOf(one, depth + 1, hidden, entry.key))]
  return [
    ...out,
    `${pad}  ${sampleNames[entry.key] ?? 'name'}:`,
    ...entry.below.flatMap((one) => linesOf(one, depth + 2, hidden)),
  ]
}

/** The kind of the first sample, which shows what all have, and the others. */
const kindsOf: Readonly<
  Record<string, { readonly key: string; readonly first: string; readonly all: readonly string[] }>
> = {
  repositories: { key: 'tool', first: 'restic', all: Object.keys(toolSettings) },
  jobs: { key: 'tool', first: 'restic', all: Object.keys(toolSettings) },
  notify: { key: 'kind', first: 'ntfy', all: Object.keys(notifierSettings) },
}

/** What comes in kinds: one with all that is common, and one for each further kind with what only that has. */
function kindSamples(entry: Entry, depth: number, hidden: boolean): string[] | undefined {
  const [name, kinds] = [sampleNames[entry.key], kindsOf[entry.key]]
  if (name === undefined || kinds === undefined) return undefined
  const pad = '  '.repeat(depth + 1)
  const isFor = (kind: string, { tools }: Entry): boolean => tools === undefined || tools.includes(kind)
  const block = (title: string, own: readonly Entry[]): string[] => [
    `${pad}${title}:`,
    ...own.flatMap((one) => linesOf(one, depth + 2, hidden)),
  ]
  const first = entry.below.filter((one) => isFor(kinds.first, one)).map((one) => valued(one, kinds.key, kinds.first))
  return [
    ...block(name, first),
    ...kinds.all
      .filter((kind) => kind !== kinds.first)
      .flatMap((kind) => {
        const own = entry.below.filter((one) =>
          one.tools === undefined ? one.required || one.key === 'password' : isFor(kind, one),
        )
        const named = own.map((one) =>
          valued(valued(one, kinds.key, kind), 'repository', `${sampleNames.repositories}-${kind}`),
        )
        return [
          '',
          ...block(
            `${name}-${kind}`,
            // Two entries of one address would be one repository.
            entry.key === 'repositories' ? named.map((one) => valued(one, 'url', `/srv/backup-${kind}`)) : named,
          ),
        ]
      }),
  ]
}

const valued = (entry: Entry, key: string, value: string): Entry => (entry.key === key ? { ...entry, value } : entry)

/** What the key before them says in another way: one of them at a time. */
const alternatives = ['expect.every', 'expect.schedule', 'redis.socket']

/** The name a job's example gives its repository, and one for the job. */
const sampleNames: Readonly<Record<string, string>> = { repositories: 'offsite', jobs: 'nfs', notify: 'phone' }

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
