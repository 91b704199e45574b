import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { say } from './trouble.mjs'

const forwarded = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']

/**
 * Runs a program as if it had replaced this process: same terminal, same signals, same end. Node 20 cannot `exec`.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<void>} when the program has ended; the exit code is set then
 */
export function runInPlace(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    for (const signal of forwarded) process.on(signal, () => child.kill(signal))
    // Ctrl-C reaches the whole foreground group, the child too; passed on as well it would count twice, and the
    // second one means "now, without finishing" to a person and to the program.
    process.on('SIGINT', () => inForeground() || child.kill('SIGINT'))
    child.on('error', (error) => {
      say(`cannot start ${program}: ${error.message}`)
      process.exitCode = 2
      resolve()
    })
    child.on('exit', (code, signal) => {
      if (signal === null) process.exitCode = code ?? 1
      else dieOf(signal)
      resolve()
    })
  })
}

/** Ends this process by the signal that ended the child, so that a caller sees the same. */
function dieOf(signal) {
  for (const name of [...forwarded, 'SIGINT']) process.removeAllListeners(name)
  process.kill(process.pid, signal)
}

/** Whether this process group is the one its terminal sends Ctrl-C to; without a terminal it never is. */
function inForeground() {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    // After the name in brackets: state, parent, group, session, terminal, foreground group of the terminal.
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return group === foreground
  } catch {
    return process.stdin.isTTY === true
  }
}
