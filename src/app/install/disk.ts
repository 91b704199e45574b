/** The files of an installation on the disk, below a root. */
import { existsSync, lstatSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { replaceFile } from '../../system/replace-file.ts'
import { digestOfText, type Step, type Written } from './plan.ts'

/** Beside the configuration, where only root writes: what may be taken away is not for the service to say. */
export const manifestPath = '/etc/muster/.installed.json'

export interface Manifest {
  readonly files: Written
  /** Folders that were made, outermost first. */
  readonly folders: readonly string[]
  /** The configuration was made; its digest is among the files. */
  readonly config?: string
}

const nothing: Manifest = { files: {}, folders: [] }

export function readManifest(root: string): Manifest {
  try {
    const read = JSON.parse(readFileSync(join(root, manifestPath), 'utf8')) as Partial<Manifest>
    const { config, folders = [], ...others } = { ...nothing, ...read }
    return {
      ...others,
      folders: folders.filter(isBelowRoot),
      ...(config !== undefined && isBelowRoot(config) && { config }),
    }
  } catch {
    // None, or none that can be read: then nothing counts as ours.
    return nothing
  }
}

const isBelowRoot = (path: string): boolean => path.startsWith('/') && path === normalize(path)

export const readTexts = (root: string, paths: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    paths.flatMap((path) => {
      const at = join(root, path)
      // A link is somebody else's, such as one to /dev/null that masks a unit.
      if (lstatSync(at, { throwIfNoEntry: false })?.isFile() !== true) return existsLink(at) ? [[path, '(a link)']] : []
      return [[path, readFileSync(at, 'utf8')]] as const
    }),
  )

const existsLink = (at: string): boolean => lstatSync(at, { throwIfNoEntry: false }) !== undefined

/** Makes a folder for everybody to look into, and what is missing above it. @returns Those that were made. */
function makeFolders(root: string, path: string): string[] {
  if (path === '/' || existsSync(join(root, path))) return []
  const above = makeFolders(root, dirname(path))
  mkdirSync(join(root, path), { mode: 0o755 })
  return [...above, path]
}

/** Whether somebody changed what was written here. */
export function isChanged(root: string, { files }: Manifest, path: string): boolean {
  const text = readTexts(root, [path]).get(path)
  return text !== undefined && files[path] !== digestOfText(text)
}

/** Writes what is to be written, and remembers it. Throws what the system answers. */
export async function install(
  root: string,
  steps: readonly Step[],
  config: { readonly path: string; readonly text: string; readonly isNew: boolean } | undefined,
): Promise<void> {
  const before = readManifest(root)
  const files: Record<string, string> = { ...before.files }
  const folders = [...before.folders]
  const write = async (path: string, text: string, mode: number): Promise<void> => {
    folders.push(...makeFolders(root, dirname(path)))
    await replaceFile(join(root, path), text, { mode, folder: false })
  }
  for (const { path, what, file } of steps) {
    if (what === 'remove') {
      rmSync(join(root, path))
      delete files[path]
    } else if (file !== undefined && what !== 'kept') {
      if (what !== 'same') await write(path, file.text, file.mode)
      files[path] = digestOfText(file.text)
    }
  }
  const made = config?.isNew === true ? config.path : before.config
  if (config !== undefined) {
    const isOurs = config.isNew || (config.path === made && !isChanged(root, before, config.path))
    await write(config.path, config.text, 0o640)
    if (isOurs) files[config.path] = digestOfText(config.text)
  }
  const manifest: Manifest = { files, folders, ...(made !== undefined && { config: made }) }
  await write(manifestPath, `${JSON.stringify(manifest, undefined, 2)}\n`, 0o644)
}

/**
 * Takes away what is named, then the folders that it made and that are empty now. `remembers`: something that it made stays, and may go
 * later.
 */
export function uninstall(root: string, paths: readonly string[], trees: readonly string[], remembers: boolean): void {
  const { folders } = readManifest(root)
  for (const path of remembers ? paths : [...paths, manifestPath]) rmSync(join(root, path), { force: true })
  for (const path of trees) rmSync(join(root, path), { recursive: true, force: true })
  for (const path of folders.toReversed()) {
    try {
      rmdirSync(join(root, path))
    } catch {
      // Others have something in it, or took it away.
    }
  }
}
