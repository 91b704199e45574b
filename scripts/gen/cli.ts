import type { Command } from 'commander'
import { exitCodes } from '../../src/commands/exit.ts'
import { program } from '../../src/commands/program.ts'
import type { Generate } from '../generated.ts'
import { generatedNote } from '../reference/markdown.ts'

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  fine: 'All is well.',
  failed: 'Something failed; what, and what to do, stands on standard error.',
  usage: 'The command line or the configuration is wrong; nothing was started.',
  warnings:
    'Done, with warnings: a snapshot was made and something was left out (`run`, `check`), something is unwise (`doctor`), or the printed file has to be completed (`import`).',
  notFine: '`status`: a job or backup set does not pass muster.',
  interrupted: 'Ended by Ctrl-C or TERM, after what was running had been ended.',
}

/** The help of every command, as a terminal shows it, and the exit codes. */
export const generate: Generate = async () => {
  const codes = Object.entries(meanings).map(
    ([name, meaning]) => `| ${exitCodes[name as keyof typeof exitCodes]} | ${meaning} |\n`,
  )
  const content = `# Command line

${generatedNote('src/commands/')}
## Exit codes

| Code | Meaning |
| --- | --- |
${codes.join('')}
${commandsOf(program(), [])
  .map(({ path, help }) => `## \`${path}\`\n\n\`\`\`text\n${help}\n\`\`\`\n`)
  .join('\n')}`
  return [{ path: 'docs/reference/cli.md', content }]
}

/** A command and those below it that its help shows. */
function commandsOf(command: Command, before: readonly string[]): { path: string; help: string }[] {
  const path = [...before, command.name()]
  let help = ''
  command.configureOutput({
    writeOut: (text) => {
      help += text
    },
    getOutHelpWidth: () => 110,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  const below = command.createHelp().visibleCommands(command)
  return [{ path: path.join(' '), help: help.trim() }, ...below.flatMap((one) => commandsOf(one, path))]
}
