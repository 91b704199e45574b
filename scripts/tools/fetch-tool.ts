import { existsSync } from 'node:fs'
import { chmod, glob, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unpackDeb } from './deb.ts'
import type { Archive, FoundPackage } from './debian.ts'
import type { DownloadOptions } from './download.ts'
import { type ManifestEntry, sha256Of } from './manifest.ts'
import { suites, type ToolLine } from './table.ts'
import { fits } from './version.ts'

/**
 * The package of a table line: from its own suite, else from the first other one with a version that will do.
 *
 * @throws Error that says what each suite has instead
 */
async function findPackage(archive: Archive, line: ToolLine): Promise<FoundPackage> {
  const seen: string[] = []
  for (const suite of new Set([line.suite, ...suites])) {
    const found = await archive.find(line.package, suite)
    if (found !== undefined && fits(found.version, line.from, line.below)) return found
    seen.push(`${suite} has ${found?.version ?? 'none'}`)
  }
  const wanted = `${line.from} or newer${line.below === undefined ? '' : `, below ${line.below}`}`
  throw new Error(`Debian no longer offers ${line.package} ${wanted} (${seen.join(', ')})`)
}

/** Brings one tool from Debian into `folder` and answers what the manifest shall know of it. */
export async function fetchTool(
  folder: string,
  line: ToolLine,
  archive: Archive,
  onProgress?: DownloadOptions['onProgress'],
): Promise<ManifestEntry> {
  const found = await findPackage(archive, line)
  const temporary = await mkdtemp(join(folder, `${line.name}.`))
  try {
    await chmod(temporary, 0o755)
    await unpackDeb(await archive.fetch(found, onProgress), temporary)
    for (const name of line.needs?.packages ?? []) {
      const suite = line.needs?.suite ?? found.suite
      const needed = await archive.find(name, suite)
      if (needed === undefined) throw new Error(`${suite} has no ${name}, which ${line.package} needs`)
      await unpackDeb(await archive.fetch(needed, onProgress), temporary)
    }
    const place = join(folder, line.name)
    if (isWrapped(line)) await writeWrappers(line, temporary, place)
    await rm(place, { recursive: true, force: true })
    await rename(temporary, place)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return linkPrograms(folder, line, found)
}

const wrapperOf = (program: string) => `${program}.with-libraries`

/** A script beside each program that sets the environment it needs, since its libraries are not the system's. */
async function writeWrappers(line: ToolLine, temporary: string, place: string): Promise<void> {
  const settings = Object.entries(line.environment ?? {}).map(
    ([name, value]) => `${name}='${value.replaceAll('{root}', place)}'`,
  )
  for (const program of new Set(Object.values(line.programs))) {
    if (!existsSync(join(temporary, program))) throw new Error(`${line.package} has no ${program} any more`)
    const path = `'${join(place, program)}'`
    const command = line.ownLoader ? `${await loaderIn(temporary, place, line.libraryFolders)} ${path}` : path
    const text = `#!/bin/sh\n${[...settings, 'exec'].join(' ')} ${command} "$@"\n`
    await writeFile(join(temporary, wrapperOf(program)), text, { mode: 0o755 })
  }
}

const isWrapped = (line: ToolLine) => line.environment !== undefined || line.ownLoader === true

/** The loader of a C library that was unpacked, told where its libraries are. Source: ld.so(8). */
async function loaderIn(temporary: string, place: string, more: readonly string[] = []): Promise<string> {
  for await (const loader of glob('usr/lib/*-linux-gnu/ld-linux*.so.*', { cwd: temporary })) {
    const libraries = join(place, dirname(loader))
    const all = [libraries, ...more.map((folder) => join(libraries, folder))]
    return `'${join(place, loader)}' --library-path '${all.join(':')}'`
  }
  throw new Error('the C library that was unpacked has no loader')
}

async function linkPrograms(folder: string, line: ToolLine, found: FoundPackage): Promise<ManifestEntry> {
  await mkdir(join(folder, 'bin'), { recursive: true })
  const programs: Record<string, string> = {}
  const links: Record<string, string> = {}
  for (const [name, inside] of Object.entries(line.programs)) {
    const path = join(line.name, isWrapped(line) ? wrapperOf(inside) : inside)
    programs[path] = await sha256Of(join(folder, path))
    links[name] = path
    await replaceLink(join(folder, 'bin', name), join('..', path))
  }
  const { package: name, version, suite, url, sha256, sizeBytes } = found
  return { package: name, version, suite, url, sha256, sizeBytes, line: JSON.stringify(line), programs, links }
}

/** In one step: a test that starts the program meanwhile finds the old one or the new one. */
async function replaceLink(path: string, target: string): Promise<void> {
  await rm(`${path}.new`, { force: true })
  await symlink(target, `${path}.new`)
  await rename(`${path}.new`, path)
}
