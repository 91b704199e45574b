/** What installing and taking away have in common. */
import { realpathSync } from 'node:fs'
import type { Step } from '../app/install/plan.ts'
import { refusedBySystem } from '../app/install/within.ts'
import { exitCodes } from './exit.ts'

export const say = (line: string): void => void process.stdout.write(`${line}\n`)

export function refuse(message: string, next: string, code: number = exitCodes.usage): number {
  process.stderr.write(`${message}\n    → ${next}\n`)
  return code
}

/** `''` for this machine itself. @returns Undefined where the folder is not there. */
export function rootOf(given: string | undefined): string | undefined {
  if (given === undefined) return ''
  try {
    const root = realpathSync(given)
    return root === '/' ? '' : root
  } catch {
    return undefined
  }
}

/** Does what looks at folders and changes them; says it where the system does not let it. @returns An exit code. */
export async function below(root: string, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    const problem = refusedBySystem(root, error)
    if (problem === undefined) throw error
    return refuse(problem.message, problem.next, exitCodes.failed)
  }
}

export const noRoot = (what: 'install' | 'uninstall'): number =>
  refuse(
    `muster ${what} changes folders of the system, and this user may not.`,
    `Run it as root: sudo muster ${what}. To see what it does, give it a folder of yours: --root FOLDER`,
  )

/** @returns Whether this process may change the system; below another folder whoever owns that may. */
export const isRoot = (root: string, user = process.geteuid?.()): boolean => root !== '' || user === 0

const words: Readonly<Record<Step['what'], string>> = {
  make: 'write  ',
  update: 'renew  ',
  same: 'keep   ',
  kept: 'leave  ',
  remove: 'remove ',
}

export const sayStep = ({ path, what }: Step, root: string, isChanged = what === 'kept'): string =>
  `${words[what]} ${root}${path}${isChanged ? '  (somebody changed it)' : ''}`

/** Asks a person. @returns Undefined where nobody can be asked. */
export async function agreed(question: string): Promise<boolean | undefined> {
  if (process.stdin.isTTY !== true) return undefined
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message: question, initialValue: false })
  return !isCancel(answer) && answer
}
