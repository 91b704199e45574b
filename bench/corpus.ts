/** Files to back up, and repositories, made anew for each bench. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { restic } from './machine.ts'

/** `count` files of 4 KiB that no program can shrink, 100 in a folder. */
export function makeFiles(folder: string, count: number): void {
  for (let file = 0; file < count; file += 1) {
    const inside = join(folder, `folder-${Math.floor(file / 100)}`)
    if (file % 100 === 0) mkdirSync(inside, { recursive: true })
    writeFileSync(join(inside, `file-${file}`), randomBytes(4096))
  }
}

export interface RepositoryFiles {
  readonly repository: string
  readonly passwordFile: string
}

export const resticEnvironment = ({ repository, passwordFile }: RepositoryFiles, home: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  RESTIC_REPOSITORY: repository,
  RESTIC_PASSWORD_FILE: passwordFile,
})

/** What restic takes on an idle machine of today; see `makeRepository`. */
const usualParallelism = 5
const mostTries = 8

/**
 * A new repository with `snapshots` snapshots of `source`.
 *
 * restic fits the cost of the key to what the machine does in half a second just then: on a busy one every later restic is
 * cheaper, and Muster's share looks larger. So it is made several times, until the key costs what it does on an idle one, and the dearest is taken.
 * @returns What the key costs, as scrypt's parameters.
 */
export function makeRepository(files: RepositoryFiles, source: string, snapshots: number, home: string): string {
  writeFileSync(files.passwordFile, 'bench\n', { mode: 0o600 })
  const env = resticEnvironment(files, home)
  const attempt = `${files.repository}-attempt`
  let key = { N: 0, r: 0, p: 0 }
  for (let tries = 0; tries < mostTries && key.p < usualParallelism; tries += 1) {
    must(['init'], { ...env, RESTIC_REPOSITORY: attempt })
    const made = keyOf(attempt)
    const worse = made.p > key.p ? files.repository : attempt
    rmSync(worse, { recursive: true, force: true })
    if (made.p <= key.p) continue
    renameSync(attempt, files.repository)
    key = made
  }
  for (let snapshot = 0; snapshot < snapshots; snapshot += 1) must(['backup', '--quiet', source], env)
  return `scrypt N=${key.N} r=${key.r} p=${key.p}`
}

/** Source: restic, doc/design.rst, "Keys, Encryption and MAC". */
function keyOf(repository: string): { N: number; r: number; p: number } {
  const [name = ''] = readdirSync(join(repository, 'keys'))
  return JSON.parse(readFileSync(join(repository, 'keys', name), 'utf8'))
}

function must(args: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, stderr, error } = spawnSync(restic, [...args], { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`restic ${args[0]} failed: ${error?.message ?? stderr}\nGet it with: npm run tools`)
}
