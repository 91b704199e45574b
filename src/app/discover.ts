/** What is on this machine already. */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, ok, type Result } from '../model/problem.ts'
import { makeFolder } from '../system/folder.ts'

/** Cron lines that start a backup tool; where they cannot be read there are none to tell of. */
export function foreignCronLines(root = '/'): string[] {
  const folders = ['etc/cron.d', 'var/spool/cron/crontabs'].map((folder) => join(root, folder))
  const files = [
    join(root, 'etc/crontab'),
    ...folders.flatMap((folder) => listed(folder).map((name) => join(folder, name))),
  ]
  return files.flatMap((file) =>
    read(file)
      .split('\n')
      .map((line) => line.trim())
      .filter(
        (line) => !line.startsWith('#') && /\b(?:restic|borg|rclone|resticprofile|borgmatic|autorestic)\b/.test(line),
      )
      .map((line) => `${file}: ${line.replace(/(PASS\w*=)\S+/gi, '$1***')}`),
  )
}

/** @returns Whether a new password was made; an existing file is left as it is. */
export function newPasswordFile(path: string): Result<boolean> {
  if (existsSync(path)) return ok(false)
  try {
    makeFolder(dirname(path))
    writeFileSync(path, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
    return ok(true)
  } catch (error) {
    return fail({
      code: 'secret.file',
      message: `${path} cannot be made: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`,
      next: 'Name a place you may write to with --password-file.',
      retry: 'never',
    })
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
