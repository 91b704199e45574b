import { oneLine } from '../system/text.ts'

/** One thing that is wrong, or unwise, in a configuration file. */
export interface ConfigFinding {
  /** Path inside the file: `jobs.nfs.schedule`; empty for the whole file. */
  readonly path: readonly (string | number)[]
  /** 1-based; absent where the place is not known. */
  readonly line?: number
  readonly column?: number
  /** What is wrong, with what came and what is expected. */
  readonly message: string
  /** What to do now. */
  readonly next: string
}

const longestPart = 64

/** `jobs.nfs.tags[0]` for people; a name with other signs in it in quotes. */
export function sayPath(path: readonly (string | number)[]): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : sayKey(part, at))).join('')
}

function sayKey(key: string, at: number): string {
  const short = key.length > longestPart ? `${key.slice(0, longestPart)}…` : key
  return /^[\w$*-]+$/.test(short) ? `${at === 0 ? '' : '.'}${short}` : `[${JSON.stringify(short)}]`
}

/** One finding as two lines: `muster.yaml:3:5: jobs.nfs.tag: …` and the fix behind an arrow. */
export function sayFinding(file: string, finding: ConfigFinding): string {
  const place = finding.line === undefined ? file : `${file}:${finding.line}:${finding.column ?? 1}`
  const path = sayPath(finding.path)
  return `${oneLine(place)}: ${oneLine(`${path === '' ? '' : `${path}: `}${finding.message}`)}\n    → ${oneLine(finding.next)}`
}
