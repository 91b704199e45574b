/** Files for the textfile collector of node_exporter: whole at every moment, one a job. */
import { access, constants, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Push } from '../../../model/push.ts'
import { replaceFile } from '../../../system/replace-file.ts'
import { notTaken, type Pushed } from './pushed.ts'

/** `muster_nfs-daily.prom`. Names of jobs are plain; whatever else is not is replaced. */
export const fileNameOf = (job: string): string => `muster_${job.replaceAll(/[^\w.-]/g, '_')}.prom`

/** Writes the file, or takes it away. Readable for all, for the collector is another user. Never throws. */
export async function layFile(
  directory: string,
  { key, method, body }: Pick<Push, 'key' | 'method' | 'body'>,
): Promise<Pushed> {
  const path = join(directory, key)
  try {
    if (method === 'delete') await rm(path, { force: true })
    else {
      await access(directory, constants.W_OK)
      await replaceFile(path, body, { mode: 0o644, folder: false })
    }
    return { ok: true, answer: method === 'delete' ? `${path} removed` : `${path} written` }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    const isThere = code !== 'ENOENT' && code !== 'ENOTDIR'
    const mayWrite = !['EACCES', 'EROFS', 'EPERM'].includes(code)
    return notTaken(
      'push.file',
      `${path} cannot be written: ${code}`,
      isThere
        ? mayWrite
          ? `Look at the disk of ${directory}.`
          : `Let the user of Muster write to ${directory}.`
        : `Make the folder ${directory}, or correct metrics.textfile.directory.`,
      'later',
    )
  }
}

/** Whether the file still says this. */
export async function isLaid(directory: string, { key, body }: Pick<Push, 'key' | 'body'>): Promise<boolean> {
  try {
    return (await readFile(join(directory, key), 'utf8')) === body
  } catch {
    return false
  }
}
