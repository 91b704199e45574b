/** Text of a configuration to typed values, or everything that is wrong with it. */
import { hostname } from 'node:os'
import { toolSettings } from '../sources/tools/settings.generated.ts'
import { crosscheck, type Machine } from './crosscheck.ts'
import { type Explained, explain } from './explain.ts'
import type { ConfigFinding } from './finding.ts'
import { readYaml, type Yaml } from './read-yaml.ts'
import { Config } from './schema.ts'
import { expandVariants } from './variants.ts'
import { authorityFilesIn, secretFilesIn, warningsOf } from './warnings.ts'

type PlacedFile = Pick<ConfigFinding, 'path' | 'line' | 'column'> & { readonly file: string }

export interface ParsedConfig {
  readonly config?: Config
  /** Present when there is no `config`. */
  readonly errors: readonly ConfigFinding[]
  /** Unwise, but accepted: a secret in plain text. */
  readonly warnings: readonly ConfigFinding[]
  /** Files that hold secrets, for whoever wants to look at them; nobody has yet. */
  readonly secretFiles?: readonly PlacedFile[]
  /** Files with certificates of authorities, likewise. */
  readonly authorityFiles?: readonly PlacedFile[]
}

/** Nobody reads more at a time. */
const mostFindings = 200

/** Reads a whole configuration file. Never throws; size and depth are looked at before anything recursive sees the text. */
export function parseConfig(text: string, machine: Machine = { host: hostname() }): ParsedConfig {
  const read = readYaml(text)
  if (!read.ok) return { errors: read.errors, warnings: [] }
  const { raw, origin, faults } = expandVariants(read.yaml.value ?? {})
  const atOrigin = <T extends Pick<ConfigFinding, 'path'>>(finding: T): T => ({
    ...finding,
    path: origin(finding.path),
  })
  const atPlace = <T extends Pick<ConfigFinding, 'path'>>(found: T) => ({ ...found, ...read.yaml.place(found.path) })
  const parsed = Config.safeParse(raw)
  const crossed = crosscheck(raw, machine)
  const own = parsed.success ? [] : explain(parsed.error.issues, raw)
  const all = [
    ...own.filter(({ path }) => !isOptionOfATool(path) || !crossed.some(isBelow(path))),
    ...crossed,
    ...faults,
  ]
  const wrong = once(all.map(atOrigin))
  const warnings = placed(once(warningsOf(raw).map(atOrigin)), read.yaml)
  return parsed.success && wrong.length === 0
    ? {
        config: parsed.data,
        errors: [],
        warnings,
        secretFiles: secretFilesIn(raw).map(atOrigin).map(atPlace),
        authorityFiles: authorityFilesIn(raw).map(atPlace),
      }
    : { errors: placed(wrong, read.yaml), warnings }
}

/** What is wrong with a job is told once, however many variants it has. */
const once = (findings: readonly Explained[]): Explained[] => [
  ...new Map(findings.map((finding) => [JSON.stringify([finding.path, finding.message]), finding])).values(),
]

/** What several tools have by one name is told by the tool of the job, where it is known: it alone knows what would fit. */
const isOptionOfATool = ([top, , key]: ConfigFinding['path']): boolean =>
  top === 'jobs' && Object.values(toolSettings).filter(({ jobShape }) => Object.hasOwn(jobShape, key ?? '')).length > 1

const isBelow =
  (path: ConfigFinding['path']) =>
  (finding: ConfigFinding): boolean =>
    path.slice(0, 3).every((part, at) => part === finding.path[at])

/** Gives each finding the place of its key, or of the nearest part of its path that is there; in the order of the file. */
function placed(findings: readonly Explained[], yaml: Yaml): ConfigFinding[] {
  const left = findings.length - mostFindings
  const known = findings
    .slice(0, mostFindings)
    .map(({ hideLast, ...finding }) => ({
      ...finding,
      ...yaml.place(finding.path),
      path: hideLast === true ? [...finding.path.slice(0, -1), '***'] : finding.path,
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
  return left > 0 ? [...known, { path: [], message: `${left} more`, next: 'Mend these first.' }] : known
}
