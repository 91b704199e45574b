/** The work of `muster hostkeys`; loaded when one of its commands is called. */
import { pinnedHosts, scanKeys, trustKeys } from '../app/ssh/hostkeys.ts'
import { pinFile } from '../app/ssh/pins.ts'
import { type HostKey, isContradicted } from '../model/host-key.ts'
import type { Problem } from '../model/problem.ts'
import { renderPinned, renderScan } from '../outlets/terminal/hostkeys.ts'
import type { CommonOptions } from './common.ts'
import { exitCodes } from './exit.ts'
import { ended, interruptible, openApp, tellProblem } from './open.ts'

const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)

function failed(problem: Problem, options: CommonOptions): number {
  if (options.json === true) print({ problem })
  else tellProblem(problem)
  return problem.code === 'ssh.host' || problem.code === 'ssh.fingerprint' ? exitCodes.usage : exitCodes.failed
}

export const scan = (host: string, options: CommonOptions): Promise<void> =>
  ended(async () => {
    await using app = await openApp(options)
    const scanned = await scanKeys(app, host, interruptible().signal)
    if (!scanned.ok) return failed(scanned.problem, options)
    const { report } = scanned.value
    if (options.json === true) print(report)
    else if (options.quiet !== true) process.stdout.write(`${renderScan(report)}\n`)
    return report.changed || report.keys.some(isContradicted) ? exitCodes.notFine : exitCodes.fine
  })

export const trust = (
  host: string,
  options: CommonOptions & { readonly yes?: true; readonly fingerprint: readonly string[] },
): Promise<void> =>
  ended(async () => {
    await using app = await openApp(options)
    const scanned = await scanKeys(app, host, interruptible().signal)
    if (!scanned.ok) return failed(scanned.problem, options)
    const { report } = scanned.value
    if (options.json !== true && options.quiet !== true) process.stdout.write(`${renderScan(report)}\n`)
    const isAsked =
      options.json !== true && options.yes !== true && options.fingerprint.length === 0 && process.stdin.isTTY === true
    const confirmed = options.yes === true || (isAsked && !report.keys.some(isContradicted) && (await isAgreed()))
    const trusted = await trustKeys(app, scanned.value, { fingerprints: options.fingerprint, confirmed })
    if (!trusted.ok) return failed(trusted.problem, options)
    const { pinned, dropped } = trusted.value
    if (options.json === true) print({ ...report, trusted: pinned, dropped })
    else if (options.quiet !== true)
      process.stdout.write(
        `Pinned for ${report.name}: ${sayKeys(pinned)}\n${dropped.length === 0 ? '' : `No longer pinned: ${sayKeys(dropped)}\n`}`,
      )
    return exitCodes.fine
  })

const sayKeys = (keys: readonly HostKey[]): string =>
  keys.map(({ type, fingerprint }) => `${type} ${fingerprint}`).join(', ')

async function isAgreed(): Promise<boolean> {
  const { confirm } = await import('@clack/prompts')
  return (
    (await confirm({ message: 'Are these the fingerprints that its provider publishes?', initialValue: false })) ===
    true
  )
}

export const show = (options: CommonOptions): Promise<void> =>
  ended(async () => {
    await using app = await openApp(options)
    const hosts = await pinnedHosts(app)
    if (options.json === true) print(hosts)
    else if (options.quiet !== true) process.stdout.write(`${renderPinned(hosts, pinFile(app))}\n`)
    return hosts.some(({ changed }) => changed) ? exitCodes.notFine : exitCodes.fine
  })
