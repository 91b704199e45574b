/** Rules as `muster rules` prints them, and what a real promtool says of them. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { main } from '../e2e/workspace.ts'
import type { Place } from '../real/place.ts'
import { program } from '../real/programs.ts'

const run = promisify(execFile)
const mostBytes = 256 * 1024 * 1024

/** What `muster` prints. */
export async function muster(args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [main, ...args, ...(args[0] === 'rules' ? ['--quiet'] : [])], {
    maxBuffer: mostBytes,
  })
  return stdout
}

/** Runs promtool. @returns What it complained of; undefined when it is content. */
export async function promtool(...args: readonly string[]): Promise<string | undefined> {
  try {
    await run(program('promtool'), args, { maxBuffer: mostBytes })
    return undefined
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return `${stdout}${stderr}`
  }
}

export interface Printed {
  readonly rules: string
  /** Paths of the files. */
  readonly rulesFile: string
  readonly testsFile: string
}

export async function print(place: Place, args: readonly string[]): Promise<Printed> {
  const [rules, tests] = await Promise.all([muster(['rules', ...args]), muster(['rules', '--tests', ...args])])
  const [rulesFile, testsFile] = [place.at('muster.rules.yml'), place.at('tests.yml')]
  writeFileSync(rulesFile, rules)
  writeFileSync(testsFile, tests)
  return { rules, rulesFile, testsFile }
}
