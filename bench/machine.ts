/** The machine and the versions a figure belongs to. */
import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'

export const checkout = join(import.meta.dirname, '..')

/** The restic all benches run: the newest of `.tools`, by its path. */
export const restic = join(checkout, '.tools', 'bin', 'restic-0.19')

/** The first line a program says, or undefined where it is not there. */
export function saying(program: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 })
  return status === 0 ? stdout.trim().split('\n')[0] : undefined
}

export const machineLine = (): string =>
  [
    `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Linux ${release()}`,
    `Node ${process.versions.node}`,
    /^restic \S+/.exec(saying(restic, 'version') ?? '')?.[0] ?? 'no restic',
    `load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  ].join(', ')
