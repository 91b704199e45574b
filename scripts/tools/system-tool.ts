import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { ToolLine } from './table.ts'

/** The path of a program in PATH, `.tools/bin` left out; undefined when there is none. */
export function inPath(program: string, leaveOut = ''): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program)
    if (folder !== '' && folder !== leaveOut && isProgram(path)) return path
  }
  return undefined
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Whether apt may be used: Debian or its children, as root. */
export const mayUseApt = () =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version') && inPath('apt-get') !== undefined

/** Installs a package with apt, with fresh lists when the present ones do not do. */
export function aptInstall(packageName: string): void {
  const install = ['install', '-y', '--no-install-recommends', packageName]
  if (apt(install).status === 0) return
  const update = apt(['update'])
  const result = apt(install)
  if (result.status === 0) return
  const words = `${result.stderr || update.stderr || result.error?.message || ''}`.trim().split('\n').at(-1)
  throw new Error(`apt-get could not install ${packageName}: ${words}`)
}

function apt(args: readonly string[]) {
  return spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
    timeout: 15 * 60_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/** How a person without root gets it. */
export const byHandWithApt = (line: ToolLine) => `sudo apt-get install --no-install-recommends ${line.package}`
