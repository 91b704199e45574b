/** Looks at the sources before a backup: an empty mount must not be saved for weeks. */
import { lstat, opendir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Job } from '../config/schema.ts'
import type { Problem } from '../model/problem.ts'
import { sayBytes } from '../model/units.ts'

type Guard = Job['guard']

/** @returns Why the backup must not start; undefined when the guard is content. */
export async function checkGuard(
  guard: Guard,
  sources: readonly string[],
  signal: AbortSignal,
): Promise<Problem | undefined> {
  for (const path of guard.mustExist) {
    if (!(await exists(path)))
      return stopped(
        `${path} does not exist, and the guard wants it to.`,
        'Mount or create it; then run the job again.',
      )
  }
  for (const path of guard.mountPoint) {
    if (!(await isMountPoint(path)))
      return stopped(`${path} is not a mount point, and the guard wants it to be one.`, `Mount it: mount ${path}`)
  }
  if (guard.minFiles === undefined && guard.minBytes === undefined) return undefined
  const wanted = { files: guard.minFiles ?? 0, bytes: guard.minBytes ?? 0 }
  const found = await measure(sources, wanted, signal)
  if (found.files < wanted.files) {
    return stopped(
      `The sources hold ${found.files} files; the guard wants at least ${wanted.files}.`,
      'See whether the sources are mounted and complete; else lower guard.minFiles.',
    )
  }
  if (found.bytes < wanted.bytes) {
    return stopped(
      `The sources hold ${sayBytes(found.bytes)}; the guard wants at least ${sayBytes(wanted.bytes)}.`,
      'See whether the sources are mounted and complete; else lower guard.minBytes.',
    )
  }
  return undefined
}

const stopped = (message: string, next: string): Problem => ({
  code: 'guard.stopped',
  message,
  next,
  retry: 'next-run',
})

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

/** As the kernel lists it; where there is no list, as the device numbers of it and its parent say. */
async function isMountPoint(path: string): Promise<boolean> {
  const wanted = resolve(path)
  const list = await readFile('/proc/self/mountinfo', 'utf8').catch(() => undefined)
  if (list !== undefined) return list.split('\n').some((line) => unescaped(line.split(' ')[4] ?? '') === wanted)
  const [own, parent] = await Promise.all([
    stat(wanted).catch(() => undefined),
    stat(dirname(wanted)).catch(() => undefined),
  ])
  return own !== undefined && parent !== undefined && (own.dev !== parent.dev || own.ino === parent.ino)
}

/** Octal escapes of mountinfo, such as `\040` for a blank. Source: proc(5). */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

/** Counts until both limits are reached; symbolic links are not followed. */
async function measure(
  sources: readonly string[],
  wanted: { files: number; bytes: number },
  signal: AbortSignal,
): Promise<{ files: number; bytes: number }> {
  const found = { files: 0, bytes: 0 }
  const folders: string[] = []
  const enough = (): boolean => found.files >= wanted.files && found.bytes >= wanted.bytes
  const take = async (path: string): Promise<void> => {
    const entry = await lstat(path).catch(() => undefined)
    if (entry === undefined) return
    if (entry.isDirectory()) folders.push(path)
    else if (entry.isFile()) {
      found.files++
      found.bytes += entry.size
    }
  }
  for (const source of sources) await take(source)
  for (let folder = folders.pop(); folder !== undefined && !enough() && !signal.aborted; folder = folders.pop()) {
    const entries = await opendir(folder).catch(() => undefined)
    if (entries === undefined) continue
    for await (const entry of entries) {
      await take(join(folder, entry.name))
      if (enough()) break
    }
  }
  return found
}
