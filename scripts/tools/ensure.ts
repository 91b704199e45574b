import { existsSync } from 'node:fs'
import { lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { withLock } from '../bootstrap/lock.mjs'
import { Trouble } from '../bootstrap/trouble.mjs'
import { type Archive, debianKeyring, openArchive } from './debian.ts'
import { fetchTool } from './fetch-tool.ts'
import { isIntact, loadManifest, saveManifest } from './manifest.ts'
import { openReport, type Report } from './report.ts'
import { aptInstall, byHandWithApt, inPath, isProgram, mayUseApt } from './system-tool.ts'
import { type ToolLine, toolTable } from './table.ts'
import { upstreamOf } from './version.ts'

export interface EnsureOptions {
  /** The folder that holds the tools: `.tools` of the checkout. */
  readonly folder: string
  readonly mirror?: string
  readonly keyring?: string
  readonly pauseMs?: number
  readonly table?: readonly ToolLine[]
  /** A missing system tool is a failure as well; else it is told and its tests are left out. */
  readonly strict?: boolean
  /** Whether apt may be used for what cannot be unpacked; default: as root on Debian. */
  readonly mayInstall?: boolean
  readonly report?: Report
}

interface Workshop {
  readonly folder: string
  readonly archive: Archive
  readonly report: Report
  readonly strict: boolean
  readonly mayInstall: boolean
}

const defaultMirror = 'https://deb.debian.org/debian'

/**
 * Brings the named tools into `folder`, from there when they are there already (no network then), and links them in
 * `bin/`. Two processes take turns.
 *
 * @throws Trouble that names every tool that could not be had, why, and how to get it by hand
 */
export async function ensureTools(names: readonly string[], options: EnsureOptions): Promise<void> {
  const { folder, table = toolTable } = options
  const lines = names.map((name) => lineOf(table, name))
  const workshop = openWorkshop(options)
  // Nothing to do is the common case, and needs no right to write and no lock.
  const missing = await tellPresent(workshop, lines)
  if (missing.length === 0) return
  await mkdir(join(folder, 'bin'), { recursive: true })
  await withLock(join(folder, 'prepare.lock'), async () => {
    const failures: string[] = []
    for (const line of await tellPresent(workshop, missing)) {
      const failure = await ensureOne(workshop, line)
      if (failure !== undefined) failures.push(failure)
    }
    if (failures.length > 0) throw new Trouble(failures.join('\nmuster: '))
  })
}

function openWorkshop(options: EnsureOptions): Workshop {
  const { folder, report = openReport(process.stderr), keyring = debianKeyring } = options
  const archive = openArchive({
    mirror: options.mirror ?? mirrorFrom(process.env),
    architecture: debianArchitecture(),
    keyring,
    say: report.note,
    ...(options.pauseMs !== undefined && { pauseMs: options.pauseMs }),
  })
  return { folder, archive, report, strict: options.strict ?? false, mayInstall: options.mayInstall ?? mayUseApt() }
}

/** Tells which tools are there already, and answers those that are not. */
async function tellPresent({ folder, report }: Workshop, lines: readonly ToolLine[]): Promise<readonly ToolLine[]> {
  const { tools } = await loadManifest(folder)
  const missing: ToolLine[] = []
  for (const line of lines) {
    const known = tools[line.name]
    if (await isByHand(folder, line)) report.done(line.name, 'put there by hand')
    else if (known?.line === JSON.stringify(line) && (await isIntact(folder, known)))
      report.done(line.name, describe(known), 'cached')
    else if (line.system && (await isLinked(folder, line))) report.done(line.name, "the system's", 'cached')
    else missing.push(line)
  }
  return missing
}

const mirrorFrom = (environment: NodeJS.ProcessEnv) =>
  (environment.MUSTER_DEBIAN_MIRROR ?? defaultMirror).replace(/\/+$/, '')

/** Debian's name for this processor. */
const debianArchitecture = () =>
  (({ x64: 'amd64', arm64: 'arm64' }) as Record<string, string>)[process.arch] ?? process.arch

function lineOf(table: readonly ToolLine[], name: string): ToolLine {
  const line = table.find((candidate) => candidate.name === name)
  if (line === undefined)
    throw new Trouble(`there is no tool ${name}; known: ${table.map((known) => known.name).join(', ')}`, 2)
  return line
}

/** Brings one tool; what went wrong, as a sentence for a person, or undefined when it is there. */
async function ensureOne(workshop: Workshop, line: ToolLine): Promise<string | undefined> {
  if (line.system) return ensureSystemTool(workshop, line)
  const began = Date.now()
  const { folder, archive, report } = workshop
  try {
    const entry = await fetchTool(folder, line, archive, (done, total) => report.progress(line.name, done, total))
    const { tools } = await loadManifest(folder)
    await saveManifest(folder, { tools: { ...tools, [line.name]: entry } })
    return report.done(line.name, describe(entry), secondsSince(began))
  } catch (error) {
    report.failed(line.name)
    return `${line.name}: ${reasonOf(error)}. By hand: put a program into ${join(folder, 'bin')} as ${Object.keys(line.programs).join(' and ')} (old packages: https://snapshot.debian.org/package/${line.package}/).`
  }
}

async function ensureSystemTool(
  { folder, report, strict, mayInstall }: Workshop,
  line: ToolLine,
): Promise<string | undefined> {
  const began = Date.now()
  const isThere = () => systemPrograms(folder, line).every(([, path]) => isProgram(path))
  try {
    if (!isThere() && mayInstall) aptInstall(line.package)
  } catch (error) {
    report.failed(line.name)
    return `${line.name}: ${reasonOf(error)}`
  }
  if (isThere()) {
    for (const [link, path] of systemPrograms(folder, line)) await linkTo(join(folder, 'bin', link), path)
    return report.done(line.name, "the system's", secondsSince(began))
  }
  const sentence = `${line.name}: it is not installed, and only root may install it. Get it with: ${byHandWithApt(line)}`
  report.failed(line.name)
  if (strict) return sentence
  report.note(`${sentence}. Tests that need it are left out.`)
  return undefined
}

/** Link → where the system has the program, or would have it. */
const systemPrograms = (folder: string, line: ToolLine) =>
  Object.entries(line.programs).map(([link, path]) => [link, inPath(link, join(folder, 'bin')) ?? `/${path}`] as const)

async function isLinked(folder: string, line: ToolLine): Promise<boolean> {
  for (const [link, path] of systemPrograms(folder, line)) {
    if (!isProgram(path) || (await readlink(join(folder, 'bin', link)).catch(() => undefined)) !== path) return false
  }
  return true
}

/** A real file (or a link that leads out of the folder) where our link would be: somebody's own choice. */
async function isByHand(folder: string, line: ToolLine): Promise<boolean> {
  if (line.system) return false
  const own = await Promise.all(
    Object.keys(line.programs).map(async (name) => {
      const path = join(folder, 'bin', name)
      const found = await lstat(path).catch(() => undefined)
      if (found === undefined || !existsSync(path)) return false
      return !found.isSymbolicLink() || !(await readlink(path)).startsWith('../')
    }),
  )
  return own.every(Boolean)
}

async function linkTo(path: string, target: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) return
  await rm(`${path}.new`, { force: true })
  await symlink(target, `${path}.new`)
  await rename(`${path}.new`, path)
}

const describe = (entry: { version: string; suite: string; sizeBytes: number }) =>
  `${upstreamOf(entry.version)} (Debian ${entry.suite}, ${(entry.sizeBytes / 1e6).toFixed(1)} MB)`
const secondsSince = (began: number) => `${((Date.now() - began) / 1000).toFixed(1)} s`
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
