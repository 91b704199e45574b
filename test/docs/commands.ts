/** Whether a command line in a document is one that the program knows. */
import type { Command } from 'commander'
import { program } from '../../src/commands/program.ts'

const root = program()

/** The `muster …` commands of a script: comments, pipes, other programs and redirections left out. */
export function musterCommands(script: string): string[][] {
  return script
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => line.replace(/(?:^|\s)#.*$/, '').split(/&&|\|\||[|;&]/))
    .map(wordsOf)
    .filter((words) => words.length > 0)
}

/** Words from `muster` on, quotes taken off; nothing behind a redirection. A line of cron or of a unit has others before it. */
function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  )
  const begin = words.findIndex((word) => /(?:^|bin\/)muster$/.test(word))
  if (begin === -1) return []
  const end = words.findIndex((word) => /^\d?[<>]/.test(word))
  return words.slice(begin, end === -1 ? undefined : end)
}

/** What is wrong with `muster …`; undefined when it is all known. Placeholders (`JOB`, `[REPO…]`) pass as arguments. */
export function commandFault([, ...words]: readonly string[]): string | undefined {
  let command: Command = root
  let names = 0
  for (let at = 0; at < words.length; at++) {
    const word = (words[at] ?? '').replace(/^\[(.*?)\]?$/, '$1')
    if (word.startsWith('-') && word !== '-') {
      const flag = word.replace(/=.*$/, '')
      if (['--help', '-h', '--version'].includes(flag)) continue
      const option = command.options.find(({ long, short }) => long === flag || short === flag)
      if (option === undefined) return `${command.name()} has no option ${flag}`
      if (option.required && !word.includes('=')) at++
      continue
    }
    const below = command.commands.find((one) => one.name() === word)
    if (below !== undefined && names === 0) command = below
    else if (command.commands.length > 0) return `${command.name()} has no command ${word}`
    else names++
  }
  const most = command.registeredArguments.some(({ variadic }) => variadic)
    ? Number.POSITIVE_INFINITY
    : command.registeredArguments.length
  return names > most ? `${command.name()} takes at most ${most} arguments` : undefined
}
