/** One entry under `jobs` for several jobs that differ in a little: taken apart before anything else looks at the file. Pure. */
import type { ConfigFinding } from './finding.ts'

type Path = ConfigFinding['path']
type Entry = Readonly<Record<string, unknown>>

export interface Expanded {
  readonly raw: unknown
  /** Where in the file stands what stands there once it is taken apart. */
  origin(path: Path): Path
  /** By where it stands in the file. */
  readonly faults: readonly Fault[]
}

interface Fault {
  readonly path: Path
  readonly message: string
  readonly next: string
}

interface Origin {
  readonly job: string
  readonly variant: string
  readonly own: Entry
  /** Tags that come with the variant; those of the job follow. */
  readonly ownTags: number
}

const isEntry = (value: unknown): value is Entry => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * `nfs` with the variants `daily` and `weekly` becomes the jobs `nfs-daily` and `nfs-weekly`, each with what the variant says in place
 * of what the job says. The tags of a variant (by default its name) come before those of the job, so that each has a tag of its own.
 * What is wrong with `variants` itself stays for the schema to tell.
 */
export function expandVariants(raw: unknown): Expanded {
  const jobs = isEntry(raw) ? raw.jobs : undefined
  const origins = new Map<string, Origin>()
  const faults: Fault[] = []
  if (!isEntry(raw) || !isEntry(jobs)) return { raw, origin: (path) => path, faults }
  const made: [string, unknown][] = []
  const names = new Set(Object.keys(jobs))
  for (const [job, entry] of Object.entries(jobs)) {
    const variants = isEntry(entry) ? entry.variants : undefined
    if (
      !isEntry(entry) ||
      !isEntry(variants) ||
      Object.keys(variants).length === 0 ||
      !Object.values(variants).every(isEntry)
    ) {
      made.push([job, entry])
      continue
    }
    for (const [variant, own] of Object.entries(variants as Readonly<Record<string, Entry>>)) {
      const name = `${job}-${variant}`
      const path = ['jobs', job, 'variants', variant]
      if (names.has(name))
        faults.push({
          path,
          message: `makes a job ${name}, and there is one of that name`,
          next: 'Give the variant or that job another name.',
        })
      if (Object.hasOwn(own, 'variants'))
        faults.push({
          path: [...path, 'variants'],
          message: 'stands inside a variant',
          next: 'Name them all under the job.',
        })
      names.add(name)
      const { variants: _, tags, ...rest } = entry
      const ownTags = Object.hasOwn(own, 'tags') ? own.tags : [variant]
      made.push([name, { ...rest, ...own, tags: joined(ownTags, tags) }])
      origins.set(name, { job, variant, own, ownTags: Array.isArray(ownTags) ? ownTags.length : 0 })
    }
  }
  return { raw: { ...raw, jobs: Object.fromEntries(made) }, origin: (path) => originOf(path, origins), faults }
}

/** A list that is none stays as it is, for the schema to tell. */
const joined = (own: unknown, common: unknown): unknown => {
  if (!Array.isArray(own)) return own
  return common === undefined ? own : Array.isArray(common) ? [...new Set([...own, ...common])] : common
}

function originOf(path: Path, origins: ReadonlyMap<string, Origin>): Path {
  const [top, name, key, ...rest] = path
  const found = top === 'jobs' ? origins.get(String(name)) : undefined
  if (found === undefined) return path
  const { job, variant, own, ownTags } = found
  if (key === undefined) return ['jobs', job, 'variants', variant]
  const [at, ...below] = rest
  if (key === 'tags' && typeof at === 'number' && at >= ownTags) return ['jobs', job, 'tags', at - ownTags, ...below]
  return Object.hasOwn(own, key) ? ['jobs', job, 'variants', variant, key, ...rest] : ['jobs', job, key, ...rest]
}
