/** What systemd has to hear after files were put in place or taken away. */
import { existsSync } from 'node:fs'
import { sysusersPath, tmpfilesPath, unitName } from '../../outlets/systemd/files.ts'
import type { UnitKind } from '../../outlets/systemd/unit.ts'
import { runProcess } from '../../system/process.ts'

export type Call = readonly [program: string, ...args: string[]]

/** @param isUpdate The unit was there before: it may run with its old settings. */
export const callsAfterInstall = (kind: UnitKind, isUpdate: boolean): readonly Call[] => [
  ...(kind === 'watcher' ? [['systemd-sysusers', sysusersPath] as const] : []),
  ['systemd-tmpfiles', '--create', tmpfilesPath],
  ['systemctl', 'daemon-reload'],
  ['systemctl', 'enable', unitName],
  ['systemctl', isUpdate ? 'restart' : 'start', unitName],
]

export const callsBeforeUninstall: readonly Call[] = [['systemctl', 'disable', '--now', unitName]]
export const callsAfterUninstall: readonly Call[] = [['systemctl', 'daemon-reload']]

/** Whether systemd runs this machine. Source: sd_booted(3). */
export const isBooted = (): boolean => existsSync('/run/systemd/system')

const limitMs = 120_000

/** One after the other. @returns What went wrong with the first that did not go well. */
export async function callAll(calls: readonly Call[]): Promise<string | undefined> {
  for (const [command, ...args] of calls) {
    const environment = { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' }
    const { ended, exitCode, stderrTail } = await runProcess({ command, args, environment, timeLimitMs: limitMs })
    if (ended !== 'exited' || exitCode !== 0)
      return `${[command, ...args].join(' ')}: ${stderrTail.trim() || `ended with ${exitCode ?? ended}`}`
  }
  return undefined
}
